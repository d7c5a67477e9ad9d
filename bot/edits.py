"""Edits: a person changes the fields of a proposal, by a form or question by question. The result is the
next revision and a new card; it is never an approval.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from bot import (
    batching,
    errands,
    fieldmodes,
    fieldrules,
    forms,
    gate,
    masks,
    posts,
    proving,
    renderings,
    sayings,
)
from bot.actions import Action, Option
from bot.authority import demanded, presser, stricter
from bot.effects import CardOf, Effect, Notice, Question, Text
from bot.errors import BadInput, NotAllowed, Stale, VigieError
from bot.events import Event, Form, Message, Press, Verb
from bot.fieldmodes import Rules
from bot.forms import Entry, Sheet, Steps
from bot.gate import Case
from bot.house import House
from bot.locators import Found, acknowledge, find, find_batch, refuse, vouched
from bot.people import Identity, Person, Standing
from bot.places import Place
from bot.policy import Decision
from bot.proposals import Origin, Proposal, State
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.world import Context

MOST_BUTTONS = 20
LONGEST_CHOICE = 40
"""Characters of a fixed choice that stands on a button."""
"""Live options that are buttons where a form is asked step by step; the rest can be written."""


async def sheet_for(
    ref: str,
    revision: int,
    who: Identity,
    place: Place,
    *,
    house: House,
    space: str,
    verb: Verb = Verb.EDIT,
) -> Sheet:
    """The form behind a button, for a platform that has forms: the one that edits, or the one that asks for a
    code. Raises Refused or Stale with a sentence."""

    def look(tx: Tx) -> Sheet | Found:
        if batch := tx.batches.by_ref(ref):
            person = find_batch(tx, batch, who=who, place=place.key, message="", now=house.clock.now())
            if verb is Verb.PROVE:
                return proving.sheet(tx, batch, person, revision=revision, house=house)
            return batching.sheet(tx, batch, person, revision=revision, house=house)
        found = find(tx, ref=ref, who=who, place=place.key, message="", now=house.clock.now())
        if verb is Verb.PROVE:
            return proving.sheet(tx, found.proposal, found.person, revision=revision, house=house)
        _editable(found, revision, house)
        return found

    seen = await house.store.read(look, space=space)
    if isinstance(seen, Sheet):
        return seen
    action = posts.action_of(seen.proposal, house)
    rules = await house.store.read(lambda tx: fieldrules.of_card(tx, action, seen.proposal), space=space)
    context = _context(space, place, seen.person, seen.proposal, house)
    options = await fieldrules.offered(action, rules, context, house=house)
    tongue = house.tongues(seen.person.lang)
    return forms.sheet(seen.proposal, action=action, tongue=tongue, rules=rules, options=options)


def _editable(found: Found, revision: int, house: House) -> None:
    """Whether this person may revise this revision now; revising is tried, and the result thrown away."""
    found.proposal.revise(
        found.person,
        revision=revision,
        now=house.clock.now(),
        call=found.proposal.call,
        preview=found.proposal.preview,
        edited=(),
        people=found.people,
    )


Options = Mapping[str, tuple[Option, ...]]


async def live_options(event: Event, press: Press, *, house: House) -> Options:
    """The live options of the card's fields that are picked, read before the questions are asked."""

    def look(tx: Tx) -> tuple[Proposal | None, Person | None, Rules]:
        proposal = tx.proposals.by_ref(press.ref)
        rules: Rules = fieldrules.of_card(tx, posts.action_of(proposal, house), proposal) if proposal else {}
        return proposal, tx.people.by_identity(press.who), rules

    proposal, person, rules = await house.store.read(look, space=event.space)
    if proposal is None or person is None or not fieldmodes.picks(rules):
        return {}
    context = _context(event.space, Place.parse(event.place), person, proposal, house)
    return await fieldrules.offered(posts.action_of(proposal, house), rules, context, house=house)


def ask_first(
    tx: Tx, event: Event, press: Press, found: Found, house: House, now: datetime, options: Options
) -> None:
    """A platform without forms: the fields are asked one after the other; of a card that waits for some, those."""
    _editable(found, press.revision, house)
    action = posts.action_of(found.proposal, house)
    tongue = house.tongues(found.person.lang)
    rules = fieldrules.of_card(tx, action, found.proposal)
    sheet = forms.sheet(found.proposal, action=action, tongue=tongue, rules=rules, options=options)
    steps = Steps(
        ref=press.ref,
        revision=press.revision,
        person=found.person.id,
        names=found.proposal.waits or tuple(entry.name for entry in sheet.entries),
        options=options,
    )
    kept: Json = tx.marks.get(forms.mark(event.place, steps.person))
    before = Steps.of(kept) if kept else steps
    if before.left and (before.ref, before.revision, before.names) == (
        steps.ref,
        steps.revision,
        steps.names,
    ):
        steps = replace(steps, at=before.at, values=before.values)
    acknowledge(tx, event, press, "", now)
    _ask_next(tx, event, steps, sheet, tongue, now)


