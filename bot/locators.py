"""From the reference on a button to the record behind it, for someone who may be shown it.

A reference is only a locator. An unknown one, a stranger and another place all get the same sentence.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from bot import expiry, sayings
from bot.batches import Batch
from bot.effects import Notice
from bot.errors import NotAllowed, Stale, VigieError
from bot.events import Event, Press
from bot.house import House
from bot.people import Identity, Person
from bot.proposals import Proposal
from bot.store import Tx

UNKNOWN_OR_NOT_YOURS = "This button is not for you, or what it stood for is gone. Nothing was done."
"""The same words for both, so that nobody learns which references exist."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A press with the records it points at."""

    proposal: Proposal
    person: Person


def find(tx: Tx, *, ref: str, who: Identity, place: str, message: str) -> Found:
    """The proposal behind a reference, for someone who may be shown it, from where it was delivered.

    Raises NotAllowed with the same sentence for an unknown reference, a stranger, and another place.
    """
    person = tx.people.by_identity(who)
    proposal = tx.proposals.by_ref(ref)
    if person is None or proposal is None:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if who.platform != "web" and not _delivered(tx, proposal, place, message):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if not (person.may_approve or person.id == proposal.requester):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return Found(proposal=proposal, person=person)


def _delivered(tx: Tx, proposal: Proposal, place: str, message: str) -> bool:
    """Some revision of this card stands in that place, in that message.

    A message id we have not recorded yet (the receipt of the post is still on its way) is no contradiction.
    """
    slots = [replace(proposal, revision=revision).slot for revision in range(1, proposal.revision + 1)]
    return any(stands(tx, slot, place, message) for slot in slots)


def stands(tx: Tx, slot: str, place: str, message: str) -> bool:
    """A card with this slot was delivered in that place, as that message."""
    return any(not message or line.ref in ("", message) for line in sayings.copies(tx, place, slot))


def find_batch(tx: Tx, batch: Batch, *, who: Identity, place: str, message: str) -> Person:
    """The person who may press on this batch from there. Raises NotAllowed as `find` does."""
    person = tx.people.by_identity(who)
    here = who.platform == "web" or stands(tx, batch.slot, place, message)
    if person is None or not here or not (person.may_approve or person.id == batch.requester):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return person


def refuse(tx: Tx, event: Event, press: Press, error: VigieError, house: House, now: datetime) -> None:
    """Only the presser hears it; the ledger keeps the reason; a stale card is drawn again as it stands."""
    person = tx.people.by_identity(press.who)
    tongue = house.tongues(person.lang if person else "en")
    notice = Notice(text=error.said(tongue), to=press.who, answer_to=press.answer_to)
    sayings.say(tx, place=event.place, slot=f"notice:{event.id}", content=notice, now=now)
    proposal = tx.proposals.by_ref(press.ref)
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


def acknowledge(tx: Tx, event: Event, press: Press, text: str, now: datetime) -> None:
    """Telegram spins on the button until its press is answered; other platforms need nothing."""
    if press.answer_to:
        notice = Notice(text=text, to=press.who, answer_to=press.answer_to)
        sayings.say(tx, place=event.place, slot=f"notice:{event.id}", content=notice, now=now)
