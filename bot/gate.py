"""The gate in one transaction: gathers what the policy depends on, judges, and notes which policy it was.

Called where a deed is written down and again where its authority is consumed: what holds then is the record
as it stands in that transaction, limits included.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import freezing, policy
from bot.actions import Action, Call
from bot.authority import Demand
from bot.effects import Outlay
from bot.house import House
from bot.missions import Mission
from bot.people import Person
from bot.policy import Circumstances, Verdict
from bot.rules import Policy, account_key, counted_for, recipients_of
from bot.store import Tx
from bot.values import Json
from bot.world import Indirect

UNKNOWN = Action(name="unknown.tool", title="Unknown")
"""What a tool that calls tools would call, when nobody knows it: as dangerous as anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One call to be judged: for whom, in which mission, after which reading. `effect` is the id of the deed
    it is or would be, which does not count against itself."""

    action: Action
    call: Call
    effect: str
    person: Person | None
    mission: Mission | None = None
    tainted: bool = False
    own_words: bool = False
    zone: str = "UTC"
    now: datetime


def judge(tx: Tx, case: Case, *, house: House) -> Verdict:
    """The verdict of the policy in force over the record as it stands. Notes a policy that is new."""
    rules = house.policy()
    _note(tx, rules, case.now)
    return policy.judge(case.action, circumstances(tx, case, rules, house=house), rules)


def look(tx: Tx, case: Case, *, house: House) -> Verdict:
    """The same, and nothing is written."""
    rules = house.policy()
    return policy.judge(case.action, circumstances(tx, case, rules, house=house), rules)


def circumstances(tx: Tx, case: Case, rules: Policy, *, house: House) -> Circumstances:
    """What the decision depends on. The person and the mission are read again here: a role may have been
    taken away since the turn began."""
    at = Circumstances(
        person=case.person and (tx.people.get(case.person.id) or case.person),
        mission=case.mission and _mission(tx, case.mission),
        tainted=case.tainted,
        own_words=case.own_words,
        frozen=frozen(tx, case, house=house),
        call=case.call,
        inner=_inner(case, house),
        now=case.now,
        zone=case.zone,
    )
    return _with_outlays(tx, case, at, rules)


def _mission(tx: Tx, mission: Mission) -> Mission:
    """As it stands now; what a run of a procedure may take is what its own version may."""
    found = tx.missions.get(mission.id) or mission
    return replace(found, may=mission.may) if mission.procedure else found


def demand(verdict: Verdict) -> Demand:
    """What it takes to approve, as the rule that asks says it."""
    return Demand(
        approvers=verdict.approvers,
        people=verdict.people,
        not_requester=verdict.not_requester,
        step_up=verdict.step_up,
    )


def outlay(case: Case) -> Outlay:
    """What the deed will count for."""
    return Outlay(
        effect=case.effect,
        action=case.call.action,
        account=account_key(case.call),
        person=case.person.id if case.person else "",
        mission=case.mission.id if case.mission else "",
        recipients=recipients_of(case.action, case.call),
        amounts=case.call.money(),
        at=case.now,
    )


def frozen(tx: Tx, case: Case, *, house: House) -> str:
    """Why this call stands still, "" when it does not. A tool that calls tools stands still with the one it
    would call."""
    mission = case.mission.id if case.mission else ""
    inner = _inner(case, house)
    for name in (case.action.name, *([inner.name] if inner else ())):
        freeze = freezing.holding(tx, name, mission, house=house)
        if freeze is not None:
            return freeze.reason or freeze.scope.key
    return ""


def _inner(case: Case, house: House) -> Action | None:
    if not case.action.inner:
        return None
    system = house.systems.get(case.action.system)
    if isinstance(system, Indirect):
        return system.inner(case.call) or UNKNOWN
    return house.actions().get(str(case.call.arguments.get(case.action.inner, "")), UNKNOWN)


def _with_outlays(tx: Tx, case: Case, at: Circumstances, rules: Policy) -> Circumstances:
    found: dict[str, Outlay] = {}
    for rule in rules.rules:
        for when in (rule.when, rule.unless):
            if when is None or when.limit is None:
                continue
            for subject in counted_for(when.limit.per, case.action, at):
                since = case.now - when.limit.within
                found |= {each.effect: each for each in tx.effects.outlays(when.limit.per, subject, since)}
    found.pop(case.effect, None)
    return replace(at, outlays=tuple(found.values()))


def _note(tx: Tx, rules: Policy, now: datetime) -> None:
    """The ledger says under which policy everything after it was decided."""
    mark: Json = tx.marks.get("policy")
    if mark and mark["digest"] == rules.digest:
        return
    tx.marks.put("policy", {"digest": rules.digest})
    body = {
        "digest": rules.digest,
        "source": rules.source,
        "rules": len(rules.rules),
        "trouble": rules.trouble,
    }
    tx.ledger.append("policy", body, now)
