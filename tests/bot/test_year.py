"""Two simulated years, in every kind of time zone, with restarts and three-day outages: each due time has exactly one
row, and what becomes of it is what its policy says.

What is due is reckoned here a second time, from the offsets of the zones alone and without a cron expression.
`SIMULATED_SCHEDULES=20000` runs a bigger one.
"""

import os
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.clock.calendar import CronCalendar
from bot.missions import Cron, Every, Missed, Mission, Rule, Schedule, Timing
from bot.triggers import reckon, shift, woken

SCHEDULES = int(os.environ.get("SIMULATED_SCHEDULES", "2000"))
BEGIN, END = datetime(2026, 1, 1, tzinfo=UTC), datetime(2028, 1, 1, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
CALENDAR = CronCalendar()
ZONES = """Africa/Cairo Africa/Casablanca Africa/El_Aaiun Africa/Johannesburg Africa/Lagos America/Anchorage
America/Argentina/Buenos_Aires America/Asuncion America/Bogota America/Chicago America/Denver America/Havana
America/Los_Angeles America/Mexico_City America/New_York America/Nuuk America/Port-au-Prince America/Santiago
America/Sao_Paulo America/St_Johns America/Toronto Antarctica/Troll Asia/Beirut Asia/Dhaka Asia/Gaza Asia/Jerusalem
Asia/Kathmandu Asia/Kolkata Asia/Tehran Asia/Tokyo Atlantic/Azores Australia/Adelaide Australia/Lord_Howe
Australia/Sydney Europe/Chisinau Europe/Dublin Europe/London Europe/Moscow Europe/Paris Pacific/Auckland Pacific/Chatham
Pacific/Easter Pacific/Kiritimati UTC""".split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """A schedule as people mean it: these minutes of these hours, on these days."""

    zone: str
    hours: tuple[int, ...]
    minute: int
    weekdays: tuple[int, ...] = ()
    day: int = 0
    by_rule: bool = False

    @property
    def schedule(self) -> Schedule:
        hours = ",".join(map(str, self.hours))
        if self.by_rule:
            names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
            on = f"FREQ=MONTHLY;BYMONTHDAY={self.day}" if self.day else "FREQ=DAILY"
            on += f";BYDAY={','.join(names[d] for d in self.weekdays)}" if self.weekdays else ""
            text = f"DTSTART:20251231T000000\nRRULE:{on};BYHOUR={hours};BYMINUTE={self.minute};BYSECOND=0"
            return Rule(id="t", text=text, zone=self.zone)
        days = ",".join(str((day + 1) % 7) for day in self.weekdays) or "*"
        return Cron(id="t", expression=f"{self.minute} {hours} {self.day or '*'} * {days}", zone=self.zone)

    def on(self, day: date) -> bool:
        return (not self.weekdays or day.weekday() in self.weekdays) and self.day in (0, day.day)

    def times(self, begin: datetime, end: datetime) -> set[datetime]:
        """Every due time between the two, and some around."""
        first = begin.date() - 2 * DAY
        days = (first + DAY * n for n in range((end - begin).days + 5))
        walls = (
            datetime(d.year, d.month, d.day, h, self.minute)  # noqa: DTZ001 (wall times)
            for d in days
            if self.on(d)
            for h in self.hours
        )
        return {first_moment(self.zone, wall) for wall in walls}


@cache
def offsets(zone: str) -> tuple[tuple[datetime, timedelta], ...]:
    """Since when which offset holds, found by looking at every minute of a day that begins and ends differently."""
    clock = ZoneInfo(zone)

    def offset(at: datetime) -> timedelta:
        found = at.astimezone(clock).utcoffset()
        assert found is not None
        return found

    day = BEGIN - 4 * DAY
    found = [(day, offset(day))]
    while day < END + 4 * DAY:
        if offset(day + DAY) != offset(day):
            minutes = (day + MINUTE * n for n in range(1, 1441))
            found += [(at, offset(at)) for at in minutes if offset(at) != offset(at - MINUTE)]
        day += DAY
    return tuple(found)


def first_moment(zone: str, wall: datetime) -> datetime:
    """When the clocks of the zone first show this time, or the first moment after the hour they skip it with."""
    spells = offsets(zone)
    for index, (since, offset) in enumerate(spells):
        at = wall.replace(tzinfo=UTC) - offset
        until = spells[index + 1][0] if index + 1 < len(spells) else None
        if at < since and index:
            return since
        if until is None or at < until:
            return at
    raise AssertionError


def habits(random: Random, zone: str) -> Habit:
    hours = tuple(
        sorted({random.choice((0, 1, 2, 2, 3, 9, 23)) for _ in range(random.choice((1, 1, 1, 2, 3)))})
    )
    minute = random.choice((0, 0, 15, 30, 45, 59))
    kind, by_rule = random.random(), random.random() < 0.2
    if kind < 0.2:
        return Habit(zone=zone, hours=hours, minute=minute, by_rule=by_rule)
    if kind < 0.8:
        # Sundays often: most clocks change on one.
        days = tuple(sorted({random.choice((0, 3, 5, 6, 6, 6)) for _ in range(2)}))
        return Habit(zone=zone, hours=hours, minute=minute, weekdays=days, by_rule=by_rule)
    return Habit(zone=zone, hours=hours, minute=minute, day=random.choice((1, 15, 29, 31)), by_rule=by_rule)


def outages(random: Random) -> list[tuple[datetime, datetime]]:
    """When nobody is there: moments for a restart, three days for an outage. The last is over at the end."""
    found: list[tuple[datetime, datetime]] = []
    at = BEGIN
    while True:
        at += timedelta(minutes=random.randint(1, 60 * 24 * 60))
        length = random.choice((timedelta(seconds=random.randint(1, 90)), timedelta(hours=5), 3 * DAY))
        if at + length >= END:
            return found
        found.append((at, at + length))
        at += length


def simulate(mission: Mission, away: list[tuple[datetime, datetime]], end: datetime) -> dict[datetime, str]:
    """Every due time that got a row, and what became of it; fails where one got two, or the policy was not kept."""
    rows: dict[datetime, str] = {}
    mission = woken(mission, mission.created, calendar=CALENDAR)
    while mission.next_due is not None and mission.next_due < end:
        now = next((back for gone, back in away if gone <= mission.next_due < back), mission.next_due)
        found = reckon(mission, now, calendar=CALENDAR)
        due = [each.due for each in found.wakes]
        passed = [each.due for each in found.passed]
        for at, fate in (*((each, "wakes") for each in due), *((each, "passed") for each in passed)):
            assert at not in rows, f"{at} has two rows"
            assert at <= now - shift(mission)
            rows[at] = fate
        _kept(mission.timing, due, passed, now - shift(mission))
        mission = woken(mission, now, calendar=CALENDAR)
    return rows


def _kept(timing: Timing, due: list[datetime], passed: list[datetime], until: datetime) -> None:
    everything = sorted([*due, *passed])
    assert everything, "it was woken and nothing was due"
    grace = timedelta(seconds=timing.grace)
    match timing.missed:
        case Missed.COALESCE:
            assert due == everything[-1:]
        case Missed.SKIP:
            assert due == [at for at in everything[-1:] if until - at <= grace]
        case Missed.CATCH_UP:
            assert due == everything[-timing.most :]


def a_mission(number: int, schedule: Schedule, random: Random, *, born: datetime = BEGIN) -> Mission:
    timing = Timing(
        missed=random.choice(list(Missed)),
        grace=random.choice((0, 120, 6 * 3600)),
        most=random.choice((1, 3, 10)),
        spread=random.choice((0, 0, 300)),
    )
    return Mission(
        id=f"mis_{number}",
        number=number,
        space="home",
        owner="per_1",
        place="web//c1/",
        goal="watch",
        triggers=(schedule,),
        created=born,
        timing=timing,
    )


def held_to(habit: Habit, mission: Mission, away: list[tuple[datetime, datetime]], end: datetime) -> int:
    """How many due times it had; each has one row, and none is missing."""
    rows = simulate(mission, away, end)
    last = max(rows, default=mission.created)
    times = habit.times(mission.created, end)
    expected = {at for at in times if mission.created < at <= last}
    assert rows.keys() == expected, (habit, sorted(rows.keys() ^ expected)[:5])
    later = {at for at in times if last < at < end - shift(mission)}
    assert not later, (habit, sorted(later)[:5])
    return len(rows)


def a_life(random: Random, zone: str) -> tuple[datetime, datetime]:
    """Some weeks of the two years, most often with a change of the clocks in them."""
    changes = [at for at, _ in offsets(zone)[1:] if BEGIN + 21 * DAY < at < END - 21 * DAY]
    if changes and random.random() < 0.7:
        born = random.choice(changes) - timedelta(minutes=random.randint(1, 12 * 1440))
    else:
        born = BEGIN + timedelta(minutes=random.randint(0, 700 * 1440))
    return born, born + 16 * DAY


def test_in_two_years_every_due_time_has_exactly_one_row() -> None:
    """SAFETY 95. One schedule in each zone, from the first day to the last."""
    for number, zone in enumerate(ZONES):
        random = Random(f"two years in {zone}")
        habit = replace(habits(random, zone), day=0, weekdays=(5, 6), by_rule=number % 4 == 0)
        assert held_to(habit, a_mission(number, habit.schedule, random), outages(random), END) > 100


@pytest.mark.timeout(0 if SCHEDULES > 5_000 else 120)
def test_thousands_of_schedules_have_each_due_time_in_exactly_one_row() -> None:
    """SAFETY 95. Some weeks each, in every zone, most often through a change of its clocks."""
    random, total = Random("thousands of schedules"), 0
    for number in range(SCHEDULES):
        zone = ZONES[number % len(ZONES)]
        born, end = a_life(random, zone)
        habit = habits(random, zone)
        mission = a_mission(number, habit.schedule, random, born=born)
        total += held_to(habit, mission, outages(random), end)
    assert total > 5 * SCHEDULES


@settings(max_examples=60, deadline=None)
@given(st.integers(7 * 3600, 40 * 86_400), st.integers(0, 10**6))
def test_every_pass_of_an_interval_has_exactly_one_row(seconds: int, seed: int) -> None:
    every, random = Every(id="t", seconds=seconds, start=BEGIN), Random(seed)
    passes = sorted(simulate(a_mission(seed, every, random), outages(random), END))
    assert passes == [BEGIN + timedelta(seconds=every.seconds) * (n + 1) for n in range(len(passes))]


def test_the_zones_are_many_and_have_every_change_of_their_clocks() -> None:
    assert len(ZONES) >= 40
    assert all(
        len(offsets(zone)) >= 5 for zone in ("Australia/Lord_Howe", "Africa/Casablanca", "Europe/Paris")
    )
    assert len(offsets("Asia/Kathmandu")) == 1
