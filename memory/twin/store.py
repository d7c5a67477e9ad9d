"""The Store in memory. A transaction runs on the event loop itself, in one go; one that fails is taken back."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from bot.effects import EffectState
from bot.errors import Refused, StoreAway
from bot.missions import Phase
from bot.people import HOME
from bot.proposals import State
from bot.store import Bell, Tx
from memory.bells import Bells, Ring
from memory.recall.meaning import Embedder
from memory.twin.accounts import Connections
from memory.twin.kept import Kept
from memory.twin.known import LedgerRows, Marks, Missions, Notes, People, Tickets
from memory.twin.limits import Freezes, Grants, Spending
from memory.twin.mailboxes import Mailboxes
from memory.twin.numbers import Samples, Watches
from memory.twin.procedures import Procedures
from memory.twin.recall import Recall
from memory.twin.runs import Occurrences
from memory.twin.shelves import ReadOnly
from memory.twin.tallies import Tallies
from memory.twin.traces import Traces
from memory.twin.watch import Hooks, Incidents
from memory.twin.work import Batches, Effects, Events, Lines, Proposals, Turns

T = TypeVar("T")


class MemoryTx:
    """See `bot.store.Tx`."""

    def __init__(self, kept: Kept, space: str, embedder: Embedder | None = None) -> None:
        self.space = space
        self.rung: list[Ring] = []
        self.events = Events(kept, space)
        self.turns = Turns(kept, space)
        self.people = People(kept, space)
        self.missions = Missions(kept, space)
        self.occurrences = Occurrences(kept, space)
        self.procedures = Procedures(kept, space)
        self.proposals = Proposals(kept, space)
        self.batches = Batches(kept, space)
        self.effects = Effects(kept, space)
        self.lines = Lines(kept, space)
        self.notes = Notes(kept, space)
        self.recall = Recall(kept, space, embedder)
        self.traces = Traces(kept, space)
        self.ledger = LedgerRows(kept, space)
        self.tickets = Tickets(kept, space)
        self.freezes = Freezes(kept, space)
        self.grants = Grants(kept, space)
        self.spending = Spending(kept, space)
        self.connections = Connections(kept, space)
        self.hooks = Hooks(kept, space)
        self.incidents = Incidents(kept, space)
        self.mailboxes = Mailboxes(kept, space)
        self.tallies = Tallies(kept, space)
        self.watches = Watches(kept, space)
        self.samples = Samples(kept, space)
        self.marks = Marks(kept, space)

    def ring(self, place: str) -> None:
        """Wakes whoever drains the place, once this is kept."""
        self.rung.append((self.space, place))


class MemoryStore:
    """See `bot.store.Store`. Belongs to no event loop; used from one thread at a time."""

    def __init__(self, *, embedder: Embedder | None = None) -> None:
        """With an `embedder` recall goes by meaning too; the twin owes no vector, it makes them for each search."""
        self._embedder = embedder
        self._kept = Kept()
        self._bells = Bells()
        self._closed = False

    async def write(self, change: Callable[[Tx], T], *, space: str = HOME) -> T:
        await self._turn()
        tx = MemoryTx(self._kept, space, self._embedder)
        try:
            value = change(tx)
        except BaseException:
            self._kept.journal.take_back()
            raise
        self._kept.journal.keep()
        self._bells.ring(tx.rung)
        return value

    async def read(self, look: Callable[[Tx], T], *, space: str = HOME) -> T:
        await self._turn()
        self._kept.journal.writing = False
        try:
            return look(MemoryTx(self._kept, space, self._embedder))
        except ReadOnly:
            raise Refused("this only looks; it may not write") from None
        finally:
            self._kept.journal.writing = True

    @property
    def wipes(self) -> bool:
        return True

    async def embed(self, most: int) -> int:
        """See `memory.embedding.Owing`."""
        await self._turn()
        return 0

    def listen(self, bell: Bell) -> None:
        self._bells.add(bell)

    async def busy_places(self, now: datetime) -> tuple[tuple[str, str], ...]:
        await self._turn()
        events = {
            (space, each.event.place)
            for (space, _), each in self._kept.events.rows()
            if each.open and (each.due is None or each.due <= now)
        }
        effects = {
            (space, each.place)
            for (space, _), each in self._kept.effects.rows()
            if each.state in (EffectState.PENDING, EffectState.STARTED) and each.due <= now
        }
        return tuple(sorted(events | effects))

    async def due_missions(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        await self._turn()
        found = [
            (each.next_due.astimezone(UTC), space, each.id)
            for (space, _), each in self._kept.missions.rows()
            if each.phase is Phase.ACTIVE and each.next_due is not None and each.next_due <= until
        ]
        return tuple((space, mission, due) for due, space, mission in sorted(found)[: max(limit, 0)])

    async def overdue_proposals(self, now: datetime, *, limit: int) -> tuple[tuple[str, str], ...]:
        await self._turn()
        found = [
            (each.expires, space, each.id)
            for (space, _), each in self._kept.proposals.rows()
            if each.state is State.PENDING and each.expires <= now
        ]
        return tuple((space, proposal) for _, space, proposal in sorted(found)[: max(limit, 0)])

    async def due_watches(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        await self._turn()
        found = [
            (min(each.due.astimezone(UTC), until), space, each.id)
            for (space, _), each in self._kept.watches.rows()
            if each.due is not None and each.due_at(until)
        ]
        return tuple((space, watch, due) for due, space, watch in sorted(found)[: max(limit, 0)])

    async def retry_at(self, now: datetime) -> datetime | None:
        await self._turn()
        events = [each.due for _, each in self._kept.events.rows() if each.open and each.due is not None]
        effects = [each.due for _, each in self._kept.effects.rows() if each.state is EffectState.PENDING]
        return min((due.astimezone(UTC) for due in (*events, *effects) if due > now), default=None)

    async def close(self) -> None:
        self._closed = True

    async def _turn(self) -> None:
        """Lets others run first, as a store with threads does. Raises StoreAway when closed."""
        await asyncio.sleep(0)
        if self._closed:
            raise StoreAway("the assistant is shutting down; try again in a moment")
