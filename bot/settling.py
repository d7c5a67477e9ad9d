"""Settling one proposal: the press that approves or denies it becomes an effect, a ledger row and a card."""

from datetime import datetime, timedelta

from bot import attempts, authority, sayings
from bot.authority import Approval
from bot.effects import Authority, Effect, Run
from bot.errors import NotAllowed, Stale
from bot.events import Press
from bot.people import Person
from bot.proposals import Proposal, State
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json

APPROVAL_HOLDS = timedelta(hours=1)
"""How long an approval may wait for its deed (a system that is down) before it counts for nothing."""


def approve(
    tx: Tx, proposal: Proposal, person: Person, press: Press, now: datetime, *, revision: int | None = None
) -> Proposal:
    """One yes more; with enough of them its one effect is written down. `revision` is the one the card showed, unless the button
    carries it. Raises NotAllowed or Stale."""
    if attempts.frozen(tx):
        raise NotAllowed("everything that acts is frozen; an owner can say unfreeze")
    approved = proposal.approve(person, revision=revision or press.revision, now=now, people=tx.people.all())
    _swap(tx, proposal, approved)
    if approved.state is State.PENDING:
        _ledger(tx, "approved_in_part", approved, press, now)
        sayings.show(tx, approved, now=now)
        return approved
    tx.effects.add(_effect(tx, approved, person, now))
    _ledger(tx, "approved", approved, press, now)
    sayings.show(tx, approved, now=now)
    tx.ring(proposal.place)
    return approved


def approved_words(proposal: Proposal, tongue: Tongue) -> str:
    """What the presser hears: done with it, or how many presses are still to come."""
    if proposal.state is State.APPROVED:
        return tongue("Approved.")
    left = authority.missing(proposal.demand, proposal.approvals)
    return tongue.many(
        "Approved by you. {n} more person has to press.",
        "Approved by you. {n} more people have to press.",
        left,
    )


def deny(
    tx: Tx, proposal: Proposal, person: Person, press: Press, now: datetime, *, revision: int | None = None
) -> Proposal:
    """Denied: nothing will be done, and the very same thing is not asked again for a while."""
    denied = proposal.deny(person, revision=revision or press.revision, now=now, people=tx.people.all())
    _swap(tx, proposal, denied)
    tx.marks.put(f"denied:{denied.call.digest}", {"at": now.isoformat(), "by": person.id})
    _ledger(tx, "denied", denied, press, now)
    sayings.show(tx, denied, now=now)
    sayings.resume(tx, denied, cause=f"denied:{denied.id}", now=now)
    return denied


def _swap(tx: Tx, before: Proposal, after: Proposal) -> None:
    if not tx.proposals.swap(before, after):
        raise Stale("somebody else settled this request at the same moment")


def _effect(tx: Tx, proposal: Proposal, person: Person, now: datetime) -> Effect:
    return Effect(
        id=proposal.effect,
        space=tx.space,
        place=proposal.place,
        deed=Run(
            call=proposal.call,
            authority=Authority(
                by="press",
                rule=proposal.rule,
                digest=proposal.call.digest,
                person=person.id,
                proposal=proposal.id,
                expires=now + APPROVAL_HOLDS,
            ),
            version=proposal.preview.version,
        ),
        turn=proposal.turn,
        ask=proposal.ask,
        batch=proposal.batch,
        mission=proposal.mission,
        person=proposal.requester,
        due=now,
    )


def _ledger(tx: Tx, kind: str, proposal: Proposal, press: Press, now: datetime) -> None:
    tx.ledger.append(
        kind,
        {
            "proposal": proposal.id,
            "turn": proposal.turn,
            "mission": proposal.mission,
            "person": proposal.settled_by or (proposal.approvals[-1].person if proposal.approvals else ""),
            "identity": press.who.key,
            "approvals": [_yes(each) for each in proposal.approvals],
            "revision": proposal.revision,
            "digest": proposal.call.digest,
            "rule": proposal.rule,
        },
        now,
    )


def _yes(approval: Approval) -> Json:
    yes: dict[str, Json] = {"person": approval.person, "at": approval.at.isoformat()}
    return yes if approval.seat == approval.person else {**yes, "for": approval.seat}
