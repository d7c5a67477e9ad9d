"""Rules as data: what a rule says, and whether it speaks about a call. Pure; knows no file and no store.

A rule is read with suspicion where it holds back and with reserve where it lets through: what cannot be
compared (another currency, a text instead of a number) counts as met in a `deny` or `ask` rule and as not
met in an `allow` rule, and of a list every element must satisfy what lets through, one is enough for what
holds back. `unless` turns that round.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo

from bot.actions import Action, Call, Part, Risk
from bot.budgets import Budgets
from bot.effects import Outlay, Per
from bot.errors import BadInput
from bot.missions import Mission
from bot.people import Person, Role
from bot.values import Json, Money, is_mapping, is_sequence, shown

OWN = "vigie"
"""The system of the assistant's own actions."""


class Decision(StrEnum):
    """What the gate says."""

    ALLOW = "allow"
    ASK = "ask"
    DENY = "deny"


Test = Literal["equals", "in", "matches", "less", "more"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldTest:
    """One predicate over one field. `wanted` holds texts for equals, in and matches, one bound else."""

    field: str
    test: Test
    wanted: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hours:
    """A part of the week on a wall clock. `start` > `end` runs over midnight and belongs to the day it
    started on; days count from Monday, 0. `zone` "" is that of whoever asks."""

    start: time = time(0)
    end: time = time(0)
    days: frozenset[int] = frozenset(range(7))
    zone: str = ""

    def hold(self, now: datetime, zone: str) -> bool:
        """Whether this moment lies in them. Equal start and end mean the whole day."""
        wall = now.astimezone(ZoneInfo(self.zone or zone or "UTC"))
        at, today = wall.time(), wall.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= at < self.end
        if self.start == self.end:
            return today in self.days
        return (today in self.days and at >= self.start) or ((today - 1) % 7 in self.days and at < self.end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """So much, or so many, within a rolling window, counted for each account, recipient, mission or
    person. An `allow` rule speaks while the limit holds; an `ask` or `deny` rule once it would break."""

    per: Per
    within: timedelta
    amount: Money | None = None
    count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """Conditions that must all hold; what is not named does not matter."""

    action: tuple[str, ...] = ()
    system: tuple[str, ...] = ()
    account: tuple[str, ...] = ()
    live: bool | None = None
    min_risk: Risk | None = None
    max_risk: Risk | None = None
    role: tuple[Role, ...] = ()
    person: tuple[str, ...] = ()
    mission: tuple[int, ...] | bool | None = None
    tainted: bool | None = None
    own_words: bool | None = None
    egress: bool | None = None
    quiet: bool | None = None
    hours: Hours | None = None
    fields: tuple[FieldTest, ...] = ()
    limit: Limit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `name` is shown on cards and in the ledger; `reason` is said to people and to the mind;
    `author` answers for it. What an `ask` rule asks for: `approvers` (roles or persons; empty means every
    owner and approver), how many `people`, `step_up`, and how long the card waits. What an `allow` rule lets
    leave the house waits for `hold` first, and can be stopped."""

    name: str
    effect: Decision
    when: When = field(default_factory=When)
    unless: When | None = None
    reason: str = ""
    author: str = ""
    approvers: tuple[str, ...] = ()
    people: int = 1
    not_requester: bool = False
    step_up: bool = False
    lifetime: timedelta | None = None
    hold: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Earning:
    """How a standing permission is earned: offered `after` so many approvals alike (0: never, and those that
    stand count for nothing), for at most so many `uses` and `days`; what is sent under one is held for `hold`."""

    after: int = 3
    uses: int = 20
    days: int = 30
    hold: timedelta | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The rules in force, in the order of the file, and the budgets. `trouble` says why the rules are not those
    of the file."""

    rules: tuple[Rule, ...] = ()
    quiet: Hours | None = None
    private_cards: bool | None = None
    budgets: Budgets = field(default_factory=Budgets)
    earning: Earning = field(default_factory=Earning)
    source: str = ""
    digest: str = ""
    trouble: str = ""

    def of(self, effect: Decision) -> tuple[Rule, ...]:
        """The rules with that effect, in order."""
        return tuple(rule for rule in self.rules if rule.effect is effect)


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What a decision depends on besides the action itself.

    `tainted` is True once the turn has read anything a stranger could have written; `own_words` when who
    and what of the call are literally the person's. `frozen` is the reason of the freeze, "" when there is
    none. `inner` is the action that a tool which calls tools would call. `outlays` are the deeds of the
    longest window that some rule counts.
    """

    person: Person | None
    mission: Mission | None = None
    tainted: bool = False
    own_words: bool = False
    frozen: str = ""
    call: Call | None = None
    inner: Action | None = None
    now: datetime | None = None
    zone: str = "UTC"
    quiet: Hours | None = None
    outlays: tuple[Outlay, ...] = ()


def speaks(rule: Rule, action: Action, at: Circumstances) -> bool:
    """Whether the rule decides about this action in these circumstances."""
    return not silent_because(rule, action, at)


def silent_because(rule: Rule, action: Action, at: Circumstances) -> str:
    """The condition that keeps the rule silent, "" when it speaks."""
    suspicious = rule.effect is not Decision.ALLOW
    missing = _missing(rule.when, action, at, suspicious=suspicious)
    if missing:
        return missing
    if rule.unless is not None and not _missing(rule.unless, action, at, suspicious=not suspicious):
        return "unless"
    return ""


def _missing(when: When, action: Action, at: Circumstances, *, suspicious: bool) -> str:
    """The first condition that does not hold, "" when all do."""
    for name, holds in _conditions(when, action, at, suspicious):
        if not holds:
            return name
    return ""


def _conditions(
    when: When, action: Action, at: Circumstances, suspicious: bool
) -> Iterable[tuple[str, bool]]:
    names = (action.name, *((at.inner.name,) if at.inner else ()))
    yield "action", not when.action or any(like(name, when.action) for name in names)
    yield "system", not when.system or any(like(name.partition(".")[0], when.system) for name in names)
    account = at.call.account if at.call else None
    yield "account", not when.account or (account is not None and like(account.label, when.account))
    yield "live", when.live is None or (account is not None and account.live == when.live)
    risk = risk_of(action, at.inner)
    yield "min_risk", when.min_risk is None or risk >= when.min_risk
    yield "max_risk", when.max_risk is None or risk <= when.max_risk
    yield "role", not when.role or (at.person is not None and at.person.role in when.role)
    yield "person", not when.person or (at.person is not None and _is_one_of(at.person, when.person))
    yield "mission", _mission_holds(when.mission, at.mission)
    yield "tainted", when.tainted is None or when.tainted == at.tainted
    yield "own_words", when.own_words is None or when.own_words == at.own_words
    yield "egress", when.egress is None or when.egress == carries_out(action, at.inner)
    yield "quiet", when.quiet is None or when.quiet == _in_hours(at.quiet, at, otherwise=False)
    yield "hours", when.hours is None or _in_hours(when.hours, at, otherwise=suspicious)
    arguments: Mapping[str, Json] = at.call.arguments if at.call else {}
    for test in when.fields:
        yield f"field {test.field}", _field_holds(test, arguments, suspicious)
    yield "limit", when.limit is None or _limit_holds(when, when.limit, action, at, suspicious)


def risk_of(action: Action, inner: Action | None) -> Risk:
    """The class that counts: a tool that calls another one is at least as dangerous as that one."""
    return max(action.risk, inner.risk) if inner else action.risk


def carries_out(action: Action, inner: Action | None) -> bool:
    """Whether a read by it can carry something out of the house."""
    return action.egress or (inner is not None and inner.egress)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    parts = (".*" if c == "*" else "." if c == "?" else re.escape(c) for c in glob.casefold())
    return re.compile("".join(parts), re.DOTALL)


def like(text: str, globs: Iterable[str]) -> bool:
    """Whether it is one of the patterns; `*` stands for any characters and `?` for one, case does not count."""
    folded = text.casefold()
    return any(_pattern(glob).fullmatch(folded) is not None for glob in globs)


def _is_one_of(person: Person, wanted: tuple[str, ...]) -> bool:
    return person.id in wanted or any(identity in wanted for identity in person.identities)


def _mission_holds(wanted: tuple[int, ...] | bool | None, mission: Mission | None) -> bool:
    match wanted:
        case None:
            return True
        case bool():
            return wanted == (mission is not None)
        case numbers:
            return mission is not None and mission.number in numbers


def _in_hours(hours: Hours | None, at: Circumstances, *, otherwise: bool) -> bool:
    if hours is None or at.now is None:
        return otherwise
    return hours.hold(at.now, at.zone)


def _field_holds(test: FieldTest, arguments: Mapping[str, Json], suspicious: bool) -> bool:
    if test.field not in arguments:
        return False
    value = arguments[test.field]
    elements = list(value) if is_sequence(value) else [value]
    found = [_element_holds(test, element) for element in elements]
    verdicts = [suspicious if holds is None else holds for holds in found]
    return any(verdicts) if suspicious else bool(verdicts) and all(verdicts)


def _element_holds(test: FieldTest, value: Json) -> bool | None:
    """None when the two cannot be compared."""
    match test.test:
        case "equals" | "in":
            return any(_same(value, wanted) for wanted in test.wanted)
        case "matches":
            return like(shown(value), test.wanted)
        case "less" | "more":
            order = _order(value, test.wanted[0])
            return None if order is None else order < 0 if test.test == "less" else order > 0


def _same(value: Json, wanted: str) -> bool:
    order = _order(value, wanted) if not isinstance(value, str) else None
    return order == 0 or shown(value).casefold() == wanted.casefold()


def _order(value: Json, bound: str) -> int | None:
    """-1, 0 or 1 as the value is below, at or above the bound; None for another unit or no number."""
    try:
        if is_mapping(value):
            amount, limit = Money.of(value), Money.parse(bound)
            if amount.currency != limit.currency:
                return None
            return (amount.minor > limit.minor) - (amount.minor < limit.minor)
        number, edge = Decimal(str(value)), Decimal(bound)
    except (BadInput, InvalidOperation):
        return None
    if isinstance(value, bool) or not number.is_finite():
        return None
    return (number > edge) - (number < edge)


# Limits ----------------------------------------------------------------------------------------------------


def recipients_of(action: Action, call: Call) -> tuple[str, ...]:
    """Who receives, from the arguments that say so."""
    named = [
        call.arguments[f.name] for f in action.fields if f.part is Part.RECIPIENT and f.name in call.arguments
    ]
    found: list[str] = []
    for value in named:
        found += [shown(each) for each in value] if is_sequence(value) else [shown(value)]
    return tuple(dict.fromkeys(each.strip().casefold() for each in found if each.strip()))


def counted_for(per: Per, action: Action, at: Circumstances) -> tuple[str, ...]:
    """Whose windows this call falls into: none where there is no mission or nobody receives."""
    call = at.call
    match per:
        case "account":
            return (account_key(call),) if call else ()
        case "recipient":
            return recipients_of(action, call) if call else ()
        case "mission":
            return (at.mission.id,) if at.mission else ()
        case "person":
            return (at.person.id,) if at.person else ()


def account_key(call: Call) -> str:
    """What tells one account from another: the system, its label, and whether it is the live one."""
    return f"{call.account.system}/{call.account.label}/{'live' if call.account.live else 'test'}"


def _limit_holds(when: When, limit: Limit, action: Action, at: Circumstances, suspicious: bool) -> bool:
    subjects = counted_for(limit.per, action, at)
    if at.now is None or at.call is None:
        return suspicious
    if not subjects:
        return False
    since = at.now - limit.within
    broken = any(_breaks(when, limit, subject, since, at.call, at) for subject in subjects)
    return broken if suspicious else not broken


def _breaks(when: When, limit: Limit, subject: str, since: datetime, call: Call, at: Circumstances) -> bool:
    """Whether this call, added to what was done since, would be too many or too much."""
    before = [
        each
        for each in at.outlays
        if each.at > since and subject in each.subjects(limit.per) and _counts(when, each)
    ]
    if limit.count is not None and len(before) + 1 > limit.count:
        return True
    amounts = call.money()
    if limit.amount is None or not amounts:
        return False
    if any(amount.currency != limit.amount.currency for amount in amounts):
        return True
    earlier = [a for each in before for a in each.amounts if a.currency == limit.amount.currency]
    total = sum(max(amount.minor, 0) for amount in (*earlier, *amounts))
    return total > limit.amount.minor


def _counts(when: When, outlay: Outlay) -> bool:
    system = outlay.action.partition(".")[0]
    return (not when.action or like(outlay.action, when.action)) and (
        not when.system or like(system, when.system)
    )
