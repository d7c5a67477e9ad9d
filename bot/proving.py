"""Proving: whoever presses on a card that asks for it gives a code of their second factor, and that code
approves exactly the revision they saw. In a form where the chat has forms, else as the next words.
"""

from datetime import datetime, timedelta

from bot import batching, sayings, secondfactor
from bot.actions import Kind
from bot.batches import Batch
from bot.effects import Effect, Question, Text
from bot.errors import NotAllowed, Refused, Stale, VigieError
from bot.events import Event, Form, Press, Verb
from bot.forms import Entry, Sheet
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, acknowledge, find, find_batch, refuse, vouched
from bot.people import Identity, Person, Standing
from bot.proposals import Proposal, State
from bot.secondfactor import FIELD, Factor, digits
from bot.settling import approve, approved_words, may_approve
from bot.store import Tx
from bot.values import Json

ANSWER = timedelta(minutes=5)
"""How long the question for a code waits for the next words; after that they are words like any other."""
_LEAVE = frozenset({"cancel", "annuler", "annule"})


def kept(tx: Tx, person: str) -> Factor | None:
    """What is kept of this person's second factor."""
    found: Json = tx.marks.get(f"factor:{person}")
    return Factor.of(found) if found else None


def keep(tx: Tx, person: str, factor: Factor | None) -> None:
    tx.marks.put(f"factor:{person}", factor.as_json() if factor else None)


def check(tx: Tx, person: Person, code: str, *, about: str, house: House) -> Factor:
    """A code of this person's authenticator, used up now. Raises Refused, and then the miss is kept: whoever
    catches it must let the transaction end well."""
    now = house.clock.now()
    factor = kept(tx, person.id)
    if factor is None or (factor.since is None and not factor.waits(now)):
        raise secondfactor.needed()
    factor.open_at(now)
    step = house.factors.step(factor.sealed, person.id, digits(code), now) if digits(code) else None
    try:
        if step is None:
            raise secondfactor.wrong()
        taken = factor.taken(step, now)
    except NotAllowed as error:
        keep(tx, person.id, factor.missed(now))
        tx.ledger.append("code_refused", {"person": person.id, "about": about, "why": str(error)}, now)
        raise
    keep(tx, person.id, taken)
    return taken


def ready(tx: Tx, person: Person, now: datetime) -> None:
    """Whether this person could give a code at all. Raises NotAllowed."""
    factor = kept(tx, person.id)
    if factor is None or factor.since is None:
        raise secondfactor.needed()
    factor.open_at(now)


def asks(tx: Tx, card: Proposal | Batch) -> bool:
    """Whether approving this card takes a code."""
    if isinstance(card, Proposal):
        return card.demand.step_up
    members = [tx.proposals.get(member) for member in card.chosen]
    return any(m is not None and m.state is State.PENDING and m.demand.step_up for m in members)


def ask_first(
    tx: Tx, event: Event, press: Press, card: Proposal | Batch, person: Person, house: House
) -> None:
    """Asks for the code, of somebody whose press would count. Raises NotAllowed, Refused or Stale."""
    now = house.clock.now()
    _could(tx, card, person, press.revision, house)
    until = (now + ANSWER).isoformat()
    mark = {"ref": press.ref, "revision": press.revision, "until": until}
    tx.marks.put(mark_of(event.place, person.id), mark)
    acknowledge(tx, event, press, "", now)
    tongue = house.tongues(person.lang)
    text = tongue(
        "[{code}] {who}, send the 6 digits your authenticator shows now; they approve what the card shows. Or “cancel”.",
        code=card.code,
        who=person.name,
    )
    question = Question(
        text=text, ref=press.ref, revision=press.revision, choices=(("cancel", tongue("Cancel")),)
    )
    sayings.say(tx, place=event.place, slot=f"form:{event.id}", content=question, now=now, lang=tongue.lang)


def sheet(tx: Tx, card: Proposal | Batch, person: Person, *, revision: int, house: House) -> Sheet:
    """The form that asks for the code. Raises NotAllowed, Refused or Stale where a press would not count."""
    _could(tx, card, person, revision, house)
    tongue = house.tongues(person.lang)
    return Sheet(
        ref=card.ref,
        revision=revision,
        code=card.code,
        title=tongue("Approve with a code"),
        entries=(
            Entry(
                name=FIELD,
                title=tongue("Code"),
                help=tongue("the 6 digits your authenticator shows now; each is good once"),
                kind=Kind.TEXT,
                value="",
            ),
        ),
        proves=True,
    )


