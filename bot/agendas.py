"""What missions did and will do, in words: the runs of one, and the wakes to come. Reads the record, writes nothing."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from bot import outcomes, schedules, triggers
from bot.actions import Action, Receipt
from bot.effects import EffectState
from bot.events import Signal, Wake
from bot.missions import Mission, Phase
from bot.occurrences import Fate, Occurrence
from bot.proposals import Proposal
from bot.speech import Tongue
from bot.store import Tx
from bot.triggers import Calendar
from bot.world import Context

RUNS = 15
"""How many runs are told."""
WAKES = 40
"""How many coming wakes are told."""
EACH = 7
"""And how many of one mission, so that a busy one does not hide the others."""


def runs(tx: Tx, mission: Mission, context: Context) -> Receipt:
    """The newest runs of a mission: when each was due, what became of it, and whether its report arrived."""
    tongue = context.tongue
    found = tx.occurrences.last(mission.id, RUNS)
    if not found:
        return Receipt(text=tongue("Mission {n} has not run yet.", n=mission.number), data=[])
    lines = [tongue("Runs of mission {n}, the newest first:", n=mission.number)]
    lines += [f"• {_run(tx, each, context)}" for each in found]
    data = [
        {
            "due": each.due.isoformat(),
            "fate": each.fate.value,
            "late": each.late,
            "report": delivered(tx, each),
        }
        for each in found
    ]
    # Why a run failed is often what a system said.
    return Receipt(text="\n".join(lines), data=data, tainted=any(each.why for each in found))


def _run(tx: Tx, run: Occurrence, context: Context) -> str:
    tongue = context.tongue
    parts = [tongue.day(run.due, context.zone), fate_words(run.fate, tongue)]
    if run.late:
        parts.append(tongue("late"))
    if run.missed:
        parts.append(tongue.many("stands for {n} more", "stands for {n} more", run.missed))
    if run.fate in (Fate.DONE, Fate.FAILED, Fate.UNKNOWN, Fate.WAITING):
        parts.append(report_words(tx, run, tongue))
    if run.why and run.fate is not Fate.DONE:
        parts.append(why_words(run.why, tongue))
    return " · ".join(parts)


def waits(tx: Tx, mission: Mission, actions: Mapping[str, Action], tongue: Tongue) -> list[str]:
    """The cards that runs of a mission wait for: for what, under which code, and how to end that run."""
    mine = [each for each in tx.proposals.pending() if each.mission == mission.id]
    return [_waits(each, actions.get(each.call.action), tongue) for each in mine]


def _waits(proposal: Proposal, action: Action | None, tongue: Tongue) -> str:
    code = proposal.code
    if not proposal.waits:
        return tongue("A run waits for a press on card {code}; “deny {code}” ends it.", code=code)
    known = {each.name: tongue(each.title) for each in action.fields} if action else {}
    fields = ", ".join(known.get(name, name) for name in proposal.waits)
    return tongue(
        "A run waits for somebody to fill in {fields} on card {code}; “deny {code}” ends it.",
        fields=fields,
        code=code,
    )


def fate_words(fate: Fate, tongue: Tongue) -> str:
    """What became of a due time, as people say it."""
    words = {
        Fate.DUE: tongue("owed"),
        Fate.CLAIMED: tongue("about to run"),
        Fate.RUNNING: tongue("running"),
        Fate.WAITING: tongue("waiting for a press"),
        Fate.DONE: tongue("done"),
        Fate.FAILED: tongue("failed"),
        Fate.UNKNOWN: tongue("outcome unknown"),
        Fate.SKIPPED: tongue("skipped"),
    }
    return words[fate]


def why_words(why: str, tongue: Tongue) -> str:
    """Our own words for why a run was passed over; what a system said stands as it is."""
    ours = {
        "coalesce": tongue("a later run stood for it"),
        "skip": tongue("missed, and skipped by its rule"),
        "catch up": tongue("too many were missed to catch up"),
        "not on watch": tongue("the mission was not on watch"),
        "limit": tongue("more happened than it may be woken for"),
    }
    return ours.get(why, why[:200])


def delivered(tx: Tx, run: Occurrence) -> str:
    """The delivery of its report, from the outbox: "silent" for none, "held" in quiet hours."""
    match outcomes.delivery(tx, run):
        case None:
            return "held" if run.held else "silent"
        case EffectState.CONFIRMED:
            return "delivered"
        case EffectState.FAILED:
            return "undelivered"
        case EffectState.PENDING | EffectState.STARTED:
            return "on its way"
        case EffectState.UNKNOWN:
            return "unknown"


def report_words(tx: Tx, run: Occurrence, tongue: Tongue) -> str:
    """What became of its report."""
    words = {
        "held": tongue("its report waits for the end of the quiet hours"),
        "silent": tongue("its incident tells it") if _of_incident(tx, run) else tongue("nothing to report"),
        "delivered": tongue("report delivered"),
        "undelivered": tongue("report NOT delivered"),
        "on its way": tongue("report on its way"),
        "unknown": tongue("nobody knows whether its report arrived"),
    }
    return words[delivered(tx, run)]


def _of_incident(tx: Tx, run: Occurrence) -> bool:
    """Whether it was woken by what has a message of its own."""
    event = tx.events.get(run.id)
    told = event.body.signals if event is not None and isinstance(event.body, Wake) else ()
    arrived = (tx.events.get(each) for each in told)
    return any(each is not None and isinstance(each.body, Signal) and each.body.group for each in arrived)


# What is to come ---------------------------------------------------------------------------------------------


def span(when: str, now: datetime, zone: str) -> tuple[datetime, datetime]:
    """The moments a word such as `next week` lies between, on the wall clock of the zone. Weeks begin on Monday."""
    clock = ZoneInfo(zone)
    today = now.astimezone(clock).replace(hour=0, minute=0, second=0, microsecond=0)
    monday = today - timedelta(days=today.weekday())
    day, week = timedelta(days=1), timedelta(days=7)
    spans = {
        "today": (today, today + day),
        "tomorrow": (today + day, today + 2 * day),
        "this week": (monday, monday + week),
        "next week": (monday + week, monday + 2 * week),
    }
    begin, end = spans.get(when, (now, now + week))
    # What lies behind us is no plan.
    return max(begin.astimezone(UTC), now), end.astimezone(UTC) - timedelta(microseconds=1)


def coming(tx: Tx, when: str, context: Context, calendar: Calendar) -> Receipt:
    """The wakes to come in a span, in order."""
    tongue = context.tongue
    begin, end = span(when, context.now, context.zone)
    awake = [mission for mission in tx.missions.all() if mission.phase is Phase.ACTIVE]
    found = [*islice(merge(*(_wakes(each, begin, end, calendar) for each in awake)), WAKES + 1)]
    by_number = {mission.number: mission for mission in awake}
    waits = [mission for mission in awake if len(mission.schedules) < len(mission.triggers)]
    lines = [_line(due, by_number[number], more, context) for due, number, more in found[:WAKES]]
    if len(found) > WAKES:
        lines.append(tongue("… and more after these."))
    if waits:
        numbers = ", ".join(str(mission.number) for mission in waits)
        lines.append(
            tongue.many(
                "Whenever it happens: mission {numbers} waits for a signal.",
                "Whenever it happens: missions {numbers} wait for a signal.",
                len(waits),
                numbers=numbers,
            )
        )
    if not lines:
        return Receipt(text=tongue("Nothing is planned for then."), data=[])
    data = [{"mission": number, "at": due.isoformat()} for due, number, _ in found[:WAKES]]
    return Receipt(text="\n".join(lines), data=data, tainted=any(mission.tainted for mission in awake))


def _wakes(
    mission: Mission, begin: datetime, end: datetime, calendar: Calendar
) -> Iterator[tuple[datetime, int, bool]]:
    """Its wakes in the span; the last one told says whether more follow."""
    first = max(begin - timedelta(microseconds=1), mission.last_woke or mission.created)
    found = [due for due, _ in islice(triggers.coming(mission, first, end, calendar=calendar), EACH + 1)]
    for index, due in enumerate(found[:EACH]):
        yield due, mission.number, index == EACH - 1 and len(found) > EACH


def _line(due: datetime, mission: Mission, more: bool, context: Context) -> str:
    tongue = context.tongue
    line = f"• {tongue.moment(due, context.zone)} · {mission.number} · {mission.goal}"
    if not more:
        return line
    rhythm = tongue(", ").join(schedules.in_words(each, tongue) for each in mission.schedules)
    return f"{line} · {tongue('and so on: {rhythm}', rhythm=rhythm)}"
