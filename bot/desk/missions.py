"""The desk's missions: starting, pausing, waking again, cancelling."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import (
    forgetting,
    ids,
    loops,
    mailwords,
    outlets,
    reports,
    thresholdwords,
    triggers,
    unlearning,
    waking,
    watching,
    watchwords,
)
from bot.actions import Action, Receipt
from bot.desk import patterns
from bot.desk.cards import withdraw
from bot.desk.means import Means, checked_zone, somebody
from bot.effects import Run
from bot.errors import BadInput, NotAllowed
from bot.loops import Chain
from bot.missions import (
    Cron,
    Every,
    Missed,
    Mission,
    Once,
    OnMail,
    OnPhrase,
    OnSignal,
    OnThreshold,
    Outlet,
    Phase,
    Rule,
    Step,
    SubGoal,
    Timing,
    Trigger,
)
from bot.people import Person
from bot.speech import Tongue
from bot.store import Tx
from bot.thresholdwords import Told
from bot.values import Json, as_list, as_object
from bot.world import Context

SHORTEST = 60
"""Seconds between two wakes of an interval mission, at least."""


def create(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    mission_id = ids.derived("mis", context.key)
    mission = tx.missions.get(mission_id)
    if mission is None:
        mission = _drafted(tx, mission_id, arguments, person, context, means)
        tx.missions.put(mission)
        tx.ledger.append(
            "mission_started",
            {
                "mission": mission.id,
                "number": mission.number,
                "person": person.id,
                "goal": mission.goal,
                "may": list(mission.may),
                "turn": context.turn,
            },
            context.now,
        )
        due = watching.arm(tx, mission, context.now) or mission.next_due
        if due is not None:
            means.nudge(due)
    started = reports.started(mission, context.tongue, means.calendar)
    return Receipt(
        id=str(mission.number),
        text=started if mission.phase is not Phase.PAUSED else _stays(mission, context.tongue),
        data={"mission": mission.number},
    )


def _drafted(
    tx: Tx, mission_id: str, arguments: Mapping[str, Json], person: Person, context: Context, means: Means
) -> Mission:
    mission = _chained(tx, drafted(tx, mission_id, arguments, person, context, means), context, means)
    return _armed(tx, mission, context, means) if mission.phase is Phase.ACTIVE else mission


def _armed(tx: Tx, mission: Mission, context: Context, means: Means) -> Mission:
    """Set to wake from now on. A moment that was still to come when it was asked for is kept, and comes late, when it was
    we who came too late: a process that died in the middle of it, a database that was away."""
    armed = triggers.armed(mission, context.now, calendar=means.calendar)
    if armed.schedules and armed.next_due is None:
        return triggers.armed(mission, _asked(tx, context), calendar=means.calendar)
    return armed


def _asked(tx: Tx, context: Context) -> datetime:
    """When somebody asked for it, or pressed."""
    effect, turn = tx.effects.get(context.key), tx.turns.get(context.turn)
    if effect is not None and isinstance(effect.deed, Run) and effect.deed.authority.by == "press":
        return min(effect.due, context.now)
    return min(turn.started, context.now) if turn is not None else context.now


def drafted(
    tx: Tx, mission_id: str, arguments: Mapping[str, Json], person: Person, context: Context, means: Means
) -> Mission:
    """The mission these arguments describe, on nobody's watch yet. Raises BadInput, NotAllowed."""
    arguments = patterns.filled(arguments, context.tongue)
    zone = checked_zone(arguments.get("zone") or context.zone)
    steps = steps_of(arguments.get("steps"), means)
    mission = Mission(
        id=mission_id,
        number=tx.missions.next_number(),
        space=context.space,
        owner=person.id,
        place=context.place.key,
        goal=_goal(arguments, context),
        phase=Phase.DRAFT,
        triggers=triggers_of(arguments, zone, context.now, means),
        steps=steps,
        may=may_of(arguments.get("may"), steps),
        lang=context.tongue.lang,
        zone=zone,
        created=context.now,
        source=context.turn,
        tainted=context.tainted,
        timing=timing(arguments, Timing()),
        ends=ends(arguments, zone),
        most_runs=arguments.get("runs", 0),
        done_when=arguments.get("done_when", ""),
        goals=goals(arguments),
        parent=context.mission,
        outlet=outlet(tx, arguments, context),
    )
    outlets.checked(mission, context.tongue)
    _within_parent(tx, mission, context)
    armed = _armed(tx, mission, context, means)
    if armed.schedules and armed.next_due is None:
        raise BadInput(context.tongue("that moment has passed already; name one to come"))
    return replace(armed, phase=Phase.DRAFT)