async def ask_again(event: Event, who: Identity, *, house: House) -> None:
    """Something else was said in between: the question that waits for its answer is said once more, so that it is the
    newest."""
    now = house.clock.now()

    def write(tx: Tx) -> None:
        person = tx.people.by_identity(who)
        steps = under_way(tx, event.place, person.id) if person else None
        proposal = tx.proposals.by_ref(steps.ref) if steps else None
        if person is None or steps is None or proposal is None:
            return
        tongue = house.tongues(person.lang)
        action = posts.action_of(proposal, house)
        rules = fieldrules.standing(tx, action)
        sheet = forms.sheet(proposal, action=action, tongue=tongue, rules=rules, options=steps.options)
        _close(tx, event, steps, action, tongue("asked again below"), tongue, now)
        _ask_next(tx, event, steps, sheet, tongue, now)

    await house.store.write(write, space=event.space)


def _ask_next(tx: Tx, event: Event, steps: Steps, sheet: Sheet, tongue: Tongue, now: datetime) -> None:
    slot = f"form:{event.id}"
    tx.marks.put(forms.mark(event.place, steps.person), replace(steps, slot=slot).as_json())
    entry = next(entry for entry in sheet.entries if entry.name == steps.asking)
    text = tongue(
        "{title} ({at} of {n}). Now: {value}\nSend the new value, “.” to keep it, or “cancel”.",
        title=entry.title,
        at=steps.at + 1,
        n=len(steps.names),
        value=entry.called.get(entry.value, entry.value) or "—",
    )
    text = f"{text}\n{entry.help}" if entry.help else text
    keep = ((".", tongue("Keep it")),) if entry.value or not entry.required else ()
    # A button answers its own question, however late it is pressed.
    choices = tuple((f"{steps.at}:{answer}", label) for answer, label in (*_answers(entry), *keep))
    question = Question(text=text, ref=steps.ref, revision=steps.revision, choices=choices)
    _say(tx, event, steps, slot, question, now, tongue)


def _close(
    tx: Tx, event: Event, steps: Steps, action: Action, words: str, tongue: Tongue, now: datetime
) -> None:
    """A question that is over loses its buttons: what became of it stands in its place."""
    if steps.slot:
        title = tongue(action.field(steps.asking).title)
        said = Text(text=tongue("{label}: {value}", label=title, value=words))
        _say(tx, event, steps, steps.slot, said, now, tongue)


def _say(
    tx: Tx, event: Event, steps: Steps, slot: str, content: Text | Question, now: datetime, tongue: Tongue
) -> None:
    """What a question quotes belongs to the turn of its card, and is forgotten with it."""
    proposal = tx.proposals.by_ref(steps.ref)
    turn = proposal.turn if proposal is not None else ""
    sayings.say(tx, place=event.place, slot=slot, content=content, now=now, turn=turn, lang=tongue.lang)


def _answers(entry: Entry) -> tuple[tuple[str, str], ...]:
    """What can be pressed as an answer: choices that fit into a button, or the first of the live options."""
    labels = [each.label for each in entry.options or entry.picks]
    if not entry.options and any(len(each) > LONGEST_CHOICE for each in labels):
        return ()
    return tuple((f"#{n}", label) for n, label in enumerate(labels[:MOST_BUTTONS], start=1))


def under_way(tx: Tx, place: str, person: str) -> Steps | None:
    """The step form this person is filling in this place, if any: over with its card, and aside once they left it."""
    kept: Json = tx.marks.get(forms.mark(place, person))
    steps = Steps.of(kept) if kept else None
    if steps is not None and steps.left:
        return None
    proposal = tx.proposals.by_ref(steps.ref) if steps else None
    return steps if proposal is not None and proposal.state is State.PENDING else None


async def of_press(event: Event, press: Press, *, house: House) -> tuple[Effect, ...]:
    """A button below a question was pressed: it answers that question, or says that it is over."""
    return await of_answer(event, press.who, "", house=house, standing=press.standing, pressed=press)