def _could(tx: Tx, card: Proposal | Batch, person: Person, revision: int, house: House) -> None:
    now = house.clock.now()
    ready(tx, person, now)
    if isinstance(card, Proposal):
        may_approve(tx, card, person, revision=revision, house=house)
    else:
        batching.may_approve(tx, card, person, revision=revision, house=house)


def mark_of(place: str, person: str) -> str:
    """Under which name it is kept that the next words of this person here are a code."""
    return f"prove:{person}:{place}"


def is_asked(tx: Tx, event: Event, who: Identity, *, house: House) -> bool:
    """Whether the next words of this person here are a code."""
    person = tx.people.by_identity(who)
    mark: Json = tx.marks.get(mark_of(event.place, person.id)) if person else None
    return bool(mark) and house.clock.now() < datetime.fromisoformat(mark["until"])


async def of_answer(
    event: Event, who: Identity, text: str, standing: Standing, *, house: House
) -> tuple[Effect, ...]:
    """The code came as words. One that is wrong may be sent again; anything else leaves the card as it was."""
    now = house.clock.now()

    def take(tx: Tx) -> Form | None:
        person = tx.people.by_identity(who)
        mark: Json = tx.marks.get(mark_of(event.place, person.id)) if person else None
        if person is None or not mark:
            tx.events.close(event.id)
            return None
        if digits(text):
            values = {FIELD: text}
            return Form(who=who, ref=mark["ref"], revision=mark["revision"], values=values, standing=standing)
        tongue = house.tongues(person.lang)
        if text.strip().strip("/").casefold() in _LEAVE:
            tx.marks.put(mark_of(event.place, person.id), None)
            said = tongue("Left as it was. The card still waits.")
        else:
            said = tongue("That is not a code of 6 digits. Send it, or “cancel”.")
        sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=Text(text=said), now=now)
        tx.events.close(event.id)
        return None

    form = await house.store.write(take, space=event.space)
    return await of_form(event, form, house=house) if form else ()


def is_proof(form: Form) -> bool:
    """Whether what was handed in is a code, and not an edit."""
    return list(form.values) == [FIELD]


async def of_form(event: Event, form: Form, *, house: House) -> tuple[Effect, ...]:
    """A code was handed in for the card at `form.ref`, as it stood at `form.revision`: one yes, or a refusal that
    only this person hears."""
    await house.store.write(lambda tx: _prove(tx, event, form, house), space=event.space)
    return ()


def _prove(tx: Tx, event: Event, form: Form, house: House) -> None:
    now = house.clock.now()
    press = Press(who=form.who, ref=form.ref, revision=form.revision, verb=Verb.PROVE, standing=form.standing)
    try:
        vouched(form.who, form.standing)
        after, person = _settled(tx, event, form, press, house)
    except (Refused, Stale) as error:
        _refuse(tx, event, press, error, house)
        return
    tx.events.close(event.id)
    tx.marks.put(mark_of(event.place, person.id), None)
    said = Text(text=approved_words(after, house.tongues(person.lang)))
    sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=said, now=now)


def _refuse(tx: Tx, event: Event, press: Press, error: VigieError, house: House) -> None:
    person = tx.people.by_identity(press.who)
    if person is not None and isinstance(error, Stale):
        tx.marks.put(mark_of(event.place, person.id), None)
    refuse(tx, event, press, error, house, house.clock.now())
    tx.events.close(event.id)


def _settled(tx: Tx, event: Event, form: Form, press: Press, house: House) -> tuple[Proposal, Person]:
    """The card's record after this yes. Everything but the code is looked at first, so that a code is not used
    up by a card that nobody can approve any more."""
    now = house.clock.now()
    batch = tx.batches.by_ref(form.ref)
    if batch is not None:
        person = find_batch(tx, batch, who=form.who, place=event.place, message="", now=now)
        _could(tx, batch, person, form.revision, house)
        check(tx, person, form.values[FIELD], about=batch.id, house=house)
        return batching.approve_all(tx, press, batch, person, house=house, proven=True), person
    found = find(tx, ref=form.ref, who=form.who, place=event.place, message="", now=now)
    if not found.proposal.demand.step_up:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    _could(tx, found.proposal, found.person, form.revision, house)
    check(tx, found.person, form.values[FIELD], about=found.proposal.id, house=house)
    return approve(tx, found.proposal, found.person, press, now, house=house, proven=True), found.person
