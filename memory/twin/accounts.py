"""Connections, on a shelf."""

from bot.connections import Connection
from memory import codec, spaces
from memory.twin.kept import Kept


class Connections:
    """See `bot.store.Connections`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.connections
        self._space = space

    def add(self, connection: Connection) -> bool:
        spaces.check(connection, self._space)
        key = (self._space, connection.name)
        same = any(s == self._space and each.id == connection.id for (s, _), each in self._shelf.rows())
        if same or self._shelf.get(key) is not None:
            return False
        self._shelf.put(key, codec.CONNECTION.copy(connection))
        return True

    def get(self, name: str) -> Connection | None:
        found = self._shelf.get((self._space, name))
        return None if found is None else codec.CONNECTION.copy(found)

    def swap(self, before: Connection, after: Connection) -> bool:
        spaces.check(after, self._space)
        key = (self._space, before.name)
        found = self._shelf.get(key)
        if found is None or (found.id, found.revision) != (before.id, before.revision):
            return False
        self._shelf.put(key, codec.CONNECTION.copy(after))
        return True

    def remove(self, name: str) -> bool:
        return self._shelf.drop((self._space, name))

    def all(self) -> tuple[Connection, ...]:
        found = [each for (space, _), each in self._shelf.rows() if space == self._space]
        return tuple(codec.CONNECTION.copy(each) for each in sorted(found, key=lambda each: each.name))
