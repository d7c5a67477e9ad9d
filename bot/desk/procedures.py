"""The desk's procedures: shown before they are in force, put in force, run, taken up again, switched and deleted.

Each stands on a mission of its own, which owns it, wakes it and keeps the rows of its runs.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import agendas, blanks, cues, gate, ids, recipes, waking, watching
from bot.actions import Call, Change, Preview, Receipt, Risk
from bot.desk import changes, missions, past
from bot.desk.means import Means, somebody
from bot.effects import Effect, EffectState
from bot.errors import BadInput, NotAllowed
from bot.events import Wake
from bot.gate import Case
from bot.journal import Outcome
from bot.missions import Mission, OnThreshold, Phase, Step
from bot.occurrences import Fate, Occurrence
from bot.people import Person
from bot.policy import Decision, Verdict
from bot.procedures import Errand, Procedure, Recipe
from bot.reports import phase_words
from bot.speech import Tongue
from bot.store import Tx
from bot.templates import value
from bot.thresholds import Sample
from bot.values import Json, as_object, shown
from bot.visible import exact
from bot.world import Context

_NAME = re.compile(r"\w[\w-]{0,39}")
MOST = 100
"""Procedures that live at once."""
MOST_SHOWN = 10
LONGEST_TOLD = 200
"""Characters of one value, when it is tried."""


# Putting in force -------------------------------------------------------------------------------------------


def drafted(
    tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means
) -> tuple[Procedure | None, Procedure, Mission]:
    """The version there is, the one that would be, and the mission it stands on. Raises BadInput, NotAllowed."""
    person, name = somebody(context), named(arguments["name"], context)
    recipe = recipe_of(arguments, means)
    before = tx.procedures.named(name)
    mission = tx.missions.get(before.mission) if before is not None else None
    if mission is None and len(tx.procedures.all()) >= MOST:
        raise BadInput(context.tongue("there are {most} procedures already; delete one first", most=MOST))
    if mission is not None and mission.owner != person.id:
        raise NotAllowed(context.tongue("only its owner may change what procedure {name} does", name=name))
    if before is not None and mission is not None and before.recipe == recipe:
        raise BadInput(context.tongue("procedure {name} does exactly that already", name=name))
    new = Procedure(
        id=before.id if before is not None else ids.derived("proc", context.key),
        version=before.version + 1 if before is not None else 1,
        space=context.space,
        name=name,
        mission=mission.id if mission is not None else ids.derived("mis", context.key),
        recipe=recipe,
        person=person.id,
        at=context.now,
        turn=context.turn,
        tainted=context.tainted,
    )
    return before, new, _standing(tx, mission, new, person, context)


def recipe_of(arguments: Mapping[str, Json], means: Means) -> Recipe:
    """What is to be put in force, as the actions take it. Raises BadInput."""
    return recipes.shaped(recipes.read(str(arguments["recipe"])), means.house().actions())


def named(name: Json, context: Context) -> str:
    """The name as it is kept. Raises BadInput."""
    found = str(name).strip().strip("“”«»\"'").strip().casefold()
    if not _NAME.fullmatch(found):
        raise BadInput(
            context.tongue("a procedure's name is one word of letters, digits and hyphens"), field="name"
        )
    return found


def _standing(tx: Tx, mission: Mission | None, new: Procedure, person: Person, context: Context) -> Mission:
    """The mission that carries this version."""
    if mission is None:
        mission = Mission(
            id=new.mission,
            number=tx.missions.next_number(),
            space=context.space,
            owner=person.id,
            place=context.place.key,
            goal=context.tongue("procedure {name}", name=new.name),
            phase=Phase.ACTIVE,
            lang=context.tongue.lang,
            zone=context.zone,
            created=context.now,
            source=context.turn,
        )
    return replace(
        mission,
        triggers=(new.recipe.trigger,) if new.recipe.trigger is not None else (),
        steps=new.recipe.steps,
        may=new.recipe.may,
        procedure=new.id,
        version=new.version,
        tainted=new.tainted,
    )


def threshold(arguments: Mapping[str, Json]) -> OnThreshold | None:
    """The number that would begin it. Raises BadInput."""
    trigger = recipes.read(str(arguments["recipe"])).trigger
    return trigger if isinstance(trigger, OnThreshold) else None


def preview_put(
    tx: Tx,
    arguments: Mapping[str, Json],
    context: Context,
    means: Means,
    remembered: Sequence[Sample] = (),
) -> Preview:
    """The recipe part by part; of one that is there, what changes. And how often it would have begun."""
    before, new, mission = drafted(tx, arguments, context, means)
    tongue = context.tongue
    facts = tuple(told(new.recipe, context).items())
    changed: tuple[Change, ...] = ()
    if before is not None:
        old, now = told(before.recipe, context), dict(facts)
        changed = (
            Change(title=tongue("Version"), before=before.version, after=new.version),
            *(
                Change(
                    title=tongue("{part}, before and after", part=title),
                    before=old.get(title),
                    after=now.get(title),
                )
                for title in {**old, **now}
                if old.get(title) != now.get(title)
            ),
        )
    more = (
        *_open(new.recipe, context, means),
        (tongue("May do"), ", ".join(mission.may) or tongue("reads only")),
        (tongue("Answers for it"), somebody(context).name),
        (tongue("Budget a day"), changes.budget(tongue, means)),
        (tongue("Reports to"), changes.place_words(mission, tongue)),
    )
    version = f"{new.name}:{before.version if before is not None else 0}"
    tried = past.of(tx, new.recipe, mission, remembered, context).words
    asides = ((tongue("Tried on the past"), tried),) if tried else ()
    return Preview(subject=new.name, changes=changed, facts=(*facts, *more), version=version, asides=asides)


def _open(recipe: Recipe, context: Context, means: Means) -> list[tuple[str, str]]:
    """What is filled in when a run comes to it, and by whom: who reads the card will be asked."""
    tongue, actions = context.tongue, means.house().actions()
    asked, filled = blanks.asked(recipe, actions, tongue), blanks.filled(recipe, actions, tongue)
    found = [(tongue("You will be asked for"), asked)] if asked else []
    if filled:
        words = tongue("{what}, from what the run has brought; without a model, you are asked", what=filled)
        found.append((tongue("I fill in"), words))
    return found


def told(recipe: Recipe, context: Context) -> dict[str, str]:
    """The recipe by what each part is called on a card. One after the other, the parts are the recipe."""
    tongue, lang = context.tongue, context.tongue.lang
    parts = list(recipes.parts(recipe, lang))
    found: dict[str, str] = {}
    if recipe.inputs:
        found[tongue("Inputs")] = parts.pop(0)
    if recipe.trigger is not None:
        found[tongue("When")] = parts.pop(0)
    return found | {tongue("Step {n}", n=number): part for number, part in enumerate(parts, start=1)}


def put(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """In force from now on. A run under way keeps the version it began with."""
    tongue, done = context.tongue, tx.marks.get(f"put:{context.key}")
    if done:
        kept: Json = done
        new = tx.procedures.get(kept["id"], kept["version"])
        assert new is not None
    else:
        _, new, mission = drafted(tx, arguments, context, means)
        if not tx.procedures.add(new):
            raise BadInput(tongue("something else has the name {name} by now", name=new.name))
        tx.missions.put(mission)
        _arm(tx, mission, context, means)
        tx.marks.put(f"put:{context.key}", {"id": new.id, "version": new.version})
        body: dict[str, Json] = {
            "procedure": new.id,
            "version": new.version,
            "mission": mission.id,
            "person": new.person,
            "turn": context.turn,
            "effect": context.key,
            "may": list(mission.may),
        }
        tx.ledger.append("procedure_in_force", body, context.now)
    words = tongue(
        "Procedure {name} is in force, in version {version}. Say “run {name}” to run it, “try {name}” to see what it"
        " would do.",
        name=new.name,
        version=new.version,
    )
    return Receipt(id=new.id, text=words, data={"name": new.name, "version": new.version})


def _arm(tx: Tx, mission: Mission, context: Context, means: Means) -> None:
    """The number that begins it is read from now on, or not any more."""
    due = watching.arm(tx, mission, context.now)
    if due is not None:
        means.nudge(due)


# Showing ----------------------------------------------------------------------------------------------------


def listed(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    tongue, found = context.tongue, tx.procedures.all()
    if not found:
        text = tongue("There is no procedure yet. Make one: “procedure NAME: do …; then do …”.")
        return Receipt(text=text, data=[])
    lines = [_line(tx, each, context) for each in found]
    data = [{"name": each.name, "version": each.version} for each in found]
    return Receipt(text="\n".join(lines), data=data, tainted=any(each.tainted for each in found))


def _line(tx: Tx, procedure: Procedure, context: Context) -> str:
    tongue, mission = context.tongue, tx.missions.get(procedure.mission)
    parts = recipes.parts(procedure.recipe, tongue.lang)
    how = parts[0] if procedure.recipe.inputs or procedure.recipe.trigger else tongue("by its name")
    line = (
        f"{procedure.name} · {tongue('version {version}', version=procedure.version)} · {how.rstrip(',:;')}"
    )
    return f"{line} · {_phase(mission, context)}"


def _phase(mission: Mission | None, context: Context) -> str:
    if mission is None or mission.phase is Phase.ACTIVE:
        return context.tongue("in force")
    return (
        context.tongue("off") if mission.phase is Phase.PAUSED else phase_words(mission.phase, context.tongue)
    )


def show(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """One procedure: its recipe, who put which version in force, and how its last runs went."""
    tongue = context.tongue
    procedure, mission = _found(tx, arguments, context)
    owner = tx.people.get(mission.owner)
    lines = [
        tongue(
            "Procedure {name}, {phase}, answered for by {who} (mission {n})",
            name=procedure.name,
            phase=_phase(mission, context),
            who=owner.name if owner else "—",
            n=mission.number,
        ),
        recipes.written(procedure.recipe, tongue.lang),
        *blanks.told(procedure.recipe, owner.name if owner else "—", means.house().actions(), tongue),
    ]
    for each in tx.procedures.versions(procedure.id)[-MOST_SHOWN:]:
        who = tx.people.get(each.person)
        lines.append(
            tongue(
                "version {version}: put in force by {who}, {when}",
                version=each.version,
                who=who.name if who else "—",
                when=tongue.moment(each.at, context.zone),
            )
        )
    runs = agendas.runs(tx, mission, context)
    lines += [runs.text] if runs.data else []
    lines += agendas.waits(tx, mission, means.house().actions(), tongue)
    data: dict[str, Json] = {
        "name": procedure.name,
        "version": procedure.version,
        "recipe": recipes.written(procedure.recipe, "en"),
        "steps": blanks.as_data(procedure.recipe),
    }
    return Receipt(text="\n".join(lines), data=data, tainted=procedure.tainted or runs.tainted)


def _found(tx: Tx, arguments: Mapping[str, Json], context: Context) -> tuple[Procedure, Mission]:
    """The living procedure of that name and its mission. Raises BadInput."""
    name = named(arguments["name"], context)
    procedure = tx.procedures.named(name)
    mission = tx.missions.get(procedure.mission) if procedure is not None else None
    if procedure is None or mission is None:
        raise BadInput(
            context.tongue("there is no procedure {name}; say “procedures” for the list", name=name),
            field="name",
        )
    return procedure, mission


def _theirs(tx: Tx, arguments: Mapping[str, Json], context: Context) -> tuple[Procedure, Mission]:
    """The same, when this person may run and change it: it acts as its owner does. Raises NotAllowed."""
    person, (procedure, mission) = somebody(context), _found(tx, arguments, context)
    if not (person.may_approve or person.id == mission.owner):
        raise NotAllowed(
            context.tongue("only its owner or an approver may use procedure {name}", name=procedure.name)
        )
    return procedure, mission


# Running ----------------------------------------------------------------------------------------------------


def run(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Begins a run, here, with these inputs. What it does is asked for and told as it happens."""
    procedure, mission = _theirs(tx, arguments, context)
    inputs = _inputs(procedure.recipe, arguments.get("inputs"), context)
    if cues.began_with(procedure.recipe.trigger):
        _independent(procedure, context)
    errand = Errand(
        version=procedure.version,
        inputs=inputs,
        person=somebody(context).id,
        typed=context.in_person,
        tainted=context.tainted,
    )
    _begin(tx, procedure, mission, errand, context, means, key=f"run:{context.key}")
    text = context.tongue(
        "Procedure {name} runs, in version {version}.", name=procedure.name, version=procedure.version
    )
    return Receipt(id=procedure.id, text=text, data={"name": procedure.name, "version": procedure.version})


