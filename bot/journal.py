"""Turns and their journals: what a mind thought and what it was answered, so that a turn can be replayed.

A Turn has the id of the Event it handles. Thoughts and answers are rows; whatever is written there is
never asked for or done a second time.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.values import Json


class TurnState(StrEnum):
    """OPEN turns are being handled, PARKED ones wait for a press at no cost."""

    OPEN = "open"
    PARKED = "parked"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What thinking cost: model calls, tokens in and out, and money in millionths of a US dollar when
    the price of the model is known."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    micro_usd: int = 0

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(
            calls=self.calls + other.calls,
            tokens_in=self.tokens_in + other.tokens_in,
            tokens_out=self.tokens_out + other.tokens_out,
            micro_usd=self.micro_usd + other.micro_usd,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The mind wants an action. `id` is unique in the turn; `reason` is quoted on the card, never trusted.
    A person fills in the fields `by_hand`, whatever else is said of them; those that are `picked` from what its
    system offers then. Those that are `auto` the mind filled in where they have a value, else a person does. One that is
    `proposed` waits for a press in any case."""

    id: str
    action: str
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])
    reason: str = ""
    by_hand: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    auto: tuple[str, ...] = ()
    proposed: bool = False

    @property
    def blanks(self) -> tuple[str, ...]:
        """The fields that were left open when it was written down."""
        return (*self.by_hand, *self.picked, *self.auto)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """One answer of a mind: words, or actions it asks for (with words beside them), and what it needs
    to go on. `state` is opaque to everybody else and survives restarts and deploys. `report` is what a mission has to say
    before it asks: it goes where its reports go, and does not wait for the answers."""

    kind: Literal["thought"] = "thought"
    text: str = ""
    asks: tuple[Ask, ...] = ()
    state: str = ""
    cost: Cost = field(default_factory=Cost)
    mark: bool = False
    report: str = ""


class Outcome(StrEnum):
    """What became of an ask."""

    DONE = "done"
    REFUSED = "refused"
    DENIED = "denied"
    EXPIRED = "expired"
    FAILED = "failed"
    UNKNOWN = "unknown"
    STALE = "stale"
    WAITING = "waiting"
    """The very same thing is waiting for a press already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the mind is told about one ask, from the record and never from hope. `text` is a sentence,
    `data` what was read or made. `outside` says that a stranger may have had a hand in them."""

    kind: Literal["answer"] = "answer"
    ask: str
    outcome: Outcome
    text: str = ""
    data: Json = None
    link: str = ""
    shown: bool = False
    outside: bool = False


Row = Thought | Answer


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One Event handled to its end. `tainted` once untrusted content was read in it."""

    id: str
    space: str
    place: str
    person: str = ""
    mission: str = ""
    state: TurnState = TurnState.OPEN
    tainted: bool = False
    cost: Cost = field(default_factory=Cost)
    started: datetime
    ended: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a place's transcript: a person's message or one of ours (`slot` is set on ours).

    `ref` is the platform's id of the message, "" until it was delivered. `content` is what a page needs to
    draw one of ours again. `seq` orders the lines of a place.
    """

    seq: int = 0
    place: str
    who: str
    text: str
    at: datetime
    turn: str = ""
    slot: str = ""
    ref: str = ""
    content: Json = None
    tainted: bool = False


OURSELVES = "vigie"
"""`Line.who` of what we said."""
