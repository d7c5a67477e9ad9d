"""Buttons and forms: what a person's press does to a proposal. A refusal is told to the presser alone.

A press is checked on the record: the right person, the place where the card was delivered, the message that
carried it, the revision it showed, before the deadline. One transaction settles it, once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import attempts, forms, posts, sayings
from bot.attempts import Scene, Waiting
from bot.effects import Authority, CardOf, Effect, EffectState, Notice, Question, Run, Text
from bot.errors import BadInput, NotAllowed, Refused, Stale, VigieError
from bot.events import Event, Form, Press, TakeBack, Verb
from bot.forms import Sheet, Steps
from bot.house import House
from bot.journal import Ask, Outcome, Turn, TurnState
from bot.people import Identity, Person
from bot.places import Place
from bot.proposals import Proposal, State
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.world import Context

APPROVAL_HOLDS = timedelta(hours=1)
"""How long an approval may wait for its deed (a system that is down) before it counts for nothing."""
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
    lines = [
        tx.lines.by_slot(place, replace(proposal, revision=revision).slot)
        for revision in range(1, proposal.revision + 1)
    ]
    return any(line is not None and (not message or line.ref in ("", message)) for line in lines)


async def of_press(event: Event, press: Press, *, house: House) -> tuple[Effect, ...]:
    """A button was pressed."""
    match press.verb:
        case Verb.UNDO:
            return await _undo(event, press, house)
        case Verb.CHOOSE:
            return await of_answer(event, press.who, press.value, house=house)
        case _:
            await house.store.write(lambda tx: _press(tx, event, press, house), space=event.space)
            return ()


def _press(tx: Tx, event: Event, press: Press, house: House) -> None:
    now = house.clock.now()
    try:
        found = find(tx, ref=press.ref, who=press.who, place=event.place, message=press.message)
        _settle(tx, event, press, found, house)
    except (Refused, Stale) as error:
        _refuse(tx, event, press, error, house, now)
    tx.events.close(event.id)


def _refuse(tx: Tx, event: Event, press: Press, error: VigieError, house: House, now: datetime) -> None:
    """Only the presser hears it; the ledger keeps the reason; a stale card is drawn again as it stands."""
    person = tx.people.by_identity(press.who)
    tongue = house.tongues(person.lang if person else "en")
    notice = Notice(text=tongue(str(error)), to=press.who, answer_to=press.answer_to)
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
    if proposal is not None and isinstance(error, Stale):
        _expire_if_due(tx, proposal, now)
        sayings.show(tx, proposal, now=now)


def _expire_if_due(tx: Tx, proposal: Proposal, now: datetime) -> None:
    if proposal.state is State.PENDING and now >= proposal.expires:
        expire(tx, proposal, now=now)


def expire(tx: Tx, proposal: Proposal, *, now: datetime) -> bool:
    """Nobody pressed in time: the answer is no, the card says so, the turn goes on."""
    expired = proposal.expire(now)
    if not tx.proposals.swap(proposal, expired):
        return False
    tx.ledger.append("expired", {"proposal": proposal.id, "mission": proposal.mission}, now)
    sayings.show(tx, expired, now=now)
    sayings.resume(tx, expired, cause=f"expired:{proposal.id}", now=now)
    return True


def _settle(tx: Tx, event: Event, press: Press, found: Found, house: House) -> None:
    now = house.clock.now()
    proposal, person = found.proposal, found.person
    match press.verb:
        case Verb.APPROVE:
            if attempts.frozen(tx):
                raise NotAllowed("everything that acts is frozen; an owner can say unfreeze")
            approved = proposal.approve(person, revision=press.revision, now=now)
            _swap(tx, proposal, approved)
            tx.effects.add(_effect(tx, approved, person, now))
            _ledger(tx, "approved", approved, press, now)
            _acknowledge(tx, event, press, house.tongues(person.lang)("Approved."), now)
            sayings.show(tx, approved, now=now)
            tx.ring(proposal.place)
        case Verb.DENY:
            denied = proposal.deny(person, revision=press.revision, now=now)
            _swap(tx, proposal, denied)
            tx.marks.put(f"denied:{denied.call.digest}", {"at": now.isoformat(), "by": person.id})
            _ledger(tx, "denied", denied, press, now)
            _acknowledge(tx, event, press, house.tongues(person.lang)("Denied. Nothing was done."), now)
            sayings.show(tx, denied, now=now)
            sayings.resume(tx, denied, cause=f"denied:{denied.id}", now=now)
        case Verb.DETAILS:
            _acknowledge(tx, event, press, "", now)
            _show_here(tx, event, proposal, now)
        case Verb.EDIT:
            _ask_first(tx, event, press, found, house, now)
        case Verb.UNDO | Verb.CHOOSE:
            raise NotAllowed(UNKNOWN_OR_NOT_YOURS)


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


def _acknowledge(tx: Tx, event: Event, press: Press, text: str, now: datetime) -> None:
    """Telegram spins on the button until its press is answered; other platforms need nothing."""
    if press.answer_to:
        notice = Notice(text=text, to=press.who, answer_to=press.answer_to)
        sayings.say(tx, place=event.place, slot=f"notice:{event.id}", content=notice, now=now)


def _show_here(tx: Tx, event: Event, proposal: Proposal, now: datetime) -> None:
    sayings.say(
        tx,
        place=event.place,
        slot=proposal.slot,
        content=CardOf(proposal=proposal.id, revision=proposal.revision, full=True),
        now=now,
        turn=proposal.turn,
        words=f"[{proposal.code}] {proposal.call.action}",
        lang=proposal.lang,
    )


# Editing ---------------------------------------------------------------------------------------------------


async def sheet_for(
    ref: str, revision: int, who: Identity, place: Place, *, house: House, space: str
) -> Sheet:
    """The edit form, for a platform that has forms. Raises Refused or Stale with a sentence."""

    def look(tx: Tx) -> Sheet:
        found = find(tx, ref=ref, who=who, place=place.key, message="")
        _editable(found, revision, house)
        tongue = house.tongues(found.person.lang)
        return forms.sheet(found.proposal, action=posts.action_of(found.proposal, house), tongue=tongue)

    return await house.store.read(look, space=space)


def _editable(found: Found, revision: int, house: House) -> None:
    """Whether this person may revise this revision now; revising is tried, and the result thrown away."""
    found.proposal.revise(
        found.person,
        revision=revision,
        now=house.clock.now(),
        call=found.proposal.call,
        preview=found.proposal.preview,
        edited=(),
    )


def _ask_first(tx: Tx, event: Event, press: Press, found: Found, house: House, now: datetime) -> None:
    """A platform without forms: the fields are asked one after the other."""
    _editable(found, press.revision, house)
    action = posts.action_of(found.proposal, house)
    steps = Steps(
        ref=press.ref,
        revision=press.revision,
        person=found.person.id,
        names=tuple(field.name for field in action.fields),
    )
    _acknowledge(tx, event, press, "", now)
    tongue = house.tongues(found.person.lang)
    _ask_next(tx, event, steps, forms.sheet(found.proposal, action=action, tongue=tongue), tongue, now)


def _mark(place: str, person: str) -> str:
    return f"form:{person}:{place}"


def _ask_next(tx: Tx, event: Event, steps: Steps, sheet: Sheet, tongue: Tongue, now: datetime) -> None:
    tx.marks.put(_mark(event.place, steps.person), steps.as_json())
    entry = next(entry for entry in sheet.entries if entry.name == steps.asking)
    text = tongue(
        "{title} ({at} of {n}). Now: {value}\nSend the new value, “.” to keep it, or “cancel”.",
        title=entry.title,
        at=steps.at + 1,
        n=len(steps.names),
        value=entry.value or "—",
    )
    text = f"{text}\n{entry.help}" if entry.help else text
    choices = tuple((choice[:12], choice) for choice in entry.choices if len(choice) <= 12)
    choices = choices if len(choices) == len(entry.choices) else ()
    keep = (".", tongue("Keep it"))
    question = Question(text=text, ref=steps.ref, revision=steps.revision, choices=(*choices, keep))
    sayings.say(tx, place=event.place, slot=f"form:{event.id}", content=question, now=now, lang=tongue.lang)


def under_way(tx: Tx, place: str, person: str) -> Steps | None:
    """The step form this person is filling in this place, if any."""
    kept: Json = tx.marks.get(_mark(place, person))
    return Steps.of(kept) if kept else None


async def of_answer(event: Event, who: Identity, text: str, *, house: House) -> tuple[Effect, ...]:
    """One answer to a step form: the next question, or the form handed in."""
    now = house.clock.now()

    def step(tx: Tx) -> Form | None:
        person = tx.people.by_identity(who)
        steps = under_way(tx, event.place, person.id) if person else None
        proposal = tx.proposals.by_ref(steps.ref) if steps else None
        if person is None or steps is None or proposal is None:
            tx.events.close(event.id)
            return None
        tongue = house.tongues(person.lang)
        action = posts.action_of(proposal, house)
        mark = _mark(event.place, person.id)
        if text.strip().strip("/").casefold() in {"cancel", "annuler", "annule", "stop"}:
            tx.marks.put(mark, None)
            left = Text(text=tongue("Left as it was. The card still waits."))
            sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=left, now=now)
            tx.events.close(event.id)
            return None
        try:
            if text.strip() != ".":
                action.field(steps.asking).read(text)
        except BadInput as error:
            wrong = Text(text=tongue("That does not fit: {why}", why=str(error)))
            sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=wrong, now=now)
            tx.events.close(event.id)
            return None
        answered = steps.answered(text)
        if answered.over:
            tx.marks.put(mark, None)
            return Form(who=who, ref=steps.ref, revision=steps.revision, values=answered.values)
        sheet = forms.sheet(proposal, action=action, tongue=tongue)
        _ask_next(tx, event, answered, sheet, tongue, now)
        tx.events.close(event.id)
        return None

    form = await house.store.write(step, space=event.space)
    return await of_form(event, form, house=house) if form else ()


async def of_form(event: Event, form: Form, *, house: House) -> tuple[Effect, ...]:
    """A form was handed in: the next revision and its card. Saving never approves."""
    found: Found | None = None
    try:
        found = await house.store.read(
            lambda tx: find(tx, ref=form.ref, who=form.who, place=event.place, message=""), space=event.space
        )
        revised, edited = await _revised(found, form, event, house)
    except VigieError as error:
        why = error
        await house.store.write(lambda tx: _say_wrong(tx, event, form, found, why, house), space=event.space)
        return ()
    proposal = found.proposal
    now = house.clock.now()

    def write(tx: Tx) -> None:
        tx.events.close(event.id)
        if not edited:
            sayings.show(tx, proposal, now=now)
            return
        if not tx.proposals.swap(proposal, revised):
            stale = Stale("the card changed while you edited it; nothing was saved")
            _say_wrong(tx, event, form, found, stale, house)
            return
        tx.ledger.append(
            "revised",
            {
                "proposal": revised.id,
                "person": found.person.id,
                "revision": revised.revision,
                "fields": list(edited),
                "before": dict(proposal.call.arguments),
                "arguments": dict(revised.call.arguments),
                "digest": revised.call.digest,
            },
            now,
        )
        for line in tx.lines.of_slot(proposal.slot):
            old = CardOf(proposal=proposal.id, revision=proposal.revision)
            sayings.say(tx, place=line.place, slot=proposal.slot, content=old, now=now, lang=proposal.lang)
            _new_card(tx, line.place, revised, now)

    await house.store.write(write, space=event.space)
    return ()


def _new_card(tx: Tx, place: str, revised: Proposal, now: datetime) -> None:
    sayings.say(
        tx,
        place=place,
        slot=revised.slot,
        content=CardOf(proposal=revised.id, revision=revised.revision),
        now=now,
        turn=revised.turn,
        words=f"[{revised.code}] {revised.call.action}",
        lang=revised.lang,
    )


async def _revised(found: Found, form: Form, event: Event, house: House) -> tuple[Proposal, tuple[str, ...]]:
    proposal = found.proposal
    action = house.action(proposal.call.action)
    typed: Mapping[str, Json] = {
        **{name: value for name, value in proposal.call.arguments.items() if name not in form.values},
        **{name: value for name, value in form.values.items() if value != ""},
    }
    arguments = action.read(typed)
    edited = tuple(
        sorted(
            name
            for name in {*arguments, *proposal.call.arguments}
            if arguments.get(name) != proposal.call.arguments.get(name)
        )
    )
    call = replace(proposal.call, arguments=arguments)
    context = _context(event, found.person, proposal.effect, house)
    preview = await house.system(action.name).preview(call, context) if edited else proposal.preview
    revised = proposal.revise(
        found.person,
        revision=form.revision,
        now=house.clock.now(),
        call=call,
        preview=preview,
        edited=edited,
    )
    return revised, edited


def _context(event: Event, person: Person, key: str, house: House) -> Context:
    return Context(
        key=key,
        space=event.space,
        place=Place.parse(event.place),
        person=person,
        zone=person.zone,
        now=house.clock.now(),
        tongue=house.tongues(person.lang),
    )


def _say_wrong(
    tx: Tx, event: Event, form: Form, found: Found | None, error: VigieError, house: House
) -> None:
    now = house.clock.now()
    tongue = house.tongues(found.person.lang if found else "en")
    text = tongue("Not saved: {why} The card stands as it was.", why=tongue(str(error)))
    notice = Notice(text=text, to=form.who)
    sayings.say(tx, place=event.place, slot=f"notice:{event.id}", content=notice, now=now)
    tx.ledger.append("form_refused", {"identity": form.who.key, "why": str(error)}, now)
    tx.events.close(event.id)


# Undo ------------------------------------------------------------------------------------------------------


async def _undo(event: Event, press: Press, house: House) -> tuple[Effect, ...]:
    """Undo is an action like any other: judged, and put on a card where the policy asks."""
    now = house.clock.now()

    def look(tx: Tx) -> tuple[Found, Effect] | None:
        try:
            found = find(tx, ref=press.ref, who=press.who, place=event.place, message=press.message)
        except NotAllowed as error:
            _refuse(tx, event, press, error, house, now)
            tx.events.close(event.id)
            return None
        done = tx.effects.get(found.proposal.effect)
        if (
            done is None
            or done.state is not EffectState.CONFIRMED
            or not done.receipt
            or not done.receipt.undo
        ):
            _refuse(tx, event, press, Stale("there is nothing to undo here"), house, now)
            tx.events.close(event.id)
            return None
        _acknowledge(tx, event, press, "", now)
        return found, done

    seen = await house.store.write(look, space=event.space)
    return () if seen is None else await take_back(event, seen[0].person, seen[1], house=house)


async def of_take_back(event: Event, wish: TakeBack, *, house: House) -> tuple[Effect, ...]:
    """`undo CODE`: the same as the button on the receipt."""

    def look(tx: Tx) -> tuple[Person | None, Effect | None]:
        return tx.people.get(wish.person), tx.effects.get(wish.effect)

    person, done = await house.store.read(look, space=event.space)
    if person is None or done is None or done.receipt is None or done.receipt.undo is None:
        await house.store.write(lambda tx: tx.events.close(event.id), space=event.space)
        return ()
    return await take_back(event, person, done, house=house)


async def take_back(event: Event, person: Person, done: Effect, *, house: House) -> tuple[Effect, ...]:
    """Attempts the call that undoes a confirmed deed, for this person, as a turn of its own."""
    now = house.clock.now()
    tongue = house.tongues(person.lang)
    assert done.receipt is not None
    assert done.receipt.undo is not None
    undo = done.receipt.undo
    turn = Turn(id=event.id, space=event.space, place=event.place, person=person.id, started=now)
    scene = Scene(
        turn=turn,
        place=Place.parse(event.place),
        person=person,
        mission=None,
        tongue=tongue,
        zone=person.zone,
        now=now,
    )
    if undo.until is not None and now >= undo.until:
        text = tongue(
            "Too late to undo: that was possible until {until}.", until=tongue.moment(undo.until, person.zone)
        )
        waits = False
    else:
        came = await attempts.attempt(
            Ask(id=f"undo:{done.id}", action=undo.action, arguments=undo.arguments), scene, house=house
        )
        waits = isinstance(came, Waiting)
        text = "" if isinstance(came, Waiting) else _undone(came.outcome, came.text, tongue)

    def write(tx: Tx) -> None:
        tx.turns.put(replace(turn, state=TurnState.DONE, ended=now))
        tx.events.close(event.id)
        tx.ledger.append(
            "undo", {"effect": done.id, "person": person.id, "turn": turn.id, "waits": waits}, now
        )
        if text:
            content = Text(text=text)
            sayings.say(
                tx, place=event.place, slot=f"turn:{event.id}", content=content, now=now, turn=turn.id
            )

    await house.store.write(write, space=event.space)
    return ()


def _undone(outcome: Outcome, text: str, tongue: Tongue) -> str:
    return tongue("Undone: {text}", text=text) if outcome is Outcome.DONE else text
