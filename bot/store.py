"""The port to what is kept. Above it: the flow. Below it: SQLite, PostgreSQL, or memory.

A transaction is a plain function of a `Tx`: it runs to its end in one go, away from the event loop, and
either all of it is kept or none. It must not do outside I/O, sleep, or keep the Tx. Implementations may
commit several functions together; each still stands or falls alone. When `write` returns, the change is
durable.

A `Tx` is bound to one space: no table method can read or write another's rows.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.batches import Batch
from bot.budgets import Reservation
from bot.connections import Connection
from bot.effects import Effect, EffectState, Outlay, Per
from bot.events import Event, Form
from bot.freezes import Freeze, Scope
from bot.grants import Grant
from bot.hooks import Hook
from bot.incidents import Incident
from bot.journal import Line, Row, Turn
from bot.ledger import Entry
from bot.mailboxes import Mailbox
from bot.missions import Mission
from bot.notes import Note
from bot.occurrences import Occurrence
from bot.people import HOME, Identity, Person
from bot.procedures import Procedure
from bot.proposals import Proposal
from bot.recall import Found
from bot.tallies import Stroke, Tally
from bot.thresholds import Sample
from bot.tickets import Purpose, Ticket
from bot.values import Json
from bot.watches import Watch

T = TypeVar("T")


class Events(Protocol):
    """The inbox: what happened and is not handled yet."""

    def add(self, event: Event) -> bool:
        """Keeps it. False, and no change, when its key is there already."""
        ...

    def next(self, place: str, now: datetime, *, urgent: bool = False) -> Event | None:
        """The oldest open event of the place that may be handled now, of the urgent or of the other ones. A postponed one is passed over until
        it is due: a model that cannot be reached must not hold back a press or a freeze."""
        ...

    def more(self, event: Event, now: datetime) -> bool:
        """Whether another event of its place, as urgent as this one, may be handled now."""
        ...

    def get(self, event: str) -> Event | None: ...
    def knows(self, key: str) -> bool:
        """Whether an event was ever kept under this key."""
        ...

    def close(self, event: str) -> bool:
        """Handled to its end. False when it was so already."""
        ...

    def postpone(self, event: str, until: datetime) -> int:
        """Handling failed; try again from `until`. Returns the attempts so far, this one included."""
        ...

    def count_open(self) -> int: ...
    def oldest_open(self) -> datetime | None:
        """When the event arrived that waits longest, postponed ones included."""
        ...


class Turns(Protocol):
    """Turns and their journals."""

    def put(self, turn: Turn) -> None:
        """Adds or replaces."""
        ...

    def get(self, turn: str) -> Turn | None: ...
    def parked(self) -> tuple[Turn, ...]:
        """Every parked turn of the space, oldest first."""
        ...

    def append(self, turn: str, row: Row) -> None:
        """Adds a row to the journal. An Answer to an ask that has one already changes nothing."""
        ...

    def rows(self, turn: str) -> tuple[Row, ...]:
        """The journal, in the order it was written."""
        ...


class People(Protocol):
    """Persons and the identities that lead to them."""

    def put(self, person: Person) -> None:
        """Adds or replaces, with its identities. An identity leads to one person at most: the last one."""
        ...

    def get(self, person: str) -> Person | None: ...
    def by_identity(self, identity: Identity) -> Person | None: ...
    def all(self) -> tuple[Person, ...]: ...


class Missions(Protocol):
    """Missions; the clock reads `next_due`."""

    def put(self, mission: Mission) -> None:
        """Adds or replaces."""
        ...

    def get(self, mission: str) -> Mission | None: ...
    def by_number(self, number: int) -> Mission | None: ...
    def next_number(self) -> int:
        """One more than the highest number ever given in this space."""
        ...

    def all(self, *, over: bool = False) -> tuple[Mission, ...]:
        """By number; finished ones only when asked for."""
        ...

    def hearing(self) -> tuple[Mission, ...]:
        """The active ones that something else than a clock can wake, by number."""
        ...


class Occurrences(Protocol):
    """The due times of missions and what became of each: one row, however often it is rung."""

    def add(self, occurrence: Occurrence) -> bool:
        """False, and no change, when its id is there already."""
        ...

    def put(self, occurrence: Occurrence) -> None:
        """Adds or replaces."""
        ...

    def get(self, occurrence: str) -> Occurrence | None: ...
    def last(self, mission: str, n: int) -> tuple[Occurrence, ...]:
        """Its newest n due times, newest first."""
        ...

    def forget(self, before: datetime) -> int:
        """Removes those that were due before then and are over. Returns how many."""
        ...


class Procedures(Protocol):
    """Procedures, every version in a row of its own."""

    def add(self, procedure: Procedure) -> bool:
        """Its newest version from now on. False, and no change, when that version is there already, or another living
        procedure has the name."""
        ...

    def get(self, procedure: str, version: int) -> Procedure | None: ...
    def named(self, name: str) -> Procedure | None:
        """The newest version of the living procedure of that name."""
        ...

    def versions(self, procedure: str) -> tuple[Procedure, ...]:
        """Oldest first."""
        ...

    def rewrite(self, procedure: Procedure) -> None:
        """Takes the place of that version, for what has to be forgotten. Whether it lives stays as it is; what it said is
        nowhere in the files once the transaction is committed."""
        ...

    def retire(self, procedure: str) -> bool:
        """It lives no longer, and its name is free; its versions stay, for runs under way. False when it did not."""
        ...

    def all(self) -> tuple[Procedure, ...]:
        """The newest version of each living one, by name."""
        ...


class Proposals(Protocol):
    """Actions that wait for a press."""

    def add(self, proposal: Proposal) -> bool:
        """False, and no change, when its id is there already."""
        ...

    def get(self, proposal: str) -> Proposal | None: ...
    def by_ref(self, ref: str) -> Proposal | None: ...
    def of_ask(self, turn: str, ask: str) -> Proposal | None:
        """The latest proposal made for that ask."""
        ...

    def swap(self, before: Proposal, after: Proposal) -> bool:
        """Compare-and-set: replaces only while state and revision are still those of `before`."""
        ...

    def pending(self) -> tuple[Proposal, ...]:
        """Oldest first."""
        ...


class Batches(Protocol):
    """Neighbouring writes on one card."""

    def add(self, batch: Batch) -> bool:
        """False, and no change, when its id is there already."""
        ...

    def get(self, batch: str) -> Batch | None: ...
    def by_ref(self, ref: str) -> Batch | None: ...
    def swap(self, before: Batch, after: Batch) -> bool:
        """Compare-and-set: replaces only while the revision is still that of `before`."""
        ...


class Effects(Protocol):
    """The outbox: outside changes, written down before they are made."""

    def add(self, effect: Effect) -> bool:
        """False, and no change, when its id is there already."""
        ...

    def get(self, effect: str) -> Effect | None: ...
    def swap(self, before: Effect, after: Effect) -> bool:
        """Compare-and-set: replaces only while state and attempts are still those of `before`, which was read here."""
        ...

    def open(self, place: str) -> tuple[Effect, ...]:
        """Pending and started effects of the place, in the order they were added."""
        ...

    def in_state(self, state: EffectState) -> tuple[Effect, ...]:
        """Every effect of the space in that state, oldest first."""
        ...

    def outlays(self, per: Per, subject: str, since: datetime) -> tuple[Outlay, ...]:
        """What the deeds of one account, recipient, mission or person started after `since` count for,
        oldest first. Those that failed count for nothing; those whose outcome is unknown count."""
        ...


class Lines(Protocol):
    """The transcript: what was said in a place, ours included."""

    def put(self, line: Line) -> Line:
        """Adds it and gives it a `seq`; one with a slot that stands already is replaced in its old position
        (an empty `ref` in the new one keeps the old)."""
        ...

    def by_slot(self, place: str, slot: str) -> Line | None: ...
    def of_slot(self, slot: str) -> tuple[Line, ...]:
        """The lines with this slot in every place of the space: where a card stands."""
        ...

    def refer(self, place: str, slot: str, ref: str) -> bool:
        """The line in this slot stands in the platform's message `ref`. False when there is no such line."""
        ...

    def rename(self, place: str, slot: str, to: str) -> None:
        """The line in this slot keeps its position and its message, under another slot."""
        ...

    def last(self, place: str, n: int, *, before: int | None = None) -> tuple[Line, ...]:
        """The newest n lines (with a seq below `before`), oldest first."""
        ...

    def since(self, place: str, seq: int) -> tuple[Line, ...]:
        """The lines with a seq above this one, in order."""
        ...


