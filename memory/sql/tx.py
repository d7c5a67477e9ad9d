"""One transaction in one space: the tables side by side."""

from collections.abc import Callable, Mapping
from typing import cast, get_type_hints

from sqlalchemy import Connection

from memory.recall.meaning import Embedder
from memory.sql.batches import Batches
from memory.sql.connections import Connections
from memory.sql.effects import Effects
from memory.sql.events import Events
from memory.sql.freezes import Freezes
from memory.sql.grants import Grants
from memory.sql.hands import Hands
from memory.sql.hooks import Hooks
from memory.sql.incidents import Incidents
from memory.sql.ledger import LedgerRows
from memory.sql.lines import Lines
from memory.sql.mailboxes import Mailboxes
from memory.sql.marks import Marks
from memory.sql.missions import Missions
from memory.sql.notes import Notes
from memory.sql.occurrences import Occurrences
from memory.sql.people import People
from memory.sql.procedures import Procedures
from memory.sql.proposals import Proposals
from memory.sql.recall import Recall
from memory.sql.spending import Spending
from memory.sql.tallies import Tallies
from memory.sql.tickets import Tickets
from memory.sql.traces import Traces
from memory.sql.turns import Turns
from memory.sql.watches import Samples, Watches


class SqlTx:
    """See `bot.store.Tx`. `rung` collects the places to wake once this is committed; `hands` is for the
    sweeps, which belong to no space."""

    events: Events
    turns: Turns
    people: People
    missions: Missions
    occurrences: Occurrences
    procedures: Procedures
    proposals: Proposals
    batches: Batches
    effects: Effects
    notes: Notes
    traces: Traces
    ledger: LedgerRows
    tickets: Tickets
    freezes: Freezes
    grants: Grants
    spending: Spending
    connections: Connections
    hooks: Hooks
    incidents: Incidents
    mailboxes: Mailboxes
    tallies: Tallies
    watches: Watches
    samples: Samples
    marks: Marks

    def __init__(self, hands: Hands, space: str, embedder: Embedder | None = None) -> None:
        self.hands = hands
        self.space = space
        self.rung: list[tuple[str, str]] = []
        self._embedder = embedder
        self._lines: Lines | None = None

    def __getattr__(self, name: str) -> object:
        """A table is made when it is first asked for: a transaction needs a few of them, and to make them all takes as long
        as to read a row."""
        if name not in _TABLES:
            raise AttributeError(name)
        # From here on it is found without us.
        table = self.__dict__[name] = _TABLES[name](self.hands, self.space)
        return table

    @property
    def lines(self) -> Lines:
        if self._lines is None:
            self._lines = Lines(self.hands, self.space, at_once=self._embedder is not None)
        return self._lines

    @property
    def recall(self) -> Recall:
        return Recall(
            self.hands,
            self.space,
            people=self.people,
            lines=self.lines.many,
            since=self.lines.since,
            notes=self.notes.many,
            embedder=self._embedder,
        )

    @property
    def forgot(self) -> bool:
        """Whether words were removed for good."""
        return any(
            name in self.__dict__ and getattr(self, name).forgot
            for name in ("notes", "traces", "tallies", "procedures")
        )

    @property
    def connection(self) -> Connection:
        """What the statements run on."""
        return self.hands.connection

    def ring(self, place: str) -> None:
        """Wakes whoever drains the place, once this is committed."""
        self.rung.append((self.space, place))


_TABLES = cast("Mapping[str, Callable[[Hands, str], object]]", get_type_hints(SqlTx))
