"""Procedures on a shelf, every version by itself; another shelf knows which of them live, by name."""

from bot.procedures import Procedure
from memory import codec, spaces
from memory.twin.kept import Kept


class Procedures:
    """See `bot.store.Procedures`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf, self._living = kept.procedures, kept.living
        self._space = space

    def add(self, procedure: Procedure) -> bool:
        spaces.check(procedure, self._space)
        living = self.named(procedure.name)
        if self.get(procedure.id, procedure.version) or (living and living.id != procedure.id):
            return False
        self.retire(procedure.id)
        key = (self._space, procedure.id, procedure.version)
        self._shelf.put(key, codec.PROCEDURE.copy(procedure))
        self._living.put((self._space, procedure.name), f"{procedure.version}:{procedure.id}")
        return True

    def get(self, procedure: str, version: int) -> Procedure | None:
        found = self._shelf.get((self._space, procedure, version))
        return None if found is None else codec.PROCEDURE.copy(found)

    def named(self, name: str) -> Procedure | None:
        found = self._living.get((self._space, name))
        if found is None:
            return None
        version, _, procedure = found.partition(":")
        return self.get(procedure, int(version))

    def versions(self, procedure: str) -> tuple[Procedure, ...]:
        found = [
            each for (space, of, _), each in self._shelf.rows() if (space, of) == (self._space, procedure)
        ]
        return tuple(codec.PROCEDURE.copy(each) for each in sorted(found, key=lambda each: each.version))

    def rewrite(self, procedure: Procedure) -> None:
        spaces.check(procedure, self._space)
        key = (self._space, procedure.id, procedure.version)
        if self._shelf.get(key) is not None:
            self._shelf.put(key, codec.PROCEDURE.copy(procedure))

    def retire(self, procedure: str) -> bool:
        names = [
            key
            for key, kept in self._living.rows()
            if key[0] == self._space and kept.partition(":")[2] == procedure
        ]
        for key in names:
            self._living.drop(key)
        return bool(names)

    def all(self) -> tuple[Procedure, ...]:
        names = sorted(name for (space, name), _ in self._living.rows() if space == self._space)
        return tuple(found for name in names if (found := self.named(name)))
