"""The room of the missions: the list, the calendar of coming wakes, and one mission with its runs and its log."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import merge
from itertools import islice
from zoneinfo import ZoneInfo

from adapters.chat.web import drawn
from adapters.chat.web.rooms.now import visible_missions
from adapters.chat.web.rooms.room import Asking, Item, Room, View
from bot import agendas, logbook, rows, schedules, trials, triggers, watching
from bot.charts import Chart
from bot.missions import Mission, Phase
from bot.occurrences import Fate, Occurrence
from bot.store import Tx

DAYS = 7
EACH = 3
"""Times of one mission that are named for one day."""
MOST = 5_000
"""Coming wakes that are looked at."""
RUNS = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class MissionRow:
    """One mission in the list."""

    number: int
    goal: str
    schedule: tuple[str, ...]
    next: str
    phase: str
    pausable: bool
    resumable: bool
    over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """One day of the calendar: its name, and the wakes on it."""

    name: str
    wakes: tuple[Item, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One due time that passed, and what became of it. `good` and `bad` are for the mark beside the words."""

    when: str
    fate: str
    note: str
    good: bool
    bad: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Detail:
    """One mission, looked at closely."""

    row: MissionRow
    owner: str
    may: str
    goals: tuple[tuple[str, bool], ...]
    runs: tuple[Run, ...]
    log: tuple[str, ...]
    chart: Chart | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Missions(View):
    """All that the viewer may see, or the one they opened."""

    rows: tuple[MissionRow, ...] = ()
    days: tuple[Day, ...] = ()
    heard: tuple[Item, ...] = ()
    """Missions that wait for something else than the clock."""
    one: Detail | None = None


def look(tx: Tx, asking: Asking) -> Missions:
    frame = drawn.frame(tx, asking.viewer, house=asking.house)
    missions = visible_missions(tx, asking)
    wanted = asking.asked("mission", 9)
    if wanted.isascii() and wanted.isdecimal():
        found = tx.missions.by_number(int(wanted))
        if found is not None and (asking.person.may_approve or found.owner == asking.person.id):
            return Missions(frame=frame, one=_detail(tx, found, asking))
    return Missions(
        frame=frame,
        rows=tuple(_row(each, asking) for each in missions),
        days=tuple(_calendar(missions, asking)),
        heard=tuple(
            Item(text=each.goal, note=" · ".join(_words(each, asking)), href=_href(each))
            for each in missions
            if each.hears and each.phase is Phase.ACTIVE
        ),
    )


def _href(mission: Mission) -> str:
    return f"/missions?mission={mission.number}"


def _words(mission: Mission, asking: Asking) -> Sequence[str]:
    return [schedules.in_words(trigger, asking.tongue) for trigger in mission.triggers]


def _row(mission: Mission, asking: Asking) -> MissionRow:
    tongue = asking.tongue
    return MissionRow(
        number=mission.number,
        goal=mission.goal,
        schedule=tuple(_words(mission, asking)),
        next=tongue.moment(mission.next_due, mission.zone)
        if mission.next_due and mission.phase is Phase.ACTIVE
        else "",
        phase=phase_words(mission.phase, asking),
        pausable=mission.phase in (Phase.ACTIVE, Phase.PARKED),
        resumable=mission.phase is Phase.PAUSED,
        over=mission.phase.over,
    )


def phase_words(phase: Phase, asking: Asking) -> str:
    tongue = asking.tongue
    match phase:
        case Phase.DRAFT:
            return tongue("draft")
        case Phase.ACTIVE:
            return tongue("on watch")
        case Phase.PARKED:
            return tongue("waits for a press")
        case Phase.PAUSED:
            return tongue("paused")
        case Phase.DONE:
            return tongue("done")
        case Phase.FAILED:
            return tongue("failed")
        case Phase.CANCELLED:
            return tongue("cancelled")


# The calendar ------------------------------------------------------------------------------------------------


