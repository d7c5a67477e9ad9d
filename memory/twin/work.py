"""What is under way: events, turns, proposals, effects and the transcript, on shelves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from bot.batches import Batch
from bot.effects import Effect, EffectState, Outlay, Per, Run
from bot.errors import Stale
from bot.events import Event
from bot.journal import Answer, Line, Row, Turn, TurnState
from bot.proposals import Proposal, State
from memory import codec, spaces
from memory.twin.kept import Arrived, Kept


class Events:
    """See `bot.store.Events`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.events
        self._space = space

    def add(self, event: Event) -> bool:
        spaces.check(event, self._space)
        if self._shelf.get((self._space, event.id)) is not None:
            return False
        if any(each.event.key == event.key for each in self._all()):
            return False
        self._shelf.put((self._space, event.id), Arrived(event=codec.EVENT.copy(event)))
        return True

    def next(self, place: str, now: datetime, *, urgent: bool = False) -> Event | None:
        for each in self._all():
            here = each.event.place == place and each.event.urgent == urgent
            if each.open and here and (each.due is None or each.due <= now):
                return codec.EVENT.copy(each.event)
        return None

    def more(self, event: Event, now: datetime) -> bool:
        return any(
            each.open
            and each.event.place == event.place
            and each.event.urgent == event.urgent
            and each.event.id != event.id
            and (each.due is None or each.due <= now)
            for each in self._all()
        )

    def get(self, event: str) -> Event | None:
        found = self._shelf.get((self._space, event))
        return None if found is None else codec.EVENT.copy(found.event)

    def knows(self, key: str) -> bool:
        return any(each.event.key == key for each in self._all())

    def close(self, event: str) -> bool:
        found = self._shelf.get((self._space, event))
        if found is None or not found.open:
            return False
        self._shelf.put((self._space, event), replace(found, open=False))
        return True

    def postpone(self, event: str, until: datetime) -> int:
        found = self._shelf.get((self._space, event))
        if found is None or not found.open:
            return 0
        again = replace(found.event, attempts=found.event.attempts + 1)
        self._shelf.put((self._space, event), replace(found, event=again, due=until))
        return again.attempts

    def oldest_open(self) -> datetime | None:
        return next((each.event.at for each in self._all() if each.open), None)

    def count_open(self) -> int:
        return sum(each.open for each in self._all())

    def _all(self) -> Iterator[Arrived]:
        return (each for (space, _), each in self._shelf.rows() if space == self._space)


class Turns:
    """See `bot.store.Turns`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.turns
        self._rows = kept.rows
        self._space = space

    def put(self, turn: Turn) -> None:
        spaces.check(turn, self._space)
        self._shelf.put((self._space, turn.id), codec.TURN.copy(turn))

    def get(self, turn: str) -> Turn | None:
        found = self._shelf.get((self._space, turn))
        return None if found is None else codec.TURN.copy(found)

    def parked(self) -> tuple[Turn, ...]:
        found = [
            each
            for (space, _), each in self._shelf.rows()
            if space == self._space and each.state is TurnState.PARKED
        ]
        return tuple(codec.TURN.copy(each) for each in sorted(found, key=lambda turn: turn.started))

    def append(self, turn: str, row: Row) -> None:
        rows = self.rows(turn)
        if isinstance(row, Answer) and any(isinstance(r, Answer) and r.ask == row.ask for r in rows):
            return
        self._rows.put((self._space, turn, len(rows)), codec.ROW.copy(row))

    def rows(self, turn: str) -> tuple[Row, ...]:
        return tuple(
            codec.ROW.copy(row)
            for (space, of, _), row in self._rows.rows()
            if (space, of) == (self._space, turn)
        )


class Batches:
    """See `bot.store.Batches`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.batches
        self._space = space

    def add(self, batch: Batch) -> bool:
        spaces.check(batch, self._space)
        if self._shelf.get((self._space, batch.id)) is not None:
            return False
        self._shelf.put((self._space, batch.id), codec.BATCH.copy(batch))
        return True

    def get(self, batch: str) -> Batch | None:
        found = self._shelf.get((self._space, batch))
        return None if found is None else codec.BATCH.copy(found)

    def by_ref(self, ref: str) -> Batch | None:
        rows = self._shelf.rows()
        found = [each for (space, _), each in rows if space == self._space and each.ref == ref]
        return codec.BATCH.copy(found[0]) if found else None

    def swap(self, before: Batch, after: Batch) -> bool:
        spaces.check(after, self._space)
        found = self._shelf.get((self._space, before.id))
        if found is None or found.revision != before.revision:
            return False
        self._shelf.put((self._space, before.id), codec.BATCH.copy(after))
        return True