def outlet(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Outlet | None:
    """Where else it reports, by the name that was said. Raises BadInput, NotAllowed."""
    words, person = str(arguments.get("report_to") or ""), somebody(context).id
    found = outlets.named(tx, words, person, context.place, context.tongue)
    if found is not None and context.mission:
        raise NotAllowed(context.tongue("only a person says that a mission reports to another place"))
    return found


def _goal(arguments: Mapping[str, Json], context: Context) -> str:
    goal = str(arguments.get("goal", "")).strip()
    if not goal:
        raise BadInput(context.tongue("say what the mission is to do"), field="goal")
    return goal


def _within_parent(tx: Tx, mission: Mission, context: Context) -> None:
    """A mission that a mission begins may do no more than that one."""
    parent = tx.missions.get(mission.parent) if mission.parent else None
    more = [name for name in mission.may if parent is not None and name not in parent.may]
    if more:
        raise NotAllowed(
            context.tongue("a mission may not begin one that may do more: {actions}", actions=", ".join(more))
        )


def ends(arguments: Mapping[str, Json], zone: str) -> datetime | None:
    """The end of the last day it wakes on."""
    if not arguments.get("until"):
        return None
    return datetime.combine(
        date.fromisoformat(arguments["until"]) + timedelta(days=1), time(), ZoneInfo(zone)
    )


def goals(arguments: Mapping[str, Json]) -> tuple[SubGoal, ...]:
    """The parts of the goal, by their words."""
    named = as_list(arguments.get("goals") or [])
    if len(named) > MOST_GOALS:
        raise BadInput("goals: at most {n}", n=MOST_GOALS)
    return tuple(SubGoal(text=str(each)[:200]) for each in named)


def _chained(tx: Tx, mission: Mission, context: Context, means: Means) -> Mission:
    """In the chain of the wake that leads to it, and paused where missions would wake one another for ever; what
    a person said or pressed begins a new one."""
    effect = tx.effects.get(context.key)
    pressed = effect is not None and isinstance(effect.deed, Run) and effect.deed.authority.by == "press"
    chain = Chain() if pressed else loops.after(tx.events.get(context.turn))
    if waking.too_deep(tx, chain, mission, house=means.house()):
        return replace(mission, phase=Phase.PAUSED)
    return replace(mission, phase=Phase.ACTIVE, cause=chain.cause, depth=chain.depth)


def _stays(mission: Mission, tongue: Tongue) -> str:
    return tongue(
        "Mission {n} stays paused: missions would wake one another without end. A person can say “resume {n}”.",
        n=mission.number,
    )


def triggers_of(arguments: Mapping[str, Json], zone: str, now: datetime, means: Means) -> tuple[Trigger, ...]:
    found: list[Trigger] = []
    crons = [each.strip() for each in str(arguments.get("cron") or "").split(";") if each.strip()]
    if len(crons) > MOST_CRONS:
        raise BadInput("cron: at most {n} expressions", n=MOST_CRONS, field="cron")
    for number, cron in enumerate(crons, start=1):
        next(iter(means.calendar.walls(cron, now.replace(tzinfo=None))), None)
        found.append(Cron(id="cron" if number == 1 else f"cron{number}", expression=cron, zone=zone))
    if seconds := arguments.get("every_seconds"):
        if seconds < SHORTEST:
            raise BadInput("every_seconds: at least {n} seconds between two wakes", n=SHORTEST)
        found.append(Every(id="every", seconds=seconds, start=now.replace(microsecond=0)))
    if at := arguments.get("at"):
        found.append(Once(id="once", at=datetime.fromisoformat(at), zone=zone))
    if rule := arguments.get("rule"):
        found.append(Rule(id="rule", text=means.calendar.written(rule, zone=zone, now=now), zone=zone))
    if signal := arguments.get("signal"):
        found.append(OnSignal(id="signal", name=signal))
    if mail := _mail(arguments):
        found.append(mail)
    if phrase := str(arguments.get("phrase") or "").strip():
        found.append(_phrase(phrase, arguments))
    if watch := arguments.get("watch"):
        told = watched(watch)
        found.append(OnThreshold(id="threshold", source=told.source, rule=told.rule, every=told.every))
    if not found:
        raise BadInput("say when it wakes: cron, every_seconds, at, rule, signal, watch, a mail or a phrase")
    return tuple(found)


def watched(text: str) -> Told:
    """The watch that these words say, and nothing else. Raises BadInput."""
    told = thresholdwords.read(text)
    if told is None or told.rest:
        raise BadInput(
            "“{text}” is no watch; write for example “disk above 90 for 10 minutes”",
            text=text[:60],
            field="watch",
        )
    return told


def _mail(arguments: Mapping[str, Json]) -> OnMail | None:
    sender, subject, mailbox = (
        str(arguments.get(name) or "").strip() for name in ("mail_from", "mail_subject", "mailbox")
    )
    return mailwords.awaited(sender, subject, mailbox) if sender or subject or mailbox else None


def _phrase(words: str, arguments: Mapping[str, Json]) -> OnPhrase:
    letters = len(watchwords.folded(words).replace(" ", ""))
    if not SHORTEST_PHRASE <= letters <= LONGEST_PHRASE:
        raise BadInput(
            "phrase: words of {least} to {most} letters and digits in all",
            least=SHORTEST_PHRASE,
            most=LONGEST_PHRASE,
            field="phrase",
        )
    cooldown: int = arguments.get("cooldown_seconds", SHORTEST)
    if not SHORTEST <= cooldown <= LONGEST_COOLDOWN:
        raise BadInput(
            "{field}: a number from {least} to {most}",
            field="cooldown_seconds",
            least=SHORTEST,
            most=LONGEST_COOLDOWN,
        )
    return OnPhrase(id="phrase", words=words, cooldown=cooldown)


SHORTEST_PHRASE, LONGEST_PHRASE = 3, 100
LONGEST_COOLDOWN = 7 * 86_400
LONGEST_WAIT = 90 * 86_400
MOST_GOALS = 20
MOST_CRONS = 10
MOST_SPREAD = 3_600
MOST_GRACE = 7 * 86_400
MOST_CAUGHT_UP = 100


def timing(arguments: Mapping[str, Json], usual: Timing) -> Timing:
    """How it keeps its times; what is not said stays as usual."""
    found = Timing(
        missed=Missed(arguments.get("missed") or usual.missed),
        grace=arguments.get("grace_seconds", usual.grace),
        most=arguments.get("catch_up", usual.most),
        spread=arguments.get("spread_seconds", usual.spread),
    )
    _within("grace_seconds", found.grace, MOST_GRACE)
    _within("catch_up", found.most, MOST_CAUGHT_UP)
    _within("spread_seconds", found.spread, MOST_SPREAD)
    return found


def _within(field: str, number: int, most: int) -> None:
    if not 0 <= number <= most:
        raise BadInput("{field}: a number from 0 to {most}", field=field, most=most)


def steps_of(value: Json, means: Means) -> tuple[Step, ...]:
    if not value:
        return ()
    known = means.house().actions()
    return tuple(_step(as_object(item), known) for item in as_list(value))


def _step(fields: Mapping[str, Json], known: Mapping[str, Action]) -> Step:
    if unknown := set(fields) - STEP:
        raise BadInput(
            "steps: each step has {names}, and nothing else, not {unknown}",
            names=", ".join(sorted(STEP)),
            unknown=", ".join(sorted(unknown)),
        )
    told = {name: value for name, value in fields.items() if name != "by_hand"}
    step = Step(**told, by_hand=tuple(map(str, as_list(fields.get("by_hand") or []))))
    wait: Json = step.wait
    if not isinstance(wait, int) or not 0 <= wait <= LONGEST_WAIT:
        raise BadInput("{field}: a number from 0 to {most}", field="wait", most=LONGEST_WAIT)
    if step.action and step.action not in known:
        raise BadInput("no connected system offers “{name}”", name=step.action)
    for name in (*step.arguments, *step.by_hand):
        known[step.action].field(name)
    return step


STEP = frozenset(
    ("action", "arguments", "each", "save", "text", "wait", "aside", "told", "proposed", "by_hand")
)
"""What a declared step may say."""


def may_of(value: Json, steps: tuple[Step, ...]) -> tuple[str, ...]:
    named = as_list(value) if value else []
    return tuple(dict.fromkeys([*map(str, named), *(step.action for step in steps if step.action)]))


def pause(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """It sleeps until someone resumes it."""
    return _move(tx, arguments, context, means, Phase.PAUSED)


def resume(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """On watch again from now on."""
    return _move(tx, arguments, context, means, Phase.ACTIVE)


def cancel(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Over, with its waiting cards."""
    return _move(tx, arguments, context, means, Phase.CANCELLED)


def numbered(tx: Tx, number: int, context: Context) -> Mission:
    """The mission people call by this number. Raises BadInput."""
    mission = tx.missions.by_number(number)
    if mission is None:
        raise BadInput(context.tongue("there is no mission {n}; say “missions” for the list", n=number))
    return mission


def theirs(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Mission:
    """The mission of that number, which this person may change. Raises NotAllowed."""
    person, mission = somebody(context), numbered(tx, arguments["number"], context)
    if not (person.may_approve or person.id == mission.owner):
        raise NotAllowed(
            context.tongue("only its owner or an approver may change mission {n}", n=mission.number)
        )
    return mission


def _move(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means, phase: Phase) -> Receipt:
    person = somebody(context)
    mission = theirs(tx, arguments, context)
    if mission.phase is not phase:
        moved = mission.moved(phase)
        if mission.procedure and phase is Phase.ACTIVE and not context.in_person:
            raise NotAllowed(context.tongue("only a person, in their own words, switches a procedure on"))
        if phase is Phase.ACTIVE:
            moved = _chained(tx, moved, context, means)
            if moved.phase is not Phase.ACTIVE:
                return Receipt(id=str(mission.number), text=_stays(mission, context.tongue))
            moved = triggers.armed(moved, context.now, calendar=means.calendar)
            if moved.next_due is not None:
                means.nudge(moved.next_due)
        tx.missions.put(moved)
        if (due := watching.arm(tx, moved, context.now)) is not None:
            means.nudge(due)
        tx.ledger.append(
            f"mission_{phase}",
            {"mission": mission.id, "person": person.id, "turn": context.turn},
            context.now,
        )
        if phase is Phase.CANCELLED:
            withdraw(tx, mission, person, means)
            _retire(tx, moved, person, context, means)
    return Receipt(id=str(mission.number), text=reports.moved(mission, phase, context.tongue))


def _retire(tx: Tx, mission: Mission, person: Person, context: Context, means: Means) -> None:
    """With its mission, a procedure ends too, and its name is free."""
    for procedure in (each for each in tx.procedures.all() if each.id == mission.procedure):
        tx.procedures.retire(procedure.id)
        body = {
            "procedure": procedure.id,
            "version": procedure.version,
            "mission": mission.id,
            "person": person.id,
            "turn": context.turn,
        }
        tx.ledger.append("procedure_deleted", body, context.now)
        forgetting.unask(tx, unlearning.at_the_end(tx, mission), house=means.house())
