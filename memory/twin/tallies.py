"""Named lists, counters and totals, and their strokes, on shelves."""

from bot.errors import Stale
from bot.tallies import Stroke, Tally
from memory import codec, spaces
from memory.twin.kept import Kept


class Tallies:
    """See `bot.store.Tallies`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.tallies
        self._strokes = kept.strokes
        self._space = space

    def put(self, tally: Tally) -> None:
        spaces.check(tally, self._space)
        holder = self.named(tally.scope, tally.key)
        if holder is not None and holder.id != tally.id:
            raise Stale("something else has this name or number already")
        self._shelf.put((self._space, tally.id), codec.TALLY.copy(tally))

    def get(self, tally: str) -> Tally | None:
        found = self._shelf.get((self._space, tally))
        return None if found is None else codec.TALLY.copy(found)

    def named(self, scope: str, key: str) -> Tally | None:
        return next((each for each in self.all(scope) if each.key == key), None)

    def all(self, scope: str) -> tuple[Tally, ...]:
        return tuple(
            codec.TALLY.copy(each)
            for (space, _), each in self._shelf.rows()
            if space == self._space and each.scope == scope
        )

    def add(self, stroke: Stroke) -> bool:
        spaces.check(stroke, self._space)
        key = (self._space, stroke.id)
        if self._strokes.get(key) is not None:
            return False
        self._strokes.put(key, codec.STROKE.copy(stroke))
        return True

    def strokes(self, tally: str) -> tuple[Stroke, ...]:
        return tuple(
            codec.STROKE.copy(each)
            for (space, _), each in self._strokes.rows()
            if space == self._space and each.tally == tally
        )

    def drop(self, stroke: str) -> bool:
        return self._strokes.drop((self._space, stroke))

    def forget(self, tally: str) -> bool:
        for stroke in self.strokes(tally):
            self._strokes.drop((self._space, stroke.id))
        return self._shelf.drop((self._space, tally))
