"""Authority: who may settle a request, how many of them it takes, and in whose place someone presses. Pure.

A role is read from the persons handed in, never from what a card or a press says. Accounts do not count,
humans do: whoever is reached through two linked accounts is one person here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.actions import Call
from bot.errors import NotAllowed, Stale
from bot.people import Person, Role

OWNERS = (Role.OWNER.value,)
NOT_YOURS = "you cannot settle this request"
UNPROVEN = "this takes a code of your second factor"
ASKED_YOURSELF = "you asked for this, so somebody else has to approve it"
TWICE = "you approved this already; somebody else has to press too"

OWN_PRESS: Mapping[str, tuple[str, ...]] = {
    "vigie.set_role": OWNERS,
    "vigie.accept_tool": OWNERS,
    "vigie.disconnect": OWNERS,
    "vigie.delegate": (),
    "vigie.reset_second_factor": OWNERS,
    "vigie.raise_budget": (Role.APPROVER.value,),
    "vigie.create_mission": (),
    "vigie.edit_mission": (),
    "vigie.hand_over": (),
    "vigie.put_procedure": (),
}
"""Actions whose approvers no policy can change: roles are an owner's, what servers of others may do and which accounts
are connected too; nobody
gives away a seat but who sits in it (empty: the requester); and a limit is raised by an owner or approver."""


HAND_OVER = "vigie.hand_over"
"""Whoever is to answer for a mission presses, not who gives it away."""


def presser(call: Call, requester: str) -> str:
    """Who presses where only one's own press counts: who asked, but for what is handed to somebody."""
    return str(call.arguments["person"]) if call.action == HAND_OVER else requester


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """What it takes to approve: `approvers` are roles or persons (ids or identities), empty for every owner
    and approver; `people` how many different ones. With more than one, or with `not_requester`, who asked
    does not count. `step_up` asks whoever presses for a second factor."""

    approvers: tuple[str, ...] = ()
    people: int = 1
    not_requester: bool = False
    step_up: bool = False

    @property
    def others_only(self) -> bool:
        return self.not_requester or self.people > 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """One person's yes. `seat` is the approver it counts for: their own, or that of who delegated to them.
    `proven` says that a code of their second factor came with it."""

    person: str
    seat: str
    at: datetime
    proven: bool = False


def demanded(action: str, demand: Demand, requester: str) -> Demand:
    """What binds for this action: the rule's demand, except where only certain people may ever press."""
    if action not in OWN_PRESS:
        return demand
    if OWN_PRESS[action]:
        return replace(demand, approvers=OWN_PRESS[action])
    return Demand(approvers=(requester,), step_up=demand.step_up)


def stricter(before: Demand, now: Demand) -> Demand:
    """Of what was asked for and what is asked for now, what satisfies both."""
    return Demand(
        approvers=now.approvers or before.approvers,
        people=max(before.people, now.people),
        not_requester=before.not_requester or now.not_requester,
        step_up=before.step_up or now.step_up,
    )


def seat(
    demand: Demand,
    person: Person,
    *,
    requester: str,
    people: Iterable[Person],
    now: datetime,
) -> str:
    """Whose yes this person's press is: their own id, or that of the approver who delegated to them.

    Raises NotAllowed when it is nobody's.
    """
    if not person.may_act:
        raise NotAllowed(NOT_YOURS)
    asked = demand.others_only and person.id == requester
    if _sits(demand, person) and not asked:
        return person.id
    for absent in people:
        if absent.id == requester and demand.others_only:
            continue
        if _stands_in(person, absent, now) and _sits(demand, absent) and not asked:
            return absent.id
    raise NotAllowed(ASKED_YOURSELF if asked and _sits(demand, person) else NOT_YOURS)


def _sits(demand: Demand, person: Person) -> bool:
    """Whether this person's own press is one of those asked for, as their role stands now."""
    if not person.may_act:
        return False
    if not demand.approvers:
        return person.may_approve
    named = {person.id, person.role.value, *person.identities}
    if person.role is Role.OWNER:
        named.add(Role.APPROVER.value)
    return not named.isdisjoint(demand.approvers)


def _stands_in(person: Person, absent: Person, now: datetime) -> bool:
    deputy = absent.deputy
    return deputy is not None and deputy.person == person.id != absent.id and now < deputy.until


def approved(
    given: tuple[Approval, ...], person: Person, *, seat: str, now: datetime, proven: bool = False
) -> tuple[Approval, ...]:
    """One yes more. Raises Stale for a human, or a seat, that has spoken already."""
    spoken = {each.person for each in given} | {each.seat for each in given}
    if person.id in spoken or seat in spoken:
        raise Stale(TWICE)
    return (*given, Approval(person=person.id, seat=seat, at=now, proven=proven))


def proven(demand: Demand, *, proof: bool) -> None:
    """Raises NotAllowed where a press takes a code of a second factor and none came with it."""
    if demand.step_up and not proof:
        raise NotAllowed(UNPROVEN)


def missing(demand: Demand, given: Sequence[Approval]) -> int:
    """How many presses are still to come. Where they must be proven, one that was not counts for nothing."""
    return max(demand.people - sum(1 for each in given if each.proven or not demand.step_up), 0)


def awaited(
    demand: Demand,
    people: Sequence[Person],
    *,
    requester: str,
    given: Sequence[Approval] = (),
    now: datetime,
) -> tuple[Person, ...]:
    """Everyone whose press would count now, in the order of the people."""
    spoken = {each.person for each in given} | {each.seat for each in given}

    def counts(person: Person) -> bool:
        try:
            return seat(demand, person, requester=requester, people=people, now=now) not in spoken
        except NotAllowed:
            return False

    return tuple(person for person in people if person.id not in spoken and counts(person))


def role_change(person: Person, role: Role, people: Iterable[Person]) -> None:
    """Whether this person may get this role. Raises NotAllowed where it would leave the space without owner."""
    owners = {each.id for each in people if each.role is Role.OWNER}
    if person.role is Role.OWNER and role is not Role.OWNER and owners <= {person.id}:
        raise NotAllowed("the last owner stays one; make somebody else an owner first")
