"""One transaction in one space: the tables side by side."""

from sqlalchemy import Connection

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

    def __init__(self, hands: Hands, space: str) -> None:
        self.hands = hands
        self.space = space
        self.rung: list[tuple[str, str]] = []
        self.events = Events(hands, space)
        self.turns = Turns(hands, space)
        self.people = People(hands, space)
        self.missions = Missions(hands, space)
        self.occurrences = Occurrences(hands, space)
        self.procedures = Procedures(hands, space)
        self.proposals = Proposals(hands, space)
        self.batches = Batches(hands, space)
        self.effects = Effects(hands, space)
        self.lines = Lines(hands, space)
        self.notes = Notes(hands, space)
        self.recall = Recall(hands, space, people=self.people, line=self.lines.at, note=self.notes.get)
        self.traces = Traces(hands, space)
        self.ledger = LedgerRows(hands, space)
        self.tickets = Tickets(hands, space)
        self.freezes = Freezes(hands, space)
        self.grants = Grants(hands, space)
        self.spending = Spending(hands, space)
        self.connections = Connections(hands, space)
        self.hooks = Hooks(hands, space)
        self.incidents = Incidents(hands, space)
        self.mailboxes = Mailboxes(hands, space)
        self.tallies = Tallies(hands, space)
        self.watches = Watches(hands, space)
        self.samples = Samples(hands, space)
        self.marks = Marks(hands, space)

    @property
    def connection(self) -> Connection:
        """What the statements run on."""
        return self.hands.connection

    def ring(self, place: str) -> None:
        """Wakes whoever drains the place, once this is committed."""
        self.rung.append((self.space, place))
