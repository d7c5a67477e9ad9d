"""What happened: the bodies an Event can carry. Kept once each, under the platform's delivery id."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.people import Identity, Standing
from bot.procedures import Errand
from bot.values import Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A shared place that words name: what they call it, the platform's id of it, and whether we are in it."""

    name: str
    channel: str
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Words from a person (or from something that speaks like one).

    `trusted` is False for words that only pass through a person's account: forwards, quotes of others,
    other bots, edits. They are content and never a command. `machine` says that a program wrote them.
    `ref` is the platform's own message id. `keys` says that it held what looks like a key; that was masked
    before it was kept. `command` that the platform itself marks them as a command: such words answer no question.
    `named` are the places that the platform itself says they name.
    """

    kind: Literal["message"] = "message"
    who: Identity
    text: str
    ref: str = ""
    name: str = ""
    lang: str = ""
    zone: str = ""
    standing: Standing = Standing.STRANGER
    trusted: bool = True
    machine: bool = False
    keys: bool = False
    command: bool = False
    named: tuple[Named, ...] = ()


class Verb(StrEnum):
    """What a button asks for. The first four stand on every card."""

    APPROVE = "approve"
    DENY = "deny"
    EDIT = "edit"
    DETAILS = "details"
    UNDO = "undo"
    CHOOSE = "choose"
    SPLIT = "split"
    """Put the members of a batch on cards of their own."""
    REASON = "reason"
    """Deny, and say why."""
    MYSELF = "myself"
    """Deny, because the presser does it by hand."""
    ALWAYS = "always"
    """Offer a standing permission for its like."""
    PROVE = "prove"
    """Approve, with a code of the presser's second factor."""


APPROVING = frozenset({Verb.APPROVE, Verb.PROVE})
"""What a card offers only where all of it can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """A button was pressed. `ref` locates the record, `revision` says which card was on the screen.

    `message` is the platform id of the message that held the button, "" where the platform did not say;
    `answer_to` is what the adapter needs to answer this very press (a Telegram callback query id).
    `value` is the chosen option of a CHOOSE button.
    """

    kind: Literal["press"] = "press"
    who: Identity
    ref: str
    revision: int
    verb: Verb
    value: str = ""
    message: str = ""
    answer_to: str = ""
    name: str = ""
    standing: Standing = Standing.STRANGER


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A filled-in form for the proposal at `ref`: field name to the text a person typed or picked."""

    kind: Literal["form"] = "form"
    who: Identity
    ref: str
    revision: int
    values: Mapping[str, str]
    name: str = ""
    standing: Standing = Standing.STRANGER


@dataclass(frozen=True, slots=True, kw_only=True)
class Wake:
    """A mission's trigger fired. `missed` counts the earlier due times this one stands for."""

    kind: Literal["wake"] = "wake"
    mission: str
    trigger: str
    due: datetime
    late: bool = False
    missed: int = 0
    signals: tuple[str, ...] = ()
    """The events whose Signals it stands for."""
    errand: Errand | None = None
    """The run that it begins, where its mission carries a procedure."""


class Condition(StrEnum):
    """Whether what a signal tells of goes on. A fact that just happened has none."""

    FIRING = "firing"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One thing that is wrong, or was: `id` is the same in everything its sender says of it."""

    id: str
    title: str
    condition: Condition = Condition.FIRING
    severity: str = ""
    since: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """An outside fact that arrived. Always untrusted content, but for `source`, which is ours: `hook:NAME` and the
    like.

    `name` and `what` are how its sender calls it and its kind; `labels` are its own. With a `group` it is part of
    an incident: everything with the same source and group is the same one, which goes on as `condition` says and
    holds these `alerts`. A `window` of seconds begins with the first: what arrives in it is one wake.
    """

    kind: Literal["signal"] = "signal"
    source: str
    name: str
    summary: str
    body: Json = field(default=None)
    what: str = ""
    labels: Mapping[str, str] = field(default_factory=dict[str, str])
    severity: str = ""
    link: str = ""
    group: str = ""
    condition: Condition | None = None
    alerts: tuple[Alert, ...] = ()
    window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume:
    """Something a parked turn waits for was settled: take the turn up again."""

    kind: Literal["resume"] = "resume"
    turn: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBack:
    """A person asked, in words, that a confirmed deed be undone."""

    kind: Literal["take_back"] = "take_back"
    effect: str
    person: str


Body = Message | Press | Form | Wake | Signal | Resume | TakeBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the inbox. `key` is unique in its space: a second delivery changes nothing.

    `place` is the key of the Place it belongs to and the lock under which it is handled. An `urgent` one (a
    press, a word of control) has a lock of its own there: it never waits behind a mind that thinks. `cause` is
    the event that began the chain it belongs to, and `depth` how many wakes lie between (see `loops`).
    """

    id: str
    space: str
    key: str
    place: str
    at: datetime
    body: Body
    attempts: int = 0
    urgent: bool = False
    cause: str = ""
    depth: int = 0
