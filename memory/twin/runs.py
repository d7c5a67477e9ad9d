"""The due times of missions, on a shelf."""

from datetime import UTC, datetime

from bot.occurrences import Occurrence
from memory import codec, spaces
from memory.twin.kept import Kept


class Occurrences:
    """See `bot.store.Occurrences`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.occurrences
        self._space = space

    def add(self, occurrence: Occurrence) -> bool:
        spaces.check(occurrence, self._space)
        if self._shelf.get((self._space, occurrence.id)) is not None:
            return False
        self.put(occurrence)
        return True

    def put(self, occurrence: Occurrence) -> None:
        spaces.check(occurrence, self._space)
        self._shelf.put((self._space, occurrence.id), codec.OCCURRENCE.copy(occurrence))

    def get(self, occurrence: str) -> Occurrence | None:
        found = self._shelf.get((self._space, occurrence))
        return None if found is None else codec.OCCURRENCE.copy(found)

    def last(self, mission: str, n: int) -> tuple[Occurrence, ...]:
        rows = [each for (space, _), each in self._shelf.rows() if space == self._space]
        found = [
            (each.due.astimezone(UTC), i, each) for i, each in enumerate(rows) if each.mission == mission
        ]
        newest = sorted(found, key=lambda row: row[:2], reverse=True)[: max(n, 0)]
        return tuple(codec.OCCURRENCE.copy(each) for _, _, each in newest)

    def forget(self, before: datetime) -> int:
        gone = [
            key
            for key, each in self._shelf.rows()
            if key[0] == self._space and each.fate.over and each.due < before
        ]
        for key in gone:
            self._shelf.drop(key)
        return len(gone)