class Notes(Protocol):
    """What is remembered."""

    def put(self, note: Note) -> None:
        """Adds or replaces."""
        ...

    def get(self, note: str) -> Note | None: ...
    def all(self, scope: str) -> tuple[Note, ...]:
        """The notes of one scope that are not history, oldest first."""
        ...

    def pinned(self, scope: str) -> tuple[Note, ...]:
        """Those of them that are pinned; the others are not read."""
        ...

    def history(self, scope: str) -> tuple[Note, ...]:
        """All notes of one scope, those that are history too, oldest first."""
        ...

    def scopes(self) -> tuple[str, ...]:
        """Every scope of the space that has notes, sorted."""
        ...

    def forget(self, note: str) -> bool:
        """Removes the row and its index entries so that the text is nowhere in the file."""
        ...


class Recall(Protocol):
    """The search over what was said and what was noted. Scopes are part of the question to the index: what stands in
    another one is never read, and changes nobody's ranking."""

    def find(
        self, words: str, scopes: Sequence[str], limit: int, *, lines: bool = True, notes: bool = True
    ) -> tuple[Found, ...]:
        """What bears on the words in these scopes (lines of the scopes that are places, notes in force of all), best first.
        Any text is acceptable: there is no query language."""
        ...


class Traces(Protocol):
    """Where words stand besides the notes, for when they have to go. What these methods remove is nowhere in the files
    once the transaction is committed."""

    def lines(self, place: str, words: Collection[str]) -> tuple[Line, ...]:
        """The lines of the place that hold all these words (whole, and folded as `bot.notes.words` does), in order."""
        ...

    def turns(self, words: Collection[str]) -> tuple[str, ...]:
        """The turns of which some row of the journal holds all these words."""
        ...

    def effects(self, turn: str) -> tuple[Effect, ...]:
        """What this turn said and did, oldest first."""
        ...

    def proposals(self, turn: str) -> tuple[Proposal, ...]:
        """What this turn asked for, oldest first."""
        ...

    def between(self, after: datetime, before: datetime, limit: int) -> tuple[Turn, ...]:
        """The first turns that began after the one moment and before the other, oldest first."""
        ...

    def unsay(self, place: str, seq: int) -> None:
        """Removes a line and its place in the index."""
        ...

    def unthink(self, turn: str) -> None:
        """Removes the journal of a turn that is over."""
        ...

    def unload(self, turn: str) -> None:
        """Removes from its journal what its thoughts needed to go on: the turn is over."""
        ...

    def unhear(self, event: str) -> None:
        """Leaves nothing of what a message said; its key and its sender stay, so that it is not taken twice."""
        ...

    def fill(self, event: str, form: Form) -> None:
        """A message that answered a question of a form is kept as what was filled in."""
        ...

    def unfill(self, ref: str) -> None:
        """Leaves nothing of what was typed into forms of this card."""
        ...