def _independent(procedure: Procedure, context: Context) -> None:
    """A run by hand has no signal: its steps must not speak of one. Raises BadInput."""
    began = cues.began_with(procedure.recipe.trigger)
    if any(recipes.uses(step) & began for step in procedure.recipe.steps):
        raise BadInput(
            context.tongue(
                "procedure {name} uses what begins it, so it cannot be run by hand; give it inputs instead",
                name=procedure.name,
            )
        )


def _inputs(recipe: Recipe, given: Json, context: Context) -> dict[str, Json]:
    """Every input, read as what it is. Raises BadInput that names the one that is missing or unknown."""
    told = as_object(given) if given else {}
    known = {each.name: each for each in recipe.inputs}
    unknown = sorted(set(told) - set(known))
    if unknown:
        names = ", ".join(known) or "—"
        raise BadInput(
            context.tongue("it has no input {name}; its inputs: {known}", name=unknown[0], known=names),
            field=unknown[0],
        )
    missing = [name for name in known if name not in told or told[name] in ("", None)]
    if missing:
        raise BadInput(context.tongue("it needs {names}", names=", ".join(missing)), field=missing[0])
    return {name: each.read(told[name]) for name, each in known.items()}


def _begin(
    tx: Tx,
    procedure: Procedure,
    mission: Mission,
    errand: Errand,
    context: Context,
    means: Means,
    *,
    key: str,
) -> None:
    if mission.phase is not Phase.ACTIVE:
        raise BadInput(context.tongue("procedure {name} is off", name=procedure.name))
    wake = Wake(mission=mission.id, trigger="hand", due=context.now, errand=errand)
    cause = tx.events.get(context.turn)
    made = waking.by_event(
        tx, mission, wake, key=key, cause=cause, house=means.house(), place=context.place.key
    )
    if made is None:
        raise BadInput(context.tongue("procedure {name} runs too often for now", name=procedure.name))
    if made:
        body: dict[str, Json] = {
            "procedure": procedure.id,
            "version": errand.version,
            "mission": mission.id,
            "person": errand.person,
            "run": ids.derived("evt", key),
            "turn": context.turn,
        }
        tx.ledger.append("procedure_run", body, context.now)


