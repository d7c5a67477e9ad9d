"""Presses on the card of a batch: approve what is chosen, deny all, choose, or put each on its own card."""

from dataclasses import replace
from datetime import datetime

from bot import batches, cards, forms, posts, sayings, settling
from bot.actions import Kind
from bot.batches import Batch
from bot.effects import Text
from bot.errors import NotAllowed, Stale
from bot.events import Event, Form, Press, Verb
from bot.forms import Entry, Sheet
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, acknowledge, find_batch
from bot.people import Person
from bot.proposals import Proposal, State
from bot.settling import approve, approved_words, check_read, deny
from bot.speech import Tongue
from bot.store import Tx

LEFT_OUT = "left out of the batch"


def press(tx: Tx, event: Event, pressed: Press, batch: Batch, *, house: House) -> None:
    """One button of a batch card. Raises NotAllowed or Stale, and then nothing was changed."""
    now = house.clock.now()
    person = find_batch(tx, batch, who=pressed.who, place=event.place, message=pressed.message, now=now)
    sayings.adopt(tx, place=event.place, slot=batch.slot, message=pressed.message)
    tongue = house.tongues(person.lang)
    match pressed.verb:
        case Verb.APPROVE | Verb.PROVE:
            last = approve_all(tx, pressed, batch, person, house=house)
            acknowledge(tx, event, pressed, approved_words(last, tongue), now)
        case Verb.DENY:
            batch.check(pressed.revision)
            for member in _waiting(tx, batch):
                deny(tx, member, person, pressed, now, revision=member.revision)
            acknowledge(tx, event, pressed, tongue("Denied. Nothing was done."), now)
        case Verb.DETAILS:
            acknowledge(tx, event, pressed, "", now)
            sayings.put_batch(tx, batch, place=event.place, now=now, full=True, reader=person.id)
        case Verb.EDIT:
            batch.check(pressed.revision)
            acknowledge(tx, event, pressed, "", now)
            _say_how(tx, event, batch, tongue, now)
        case Verb.SPLIT:
            _split(tx, pressed, batch, person, now)
            acknowledge(tx, event, pressed, "", now)
        case Verb.UNDO | Verb.CHOOSE | Verb.REASON | Verb.MYSELF | Verb.ALWAYS:
            raise NotAllowed(UNKNOWN_OR_NOT_YOURS)


def _waiting(tx: Tx, batch: Batch) -> list[Proposal]:
    """The members that still wait. Raises Stale when none does."""
    found = [tx.proposals.get(member) for member in batch.members]
    waiting = [member for member in found if member is not None and member.state is State.PENDING]
    if not waiting:
        raise Stale("these requests were already settled")
    return waiting


def _approvable(tx: Tx, batch: Batch, *, revision: int, now: datetime) -> list[Proposal]:
    """Everything that still waits, where this card can be approved as it was seen. Raises Stale."""
    batch.check(revision)
    if not batch.chosen:
        raise Stale("nothing on this card is chosen; deny it, or choose again")
    waiting = _waiting(tx, batch)
    if any(now >= member.expires for member in waiting):
        raise Stale("this request expired; nothing was done")
    return waiting


def may_approve(tx: Tx, batch: Batch, person: Person, *, revision: int, house: House) -> None:
    """Whether a proven yes of this person to all of it would count. Raises NotAllowed, Refused or Stale."""
    for member in _approvable(tx, batch, revision=revision, now=house.clock.now()):
        if member.id in batch.chosen:
            settling.may_approve(tx, member, person, revision=member.revision, house=house)


def approve_all(
    tx: Tx, pressed: Press, batch: Batch, person: Person, *, house: House, proven: bool = False
) -> Proposal:
    """All that is chosen in one transaction, in the order of the card; what was left out is denied. Returns
    one that still waits for somebody else, if any does. `proven` says that a code came with the press."""
    now = house.clock.now()
    waiting = _approvable(tx, batch, revision=pressed.revision, now=now)
    for member in waiting:
        if member.id in batch.chosen:
            check_read(tx, member, person, house)
    shown = cards.face(
        posts.draw_batch(tx, batch, house=house, full=any(posts.must_read(m, house) for m in waiting))
    )
    tx.ledger.append(
        "batch_approved",
        {
            "card": batches.sealed(shown, waiting),
            "batch": batch.id,
            "person": person.id,
            "revision": batch.revision,
            "members": list(batch.chosen),
            "left_out": list(batch.left_out),
            "digest": batches.list_digest(batch, waiting) if len(waiting) == len(batch.members) else "",
        },
        now,
    )
    after: list[Proposal] = []
    for member in waiting:
        if member.id in batch.left_out:
            deny(tx, member, person, pressed, now, revision=member.revision)
        else:
            after.append(
                approve(
                    tx,
                    member,
                    person,
                    pressed,
                    now,
                    house=house,
                    revision=member.revision,
                    card=shown,
                    proven=proven,
                )
            )
    return next((member for member in after if member.state is State.PENDING), after[-1])


def _split(tx: Tx, pressed: Press, batch: Batch, person: Person, now: datetime) -> None:
    apart = batch.dissolved(revision=pressed.revision)
    waiting = _waiting(tx, batch)
    _swap(tx, batch, apart)
    sayings.show_batch(tx, apart, now=now)
    tx.ledger.append("batch_split", {"batch": batch.id, "person": person.id}, now)
    for member in waiting:
        alone = replace(member, batch="")
        tx.proposals.swap(member, alone)
        sayings.show(tx, alone, now=now)


def _swap(tx: Tx, before: Batch, after: Batch) -> None:
    if not tx.batches.swap(before, after):
        raise Stale("somebody else changed this card at the same moment")


def sheet(tx: Tx, batch: Batch, person: Person, *, revision: int, house: House) -> Sheet:
    """The form that chooses: one yes or no for each member."""
    batch.check(revision)
    tongue = house.tongues(person.lang)
    waiting = _waiting(tx, batch)
    return Sheet(
        ref=batch.ref,
        revision=batch.revision,
        code=batch.code,
        title=tongue("Choose what to do"),
        entries=tuple(
            Entry(
                name=f"item{number}",
                title=f"{number} · {member.preview.subject or member.call.action}",
                help="",
                kind=Kind.BOOLEAN,
                value=forms.typed(member.id not in batch.left_out),
                choices=("yes", "no"),
                called={"yes": tongue("yes"), "no": tongue("no")},
            )
            for number, member in enumerate(waiting, 1)
        ),
    )


def choose(tx: Tx, event: Event, form: Form, batch: Batch, *, house: House) -> None:
    """The form was handed in: the next revision of the card. Saving never approves."""
    now = house.clock.now()
    person = find_batch(tx, batch, who=form.who, place=event.place, message="", now=now)
    left_out = [
        member.id
        for number, member in enumerate(_waiting(tx, batch), 1)
        if form.values.get(f"item{number}", "yes").strip().casefold() in {"no", "non", "false", "0"}
    ]
    chosen = batch.leaving_out(left_out, revision=form.revision)
    _swap(tx, batch, chosen)
    body = {"batch": batch.id, "person": person.id, "left_out": left_out, "revision": chosen.revision}
    tx.ledger.append("batch_chosen", body, now)
    sayings.show_batch(tx, chosen, now=now)
    tx.events.close(event.id)


def _say_how(tx: Tx, event: Event, batch: Batch, tongue: Tongue, now: datetime) -> None:
    """A platform without forms: one by one does the same."""
    text = tongue("To leave something out here, press “One by one”: each gets a card of its own.")
    sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=Text(text=text), now=now)
