"""The desk's cards: what waits, what can be taken back, and the freeze."""

from collections.abc import Mapping

from bot import ids, locators, reports, sayings
from bot.actions import Receipt
from bot.batches import Batch
from bot.desk.means import Means, somebody
from bot.errors import BadInput, NotAllowed
from bot.events import Event, TakeBack
from bot.missions import Mission
from bot.people import Person, Role
from bot.proposals import Proposal
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def pending(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """The list, and the cards again at the end of this place, for those who may see them."""
    person = somebody(context)
    mine = [
        proposal
        for proposal in tx.proposals.pending()
        if proposal.open_at(context.now) and locators.may_see(tx, proposal, person, now=context.now)
    ]
    shown: dict[str, tuple[Proposal, Batch | None]] = {}
    for proposal in mine:
        if proposal.place != context.place.key and not context.place.private:
            continue
        batch = tx.batches.get(proposal.batch) if proposal.batch else None
        slot = batch.slot if batch and not batch.split else proposal.slot
        shown[slot] = (proposal, batch)
    for slot, (proposal, batch) in shown.items():
        sayings.move_down(tx, context.place.key, slot)
        if batch is not None and slot == batch.slot:
            sayings.put_batch(tx, batch, place=context.place.key, now=context.now)
        else:
            sayings.put_card(tx, proposal, place=context.place.key, now=context.now)
    return reports.pending(mine, tx.people.all(), context)


def undo(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    subject = str(arguments["subject"]).strip().upper()
    mark: Json = tx.marks.get(f"code:{subject}")
    proposal = tx.proposals.get(mark.get("proposal", "")) if mark else None
    effect = tx.effects.get(proposal.effect if proposal else mark.get("effect", "")) if mark else None
    if effect is None or effect.receipt is None or effect.receipt.undo is None:
        raise BadInput(context.tongue("nothing under {code} can be taken back", code=subject))
    if not (person.may_approve or person.id == effect.person):
        raise NotAllowed(context.tongue("only who asked for it or an approver may take it back"))
    tx.events.add(
        Event(
            id=ids.derived("evt", "undo", context.key),
            space=context.space,
            key=f"undo:{context.key}",
            place=context.place.key,
            at=context.now,
            body=TakeBack(effect=effect.id, person=person.id),
        )
    )
    tx.ring(context.place.key)
    text = context.tongue("Taking back: {text}", text=effect.receipt.text)
    return Receipt(text=text, tainted=True)


def freeze(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    reason = arguments.get("reason") or context.tongue("asked by {who}", who=person.name)
    if tx.marks.get("freeze") is None:
        mark = {"reason": reason, "by": person.id, "at": context.now.isoformat()}
        tx.marks.put("freeze", mark)
        tx.ledger.append("frozen", {"person": person.id, "reason": reason}, context.now)
        for proposal in tx.proposals.pending():
            cancelled = proposal.cancel(person.id, now=context.now, note="freeze")
            if tx.proposals.swap(proposal, cancelled):
                tell(tx, cancelled, context)
    text = context.tongue(
        "Frozen. Nothing acts any more and waiting cards are cancelled; I go on talking. An owner lifts it"
        " with “unfreeze”."
    )
    return Receipt(text=text)


def unfreeze(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    if person.role is not Role.OWNER:
        raise NotAllowed(context.tongue("only an owner may lift the freeze"))
    if tx.marks.get("freeze") is None:
        return Receipt(text=context.tongue("Nothing is frozen."))
    tx.marks.put("freeze", None)
    tx.ledger.append("unfrozen", {"person": person.id}, context.now)
    return Receipt(text=context.tongue("The freeze is lifted. What was cancelled stays cancelled."))


def withdraw(tx: Tx, mission: Mission, person: Person, context: Context) -> None:
    """A cancelled mission's cards go with it."""
    for proposal in tx.proposals.pending():
        if proposal.mission == mission.id:
            cancelled = proposal.cancel(person.id, now=context.now, note="mission cancelled")
            if tx.proposals.swap(proposal, cancelled):
                tell(tx, cancelled, context)


def tell(tx: Tx, proposal: Proposal, context: Context) -> None:
    tx.ledger.append("cancelled", {"proposal": proposal.id, "mission": proposal.mission}, context.now)
    sayings.show(tx, proposal, now=context.now)
    sayings.resume(tx, proposal, cause=f"cancelled:{proposal.id}", now=context.now)