async def of_answer(
    event: Event,
    who: Identity,
    text: str,
    *,
    house: House,
    standing: Standing = Standing.STRANGER,
    pressed: Press | None = None,
) -> tuple[Effect, ...]:
    """One answer to a step form: the next question, or the form handed in."""
    now = house.clock.now()

    def step(tx: Tx) -> Form | None:
        person = tx.people.by_identity(who)
        steps = under_way(tx, event.place, person.id) if person else None
        proposal = tx.proposals.by_ref(steps.ref) if steps else None
        answer = text if pressed is None else _pressed(steps, pressed)
        if pressed is not None and answer is None:
            tx.events.close(event.id)
            over = Stale("this question is over: answer the newest one, or edit the card again")
            refuse(tx, event, pressed, over, house, now)
            return None
        if person is None or steps is None or proposal is None or answer is None:
            tx.events.close(event.id)
            return None
        tongue = house.tongues(person.lang)
        action = posts.action_of(proposal, house)
        mark = forms.mark(event.place, person.id)
        if answer.strip().strip("/").casefold() in forms.LEAVES:
            words = tongue("Left as it was. The card still waits.")
            if steps.at:
                words = tongue("Left as it was. The card still waits: Edit goes on where you stopped.")
            tx.marks.put(mark, replace(steps, left=True, slot="").as_json() if steps.at else None)
            _close(tx, event, steps, action, tongue("left as it was"), tongue, now)
            left = Text(text=words)
            sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=left, now=now)
            tx.events.close(event.id)
            return None
        field = action.field(steps.asking)
        said = steps.picked(answer, renderings.choices(field, house.tongues(person.lang)))
        try:
            if said.strip() != ".":
                field.read(said)
        except BadInput as error:
            wrong = Text(text=tongue("That does not fit: {why}", why=error.said(tongue)))
            sayings.say(tx, place=event.place, slot=f"turn:{event.id}", content=wrong, now=now)
            _take(tx, event, Form(who=who, ref=steps.ref, revision=steps.revision, values={field.name: said}))
            return None
        answered = steps.answered(said)
        kept = forms.typed(proposal.call.arguments.get(field.name), field.kind, tongue=tongue)
        _close(tx, event, steps, action, (kept if said.strip() == "." else said) or "—", tongue, now)
        if answered.over:
            tx.marks.put(mark, None)
            return Form(
                who=who, ref=steps.ref, revision=steps.revision, values=answered.values, standing=standing
            )
        rules = fieldrules.of_card(tx, action, proposal)
        sheet = forms.sheet(proposal, action=action, tongue=tongue, rules=rules, options=steps.options)
        _ask_next(tx, event, answered, sheet, tongue, now)
        _take(tx, event, Form(who=who, ref=steps.ref, revision=steps.revision, values={field.name: said}))
        return None

    form = await house.store.write(step, space=event.space)
    return await of_form(event, form, house=house) if form else ()


def _take(tx: Tx, event: Event, form: Form) -> None:
    """This event is over. A message that answered a question is kept as what it was: a part of the card's form, which is
    forgotten with the card."""
    tx.events.close(event.id)
    if isinstance(event.body, Message):
        tx.traces.fill(event.id, form)


def _pressed(steps: Steps | None, press: Press) -> str | None:
    mine = steps is not None and (steps.ref, steps.revision) == (press.ref, press.revision)
    return steps.pressed(press.value) if steps is not None and mine else None


async def of_form(event: Event, form: Form, *, house: House) -> tuple[Effect, ...]:
    """A form was handed in: the next revision and its card. Saving never approves."""
    found: Found | None = None
    try:
        vouched(form.who, form.standing)
        if await house.store.write(lambda tx: _chosen(tx, event, form, house), space=event.space):
            return ()
        found = await house.store.read(
            lambda tx: find(
                tx, ref=form.ref, who=form.who, place=event.place, message="", now=house.clock.now()
            ),
            space=event.space,
        )
        revised, edited = await _revised(found, form, event, house)
    except VigieError as error:
        why = error
        await house.store.write(lambda tx: _say_wrong(tx, event, form, found, why, house), space=event.space)
        return ()
    proposal = found.proposal
    now = house.clock.now()

    def write(tx: Tx) -> None:
        _take(tx, event, form)
        if not edited:
            sayings.show(tx, proposal, now=now)
            return
        try:
            binding = _judged(tx, revised, house)
            if not tx.proposals.swap(proposal, binding):
                raise Stale("the card changed while you edited it; nothing was saved")
        except VigieError as error:
            _say_wrong(tx, event, form, found, error, house)
            return
        action = house.known(revised.call.action)
        tx.ledger.append(
            "revised",
            {
                "proposal": revised.id,
                "person": found.person.id,
                "revision": revised.revision,
                "fields": list(edited),
                "before": masks.arguments(action, proposal.call.arguments),
                "arguments": masks.arguments(action, revised.call.arguments),
                "digest": revised.call.sealed,
                "rule": binding.rule,
                "set_by": {name: origin.value for name, origin in revised.origins.items()},
            },
            now,
        )
        sayings.picture(tx, binding, now=now)
        for line in tx.lines.of_slot(proposal.slot):
            old = CardOf(proposal=proposal.id, revision=proposal.revision)
            sayings.say(tx, place=line.place, slot=proposal.slot, content=old, now=now, lang=proposal.lang)
            sayings.put_card(tx, binding, place=line.place, now=now)

    await house.store.write(write, space=event.space)
    return ()


