"""Settling one proposal: the press that approves or denies it becomes an effect, a ledger row and a card."""

from datetime import datetime, timedelta

from bot import authority, cards, earning, entries, expiry, freezing, openings, posts, sayings
from bot.effects import Authority, Effect, Run
from bot.errors import NotAllowed, Refused, Stale
from bot.events import Press
from bot.house import House
from bot.people import Person
from bot.proposals import Proposal, State
from bot.speech import Tongue
from bot.store import Tx

APPROVAL_HOLDS = timedelta(hours=1)
"""How long an approval may wait for its deed (a system that is down) before it counts for nothing."""


def approve(
    tx: Tx,
    proposal: Proposal,
    person: Person,
    press: Press,
    now: datetime,
    *,
    house: House,
    revision: int | None = None,
    card: str = "",
    proven: bool = False,
) -> Proposal:
    """One yes more; with enough of them its one effect is written down. `revision` is the one the card showed,
    unless the button carries it; `card` the digest of what was shown, when that is not the proposal's own card;
    `proven` says that a code came with the press. Raises NotAllowed, Refused or Stale."""
    _check_freeze(tx, proposal, house)
    shown = card or cards.face(posts.draw(tx, proposal, house=house, full=posts.must_read(proposal, house)))
    approved = proposal.approve(
        person, revision=revision or press.revision, now=now, people=tx.people.all(), proven=proven
    )
    check_read(tx, proposal, person, house)
    _swap(tx, proposal, approved)
    if approved.state is State.PENDING:
        tx.ledger.append(
            "approved_in_part", entries.pressed(approved, identity=press.who.key, card=shown), now
        )
        sayings.show(tx, approved, now=now)
        return approved
    openings.forget(tx, proposal, person.id)
    tx.effects.add(_effect(tx, approved, person, now))
    tx.ledger.append("approved", entries.pressed(approved, identity=press.who.key, card=shown), now)
    sayings.show(tx, approved, now=now)
    if not card:
        earning.learn(tx, approved, person, now=now, house=house)
    tx.ring(proposal.place)
    return approved


def may_approve(tx: Tx, proposal: Proposal, person: Person, *, revision: int, house: House) -> None:
    """Whether a proven yes of this person to this revision would count now; it is tried, and the result thrown
    away. Raises NotAllowed, Refused or Stale."""
    _check_freeze(tx, proposal, house)
    now = house.clock.now()
    proposal.approve(person, revision=revision, now=now, people=tx.people.all(), proven=True)
    check_read(tx, proposal, person, house)


def _check_freeze(tx: Tx, proposal: Proposal, house: House) -> None:
    if freezing.holding(tx, proposal.call.action, proposal.mission, house=house):
        raise NotAllowed("this is frozen; an owner can say unfreeze")


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


def check_read(tx: Tx, proposal: Proposal, person: Person, house: House) -> None:
    """A card that cuts a value or may be misread is approved by who opened its full view, as it stands, in the
    place where it was. Raises Refused; Stale when the action is no longer what the card says."""
    if cards.outdated(proposal, posts.action_of(proposal, house)):
        raise Stale("this action is no longer what it was when it was asked for; ask for it again")
    batch = tx.batches.get(proposal.batch) if proposal.batch else None
    card = proposal if batch is None or batch.split else batch
    if posts.must_read(proposal, house) and not openings.opened(tx, card, person.id):
        raise Refused(
            "something on this card is cut or may be misread: open Details first, then approve there"
        )


def deny(
    tx: Tx,
    proposal: Proposal,
    person: Person,
    press: Press,
    now: datetime,
    *,
    revision: int | None = None,
    note: str = "",
    by_hand: bool = False,
) -> Proposal:
    """Denied by a press. `note` is the reason, `by_hand` says that the presser does it themselves."""
    shown = revision or press.revision
    return refuse(
        tx, proposal, person, revision=shown, identity=press.who.key, now=now, note=note, by_hand=by_hand
    )


def refuse(
    tx: Tx,
    proposal: Proposal,
    person: Person,
    *,
    revision: int,
    identity: str,
    now: datetime,
    note: str = "",
    by_hand: bool = False,
) -> Proposal:
    """Denied, by a press or in words: nothing will be done, and the very same thing is not asked again for a
    while. Raises NotAllowed or Stale."""
    denied = proposal.deny(
        person, revision=revision, now=now, note=note, by_hand=by_hand, people=tx.people.all()
    )
    _swap(tx, proposal, denied)
    expiry.cool_down(tx, denied, by=person.id, now=now)
    earning.unlearn(tx, proposal)
    tx.ledger.append("denied", entries.pressed(denied, identity=identity, card=""), now)
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
            version=proposal.preview.seen,
        ),
        turn=proposal.turn,
        ask=proposal.ask,
        batch=proposal.batch,
        mission=proposal.mission,
        person=proposal.requester,
        due=now,
    )