def go_on(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Takes up the run that stopped last, where it stopped, in its own version and with its own inputs."""
    tongue = context.tongue
    procedure, mission = _theirs(tx, arguments, context)
    stopped = next((each for each in tx.occurrences.last(mission.id, MOST_SHOWN) if each.rest), None)
    origin = tx.events.get(stopped.id) if stopped is not None else None
    if stopped is None or origin is None or not isinstance(origin.body, Wake) or origin.body.errand is None:
        raise BadInput(tongue("no run of procedure {name} stopped half-way", name=procedure.name))
    before, how = origin.body.errand, arguments.get("how", "")
    how = _resumed(tx, stopped, how, procedure, context)
    turn = tx.turns.get(stopped.id)
    errand = replace(
        before,
        state=stopped.rest,
        how=how,
        person=somebody(context).id,
        tainted=before.tainted or (turn is not None and turn.tainted),
    )
    _begin(tx, procedure, mission, errand, context, means, key=f"on:{stopped.id}:{context.key}")
    tx.occurrences.put(replace(stopped, rest=""))
    text = tongue(
        "Procedure {name} goes on, in version {version}.", name=procedure.name, version=errand.version
    )
    return Receipt(id=procedure.id, text=text)


def _resumed(tx: Tx, stopped: Occurrence, how: str, procedure: Procedure, context: Context) -> str:
    """What a person says of the deed nobody knew about, or what was found out since: "done", "again", or "" where
    nothing was unknown. Raises BadInput while it has to be said."""
    if stopped.fate is not Fate.UNKNOWN:
        return ""
    states = {each.state for each in _last_deeds(tx, stopped.id)}
    if states == {EffectState.CONFIRMED}:
        return "done"
    if EffectState.UNKNOWN not in states and states:
        return "again"
    if not how:
        raise BadInput(
            context.tongue(
                "nobody knows yet whether the step was done: say “continue {name} done” if it was, “continue {name}"
                " again” if it was not",
                name=procedure.name,
            )
        )
    return how


def _last_deeds(tx: Tx, turn: str) -> list[Effect]:
    """The deeds of a turn whose outcome was unknown when it ended, as they stand now."""
    found: list[Effect] = []
    for row in tx.turns.rows(turn):
        if row.kind == "answer" and row.outcome is Outcome.UNKNOWN:
            proposal = tx.proposals.of_ask(turn, row.ask)
            effect = tx.effects.get(proposal.effect if proposal else ids.derived("eff", turn, row.ask))
            found += [effect] if effect is not None else []
    return found


# Trying -----------------------------------------------------------------------------------------------------


def attempt(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """What a run would do, step by step, and what the rules would say today; one that something from outside begins, as
    the newest that is kept of its kind would have begun it. Nothing is done or read."""
    procedure, mission = _theirs(tx, arguments, context)
    tongue = context.tongue
    told = as_object(arguments["inputs"]) if arguments.get("inputs") else {}
    known: dict[str, Json] = {
        each.name: each.read(told[each.name]) for each in procedure.recipe.inputs if each.name in told
    }
    parts = recipes.step_parts(procedure.recipe, tongue.lang)
    lines = [
        tongue(
            "Procedure {name}, version {version}, would do:", name=procedure.name, version=procedure.version
        )
    ]
    began = past.of(tx, procedure.recipe, mission, (), context)
    lines += [began.words] if began.words else []
    outside = cues.began_with(procedure.recipe.trigger)
    read = bool(outside) or procedure.tainted
    for number, (step, part) in enumerate(zip(procedure.recipe.steps, parts, strict=True), start=1):
        if not step.action:
            lines.append(f"{number}. {part}")
            continue
        action = means.house().actions().get(step.action)
        if action is None:
            lines.append(f"{number}. {part} — " + tongue("nobody offers it now"))
            continue
        try:
            filled = _filled(step, {**known, **began.told})
        except BadInput as error:
            lost = tongue("it refers to {reference}, which is not there", reference=error)
            lines.append(f"{number}. {part} — {lost}")
            continue
        words = " ".join([step.action, *(f"{name}={_brief(each)}" for name, each in filled.items())])
        clean = recipes.fixed(procedure.recipe, step.action, filled, known)
        clean = clean and not step.auto and not ("signal" in outside and action.risk > Risk.R1)
        verdict = _verdict(tx, step, filled, mission, read and not clean, context, means)
        lines.append(f"{number}. {words} — {verdict}")
        read = read or action.system != "vigie"
    lines.append(tongue("Nothing was done."))
    return Receipt(
        text="\n".join(lines),
        data={"name": procedure.name, "steps": len(parts)},
        tainted=procedure.tainted or bool(began.words),
    )


def _brief(value: Json) -> str:
    """A value on one line, not the whole of a long one: it may be what somebody else wrote."""
    text = exact(shown(value), lines=False)
    return f"{text[:LONGEST_TOLD]}…" if len(text) > LONGEST_TOLD else text


def _filled(step: Step, known: Mapping[str, Json]) -> dict[str, Json]:
    """The arguments as far as they are known; the rest stays a reference."""
    return {name: value(template, known) for name, template in step.arguments.items()}


def _verdict(
    tx: Tx,
    step: Step,
    filled: Mapping[str, Json],
    mission: Mission,
    tainted: bool,
    context: Context,
    means: Means,
) -> str:
    tongue, house = context.tongue, means.house()
    action = house.action(step.action)
    call = Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=house.system(action.name).account(),
        arguments=filled,
    )
    case = Case(
        action=action,
        call=call,
        effect=context.key,
        person=tx.people.get(mission.owner),
        mission=mission,
        tainted=tainted,
        zone=mission.zone,
        now=context.now,
    )
    verdict = gate.look(tx, case, house=house)
    if verdict.decision is Decision.DENY:
        return tongue("it is refused: {why}", why=verdict.said(tongue))
    if by_hand := (*step.by_hand, *step.picked):
        fields = blanks.titles(step, by_hand, house.actions(), tongue)
        return tongue("a person fills in {fields}, and presses", fields=fields)
    said = _at_last(verdict, action.risk, tongue)
    if step.auto:
        fields = blanks.titles(step, step.auto, house.actions(), tongue)
        return tongue(
            "I fill in {fields} first, or without a model a person does; {then}", fields=fields, then=said
        )
    return said


def _at_last(verdict: Verdict, risk: Risk, tongue: Tongue) -> str:
    """What becomes of a step once everything is filled in."""
    if verdict.decision is Decision.ASK:
        return tongue("it asks first: {why}", why=verdict.said(tongue))
    return tongue("it only reads") if risk is Risk.R0 else tongue("it is done at once")


# Switching and deleting -------------------------------------------------------------------------------------


def switch(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Off: nothing begins it. On again: everything does. Runs under way go on."""
    procedure, mission = _theirs(tx, arguments, context)
    on = arguments["how"] == "on"
    phase = Phase.ACTIVE if on else Phase.PAUSED
    if mission.phase is not phase:
        moved = mission.moved(phase)
        tx.missions.put(moved)
        _arm(tx, moved, context, means)
        body = {**_body(procedure, mission, somebody(context), context), "how": "on" if on else "off"}
        tx.ledger.append("procedure_switched", body, context.now)
    text = (
        context.tongue("Procedure {name} is on.", name=procedure.name)
        if on
        else context.tongue("Procedure {name} is off: nothing begins it.", name=procedure.name)
    )
    return Receipt(id=procedure.id, text=text)


def drop(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Gone, with its waiting cards; its versions and runs stay in the record."""
    name = named(arguments["name"], context)
    text = context.tongue("Procedure {name} is deleted.", name=name)
    if tx.marks.get(f"dropped:{context.key}"):
        return Receipt(text=text)
    procedure, mission = _theirs(tx, arguments, context)
    tx.marks.put(f"dropped:{context.key}", True)
    missions.cancel(tx, {"number": mission.number}, context, means)
    return Receipt(id=procedure.id, text=text)


def _body(procedure: Procedure, mission: Mission, person: Person, context: Context) -> dict[str, Json]:
    return {
        "procedure": procedure.id,
        "version": procedure.version,
        "mission": mission.id,
        "person": person.id,
        "turn": context.turn,
    }
