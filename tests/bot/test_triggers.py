"""When missions wake: on every wall clock of the world, through gaps and doubled hours, and after an absence."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from adapters.clock.calendar import CronCalendar
from bot.missions import Cron, Every, Mission, Once, OnSignal, Schedule, Trigger
from bot.triggers import COUNTED, LATE, Calendar, armed, dues, following, next_due, woken

CALENDAR = CronCalendar()
FIRST, LAST = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

ODD_ZONES = [
    "Australia/Lord_Howe",  # moves by half an hour
    "Asia/Kathmandu",  # +5:45, never moves
    "Africa/Casablanca",  # moves back for Ramadan
    "Pacific/Apia",
    "America/Havana",  # skips midnight
    "Asia/Beirut",  # skips midnight
    "America/Santiago",
    "Europe/Paris",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Nuuk",
    "Antarctica/Troll",  # moves by two hours
    "Pacific/Chatham",
    "UTC",
]
ZONES = sorted(available_timezones() - {"Factory", "localtime"})


@cache
def changes(zone: str) -> tuple[datetime, ...]:
    """The days of two years on which the clocks of a zone change."""
    clock, days = ZoneInfo(zone), [FIRST + DAY * n for n in range((LAST - FIRST).days)]
    return tuple(day for day, later in pairwise(days) if _offset(clock, day) != _offset(clock, later))


def _offset(clock: ZoneInfo, at: datetime) -> timedelta | None:
    return at.astimezone(clock).utcoffset()


@st.composite
def near_a_change(draw: st.DrawFn, zones: list[str]) -> tuple[str, datetime]:
    """A zone and a moment, most often close to a change of its clocks."""
    zone = draw(st.sampled_from(zones))
    day = draw(st.sampled_from(changes(zone) or (datetime(2026, 6, 1, tzinfo=UTC),)))
    return zone, day + timedelta(seconds=draw(st.integers(-36 * 3600, 36 * 3600)))


MINUTES = st.sampled_from(["*", "0", "30", "59", "*/15", "*/7", "15,45", "0-5"])
HOURS = st.sampled_from(["*", "0", "1", "2", "3", "23", "0-3", "*/2", "1,2", "9"])
EXPRESSIONS = st.builds("{} {} * * {}".format, MINUTES, HOURS, st.sampled_from(["*", "0", "7", "1-5", "SUN"]))


def cron(expression: str, zone: str = "UTC") -> Cron:
    return Cron(id="t1", expression=expression, zone=zone)


def after(schedule: Schedule, at: datetime) -> datetime | None:
    return following(schedule, at, calendar=CALENDAR)


def between(schedule: Schedule, start: datetime, end: datetime) -> Iterator[datetime]:
    at = after(schedule, start)
    while at is not None and at <= end:
        yield at
        at = after(schedule, at)


def local(at: datetime | None, zone: str) -> str:
    assert at is not None
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def reached(schedule: Cron, start: datetime, end: datetime) -> list[datetime]:
    """The due times by watching a wall clock minute by minute: a time is due when the clock first shows it
    or, skipping it, first shows a later one."""
    zone, seen = ZoneInfo(schedule.zone), start - 2 * DAY
    walls = CALENDAR.walls(schedule.expression, seen.astimezone(zone).replace(tzinfo=None))
    wall, found = next(walls), list[datetime]()
    while seen <= end:
        shown = seen.astimezone(zone).replace(tzinfo=None)
        while wall <= shown:
            found.append(seen)
            wall = next(walls)
        seen += MINUTE
    return sorted({due for due in found if start < due <= end})


@settings(max_examples=60, deadline=None)
@given(near_a_change(ODD_ZONES), EXPRESSIONS)
def test_a_time_is_due_when_the_wall_clock_first_reaches_it(
    where: tuple[str, datetime], expression: str
) -> None:
    zone, start = where[0], where[1].replace(second=0)
    schedule = cron(expression, zone)
    assert [*between(schedule, start, start + 30 * HOUR)] == reached(schedule, start, start + 30 * HOUR)


@settings(max_examples=300, deadline=None)
@given(near_a_change(ZONES), EXPRESSIONS, st.integers(1, 10**6))
def test_every_due_time_comes_after_the_one_before(
    where: tuple[str, datetime], expression: str, microseconds: int
) -> None:
    schedule, start = cron(expression, where[0]), where[1] + timedelta(microseconds=microseconds)
    found = [start]
    for _ in range(40):
        due = after(schedule, found[-1])
        assert due is not None
        assert due.tzinfo is UTC
        assert due > found[-1]
        found.append(due)
    # And it does not matter from where one looks: the next one is the next one.
    middle = found[10] + (found[11] - found[10]) / 3
    assert after(schedule, middle) == found[11]


@settings(max_examples=300, deadline=None)
@given(near_a_change(ZONES), st.integers(0, 23), st.integers(0, 59))
def test_a_daily_time_is_due_once_a_day_everywhere(
    where: tuple[str, datetime], hour: int, minute: int
) -> None:
    zone, start = where
    clock = ZoneInfo(zone)
    days = [
        due.astimezone(clock).date()
        for due in between(cron(f"{minute} {hour} * * *", zone), start, start + 9 * DAY)
    ]
    assert all(later - earlier == DAY for earlier, later in pairwise(days))
    assert len(days) in (8, 9, 10)


@pytest.mark.parametrize(
    ("zone", "expression", "start", "due"),
    [
        ("Europe/Paris", "30 2 * * *", "2026-03-29T00:00+01:00", "2026-03-29T03:00+02:00"),
        ("Europe/Paris", "0 3 * * *", "2026-03-29T00:00+01:00", "2026-03-29T03:00+02:00"),
        ("America/New_York", "5 2 * * *", "2026-03-08T01:59-05:00", "2026-03-08T03:00-04:00"),
        ("Australia/Lord_Howe", "15 2 * * *", "2026-10-04T00:00+10:30", "2026-10-04T02:30+11:00"),
        ("America/Havana", "0 0 * * *", "2026-03-07T12:00-05:00", "2026-03-08T01:00-04:00"),
        ("Antarctica/Troll", "30 1 * * *", "2026-03-29T00:00+00:00", "2026-03-29T03:00+02:00"),
        ("Pacific/Apia", "0 9 * * *", "2011-12-29T10:00-10:00", "2011-12-31T00:00+14:00"),
    ],
)
def test_a_skipped_time_is_due_at_the_first_moment_after_the_gap(
    zone: str, expression: str, start: str, due: str
) -> None:
    """SAFETY 95"""
    assert local(after(cron(expression, zone), datetime.fromisoformat(start)), zone) == due


def test_what_a_gap_moves_together_is_due_once() -> None:
    start = datetime.fromisoformat("2026-03-29T01:40+01:00")
    found = [
        local(due, "Europe/Paris")
        for due in between(cron("*/15 * * * *", "Europe/Paris"), start, start + HOUR)
    ]
    assert found == [
        "2026-03-29T01:45+01:00",
        "2026-03-29T03:00+02:00",
        "2026-03-29T03:15+02:00",
        "2026-03-29T03:30+02:00",
    ]


def test_a_doubled_hour_is_due_the_first_time_only() -> None:
    """SAFETY 95"""
    zone = "Europe/Paris"
    start = datetime.fromisoformat("2026-10-25T01:45+02:00")
    found = [local(due, zone) for due in between(cron("0,30 * * * *", zone), start, start + 3 * HOUR)]
    assert found == [
        "2026-10-25T02:00+02:00",
        "2026-10-25T02:30+02:00",
        "2026-10-25T03:00+01:00",
        "2026-10-25T03:30+01:00",
    ]
    second_pass = datetime.fromisoformat("2026-10-25T02:10+01:00")
    assert local(after(cron("30 2 * * *", zone), second_pass), zone) == "2026-10-26T02:30+01:00"


class CountingCalendar:
    """Counts how many wall times are looked at."""

    def __init__(self) -> None:
        self.looked_at = 0

    def walls(self, expression: str, after: datetime) -> Iterator[datetime]:
        for wall in CALENDAR.walls(expression, after):
            self.looked_at += 1
            yield wall

    def occurrences(self, rule: str, after: datetime) -> Iterator[datetime]:
        return CALENDAR.occurrences(rule, after)

    def written(self, rule: str, *, zone: str, now: datetime) -> str:
        return CALENDAR.written(rule, zone=zone, now=now)


@settings(max_examples=100, deadline=None)
@given(near_a_change(ODD_ZONES))
def test_the_next_minute_is_found_without_walking_a_day(where: tuple[str, datetime]) -> None:
    zone, start = where
    clock = ZoneInfo(zone)
    assume(start.astimezone(clock).fold == 0)
    calendar = CountingCalendar()
    assert following(cron("* * * * *", zone), start, calendar=calendar)
    assert calendar.looked_at <= 2


@given(
    st.integers(1, 10**6),
    near_a_change(ODD_ZONES),
    st.timedeltas(timedelta(0), timedelta(days=400)),
)
def test_an_interval_knows_no_wall_clock(seconds: int, where: tuple[str, datetime], later: timedelta) -> None:
    zone, start = where
    every = Every(id="t1", seconds=seconds, start=start.astimezone(ZoneInfo(zone)))
    due = after(every, start + later)
    assert due is not None
    assert due.tzinfo is UTC
    assert (due - start) % timedelta(seconds=seconds) == timedelta(0)
    assert timedelta(0) < due - (start + later) <= timedelta(seconds=seconds)


def test_an_interval_begins_at_its_start() -> None:
    every = Every(id="t1", seconds=60, start=FIRST)
    assert after(every, FIRST - DAY) == FIRST
    assert after(every, FIRST) == FIRST + MINUTE


def test_a_single_time_comes_once() -> None:
    once = Once(id="t1", at=datetime.fromisoformat("2026-11-21T09:00+01:00"))
    assert after(once, FIRST) == datetime(2026, 11, 21, 8, tzinfo=UTC)
    assert after(once, once.at) is None


def mission(*triggers: Trigger, created: datetime = FIRST, last_woke: datetime | None = None) -> Mission:
    return Mission(
        id="mis_1",
        number=1,
        space="home",
        owner="per_1",
        place="web//c1/",
        goal="watch",
        triggers=triggers,
        created=created,
        last_woke=last_woke,
    )


NINE = cron("0 9 * * *", "Europe/Paris")
MONDAY = datetime.fromisoformat("2026-11-16T09:00+01:00")


def test_three_missed_days_become_one_late_wake() -> None:
    """SAFETY 95"""
    watch = mission(NINE, last_woke=MONDAY)
    (due,) = dues(watch, MONDAY + 3 * DAY + HOUR, calendar=CALENDAR)
    assert (due.trigger, due.due, due.late, due.missed) == ("t1", MONDAY + 3 * DAY, True, 2)


def test_a_wake_in_time_is_neither_late_nor_missed() -> None:
    watch = mission(NINE, last_woke=MONDAY)
    (due,) = dues(watch, MONDAY + DAY + LATE, calendar=CALENDAR)
    assert (due.due, due.late, due.missed) == (MONDAY + DAY, False, 0)
    (late,) = dues(watch, MONDAY + DAY + LATE + timedelta(seconds=1), calendar=CALENDAR)
    assert late.late


def test_nothing_is_owed_before_it_is_due() -> None:
    watch = mission(NINE, last_woke=MONDAY)
    assert dues(watch, MONDAY + DAY - MINUTE, calendar=CALENDAR) == ()
    assert next_due(watch, MONDAY, calendar=CALENDAR) == MONDAY + DAY


def test_a_mission_that_never_woke_owes_from_its_creation() -> None:
    once = Once(id="t2", at=FIRST + HOUR)
    (due,) = dues(mission(once), FIRST + 2 * HOUR, calendar=CALENDAR)
    assert (due.due, due.missed, due.late) == (FIRST + HOUR, 0, True)
    assert dues(mission(once, created=FIRST + HOUR), FIRST + 2 * HOUR, calendar=CALENDAR) == ()


def test_each_trigger_owes_a_wake_of_its_own() -> None:
    every = Every(id="t2", seconds=3600, start=MONDAY)
    watch = mission(NINE, every, OnSignal(id="t3", name="alert"), last_woke=MONDAY)
    found = dues(watch, MONDAY + DAY + MINUTE, calendar=CALENDAR)
    assert [(due.trigger, due.missed) for due in found] == [("t1", 0), ("t2", 23)]
    assert next_due(watch, MONDAY + MINUTE, calendar=CALENDAR) == MONDAY + HOUR
    assert next_due(mission(OnSignal(id="t3", name="alert")), MONDAY, calendar=CALENDAR) is None


@settings(max_examples=100, deadline=None)
@given(
    near_a_change(ODD_ZONES),
    EXPRESSIONS,
    st.timedeltas(timedelta(0), timedelta(days=12)),
)
def test_one_wake_stands_for_every_time_that_was_missed(
    where: tuple[str, datetime], expression: str, absence: timedelta
) -> None:
    zone, since = where
    schedule = cron(expression, zone)
    passed = [*between(schedule, since, since + absence)][: COUNTED + 1]
    assume(len(passed) <= COUNTED)
    found = dues(mission(schedule, last_woke=since), since + absence, calendar=CALENDAR)
    assert [(due.due, due.missed) for due in found] == ([(passed[-1], len(passed) - 1)] if passed else [])


@pytest.mark.parametrize(
    ("schedule", "newest"),
    [
        (cron("* * * * *", "Europe/Paris"), datetime(2027, 6, 30, 23, 59, tzinfo=UTC)),
        (cron("* 9 * * 1", "Europe/Paris"), datetime(2027, 6, 28, 7, 59, tzinfo=UTC)),
        (Every(id="t1", seconds=1, start=FIRST), datetime(2027, 6, 30, 23, 59, 30, tzinfo=UTC)),
    ],
)
def test_after_a_year_away_the_newest_is_found_and_the_rest_only_counted_so_far(
    schedule: Schedule, newest: datetime
) -> None:
    now, watch = datetime(2027, 6, 30, 23, 59, 30, tzinfo=UTC), mission(schedule)
    (due,) = dues(watch, now, calendar=CALENDAR)
    assert due.due == newest
    assert due.late
    assert due.missed <= COUNTED - 1
    if schedule != cron("* 9 * * 1", "Europe/Paris"):
        assert due.missed == COUNTED - 1


def test_what_was_woken_owes_nothing_more() -> None:
    now = MONDAY + 3 * DAY + HOUR
    watch = woken(mission(NINE, last_woke=MONDAY), now, calendar=CALENDAR)
    assert dues(watch, now, calendar=CALENDAR) == ()
    assert watch.next_due == MONDAY + 4 * DAY


def test_what_fell_due_in_a_pause_is_not_owed() -> None:
    watch = armed(mission(NINE, last_woke=MONDAY), MONDAY + 3 * DAY + HOUR, calendar=CALENDAR)
    (due,) = dues(watch, MONDAY + 4 * DAY, calendar=CALENDAR)
    assert (due.due, due.missed, due.late) == (MONDAY + 4 * DAY, 0, False)


def test_the_calendar_is_the_port_the_rules_ask_for() -> None:
    calendar: Calendar = CronCalendar()
    assert next(calendar.walls("0 9 * * 1", datetime(2026, 11, 17))) == datetime(2026, 11, 23, 9)  # noqa: DTZ001 (wall times)
