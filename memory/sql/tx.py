"""One transaction in one space: the tables side by side."""

from sqlalchemy import Connection

from memory.sql.batches import Batches
from memory.sql.effects import Effects
from memory.sql.events import Events
from memory.sql.ledger import LedgerRows
from memory.sql.lines import Lines
from memory.sql.marks import Marks
from memory.sql.missions import Missions
from memory.sql.notes import Notes
from memory.sql.people import People
from memory.sql.proposals import Proposals
from memory.sql.tickets import Tickets
from memory.sql.turns import Turns


class SqlTx:
    """See `bot.store.Tx`. `rung` collects the places to wake once this is committed; `connection` is for the
    sweeps, which belong to no space."""

    def __init__(self, connection: Connection, space: str) -> None:
        self.connection = connection
        self.space = space
        self.rung: list[tuple[str, str]] = []
        self.events = Events(connection, space)
        self.turns = Turns(connection, space)
        self.people = People(connection, space)
        self.missions = Missions(connection, space)
        self.proposals = Proposals(connection, space)
        self.batches = Batches(connection, space)
        self.effects = Effects(connection, space)
        self.lines = Lines(connection, space)
        self.notes = Notes(connection, space)
        self.ledger = LedgerRows(connection, space)
        self.tickets = Tickets(connection, space)
        self.marks = Marks(connection, space)

    def ring(self, place: str) -> None:
        """Wakes whoever drains the place, once this is committed."""
        self.rung.append((self.space, place))
