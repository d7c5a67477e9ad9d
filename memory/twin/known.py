"""What is known: people, missions, notes, the ledger, tickets and marks, on shelves."""

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

from bot.errors import Refused, Stale
from bot.ledger import Entry
from bot.missions import Mission, Phase
from bot.notes import Note
from bot.people import Identity, Person
from bot.tickets import Purpose, Ticket
from bot.values import Json
from memory import codec, entries, spaces
from memory.twin.kept import Kept


class People:
    """See `bot.store.People`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.people
        self._space = space

    def put(self, person: Person) -> None:
        for other in self.all():
            rest = tuple(key for key in other.identities if key not in person.identities)
            if other.id != person.id and rest != other.identities:
                self._shelf.put((self._space, other.id), replace(other, identities=rest))
        self._shelf.put((self._space, person.id), codec.PERSON.copy(person))

    def get(self, person: str) -> Person | None:
        found = self._shelf.get((self._space, person))
        return None if found is None else codec.PERSON.copy(found)

    def by_identity(self, identity: Identity) -> Person | None:
        found = [person for person in self.all() if identity.key in person.identities]
        return found[0] if found else None

    def all(self) -> tuple[Person, ...]:
        return tuple(
            codec.PERSON.copy(each) for (space, _), each in self._shelf.rows() if space == self._space
        )


class Missions:
    """See `bot.store.Missions`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.missions
        self._space = space

    def put(self, mission: Mission) -> None:
        spaces.check(mission, self._space)
        holder = self.by_number(mission.number)
        if holder is not None and holder.id != mission.id:
            raise Stale("something else has this name or number already")
        self._shelf.put((self._space, mission.id), codec.MISSION.copy(mission))

    def get(self, mission: str) -> Mission | None:
        found = self._shelf.get((self._space, mission))
        return None if found is None else codec.MISSION.copy(found)

    def by_number(self, number: int) -> Mission | None:
        found = [each for each in self.all(over=True) if each.number == number]
        return found[0] if found else None

    def next_number(self) -> int:
        return max((each.number for each in self.all(over=True)), default=0) + 1

    def all(self, *, over: bool = False) -> tuple[Mission, ...]:
        found = [
            codec.MISSION.copy(each)
            for (space, _), each in self._shelf.rows()
            if space == self._space and (over or not each.phase.over)
        ]
        return tuple(sorted(found, key=lambda mission: mission.number))

    def hearing(self) -> tuple[Mission, ...]:
        return tuple(each for each in self.all() if each.phase is Phase.ACTIVE and each.hears)


class Notes:
    """See `bot.store.Notes`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.notes
        self._space = space

    def put(self, note: Note) -> None:
        spaces.check(note, self._space)
        self._shelf.put((self._space, note.id), codec.NOTE.copy(note))

    def get(self, note: str) -> Note | None:
        found = self._shelf.get((self._space, note))
        return None if found is None else codec.NOTE.copy(found)

    def all(self, scope: str) -> tuple[Note, ...]:
        return tuple(each for each in self.history(scope) if not each.over)

    def pinned(self, scope: str) -> tuple[Note, ...]:
        return tuple(each for each in self.all(scope) if each.pinned)

    def history(self, scope: str) -> tuple[Note, ...]:
        found = [
            each for (space, _), each in self._shelf.rows() if space == self._space and each.scope == scope
        ]
        return tuple(codec.NOTE.copy(each) for each in sorted(found, key=lambda note: note.learned))

    def scopes(self) -> tuple[str, ...]:
        return tuple(sorted({each.scope for (space, _), each in self._shelf.rows() if space == self._space}))

    def forget(self, note: str) -> bool:
        return self._shelf.drop((self._space, note))


class LedgerRows:
    """See `bot.store.LedgerRows`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.ledger
        self._space = space

    def append(self, kind: str, body: Mapping[str, Json], at: datetime) -> Entry:
        rows = list(self._all())
        last = (rows[-1].seq, rows[-1].hash) if rows else None
        entry, _ = entries.following(last, space=self._space, kind=kind, body=body, at=at)
        self._shelf.put((self._space, entry.seq), entry)
        return _copy(entry)

    def read(self, *, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        found = [entry for entry in self._all() if entry.seq > after]
        return tuple(_copy(entry) for entry in found[: max(limit, 0)])

    def newest(self, limit: int, *, before: int | None = None) -> tuple[Entry, ...]:
        found = [entry for entry in self._all() if before is None or entry.seq < before]
        return tuple(_copy(entry) for entry in found[::-1][: max(limit, 0)])

    def about(self, subject: str, *, limit: int = 100) -> tuple[Entry, ...]:
        found = [entry for entry in self._all() if subject in entries.subjects(entry.body)]
        return tuple(_copy(entry) for entry in found[-limit:]) if limit > 0 else ()

    def _all(self) -> Iterator[Entry]:
        return (entry for (space, _), entry in self._shelf.rows() if space == self._space)


def _copy(entry: Entry) -> Entry:
    return replace(entry, body=json.loads(json.dumps(entry.body)))


class Tickets:
    """See `bot.store.Tickets`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.tickets
        self._space = space

    def add(self, ticket: Ticket) -> None:
        if self._shelf.get((self._space, ticket.hash)) is not None:
            raise Refused("this code was given out before; make another")
        self._shelf.put((self._space, ticket.hash), codec.TICKET.copy(ticket))

    def peek(self, hash: str, purpose: Purpose, now: datetime) -> Ticket | None:
        found = self._shelf.get((self._space, hash))
        if found is None or found.purpose is not purpose or found.used is not None or found.expires <= now:
            return None
        return codec.TICKET.copy(found)

    def use(self, hash: str, purpose: Purpose, now: datetime) -> Ticket | None:
        found = self.peek(hash, purpose, now)
        if found is None:
            return None
        used = replace(found, used=now)
        self._shelf.put((self._space, hash), used)
        return used

    def revoke(self, purpose: Purpose, person: str | None = None) -> None:
        for key, ticket in self._shelf.rows():
            mine = key[0] == self._space and person in (None, ticket.person)
            if mine and ticket.purpose is purpose and ticket.used is None:
                self._shelf.put(key, replace(ticket, used=ticket.expires))


class Marks:
    """See `bot.store.Marks`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.marks
        self._space = space

    def gather(self, names: Collection[str]) -> None:
        """They are at hand."""

    def get(self, name: str) -> Json:
        text = self._shelf.get((self._space, name))
        return None if text is None else json.loads(text)

    def put(self, name: str, value: Json) -> None:
        if value is None:
            self._shelf.drop((self._space, name))
        else:
            self._shelf.put((self._space, name), codec.JSON.dump(value))
