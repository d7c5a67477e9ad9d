"""Granting: standing permissions in one transaction each: found for a call, consumed with it, withdrawn.

A grant answers for its giver's press, so it is good only where that press would be enough now: a rule that
denies, asks for two people, for others, or for a second factor is stronger.
"""

from collections.abc import Mapping

from bot import authority, grants
from bot.authority import Approval, Demand
from bot.effects import Authority
from bot.errors import NotAllowed, Stale
from bot.gate import Case, demand
from bot.grants import Grant, Use
from bot.house import House
from bot.people import Person
from bot.policy import Decision, Verdict
from bot.store import Tx
from bot.values import Json


def covering(tx: Tx, case: Case, verdict: Verdict, *, receives: str, house: House) -> Grant | None:
    """The oldest grant that covers this call, where the policy asks for one press; None when a person must."""
    found = tx.grants.of_action(case.call.action)
    return next(
        (
            each
            for each in found
            if not silent_because(tx, each, case, verdict, receives=receives, house=house)
        ),
        None,
    )


def silent_because(tx: Tx, grant: Grant, case: Case, verdict: Verdict, *, receives: str, house: House) -> str:
    """What keeps this grant from standing for a press here, "" when it does."""
    policy = house.policy()
    if verdict.decision is not Decision.ASK or policy.trouble or policy.earning.after == 0:
        return "policy"
    if case.person is None:
        return "requester"
    asked = authority.demanded(case.call.action, demand(verdict), case.person.id)
    if why := _not_enough(tx, grant, asked, case):
        return why
    use = Use(
        action=case.action,
        call=case.call,
        requester=case.person.id,
        mission=case.mission.number if case.mission else 0,
        rule=verdict.rule,
        receives=receives,
        tainted=case.tainted,
        now=case.now,
    )
    return grants.silent_because(grant, use)


def _not_enough(tx: Tx, grant: Grant, asked: Demand, case: Case) -> str:
    """Whether the giver's own press would not be enough today, as their role and the rule stand now."""
    giver = tx.people.get(grant.giver)
    if giver is None or case.person is None or asked.step_up:
        return "giver"
    try:
        seat = authority.seat(asked, giver, requester=case.person.id, people=tx.people.all(), now=case.now)
    except NotAllowed:
        return "giver"
    given = Approval(person=giver.id, seat=seat, at=case.now)
    return "people" if authority.missing(asked, (given,)) else ""


def authority_of(grant: Grant, digest: str, rule: str) -> Authority:
    """What a deed under this grant shows."""
    return Authority(
        by="grant", rule=rule, digest=digest, person=grant.giver, grant=grant.id, said=grant.said
    )


def consume(tx: Tx, grant: Grant, case: Case) -> None:
    """One use less, in the transaction that starts the deed. Raises Stale when somebody else took it first."""
    if not tx.grants.swap(grant, grant.consumed(case.call)):
        raise Stale("this permission was used or withdrawn at the same moment")


def withdraw(tx: Tx, grant: Grant, person: Person, *, house: House) -> Grant:
    """Ends it at once. The giver may, every approver, and whoever it lets ask. Raises NotAllowed or Stale."""
    if not (person.may_approve or person.id in (grant.giver, grant.scope.requester)):
        raise NotAllowed("only who gave it, an approver, or who asks under it may withdraw it")
    now = house.clock.now()
    over = grant.withdrawn(person.id, now)
    if not tx.grants.swap(grant, over):
        raise Stale("this permission was used or withdrawn at the same moment")
    body: Mapping[str, Json] = {
        "grant": grant.id,
        "number": grant.number,
        "person": person.id,
        "giver": grant.giver,
        "used": grant.used,
    }
    tx.ledger.append("grant_withdrawn", body, now)
    return over
