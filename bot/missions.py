"""Missions: goals that outlive the conversation, their triggers and declared steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Literal

from bot.errors import Refused
from bot.thresholds import Source, Threshold
from bot.values import Json


class Phase(StrEnum):
    """Where a mission stands. Only ACTIVE ones wake; PARKED waits for a press."""

    DRAFT = "draft"
    ACTIVE = "active"
    PARKED = "parked"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def over(self) -> bool:
        """Done, failed and cancelled missions never come back."""
        return self in (Phase.DONE, Phase.FAILED, Phase.CANCELLED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Five cron fields read on the wall clock of `zone` (0 and 7 are both Sunday)."""

    kind: Literal["cron"] = "cron"
    id: str
    expression: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """A fixed number of seconds, counted from `start`; not affected by clock changes."""

    kind: Literal["every"] = "every"
    id: str
    seconds: int
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """One moment. `zone` is the one it was said in, for showing it back."""

    kind: Literal["once"] = "once"
    id: str
    at: datetime
    zone: str = "UTC"


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSignal:
    """A Signal that `name` names: by its name, kind, source, labels or summary (see `bot.watchwords`)."""

    kind: Literal["signal"] = "signal"
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnMail:
    """A mail that came in. `sender` is an address, a domain (`@example.com`) or words of a name; `subject` are words
    of its subject; `mailbox` is where it came in. What is empty is no condition."""

    kind: Literal["mail"] = "mail"
    id: str
    sender: str = ""
    subject: str = ""
    mailbox: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OnPhrase:
    """These words in what people say to one another, whole and whatever their case and accents; and then not again
    for `cooldown` seconds."""

    kind: Literal["phrase"] = "phrase"
    id: str
    words: str
    cooldown: int = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A recurrence rule of iCalendar (RFC 5545) on the wall clock of `zone`: the lines DTSTART, RRULE, EXDATE and
    RDATE, with local times, as the Calendar wrote them."""

    kind: Literal["rule"] = "rule"
    id: str
    text: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnThreshold:
    """A number that is read every so many seconds crosses a threshold. How that stands is in the mission's Watch."""

    kind: Literal["threshold"] = "threshold"
    id: str
    source: Source
    rule: Threshold
    every: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDeed:
    """A deed of this name that was confirmed, whoever asked for it, but not one of its own."""

    kind: Literal["deed"] = "deed"
    id: str
    action: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OnSaying:
    """A person who says exactly these words to us, but for case, accents and punctuation."""

    kind: Literal["saying"] = "saying"
    id: str
    words: str


Schedule = Cron | Every | Once | Rule
Heard = OnSignal | OnMail | OnPhrase | OnThreshold
"""What waits for something to arrive."""
Cue = OnSignal | OnMail | OnThreshold | OnDeed | OnSaying
"""What begins a procedure."""
Trigger = Schedule | Heard | Cue


class Missed(StrEnum):
    """What becomes of due times that passed while nobody was there."""

    COALESCE = "coalesce"
    """The newest one stands for all of them."""
    SKIP = "skip"
    """They are passed over, but for what is no later than the grace."""
    CATCH_UP = "catch up"
    """Each is made up for, the newest `most` of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How a mission keeps its times. `grace` is how many seconds after its due time a wake still counts as in
    time; `most` bounds what is caught up. `spread` shifts all its wakes by the same part of so many seconds,
    chosen by the mission's id, so that not everything wakes in the same second."""

    missed: Missed = Missed.COALESCE
    grace: int = 120
    most: int = 10
    spread: int = 0


