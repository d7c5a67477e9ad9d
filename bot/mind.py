"""The port to whatever thinks: a language model, or the built-in mind. Above it: turns. Below it: a model.

A mind is asked once per step. It never acts: it returns the actions it wants, and is told what came of
them. Everything it needs to go on travels in `Thought.state`, so that another process, after a deploy,
can continue the same turn.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from bot.actions import Action
from bot.events import Signal
from bot.journal import Answer, Ask, Cost, Line, Thought
from bot.listings import Listed
from bot.missions import FollowUp, Mission
from bot.notes import Note
from bot.people import Person
from bot.places import Place
from bot.procedures import Errand, Procedure
from bot.speech import Tongue
from bot.values import Json

Stream = Callable[[str], Awaitable[None]]
"""Told the words so far while they are being made. May be ignored; never the record of anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Blanks:
    """Fields that a step of a procedure leaves to the mind. `known` is what the run has brought so far: the inputs, what
    began it, what earlier steps returned; `given` are the arguments there are."""

    step: str
    fields: tuple[str, ...]
    given: Mapping[str, Json]
    known: Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Briefing:
    """What a mind is told. `text` is the person's message, or the mission's goal when nobody is there.

    `trusted` is False when `text` is content that merely passed through (a forward, a signal). With an `errand`, it is
    a run of that version of the `procedure`. `procedures` are those there are; a model is told of none but
    those that are switched on and that the person may run. With `blanks`, nothing is wanted but values for them.
    """

    turn: str
    now: datetime
    tongue: Tongue
    zone: str
    place: Place
    person: Person | None
    text: str
    trusted: bool = True
    mission: Mission | None = None
    look: FollowUp | None = None
    procedure: Procedure | None = None
    errand: Errand | None = None
    due: datetime | None = None
    late: bool = False
    signal: Signal | None = None
    transcript: tuple[Line, ...] = ()
    earlier: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()
    rules: tuple[str, ...] = ()
    lists: tuple[Listed, ...] = ()
    carried: tuple[Note, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    blanks: Blanks | None = None
    actions: Mapping[str, Action]


class Mind(Protocol):
    """Something that thinks."""

    @property
    def name(self) -> str:
        """`builtin`, or the model's name: said on request, written to the ledger."""
        ...

    @property
    def costly(self) -> bool:
        """True when thoughts cost time or money: they are journaled at once, people see that it thinks,
        and it is briefed with transcript and notes."""
        ...

    async def think(
        self, briefing: Briefing, *, state: str, answers: tuple[Answer, ...], stream: Stream
    ) -> Thought:
        """The next step. `state` is "" on the first, else that of the thought whose asks `answers` answer,
        one answer per ask.

        Raises Unreachable when the model cannot be reached or is over its limits, Failed when it refuses
        the request for good; both carry a sentence for the person.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Values for fields that were left to the mind; what it could not know is not among them."""

    values: Mapping[str, Json]
    cost: Cost = field(default_factory=Cost)


class Filler(Protocol):
    """Fills in what a declared step leaves to the mind. It has no tools: all it can do is say values."""

    @property
    def name(self) -> str:
        """The model's name: written to the ledger."""
        ...

    async def fill(self, briefing: Briefing, ask: Ask, *, state: str) -> Filled:
        """Values for `ask.auto`. `state` is that of the thought with the ask. Raises Unreachable or Failed, as a mind."""
        ...


class Chooser(Protocol):
    """Picks the mind for a turn, so that words of control never wait for a model."""

    @property
    def costly(self) -> bool:
        """True when any of the minds is: then every message is briefed in full."""
        ...

    @property
    def filler(self) -> Filler | None:
        """Who fills in what a declared step leaves to the mind; None where there is no model."""
        ...

    def pick(self, briefing: Briefing) -> Mind:
        """The mind for this turn. The same briefing always gets the same mind."""
        ...

    def halts(self, text: str) -> bool:
        """Whether these words, with none beside them, stop everything: then they answer no question and fill no field."""
        ...
