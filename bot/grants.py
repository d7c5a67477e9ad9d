"""Grants: standing permissions. What one covers, how often and until when, and how one is earned. Pure.

Nobody gives one but a person whose press would have approved each of its uses. It covers what the terms say and
nothing beside: one action as it is defined today, one account, one requester or mission, one rule that asks.
Never R3, never after reading what a stranger could have written. Whatever is not certain is not covered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import ids, terms
from bot.actions import Action, Call, Risk
from bot.authority import Demand
from bot.errors import BadInput, Stale
from bot.proposals import Proposal
from bot.rules import OWN, Earning
from bot.speech import Tongue
from bot.terms import Term
from bot.values import Json, Money, digest

GIVE = "vigie.grant"
"""The action whose call is a grant. Only Vigie itself asks for it, never a mind, a mission, or words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a grant is for. `definition` is the action's fingerprint, `requester` who asks for each use (and
    `mission` the number of the mission it is done for, 0 for none), `rule` the one that would have asked, and
    `receives` who the target itself names as the receiver."""

    action: str
    definition: str
    account: str
    live: bool
    requester: str
    mission: int = 0
    rule: str
    receives: str = ""
    terms: tuple[Term, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """One call that a grant might cover."""

    action: Action
    call: Call
    requester: str
    mission: int
    rule: str
    receives: str
    tainted: bool
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """A standing permission. `uses` is how often and `total` how much money in all, `until` the moment from
    which it is over; `used` and `spent` (minor units) what was taken of it. `ended` says when it was withdrawn,
    by whom in `ended_by`."""

    id: str
    number: int
    space: str
    scope: Scope
    uses: int
    total: Money | None = None
    until: datetime
    giver: str
    proposal: str = ""
    place: str = ""
    said: str = ""
    """What the card said of it, in the giver's language: its terms and limits."""
    created: datetime
    used: int = 0
    spent: int = 0
    ended: datetime | None = None
    ended_by: str = ""

    def stands_at(self, now: datetime) -> bool:
        """Whether it may be used at all: not withdrawn, not used up, not past its end."""
        return self.ended is None and self.used < self.uses and now < self.until

    def consumed(self, call: Call) -> "Grant":
        """One use less."""
        return replace(self, used=self.used + 1, spent=self.spent + _sum(call))

    def withdrawn(self, person: str, now: datetime) -> "Grant":
        """Over at once. Raises Stale when it was withdrawn before."""
        if self.ended is not None:
            raise Stale("this permission was withdrawn already")
        return replace(self, ended=now, ended_by=person)


def silent_because(grant: Grant, use: Use) -> str:
    """What keeps the grant from covering this use, "" when it does."""
    scope = grant.scope
    amounts = use.call.money()
    total = grant.total
    checks = {
        "withdrawn": grant.ended is None,
        "used up": grant.used < grant.uses,
        "over": use.now < grant.until,
        "tainted": not use.tainted,
        "risk": _may_be_granted(use.action),
        "action": use.call.action == use.action.name == scope.action,
        "definition": use.call.fingerprint == use.action.fingerprint == scope.definition,
        "account": (use.call.account.label, use.call.account.live) == (scope.account, scope.live),
        "requester": use.requester == scope.requester and bool(use.requester),
        "mission": use.mission == scope.mission,
        "rule": use.rule == scope.rule,
        "receiver": use.receives == scope.receives,
        "terms": terms.hold(scope.terms, use.call.arguments),
        "amount": not amounts
        or (
            total is not None
            and all(amount.currency == total.currency and amount.minor >= 0 for amount in amounts)
            and grant.spent + _sum(use.call) <= total.minor
        ),
    }
    return next((why for why, holds in checks.items() if not holds), "")


def _may_be_granted(action: Action) -> bool:
    """Deeds on connected systems below R3, and no tool that calls others."""
    return Risk.R1 <= action.risk <= Risk.R2 and action.system != OWN and not action.inner


def _sum(call: Call) -> int:
    return sum(amount.minor for amount in call.money())


# How one is earned -----------------------------------------------------------------------------------------


def earns(action: Action, proposal: Proposal, *, tainted: bool, cut: bool) -> bool:
    """Whether an approval of this card counts towards a grant: one press was enough, the card was whole and
    its own, nothing from outside was read, nobody had to correct it, and it may be granted at all."""
    return (
        _may_be_granted(action)
        and action.fingerprint == proposal.call.fingerprint
        and _alone(proposal.demand)
        and not (tainted or cut or proposal.batch)
        and proposal.revision == 1
        and bool(proposal.requester)
    )


def _alone(demand: Demand) -> bool:
    return demand.people == 1 and not demand.step_up


def shape(proposal: Proposal) -> str:
    """What approvals must share to be alike: the same action, on the same account, for the same requester or
    mission, because of the same rule."""
    account = proposal.call.account
    return digest(
        [
            proposal.call.action,
            proposal.call.fingerprint,
            [account.system, account.label, account.live],
            proposal.requester,
            proposal.mission,
            proposal.rule,
        ]
    )[:32]


