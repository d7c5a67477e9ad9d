"""What is heard from outside: hooks and incidents, on shelves."""

from datetime import datetime

from bot.errors import Stale
from bot.hooks import Hook
from bot.incidents import Incident, Stage
from memory import codec, spaces
from memory.twin.kept import Kept


class Hooks:
    """See `bot.store.Hooks`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.hooks
        self._space = space

    def add(self, hook: Hook) -> bool:
        spaces.check(hook, self._space)
        if any(each.id == hook.id or each.name == hook.name for each in self.all()):
            return False
        self._shelf.put((self._space, hook.name), codec.HOOK.copy(hook))
        return True

    def get(self, name: str) -> Hook | None:
        found = self._shelf.get((self._space, name))
        return None if found is None else codec.HOOK.copy(found)

    def swap(self, before: Hook, after: Hook) -> bool:
        spaces.check(after, self._space)
        found = self._shelf.get((self._space, before.name))
        if found is None or (found.id, found.revision) != (before.id, before.revision):
            return False
        self._shelf.put((self._space, before.name), codec.HOOK.copy(after))
        return True

    def remove(self, name: str) -> bool:
        return self._shelf.drop((self._space, name))

    def all(self) -> tuple[Hook, ...]:
        found = [each for (space, _), each in self._shelf.rows() if space == self._space]
        return tuple(codec.HOOK.copy(each) for each in sorted(found, key=lambda each: each.name))


class Incidents:
    """See `bot.store.Incidents`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.incidents
        self._space = space

    def add(self, incident: Incident) -> bool:
        spaces.check(incident, self._space)
        if self._shelf.get((self._space, incident.id)) is not None:
            return False
        if any(each.number == incident.number or each.ref == incident.ref for each in self._all()):
            raise Stale("something else has this name or number already")
        self._shelf.put((self._space, incident.id), codec.INCIDENT.copy(incident))
        return True

    def get(self, incident: str) -> Incident | None:
        found = self._shelf.get((self._space, incident))
        return None if found is None else codec.INCIDENT.copy(found)

    def by_ref(self, ref: str) -> Incident | None:
        return next((each for each in self._all() if each.ref == ref), None)

    def by_number(self, number: int) -> Incident | None:
        return next((each for each in self._all() if each.number == number), None)

    def next_number(self) -> int:
        return max((each.number for each in self._all()), default=0) + 1

    def latest(self, source: str, group: str) -> Incident | None:
        found = [each for each in self._all() if (each.source, each.group) == (source, group)]
        return found[-1] if found else None

    def swap(self, before: Incident, after: Incident) -> bool:
        spaces.check(after, self._space)
        found = self._shelf.get((self._space, before.id))
        if found is None or found.revision != before.revision:
            return False
        self._shelf.put((self._space, before.id), codec.INCIDENT.copy(after))
        return True

    def open(self) -> tuple[Incident, ...]:
        return tuple(each for each in self._all() if each.stage is not Stage.RESOLVED)

    def due(self, now: datetime, limit: int) -> tuple[Incident, ...]:
        found = [
            (each.escalate_at, each.number, each)
            for each in self._all()
            if each.escalate_at is not None and each.escalate_at <= now
        ]
        return tuple(each for _, _, each in sorted(found, key=lambda row: row[:2])[: max(limit, 0)])

    def recent(self, limit: int) -> tuple[Incident, ...]:
        return tuple(reversed(self._all()))[: max(limit, 0)]

    def _all(self) -> list[Incident]:
        found = [each for (space, _), each in self._shelf.rows() if space == self._space]
        return [codec.INCIDENT.copy(each) for each in sorted(found, key=lambda each: each.number)]
