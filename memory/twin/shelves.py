"""Dictionaries that can take back what a failed transaction did. Knows nothing of nouns."""

from collections.abc import Callable, Iterator
from itertools import count
from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class Journal:
    """How to take back what the transaction under way did, newest first. `writing` is False for a look."""

    def __init__(self) -> None:
        self._undo: list[Callable[[], None]] = []
        self.writing = True

    def note(self, undo: Callable[[], None]) -> None:
        self._undo.append(undo)

    def keep(self) -> None:
        """What was done stands."""
        self._undo.clear()

    def take_back(self) -> None:
        """Nothing was done."""
        while self._undo:
            self._undo.pop()()


class ReadOnly(Exception):
    """A look tried to write."""


class Shelf(Generic[K, V]):
    """Values by key, in the order in which their keys were first put."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._rows: dict[K, tuple[int, V]] = {}
        self._count = count(1)

    def get(self, key: K) -> V | None:
        row = self._rows.get(key)
        return None if row is None else row[1]

    def put(self, key: K, value: V) -> None:
        """Adds or replaces; a replaced one keeps its position."""
        old = self._rows.get(key)
        position = next(self._count) if old is None else old[0]
        self._change(key, (position, value))

    def drop(self, key: K) -> bool:
        """False when there was none."""
        if key not in self._rows:
            return False
        self._change(key, None)
        return True

    def rows(self) -> Iterator[tuple[K, V]]:
        """Keys and values, in order."""
        in_order = sorted(self._rows.items(), key=lambda item: item[1][0])
        return iter([(key, value) for key, (_, value) in in_order])

    def position(self, key: K) -> int:
        """Where the key stands. Raises KeyError."""
        return self._rows[key][0]

    def _change(self, key: K, row: tuple[int, V] | None) -> None:
        if not self._journal.writing:
            raise ReadOnly
        old = self._rows.get(key)
        self._journal.note(lambda: self._set(key, old))
        self._set(key, row)

    def _set(self, key: K, row: tuple[int, V] | None) -> None:
        if row is None:
            self._rows.pop(key, None)
        else:
            self._rows[key] = row
