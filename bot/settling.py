"""Settling one proposal: the press that approves or denies it becomes an effect, a ledger row and a card."""

from datetime import datetime, timedelta

from bot import attempts, sayings
from bot.effects import Authority, Effect, Run
from bot.errors import NotAllowed, Stale
from bot.events import Press
from bot.people import Person
from bot.proposals import Proposal
from bot.store import Tx

APPROVAL_HOLDS = timedelta(hours=1)
"""How long an approval may wait for its deed (a system that is down) before it counts for nothing."""


def approve(
    tx: Tx, proposal: Proposal, person: Person, press: Press, now: datetime, *, revision: int | None = None
) -> Proposal:
    """Approved: its one effect is written down. `revision` is the one the card showed, unless the button
    carries it. Raises NotAllowed or Stale."""
    if attempts.frozen(tx):
        raise NotAllowed("everything that acts is frozen; an owner can say unfreeze")
    approved = proposal.approve(person, revision=revision or press.revision, now=now)
    _swap(tx, proposal, approved)
    tx.effects.add(_effect(tx, approved, person, now))
    _ledger(tx, "approved", approved, press, now)
    sayings.show(tx, approved, now=now)
    tx.ring(proposal.place)
    return approved


def deny(
    tx: Tx, proposal: Proposal, person: Person, press: Press, now: datetime, *, revision: int | None = None
) -> Proposal:
    """Denied: nothing will be done, and the very same thing is not asked again for a while."""
    denied = proposal.deny(person, revision=revision or press.revision, now=now)
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
            "person": proposal.settled_by,
            "identity": press.who.key,
            "revision": proposal.revision,
            "digest": proposal.call.digest,
            "rule": proposal.rule,
        },
        now,
    )