def _judged(tx: Tx, revised: Proposal, house: House) -> Proposal:
    """What the policy says of the new arguments binds too: an edit never makes a card easier to approve, and
    may make it harder. Raises NotAllowed for what may not be done at all."""
    turn = tx.turns.get(revised.turn)
    case = Case(
        action=house.action(revised.call.action),
        call=revised.call,
        effect=revised.effect,
        person=tx.people.get(revised.requester),
        mission=errands.mission_of(tx, revised.mission, revised.turn),
        tainted=turn is not None and turn.tainted,
        zone=revised.zone,
        now=house.clock.now(),
    )
    verdict = gate.judge(tx, case, house=house)
    match verdict.decision:
        case Decision.DENY:
            raise NotAllowed(verdict.why, **verdict.values)
        case Decision.ALLOW:
            return revised
        case Decision.ASK:
            asked = demanded(
                revised.call.action, gate.demand(verdict), presser(revised.call, revised.requester)
            )
            return replace(revised, rule=verdict.rule, demand=stricter(revised.demand, asked))


def _chosen(tx: Tx, event: Event, form: Form, house: House) -> bool:
    """The form of a batch; False when it is a proposal's."""
    batch = tx.batches.by_ref(form.ref)
    if batch is None:
        return False
    batching.choose(tx, event, form, batch, house=house)
    return True


def _fresh(told: Mapping[str, Json], rules: Rules, proposal: Proposal) -> Mapping[str, Json]:
    """What has to be among the options now: all that an owner lets be picked, and what else was changed."""
    stood = proposal.call.arguments
    return {
        name: value
        for name, value in told.items()
        if name in rules and not (rules[name].declared and value == stood.get(name))
    }


async def _revised(found: Found, form: Form, event: Event, house: House) -> tuple[Proposal, tuple[str, ...]]:
    proposal = found.proposal
    action = house.action(proposal.call.action)
    open_to = {field.name for field in action.editable}
    given = {name: value for name, value in form.values.items() if name in open_to}
    typed: Mapping[str, Json] = {
        **{name: value for name, value in proposal.call.arguments.items() if name not in given},
        **{name: value for name, value in given.items() if value != ""},
    }
    rules = await house.store.read(lambda tx: fieldrules.of_card(tx, action, proposal), space=event.space)
    context = _context(event.space, Place.parse(event.place), found.person, proposal, house)
    told = fieldmodes.typed(action, rules, typed)
    picked = await fieldrules.picked(action, rules, _fresh(told, rules, proposal), context, house=house)
    arguments = action.read({**told, **picked})
    edited = tuple(
        sorted(
            name
            for name in {*arguments, *proposal.call.arguments}
            if arguments.get(name) != proposal.call.arguments.get(name)
        )
    )
    call = replace(proposal.call, arguments=arguments)
    preview = await house.system(action.name).preview(call, context) if edited else proposal.preview
    revised = proposal.revise(
        found.person,
        revision=form.revision,
        now=house.clock.now(),
        call=call,
        preview=preview,
        edited=edited,
        people=found.people,
    )
    fixed = {name: Origin.FIXED for name, rule in rules.items() if rule.fixed is not None}
    sources = fieldmodes.sources(revised.sources, rules, arguments)
    return replace(revised, origins={**revised.origins, **fixed}, sources=sources), edited


def _context(space: str, place: Place, person: Person, proposal: Proposal, house: House) -> Context:
    """In the language and zone of the card: what is previewed now is compared with what is read at the press."""
    return Context(
        key=proposal.effect,
        space=space,
        place=place,
        person=person,
        zone=proposal.zone,
        now=house.clock.now(),
        tongue=house.tongues(proposal.lang),
    )


def _say_wrong(
    tx: Tx, event: Event, form: Form, found: Found | None, error: VigieError, house: House
) -> None:
    now = house.clock.now()
    tongue = house.tongues(found.person.lang if found else "en")
    text = tongue("Not saved: {why}\nThe card stands as it was.", why=error.said(tongue))
    notice = Notice(text=text, to=form.who)
    sayings.say(tx, place=event.place, slot=f"notice:{event.id}", content=notice, now=now)
    # What was typed may have to be forgotten, and reasons quote it: the ledger has where and of which kind.
    field = error.field if isinstance(error, BadInput) else None
    body = {"identity": form.who.key, "ref": form.ref, "field": field or "", "why": type(error).__name__}
    tx.ledger.append("form_refused", body, now)
    tx.events.close(event.id)