class Wrote(StrEnum):
    """What kind of thing a mission wrote into its log."""

    DID = "did"
    LEARNED = "learned"
    SAW = "saw"
    DECIDED = "decided"
    AWAITS = "awaits"


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One line of a mission's log, its working memory from wake to wake. `tainted` when a stranger may have had a
    hand in it. With `values`, `text` is a sentence of ours whose places they fill, so that each reader is told it in their own
    language; `action` among them is the name of an action, `when` a moment."""

    kind: Wrote
    text: str
    at: datetime
    turn: str = ""
    tainted: bool = False
    values: Mapping[str, Json] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubGoal:
    """A part of the goal. The mission is done when all of them are."""

    text: str
    done: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUp:
    """A look that a mission takes later at what came of its own deed. A mission of declared steps goes on there at
    `step`, with what it had `saved`."""

    id: str
    at: datetime
    look: str = ""
    step: int = 0
    saved: Mapping[str, Json] = field(default_factory=dict[str, Json])
    tainted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One declared deed of a mission that runs without a model.

    `arguments` may hold `{item.x}` references. With `each`, the step runs once per item of the list that
    an earlier step saved under that name; with `save`, the step's receipt data is kept under that name.
    A step with no action says `text`. With `wait`, so many seconds pass before it and what follows: the mission
    wakes again for them. One that is `aside` does not wait for the card of the step before it. What a step that is `told`
    returns is reported, also where it is saved; one that is `proposed` waits for a press, whatever the policy allows. The fields `by_hand`
    are filled in by a person each time, on the step's card; those that are `picked` too, from what its system offers
    then; those that are `auto` by the mind, from what the run has brought, and where there is no model by a person.
    """

    action: str = ""
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])
    each: str = ""
    save: str = ""
    text: str = ""
    wait: int = 0
    aside: bool = False
    told: bool = False
    proposed: bool = False
    by_hand: tuple[str, ...] = ()
    picked: tuple[str, ...] = ()
    auto: tuple[str, ...] = ()

    @property
    def blanks(self) -> tuple[str, ...]:
        """The fields that are filled in when the run comes to the step."""
        return (*self.by_hand, *self.picked, *self.auto)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlet:
    """Another place, by its key, that hears what a mission has to say; `name` is what people call it."""

    place: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mission:
    """`number` is what people call it by ("pause 3"). `owner` is the person who answers for it.

    `may` lists the actions it may take; empty means none but reads. `place` is where it wakes, asks and reports; with
    an `outlet` its reports go there instead, and all else stays.
    `tainted` says that untrusted content had a part in its goal: so do all its turns. `cause` and `depth` are
    those of its wakes when another mission began it or woke it again (see `loops`).

    It stops after the moment `ends`, after `most_runs` runs, when all its `goals` are reached, or when `done_when`
    holds in the eyes of whoever pursues it. `parent` is the mission that began it. One that carries a `procedure`
    has the steps of that `version` of it.
    """

    id: str
    number: int
    space: str
    owner: str
    place: str
    goal: str
    phase: Phase = Phase.ACTIVE
    triggers: tuple[Trigger, ...] = ()
    steps: tuple[Step, ...] = ()
    may: tuple[str, ...] = ()
    lang: str = "en"
    zone: str = "UTC"
    created: datetime
    source: str = ""
    next_due: datetime | None = None
    last_woke: datetime | None = None
    tainted: bool = False
    cause: str = ""
    depth: int = 0
    timing: Timing = field(default_factory=Timing)
    ends: datetime | None = None
    most_runs: int = 0
    ran: int = 0
    done_when: str = ""
    goals: tuple[SubGoal, ...] = ()
    parent: str = ""
    log: tuple[Logged, ...] = ()
    follow_ups: tuple[FollowUp, ...] = ()
    procedure: str = ""
    version: int = 0
    outlet: Outlet | None = None

    def moved(self, phase: Phase) -> "Mission":
        """The mission in another phase. Raises Refused when it is over."""
        if self.phase.over:
            raise Refused("mission {n} is over and stays so", n=self.number)
        return replace(self, phase=phase)

    @property
    def hears(self) -> bool:
        """Whether anything but a clock can wake it."""
        return any(isinstance(trigger, Heard | Cue) for trigger in self.triggers)

    @property
    def schedules(self) -> tuple[Schedule, ...]:
        """What follows the clock: its triggers, and its own looks later."""
        looks = tuple(Once(id=each.id, at=each.at, zone=self.zone) for each in self.follow_ups)
        return (*(t for t in self.triggers if not isinstance(t, Heard | Cue)), *looks)

    @property
    def threshold(self) -> OnThreshold | None:
        """The number it watches."""
        return next((each for each in self.triggers if isinstance(each, OnThreshold)), None)

    def follow_up(self, trigger: str) -> FollowUp | None:
        """The look later that this trigger rings for."""
        return next((each for each in self.follow_ups if each.id == trigger), None)