def _calendar(missions: Iterable[Mission], asking: Asking) -> Iterable[Day]:
    """The coming days with their wakes, on the viewer's clock."""
    now, zone = asking.house.clock.now(), ZoneInfo(asking.zone)
    awake = [each for each in missions if each.phase is Phase.ACTIVE and each.schedules]
    by_number = {each.number: each for each in awake}
    each_of = [_numbered(each, now, now + timedelta(days=DAYS), asking) for each in awake]
    times: dict[str, dict[int, list[str]]] = {}
    for due, number in islice(merge(*each_of), MOST):
        local = due.astimezone(zone)
        day = asking.tongue.day(local.replace(hour=12), asking.zone).rpartition(",")[0]
        times.setdefault(day, {}).setdefault(number, []).append(f"{local:%H:%M}")
    return [
        Day(name=day, wakes=tuple(_wakes(by_number[number], at, asking) for number, at in found.items()))
        for day, found in times.items()
    ]


def _numbered(
    mission: Mission, begin: datetime, end: datetime, asking: Asking
) -> Iterator[tuple[datetime, int]]:
    for due, _ in islice(triggers.coming(mission, begin, end, calendar=asking.calendar), MOST):
        yield due, mission.number


def _wakes(mission: Mission, at: Sequence[str], asking: Asking) -> Item:
    """The wakes of one mission on one day; of many, the first, the last and how many."""
    if len(at) <= EACH:
        return Item(code=" ".join(at), text=mission.goal, href=_href(mission))
    times = asking.tongue.many("{n} time", "{n} times", len(at))
    return Item(code=f"{at[0]} – {at[-1]}", text=mission.goal, note=times, href=_href(mission))


# One mission -------------------------------------------------------------------------------------------------


def _detail(tx: Tx, mission: Mission, asking: Asking) -> Detail:
    tongue, actions = asking.tongue, asking.house.actions()
    owner = tx.people.get(mission.owner)
    return Detail(
        row=_row(mission, asking),
        owner=owner.name if owner else tongue("nobody we know"),
        may=rows.named(mission.may, actions, tongue) or tongue("reads only"),
        goals=tuple((part.text, part.done is not None) for part in mission.goals),
        runs=tuple(_run(tx, run, asking) for run in tx.occurrences.last(mission.id, RUNS)),
        log=tuple(logbook.in_words(line, tongue, asking.zone, actions) for line in reversed(mission.log)),
        chart=_chart(tx, mission, asking),
    )


def _chart(tx: Tx, mission: Mission, asking: Asking) -> Chart | None:
    """What its watch read in the last days; None where it watches nothing, or nothing was read yet."""
    watch = tx.watches.get(mission.id) if mission.threshold else None
    if watch is None:
        return None
    now = asking.house.clock.now()
    samples = watching.kept(tx, watch.source, now)
    return trials.charted(watch.source, watch.rule, samples, now, asking.tongue, asking.zone)


def _run(tx: Tx, run: Occurrence, asking: Asking) -> Run:
    tongue = asking.tongue
    notes = [tongue("late")] if run.late else []
    if run.missed:
        notes.append(tongue.many("stands for {n} more", "stands for {n} more", run.missed))
    if run.fate in (Fate.DONE, Fate.FAILED, Fate.UNKNOWN):
        notes.append(agendas.report_words(tx, run, tongue))
    if run.why and run.fate is not Fate.DONE:
        notes.append(agendas.why_words(run.why, tongue))
    return Run(
        when=tongue.day(run.due, asking.zone),
        fate=agendas.fate_words(run.fate, tongue),
        note=" · ".join(notes),
        good=run.fate is Fate.DONE,
        bad=run.fate in (Fate.FAILED, Fate.UNKNOWN),
    )


MISSIONS = Room(
    name="missions",
    title=lambda tongue: tongue("Missions"),
    lead=lambda tongue: tongue(
        "What the assistant keeps doing for you. The answer to a button comes in the chat."
    ),
    look=look,
    group=1,
)