class LedgerRows(Protocol):
    """The space's hash chain."""

    def append(self, kind: str, body: Mapping[str, Json], at: datetime) -> Entry:
        """Adds the next entry. If this cannot be written the transaction fails, and the deed with it."""
        ...

    def read(self, *, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        """Entries with a seq above `after`, in order."""
        ...

    def newest(self, limit: int, *, before: int | None = None) -> tuple[Entry, ...]:
        """The newest entries (with a seq below `before`), newest first."""
        ...

    def about(self, subject: str, *, limit: int = 100) -> tuple[Entry, ...]:
        """Entries whose body has this id as one of its values, oldest first (the newest `limit`)."""
        ...


class Tickets(Protocol):
    """One-time codes and web sessions, by the hash of their token."""

    def add(self, ticket: Ticket) -> None: ...
    def peek(self, hash: str, purpose: Purpose, now: datetime) -> Ticket | None:
        """The ticket when it is unused and unexpired."""
        ...

    def use(self, hash: str, purpose: Purpose, now: datetime) -> Ticket | None:
        """The same, and it is used up from now on. Of two callers, one gets it."""
        ...

    def revoke(self, purpose: Purpose, person: str | None = None) -> None:
        """Uses up every ticket of the purpose (of one person)."""
        ...


class Freezes(Protocol):
    """What stands still, one freeze per scope."""

    def put(self, freeze: Freeze) -> bool:
        """False, and no change, when that scope stands still already."""
        ...

    def lift(self, scope: Scope) -> bool:
        """False when it did not stand still."""
        ...

    def all(self) -> tuple[Freeze, ...]:
        """Oldest first."""
        ...


class Grants(Protocol):
    """Standing permissions."""

    def add(self, grant: Grant) -> bool:
        """False, and no change, when its id is there already."""
        ...

    def get(self, grant: str) -> Grant | None: ...
    def by_number(self, number: int) -> Grant | None: ...
    def next_number(self) -> int:
        """One more than the highest number ever given in this space."""
        ...

    def swap(self, before: Grant, after: Grant) -> bool:
        """Compare-and-set: replaces only while the uses taken, and whether it was withdrawn, are still those of
        `before`."""
        ...

    def of_action(self, action: str) -> tuple[Grant, ...]:
        """Those for this action that were not withdrawn, oldest first; some may be used up or past their end."""
        ...

    def all(self) -> tuple[Grant, ...]:
        """Every one ever given, by number."""
        ...


class Spending(Protocol):
    """How much of each budget account is used up, reserved amounts included."""

    def used(self, accounts: Collection[str]) -> Mapping[str, int]:
        """The accounts that hold anything, of these."""
        ...

    def of_day(self, day: str) -> Mapping[str, int]:
        """Every account of this day that holds anything, raises of limits left out, in the order of their keys."""
        ...

    def reserve(self, reservation: Reservation) -> bool:
        """Adds its amounts to the accounts. False, and no change, when its id is reserved already."""
        ...

    def settle(self, reservation: str, spent: Mapping[str, int] | None) -> bool:
        """Ends it: the accounts keep what was spent instead (None: all that was reserved). False, and no
        change, when there is none of that id."""
        ...

    def get(self, reservation: str) -> Reservation | None: ...
    def reserved(self) -> tuple[Reservation, ...]:
        """Those that wait for their outcome, oldest first."""
        ...


class Connections(Protocol):
    """Accounts on systems, one per name."""

    def add(self, connection: Connection) -> bool:
        """False, and no change, when its name or its id is there already."""
        ...

    def get(self, name: str) -> Connection | None: ...
    def swap(self, before: Connection, after: Connection) -> bool:
        """Compare-and-set: replaces only while id and revision are still those of `before`."""
        ...

    def remove(self, name: str) -> bool:
        """The row and its secret are gone. False when there was none."""
        ...

    def all(self) -> tuple[Connection, ...]:
        """By name."""
        ...


class Hooks(Protocol):
    """Addresses at which senders of signals are heard, one per name."""

    def add(self, hook: Hook) -> bool:
        """False, and no change, when its name or its id is there already."""
        ...

    def get(self, name: str) -> Hook | None: ...
    def swap(self, before: Hook, after: Hook) -> bool:
        """Compare-and-set: replaces only while id and revision are still those of `before`."""
        ...

    def remove(self, name: str) -> bool:
        """The row and its secrets are gone. False when there was none."""
        ...

    def all(self) -> tuple[Hook, ...]:
        """By name."""
        ...


class Incidents(Protocol):
    """What is wrong until it is over."""

    def add(self, incident: Incident) -> bool:
        """False, and no change, when its id is there already."""
        ...

    def get(self, incident: str) -> Incident | None: ...
    def by_ref(self, ref: str) -> Incident | None: ...
    def by_number(self, number: int) -> Incident | None: ...
    def next_number(self) -> int:
        """One more than the highest number ever given in this space."""
        ...

    def latest(self, source: str, group: str) -> Incident | None:
        """The newest of this source and group, over or not."""
        ...

    def swap(self, before: Incident, after: Incident) -> bool:
        """Compare-and-set: replaces only while the revision is still that of `before`."""
        ...

    def open(self) -> tuple[Incident, ...]:
        """Those that are not resolved, by number."""
        ...

    def due(self, now: datetime, limit: int) -> tuple[Incident, ...]:
        """Those that somebody else is to hear of by now, longest overdue first."""
        ...

    def recent(self, limit: int) -> tuple[Incident, ...]:
        """The newest, by number downwards."""
        ...


class Mailboxes(Protocol):
    """How far the mailboxes were read, and which mails were taken from them."""

    def get(self, name: str) -> Mailbox | None: ...
    def put(self, mailbox: Mailbox) -> None:
        """Adds it, or puts it in the place of the one with its name."""
        ...

    def saw(self, name: str, digest: str, validity: int) -> None:
        """A mail with this digest was taken while its mailbox counted under this validity."""
        ...

    def seen(self, name: str, digest: str) -> int | None:
        """The validity under which one with this digest was taken last, None when there was none."""
        ...

    def forget(self, name: str, keep: int) -> None:
        """Only the mails that were taken last stay known, so many."""


class Watches(Protocol):
    """Thresholds at work; the reader of numbers reads `due`."""

    def put(self, watch: Watch) -> None:
        """Adds or replaces."""
        ...

    def get(self, watch: str) -> Watch | None: ...
    def of(self, series: str) -> tuple[Watch, ...]:
        """Those that watch this number, in the order in which they were made."""
        ...

    def all(self) -> tuple[Watch, ...]:
        """In the order in which they were made, those at rest included."""
        ...

    def swap(self, before: Watch, after: Watch) -> bool:
        """Replaces it if nobody did since `before` was seen."""
        ...


class Samples(Protocol):
    """Numbers that were read, by series and moment."""

    def add(self, series: str, sample: Sample) -> None:
        """A second one of the same moment changes nothing."""
        ...

    def between(self, series: str, since: datetime, until: datetime) -> tuple[Sample, ...]:
        """From `since` on and before `until`, in order."""
        ...

    def last(self, series: str) -> Sample | None: ...
    def drop(self, series: str, these: Sequence[Sample]) -> None: ...
    def forget(self, before: datetime) -> int:
        """Drops what is older, of every series. Returns how many."""
        ...


class Tallies(Protocol):
    """Named lists, counters and totals, and the strokes that make up what stands in them."""

    def put(self, tally: Tally) -> None:
        """Adds or replaces. Raises Stale when its scope has another one of that name."""
        ...

    def get(self, tally: str) -> Tally | None: ...
    def named(self, scope: str, key: str) -> Tally | None: ...
    def all(self, scope: str) -> tuple[Tally, ...]:
        """In the order they were begun."""
        ...

    def add(self, stroke: Stroke) -> bool:
        """False, and no change, when its id is there already."""
        ...

    def strokes(self, tally: str) -> tuple[Stroke, ...]:
        """All of one tally, in the order they were added."""
        ...

    def drop(self, stroke: str) -> bool:
        """Removes one stroke so that its text is nowhere in the file. False when there was none."""
        ...

    def forget(self, tally: str) -> bool:
        """Removes it and its strokes so that their texts are nowhere in the file. False when there was none."""
        ...


class Marks(Protocol):
    """Small named values: cursors, step forms under way."""

    def gather(self, names: Collection[str]) -> None:
        """Looks at these together, because this transaction is about to ask for each of them."""
        ...

    def get(self, name: str) -> Json: ...
    def put(self, name: str, value: Json) -> None:
        """None removes it."""
        ...


class Tx(Protocol):
    """One transaction in one space."""

    @property
    def space(self) -> str: ...
    @property
    def events(self) -> Events: ...
    @property
    def turns(self) -> Turns: ...
    @property
    def people(self) -> People: ...
    @property
    def missions(self) -> Missions: ...
    @property
    def occurrences(self) -> Occurrences: ...
    @property
    def procedures(self) -> Procedures: ...
    @property
    def proposals(self) -> Proposals: ...
    @property
    def batches(self) -> Batches: ...
    @property
    def effects(self) -> Effects: ...
    @property
    def lines(self) -> Lines: ...
    @property
    def notes(self) -> Notes: ...
    @property
    def recall(self) -> Recall: ...
    @property
    def traces(self) -> Traces: ...
    @property
    def ledger(self) -> LedgerRows: ...
    @property
    def tickets(self) -> Tickets: ...
    @property
    def freezes(self) -> Freezes: ...
    @property
    def grants(self) -> Grants: ...
    @property
    def spending(self) -> Spending: ...
    @property
    def connections(self) -> Connections: ...
    @property
    def hooks(self) -> Hooks: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def mailboxes(self) -> Mailboxes: ...
    @property
    def tallies(self) -> Tallies: ...
    @property
    def watches(self) -> Watches: ...
    @property
    def samples(self) -> Samples: ...
    @property
    def marks(self) -> Marks: ...
    def ring(self, place: str) -> None:
        """Something is to be done in this place: once this is committed, wakes whoever drains it."""
        ...


Bell = Callable[[str, str], None]
"""Called with (space, place) on the event loop after the commit that rang it, once for each transaction that did: a second ring
says that there is more than the first one's saw."""


class Store(Protocol):
    """What is kept, for every space of the installation."""

    @property
    def wipes(self) -> bool:
        """Whether what was removed is overwritten in the files at once; else its bytes stay until the server uses the
        room again."""
        ...

    async def write(self, change: Callable[[Tx], T], *, space: str = HOME) -> T:
        """Runs `change` in a transaction that may write; durable when it returns. What `change` raises is
        raised here, and nothing of it is kept."""
        ...

    async def read(self, look: Callable[[Tx], T], *, space: str = HOME) -> T:
        """Runs `look` over one consistent state; it sees every write that returned before."""
        ...

    def listen(self, bell: Bell) -> None:
        """Where rings go."""
        ...

    async def busy_places(self, now: datetime) -> tuple[tuple[str, str], ...]:
        """(space, place) of every place with an open event or an open effect that is due."""
        ...

    async def due_missions(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        """(space, mission id, due) of active missions due up to then, soonest first."""
        ...

    async def overdue_proposals(self, now: datetime, *, limit: int) -> tuple[tuple[str, str], ...]:
        """(space, proposal id) of pending proposals past their deadline."""
        ...

    async def due_watches(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        """(space, watch id, due) of watches whose number is to be read up to then, soonest first. Due at once is also
        what was asked more than `bot.thresholds.AHEAD` after then: the clock was set back since."""
        ...

    async def retry_at(self, now: datetime) -> datetime | None:
        """When the next postponed event or effect falls due after now."""
        ...

    async def close(self) -> None:
        """Finishes what is under way and lets go."""
        ...
