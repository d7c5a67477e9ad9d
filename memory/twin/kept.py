"""Everything the twin keeps: one shelf per table, keyed by space and name."""

from dataclasses import dataclass
from datetime import datetime

from bot.batches import Batch
from bot.budgets import Reservation
from bot.connections import Connection
from bot.effects import Effect
from bot.events import Event
from bot.freezes import Freeze
from bot.grants import Grant
from bot.hooks import Hook
from bot.incidents import Incident
from bot.journal import Line, Row, Turn
from bot.ledger import Entry
from bot.mailboxes import Mailbox
from bot.missions import Mission
from bot.notes import Note
from bot.occurrences import Occurrence
from bot.people import Person
from bot.procedures import Procedure
from bot.proposals import Proposal
from bot.tallies import Stroke, Tally
from bot.thresholds import Sample
from bot.tickets import Ticket
from bot.watches import Watch
from memory.twin.shelves import Journal, Shelf

Key = tuple[str, str]
"""(space, id)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """An event and how its handling goes."""

    event: Event
    open: bool = True
    due: datetime | None = None


class Kept:
    """The shelves, and the journal that they share."""

    def __init__(self) -> None:
        self.journal = Journal()
        self.events = Shelf[Key, Arrived](self.journal)
        self.turns = Shelf[Key, Turn](self.journal)
        self.rows = Shelf[tuple[str, str, int], Row](self.journal)
        self.people = Shelf[Key, Person](self.journal)
        self.missions = Shelf[Key, Mission](self.journal)
        self.occurrences = Shelf[Key, Occurrence](self.journal)
        self.procedures = Shelf[tuple[str, str, int], Procedure](self.journal)
        self.living = Shelf[Key, str](self.journal)
        self.proposals = Shelf[Key, Proposal](self.journal)
        self.batches = Shelf[Key, Batch](self.journal)
        self.effects = Shelf[Key, Effect](self.journal)
        self.lines = Shelf[tuple[str, str, int], Line](self.journal)
        self.notes = Shelf[Key, Note](self.journal)
        self.ledger = Shelf[tuple[str, int], Entry](self.journal)
        self.tickets = Shelf[Key, Ticket](self.journal)
        self.freezes = Shelf[Key, Freeze](self.journal)
        self.grants = Shelf[Key, Grant](self.journal)
        self.spending = Shelf[Key, int](self.journal)
        self.reservations = Shelf[Key, Reservation](self.journal)
        self.connections = Shelf[Key, Connection](self.journal)
        self.hooks = Shelf[Key, Hook](self.journal)
        self.incidents = Shelf[Key, Incident](self.journal)
        self.mailboxes = Shelf[Key, Mailbox](self.journal)
        self.mails = Shelf[tuple[str, str, str], int](self.journal)
        self.tallies = Shelf[Key, Tally](self.journal)
        self.strokes = Shelf[Key, Stroke](self.journal)
        self.watches = Shelf[Key, Watch](self.journal)
        self.samples = Shelf[tuple[str, str, datetime], Sample](self.journal)
        self.marks = Shelf[Key, str](self.journal)
