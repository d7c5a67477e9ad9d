"""The ports to the outside: chats that deliver words, systems that do deeds. Only the outbox calls them.

What every implementation raises is the same: `Unreachable` when certainly nothing happened and trying
again may help, `Failed` when certainly nothing happened and it would fail again, `OutcomeUnknown` when it
may have happened. Anything else that escapes counts as unknown.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.cards import Card
from bot.effects import Notice, Question, Text
from bot.errors import VigieError
from bot.events import Named
from bot.people import Identity, Person
from bot.places import Place
from bot.speech import Tongue
from bot.thresholds import Sample


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    """One message to deliver. `key` is the effect's id and travels with the message where the platform can
    carry it. `ref` is set when a message of ours in that place is to be edited instead of a new one posted.
    `doubtful` asks for a visible mark: this may be a repetition."""

    key: str
    slot: str
    place: Place
    content: Text | Card | Question | Notice
    tongue: Tongue
    ref: str = ""
    doubtful: bool = False
    reply_to: str = ""


class Chat(Protocol):
    """One platform's way out. One per platform, whatever the number of places."""

    @property
    def platform(self) -> str:
        """The first word of the place keys it serves."""
        ...

    async def send(self, sending: Sending) -> str:
        """Posts, or edits the message `ref`; returns the platform's id of the message ("" for a notice)."""
        ...

    async def look_up(self, sending: Sending) -> str | None:
        """After a crash: the id of the message that carries `key`, or None when it was never sent.

        Raises Unknowable where the platform offers no look-up.
        """
        ...

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        """Shows that a mind is at work ("" for words: it only thinks so far). Returns the id of the message
        that now stands for `slot`, "" when the platform shows progress without a message. Best effort:
        it raises nothing of its own and is never the record of anything."""
        ...


@runtime_checkable
class Discreet(Protocol):
    """A Chat whose shared places are read by more people than a card is for: there, cards go to those they wait
    for in private, unless the policy says otherwise."""

    @property
    def door(self) -> str:
        """The address where anybody opens a private chat with the assistant, "" when it is not known yet."""
        ...


@runtime_checkable
class Naming(Protocol):
    """A Chat whose shared places have names that people type."""

    async def named(self, name: str, who: Identity) -> tuple[Named, ...]:
        """The places of that name that this person may know of. Changes nothing. Raises Unreachable or Failed when the
        platform does not say."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Who asks and where, for systems whose answers depend on it. `key` is the effect's id: a deed done
    twice under one key must be done once. `tainted` says that the turn has read what a stranger could have
    written: then so is whatever is kept of it; `in_person` that a person asks, in their own exact words."""

    key: str
    space: str
    place: Place
    person: Person | None
    turn: str = ""
    mission: str = ""
    zone: str = "UTC"
    now: datetime
    tongue: Tongue
    tainted: bool = False
    in_person: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """Whether a connection is alive, in a sentence that says what to do when it is not. `scopes` are what it may
    do there, where the other side says so. `error` is what went wrong, for who reads another language."""

    well: bool
    text: str
    scopes: tuple[str, ...] = ()
    error: VigieError | None = None

    @staticmethod
    def of(error: VigieError) -> "Health":
        return Health(well=False, text=str(error), error=error)


class System(Protocol):
    """One connected system. It reads like a list of its actions."""

    @property
    def name(self) -> str: ...

    def account(self) -> Account:
        """The account behind the connection; part of every digest."""
        ...

    def actions(self) -> tuple[Action, ...]:
        """What it offers, named `name.verb`."""
        ...

    async def preview(self, call: Call, context: Context) -> Preview:
        """What the call would do now, read live. Writes nothing. Raises BadInput when the target does not
        exist or the arguments make no sense together."""
        ...

    async def run(self, call: Call, context: Context) -> Receipt:
        """Does it, once per `context.key`."""
        ...

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """After a lost answer: the receipt of the deed done under `context.key`, None when it certainly was
        not done. Raises Unknowable."""
        ...

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        """Live choices for a field, best match first; empty where there are none to offer. Never asked for fixed ones."""
        ...

    async def check(self) -> Health:
        """Is the connection alive? Harmless."""
        ...


@runtime_checkable
class Measuring(Protocol):
    """A system with numbers that can be watched. None of these changes anything over there."""

    def gauge(self, query: str) -> None:
        """Whether it can be asked this. Asks nobody. Raises BadInput that says what it can be asked."""
        ...

    async def measure(self, query: str, now: datetime) -> float:
        """The number now. Raises Unreachable or Failed when there is none."""
        ...

    async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
        """What it remembers of that number, in order; nothing where it does not remember."""
        ...


@runtime_checkable
class Indirect(Protocol):
    """A system some of whose actions call another one that they name (`Action.inner`)."""

    def inner(self, call: Call) -> Action | None:
        """The action that this call would call, None when it is unknown or its arguments do not fit it."""
        ...


@runtime_checkable
class Pinned(Protocol):
    """A system whose actions others define, and which offers them only as they were agreed to (`bot.pins`)."""

    async def reread(self) -> None:
        """What is agreed to may have changed."""
        ...