class Proposals:
    """See `bot.store.Proposals`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.proposals
        self._space = space

    def add(self, proposal: Proposal) -> bool:
        spaces.check(proposal, self._space)
        if self._shelf.get((self._space, proposal.id)) is not None:
            return False
        self._put(proposal.id, proposal)
        return True

    def get(self, proposal: str) -> Proposal | None:
        found = self._shelf.get((self._space, proposal))
        return None if found is None else codec.PROPOSAL.copy(found)

    def by_ref(self, ref: str) -> Proposal | None:
        found = [each for each in self._all() if each.ref == ref]
        return codec.PROPOSAL.copy(found[0]) if found else None

    def of_ask(self, turn: str, ask: str) -> Proposal | None:
        found = [each for each in self._all() if (each.turn, each.ask) == (turn, ask)]
        return codec.PROPOSAL.copy(found[-1]) if found else None

    def swap(self, before: Proposal, after: Proposal) -> bool:
        spaces.check(after, self._space)
        found = self._shelf.get((self._space, before.id))
        if found is None or (found.state, found.revision) != (before.state, before.revision):
            return False
        self._put(before.id, after)
        return True

    def pending(self) -> tuple[Proposal, ...]:
        return tuple(codec.PROPOSAL.copy(each) for each in self._all() if each.state is State.PENDING)

    def _all(self) -> Iterator[Proposal]:
        return (each for (space, _), each in self._shelf.rows() if space == self._space)

    def _put(self, name: str, proposal: Proposal) -> None:
        for (space, other), each in self._shelf.rows():
            if space == self._space and other != name and each.ref == proposal.ref:
                raise Stale("something else has this name or number already")
        self._shelf.put((self._space, name), codec.PROPOSAL.copy(proposal))


class Effects:
    """See `bot.store.Effects`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.effects
        self._space = space

    def add(self, effect: Effect) -> bool:
        spaces.check(effect, self._space)
        if self._shelf.get((self._space, effect.id)) is not None:
            return False
        self._shelf.put((self._space, effect.id), codec.EFFECT.copy(effect))
        return True

    def get(self, effect: str) -> Effect | None:
        found = self._shelf.get((self._space, effect))
        return None if found is None else codec.EFFECT.copy(found)

    def swap(self, before: Effect, after: Effect) -> bool:
        spaces.check(after, self._space)
        found = self._shelf.get((self._space, before.id))
        if found is None or (found.state, found.attempts) != (before.state, before.attempts):
            return False
        self._shelf.put((self._space, before.id), codec.EFFECT.copy(after))
        return True

    def open(self, place: str) -> tuple[Effect, ...]:
        going = (EffectState.PENDING, EffectState.STARTED)
        return tuple(
            codec.EFFECT.copy(each) for each in self._all() if each.place == place and each.state in going
        )

    def in_state(self, state: EffectState) -> tuple[Effect, ...]:
        return tuple(codec.EFFECT.copy(each) for each in self._all() if each.state is state)

    def outlays(self, per: Per, subject: str, since: datetime) -> tuple[Outlay, ...]:
        made = [
            each.deed.outlay
            for each in self._all()
            if isinstance(each.deed, Run) and each.deed.outlay and each.state is not EffectState.FAILED
        ]
        found = [each for each in made if each.at > since and subject and subject in each.subjects(per)]
        return tuple(sorted(found, key=lambda each: each.at))

    def _all(self) -> Iterator[Effect]:
        return (each for (space, _), each in self._shelf.rows() if space == self._space)


class Lines:
    """See `bot.store.Lines`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.lines
        self._space = space

    def put(self, line: Line) -> Line:
        stands = self.by_slot(line.place, line.slot) if line.slot else None
        if stands is None:
            placed = replace(line, seq=self._highest(line.place) + 1)
        else:
            placed = replace(line, seq=stands.seq, ref=line.ref or stands.ref)
        self._shelf.put((self._space, line.place, placed.seq), codec.LINE.copy(placed))
        return placed

    def by_slot(self, place: str, slot: str) -> Line | None:
        found = [line for line in self.of_slot(slot) if line.place == place]
        return found[0] if found else None

    def refer(self, place: str, slot: str, ref: str) -> bool:
        found = self.by_slot(place, slot)
        if found is not None:
            self._shelf.put((self._space, place, found.seq), replace(found, ref=ref))
        return found is not None

    def rename(self, place: str, slot: str, to: str) -> None:
        found = self.by_slot(place, slot)
        if found is not None:
            self._shelf.put((self._space, place, found.seq), replace(found, slot=to))

    def of_slot(self, slot: str) -> tuple[Line, ...]:
        found = [line for line in self._all() if slot and line.slot == slot]
        return tuple(codec.LINE.copy(line) for line in sorted(found, key=lambda line: line.place))

    def last(self, place: str, n: int, *, before: int | None = None) -> tuple[Line, ...]:
        found = [line for line in self._of(place) if before is None or line.seq < before]
        return tuple(codec.LINE.copy(line) for line in found[-n:]) if n > 0 else ()

    def since(self, place: str, seq: int) -> tuple[Line, ...]:
        return tuple(codec.LINE.copy(line) for line in self._of(place) if line.seq > seq)

    def _highest(self, place: str) -> int:
        return max((line.seq for line in self._of(place)), default=0)

    def _of(self, place: str) -> Iterator[Line]:
        return (line for line in self._all() if line.place == place)

    def _all(self) -> Iterator[Line]:
        return (line for (space, _, _), line in self._shelf.rows() if space == self._space)
