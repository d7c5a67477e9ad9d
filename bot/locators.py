"""From the reference on a button to the record behind it, for someone who may be shown it.

A reference is only a locator. An unknown one, a stranger and another place all get the same sentence.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import authority, expiry, homes, sayings
from bot.batches import Batch
from bot.effects import Notice
from bot.errors import NotAllowed, Stale, VigieError
from bot.events import Event, Press
from bot.house import House
from bot.people import Identity, Person, Standing
from bot.proposals import Proposal, State
from bot.speech import Tongue
from bot.store import Tx

UNKNOWN_OR_NOT_YOURS = "This button is not for you, or what it stood for is gone. Nothing was done."
"""The same words for both, so that nobody learns which references exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A press with the records it points at."""

    proposal: Proposal
    person: Person
    people: tuple[Person, ...] = ()


def vouched(who: Identity, standing: Standing) -> None:
    """Whether a platform that knows its members still counts this one among them. Raises NotAllowed for an
    account that was deactivated or is a guest's by now, whatever role the person has here."""
    if who.team and standing is not Standing.MEMBER:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)


def find(tx: Tx, *, ref: str, who: Identity, place: str, message: str, now: datetime) -> Found:
    """The proposal behind a reference, for someone who may be shown it, from where it was delivered.

    Raises NotAllowed with the same sentence for an unknown reference, a stranger, and another place.
    """
    person = tx.people.by_identity(who)
    proposal = tx.proposals.by_ref(ref)
    if person is None or proposal is None:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if who.platform != "web" and not _delivered(tx, proposal, place, message):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if not may_see(tx, proposal, person, now=now):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return Found(proposal=proposal, person=person, people=tx.people.all())


def may_see(tx: Tx, proposal: Proposal, person: Person, *, now: datetime) -> bool:
    """Whether the card is meant for this person: who asked, every approver, and whom the rule or an absent
    approver names."""
    if person.may_approve or person.id == proposal.requester:
        return True
    try:
        authority.seat(proposal.demand, person, requester=proposal.requester, people=tx.people.all(), now=now)
    except NotAllowed:
        return False
    return True


def _delivered(tx: Tx, proposal: Proposal, place: str, message: str) -> bool:
    """Some revision of this card stands in that place, in that message.

    A message id we have not recorded yet (the receipt of the post is still on its way) is no contradiction.
    """
    slots = [replace(proposal, revision=revision).slot for revision in range(1, proposal.revision + 1)]
    return any(stands(tx, slot, place, message) for slot in slots)


def stands(tx: Tx, slot: str, place: str, message: str) -> bool:
    """A card with this slot was delivered in that place, as that message. One that had to be sent again may also
    stand as a message of which we never learned the id; one that hangs in a home is no message at all."""
    if message in ("", homes.MESSAGE) and homes.hangs(tx, place, slot):
        return True
    found = sayings.copies(tx, place, slot)
    known = any(not message or line.ref in ("", message) for line in found)
    return known or (bool(found) and bool(tx.marks.get(sayings.repeated(place, slot))))


def find_batch(tx: Tx, batch: Batch, *, who: Identity, place: str, message: str, now: datetime) -> Person:
    """The person who may press on this batch from there. Raises NotAllowed as `find` does."""
    person = tx.people.by_identity(who)
    here = who.platform == "web" or stands(tx, batch.slot, place, message)
    if person is None or not here or not _may_see_batch(tx, batch, person, now):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return person


def _may_see_batch(tx: Tx, batch: Batch, person: Person, now: datetime) -> bool:
    if person.may_approve or person.id == batch.requester:
        return True
    members = [tx.proposals.get(member) for member in batch.members]
    return any(member is not None and may_see(tx, member, person, now=now) for member in members)


def refuse(tx: Tx, event: Event, press: Press, error: VigieError, house: House, now: datetime) -> None:
    """Only the presser hears it; the ledger keeps the reason; a stale card is drawn again as it stands."""
    person = tx.people.by_identity(press.who)
    tongue = house.tongues(person.lang if person else "en")
    proposal = tx.proposals.by_ref(press.ref)
    text = (_winner(tx, proposal, tongue) if isinstance(error, Stale) else "") or error.said(tongue)
    notice = Notice(text=text, to=press.who, answer_to=press.answer_to)
    sayings.say(tx, place=event.place, slot=f"notice:{event.id}", content=notice, now=now)
    tx.ledger.append(
        "press_refused",
        {
            "identity": press.who.key,
            "verb": press.verb,
            "why": str(error),
            "proposal": proposal.id if proposal else "",
        },
        now,
    )
    if not isinstance(error, Stale):
        return
    if batch := tx.batches.by_ref(press.ref):
        members = (tx.proposals.get(member) for member in batch.members)
        for member in members:
            if member is not None:
                expiry.if_due(tx, member, now=now)
        sayings.show_batch(tx, batch, now=now)
    elif proposal is not None:
        expiry.if_due(tx, proposal, now=now)
        sayings.show(tx, proposal, now=now)


def _winner(tx: Tx, proposal: Proposal | None, tongue: Tongue) -> str:
    """Who was first, for whoever came later; "" where nobody has settled it."""
    person = tx.people.get(proposal.settled_by) if proposal and proposal.settled_by else None
    if proposal is None or person is None:
        return ""
    match proposal.state:
        case State.APPROVED:
            return tongue("{who} approved this already.", who=person.name)
        case State.DENIED:
            return tongue("{who} denied this already. Nothing was done.", who=person.name)
        case State.CANCELLED:
            return tongue("{who} cancelled this already. Nothing was done.", who=person.name)
        case State.PENDING | State.EXPIRED:
            return ""


def acknowledge(tx: Tx, event: Event, press: Press, text: str, now: datetime) -> None:
    """Telegram spins on the button until its press is answered; other platforms need nothing."""
    if press.answer_to:
        notice = Notice(text=text, to=press.who, answer_to=press.answer_to)
        sayings.say(tx, place=event.place, slot=f"notice:{event.id}", content=notice, now=now)
