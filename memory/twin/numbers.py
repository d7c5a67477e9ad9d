"""Watches and the numbers that were read, on shelves."""

from collections.abc import Sequence
from datetime import UTC, datetime

from bot.thresholds import Sample
from bot.watches import Watch
from memory import codec, spaces
from memory.twin.kept import Kept


class Watches:
    """See `bot.store.Watches`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.watches
        self._space = space

    def put(self, watch: Watch) -> None:
        spaces.check(watch, self._space)
        self._shelf.put((self._space, watch.id), codec.WATCH.copy(watch))

    def get(self, watch: str) -> Watch | None:
        found = self._shelf.get((self._space, watch))
        return None if found is None else codec.WATCH.copy(found)

    def of(self, series: str) -> tuple[Watch, ...]:
        return tuple(each for each in self.all() if each.source.series == series)

    def all(self) -> tuple[Watch, ...]:
        found = [each for (space, _), each in self._shelf.rows() if space == self._space]
        return tuple(codec.WATCH.copy(each) for each in found)

    def swap(self, before: Watch, after: Watch) -> bool:
        spaces.check(after, self._space)
        found = self._shelf.get((self._space, before.id))
        if found is None or found.revision != before.revision:
            return False
        self.put(after)
        return True


class Samples:
    """See `bot.store.Samples`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.samples
        self._space = space

    def add(self, series: str, sample: Sample) -> None:
        key = (self._space, series, sample.at.astimezone(UTC))
        if self._shelf.get(key) is None:
            self._shelf.put(key, Sample(at=sample.at.astimezone(UTC), value=sample.value))

    def between(self, series: str, since: datetime, until: datetime) -> tuple[Sample, ...]:
        found = [each for each in self._of(series) if since <= each.at < until]
        return tuple(sorted(found, key=lambda each: each.at))

    def last(self, series: str) -> Sample | None:
        return max(self._of(series), key=lambda each: each.at, default=None)

    def drop(self, series: str, these: Sequence[Sample]) -> None:
        for each in these:
            self._shelf.drop((self._space, series, each.at.astimezone(UTC)))

    def forget(self, before: datetime) -> int:
        gone = [key for key, _ in self._shelf.rows() if key[0] == self._space and key[2] < before]
        for key in gone:
            self._shelf.drop(key)
        return len(gone)

    def _of(self, series: str) -> list[Sample]:
        return [each for (space, of, _), each in self._shelf.rows() if (space, of) == (self._space, series)]