def offered(
    action: Action, approved: Sequence[Proposal], *, mission: int, earning: Earning, now: datetime
) -> dict[str, Json] | None:
    """The arguments of the grant that these approvals earned, None where they have too little in common."""
    receivers = {proposal.preview.recipient for proposal in approved}
    calls = [proposal.call for proposal in approved]
    if len(receivers) != 1:
        return None
    receives = receivers.pop()
    found = terms.derived(action, [call.arguments for call in calls], receives=bool(receives))
    currencies = {amount.currency for call in calls for amount in call.money()}
    if found is None or len(currencies) > 1:
        return None
    last = approved[-1]
    arguments: dict[str, Json] = {
        "action": action.name,
        "terms": terms.as_json(found),
        "account": last.call.account.label,
        "live": last.call.account.live,
        "requester": last.requester,
        "rule": last.rule,
        "uses": str(earning.uses),
        "until": (now + timedelta(days=earning.days)).isoformat(timespec="seconds"),
        "definition": action.fingerprint,
    }
    if mission:
        arguments["mission"] = mission
    if receives:
        arguments["receives"] = receives
    if currencies:
        # So often, so much as it was on average: the largest each time would be no limit of its own.
        spent = sum(_sum(call) for call in calls)
        arguments["total"] = str(Money(-(-spent * earning.uses // len(calls)), currencies.pop()))
    return arguments


def scope_of(arguments: Mapping[str, Json]) -> Scope:
    """What a call of GIVE would permit. Raises BadInput."""
    action = str(arguments["action"])
    return Scope(
        action=action,
        definition=str(arguments["definition"]),
        account=str(arguments["account"]),
        live=bool(arguments["live"]),
        requester=str(arguments["requester"]),
        mission=int(arguments.get("mission") or 0),
        rule=str(arguments["rule"]),
        receives=str(arguments.get("receives") or ""),
        terms=terms.of_json(arguments["terms"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How often, how much in all, and until when."""

    uses: int
    total: Money | None = None
    until: datetime

    @staticmethod
    def of(arguments: Mapping[str, Json]) -> "Limits":
        total = arguments.get("total")
        return Limits(
            uses=int(arguments["uses"]),
            total=None if total is None else Money.of(total),
            until=datetime.fromisoformat(arguments["until"]),
        )


def check(action: Action | None, scope: Scope, limits: Limits, *, earning: Earning, now: datetime) -> None:
    """Whether this may be given at all. Raises BadInput; an edit can make it narrower and never wider."""
    if action is None or not _may_be_granted(action) or action.fingerprint != scope.definition:
        raise BadInput("this is no longer something that can be allowed in advance")
    if earning.after == 0:
        raise BadInput("the policy allows nothing in advance")
    if not 1 <= limits.uses <= earning.uses:
        raise BadInput("between 1 and {n} uses", n=earning.uses, field="uses")
    if not now < limits.until <= now + timedelta(days=earning.days, seconds=1):
        raise BadInput("an end from now on and within {n} days", n=earning.days, field="until")
    most = _most(scope, earning.uses)
    if (limits.total is None) != (most is None):
        raise BadInput("money needs a limit in all", field="total")
    if limits.total is None or most is None:
        return
    if limits.total.currency != most.currency or not 0 <= limits.total.minor <= most.minor:
        raise BadInput("at most {money} in all", money=most, field="total")


def _most(scope: Scope, uses: int) -> Money | None:
    """The most that so many uses of these terms could come to."""
    found = [Money.of(term.value) for term in scope.terms if term.test == "most" and _is_money(term.value)]
    if not found:
        return None
    return Money(sum(amount.minor for amount in found) * uses, found[0].currency)


def _is_money(value: Json) -> bool:
    return not isinstance(value, int)


# In words --------------------------------------------------------------------------------------------------


def limits_words(grant: Grant, tongue: Tongue, zone: str) -> str:
    """How much is left of it, and until when."""
    parts = [tongue("used {used} of {n} times", used=grant.used, n=grant.uses)]
    if grant.total is not None:
        spent = Money(grant.spent, grant.total.currency)
        parts.append(tongue("{spent} of {total}", spent=tongue.money(spent), total=tongue.money(grant.total)))
    parts.append(tongue("until {when}", when=tongue.day(grant.until, zone)))
    return " · ".join(parts)


def said(scope: Scope, limits: Limits, tongue: Tongue, *, zone: str, requester: str) -> str:
    """The whole of it on one line, for the ledger: which action, on which account, for whom, within what. `requester` is the
    name of whoever may ask."""
    parts = [
        scope.action,
        f"{scope.account} ({tongue('live') if scope.live else tongue('test, no real money')})",
        *(
            [tongue("mission {n}", n=scope.mission)]
            if scope.mission
            else [tongue("asked by {who}", who=requester)]
        ),
        *([tongue("for {who}", who=scope.receives)] if scope.receives else []),
        *(terms.worded([term], tongue) for term in scope.terms),
        tongue.many("{n} time", "{n} times", limits.uses),
        *([tongue("{money} in all", money=tongue.money(limits.total))] if limits.total else []),
        tongue("until {when}", when=tongue.day(limits.until, zone)),
    ]
    return "; ".join(parts)


def new_id(proposal: str) -> str:
    """The one grant that an approved offer becomes."""
    return ids.derived("gra", proposal)
