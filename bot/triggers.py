"""When a mission wakes: the next due time of its triggers, and how missed ones become one. Pure.

Which minutes a cron expression names is the Calendar's business; what the wall clock does to them
(skipped and doubled hours) and what becomes of missed times is decided here.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.missions import Cron, Every, Mission, Once, Schedule

LATE = timedelta(minutes=2)
"""A wake this much after its due time says that it is late."""


class Calendar(Protocol):
    """Matches cron fields against a wall clock that knows no zones."""

    def walls(self, expression: str, after: datetime) -> Iterator[datetime]:
        """Naive local times that match, each later than the naive `after`, in order, without end (or until
        the expression can never match again). Raises BadInput for an expression it cannot read."""
        ...


def following(schedule: Schedule, after: datetime, *, calendar: Calendar) -> datetime | None:
    """The first due time strictly after `after` (aware), in UTC; None when there is none.

    Daylight saving: a wall time that the clocks skip is due at the first minute that exists after the gap;
    one that occurs twice is due the first time only.
    """
    match schedule:
        case Once():
            return schedule.at if schedule.at > after else None
        case Every():
            if schedule.start > after:
                return schedule.start
            period = timedelta(seconds=schedule.seconds)
            return schedule.start + ((after - schedule.start) // period + 1) * period
        case Cron():
            return _next_wall(schedule, after, calendar)


def _next_wall(schedule: Cron, after: datetime, calendar: Calendar) -> datetime | None:
    zone = ZoneInfo(schedule.zone)
    # Start a day early: a wall time just before `after` may be due after it (a gap moves it forward),
    # and in the second pass of a doubled hour the wall reads earlier than what was already due.
    wall = after.astimezone(zone).replace(tzinfo=None) - timedelta(days=1)
    for candidate in calendar.walls(schedule.expression, wall):
        due = _instant(candidate, zone)
        if due > after:
            return due
    return None


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    first = wall.replace(tzinfo=zone, fold=0)
    there_and_back = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None)
    if there_and_back == wall:
        return first.astimezone(UTC)
    # The wall time does not exist. Read with the offset from before the gap it lands behind it by as much
    # as it was inside; the gap's end is where the two readings of the wall clock part.
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    late = first.astimezone(UTC)
    low, high = min(early, late), max(early, late)
    before = low.astimezone(zone).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        if middle.astimezone(zone).utcoffset() == before:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One wake to make: the trigger, the latest due time it stands for, and how many earlier ones it
    swallows."""

    trigger: str
    due: datetime
    late: bool
    missed: int


def dues(mission: Mission, now: datetime, *, calendar: Calendar) -> tuple[Due, ...]:
    """The wakes a mission owes at `now`, at most one per trigger: missed times coalesce into the newest."""
    since = mission.last_woke or mission.created
    found: list[Due] = []
    for schedule in mission.schedules:
        passed = list(_between(schedule, since, now, calendar))
        if passed:
            due = passed[-1]
            found.append(
                Due(
                    trigger=schedule.id,
                    due=due,
                    late=now - passed[0] > LATE,
                    missed=len(passed) - 1,
                )
            )
    return tuple(found)


_MOST = 100_000


def _between(schedule: Schedule, since: datetime, now: datetime, calendar: Calendar) -> Iterator[datetime]:
    if isinstance(schedule, Every):
        # Counting beats walking: a one-second interval may have missed millions.
        first = following(schedule, since, calendar=calendar)
        if first is None or first > now:
            return
        period = timedelta(seconds=schedule.seconds)
        count = min((now - first) // period + 1, _MOST)
        last = first + ((now - first) // period) * period
        yield from (last - period * i for i in range(count - 1, -1, -1))
        return
    at = following(schedule, since, calendar=calendar)
    while at is not None and at <= now:
        yield at
        at = following(schedule, at, calendar=calendar)


def next_due(mission: Mission, after: datetime, *, calendar: Calendar) -> datetime | None:
    """The soonest due time of all its schedules strictly after `after`."""
    dates = [following(schedule, after, calendar=calendar) for schedule in mission.schedules]
    return min((date for date in dates if date is not None), default=None)
