"""When a mission wakes: the next due time of its triggers, and how missed ones become one. Pure.

Which minutes a cron expression names is the Calendar's business; what the wall clock does to them
(skipped and doubled hours) and what becomes of missed times is decided here.
"""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
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

    Daylight saving: a wall time that the clocks skip is due at the first moment that exists after the gap;
    one that occurs twice is due the first time only.
    """
    return next(_times(schedule, after, calendar), None)


def _times(schedule: Schedule, after: datetime, calendar: Calendar) -> Iterator[datetime]:
    """The due times strictly after `after`, each later than the one before."""
    match schedule:
        case Once():
            if schedule.at > after:
                yield schedule.at.astimezone(UTC)
        case Every():
            number = _passes(schedule, after)
            while True:
                yield _pass(schedule, number)
                number += 1
        case Cron():
            zone = ZoneInfo(schedule.zone)
            for wall in calendar.walls(schedule.expression, after.astimezone(zone).replace(tzinfo=None)):
                due = _instant(wall, zone)
                # Not so for what a gap moved onto one instant, and in the second pass of a doubled hour,
                # where the wall clock reads what was due in the first.
                if due > after:
                    yield due
                    after = due


def _pass(schedule: Every, number: int) -> datetime:
    return schedule.start.astimezone(UTC) + number * timedelta(seconds=schedule.seconds)


def _passes(schedule: Every, until: datetime) -> int:
    """How many due times an interval has had up to and including `until`."""
    return max(0, (until - schedule.start) // timedelta(seconds=schedule.seconds) + 1)


def _instant(wall: datetime, zone: ZoneInfo) -> datetime:
    """The first moment at which the wall clock of the zone has come to `wall`."""
    due = wall.replace(tzinfo=zone).astimezone(UTC)
    if _wall(due, zone) == wall:
        return due
    # The clocks skip it. Read with the offset from after the gap it lies before the gap, and the other way
    # round; in between the clock jumps past it, once.
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    seconds = range(int((due - early).total_seconds()))
    jump = bisect_left(seconds, wall, key=lambda second: _wall(early + timedelta(seconds=second), zone))
    return early + timedelta(seconds=jump)


def _wall(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone).replace(tzinfo=None)


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
    owed = (_owed(schedule, since, now, calendar) for schedule in mission.schedules)
    return tuple(due for due in owed if due is not None)


COUNTED = 10_000
"""Missed times are counted one by one up to here, a week of minutes; `missed` never says more."""


def _owed(schedule: Schedule, since: datetime, now: datetime, calendar: Calendar) -> Due | None:
    first = following(schedule, since, calendar=calendar)
    if first is None or first > now:
        return None
    match schedule:
        case Once():
            newest, count = first, 1
        case Every():
            # Counting beats walking: a one-second interval may have missed millions.
            passes = _passes(schedule, now)
            newest, count = _pass(schedule, passes - 1), passes - _passes(schedule, since)
        case Cron():
            newest, count = _walked(schedule, since, now, calendar)
    return Due(trigger=schedule.id, due=newest, late=now - first > LATE, missed=min(count, COUNTED) - 1)


def _walked(schedule: Cron, since: datetime, now: datetime, calendar: Calendar) -> tuple[datetime, int]:
    """The newest due time up to `now` and how many there were since, of which there is at least one."""
    newest, count = since, 0
    for due in _times(schedule, since, calendar):
        if due > now:
            return newest, count
        newest, count = due, count + 1
        if count == COUNTED:
            break
    # Too many to count: look for the newest from the near end, in windows that double.
    window = timedelta(hours=1)
    while True:
        start = max(newest, now - window)
        found = [*takewhile(lambda due: due <= now, _times(schedule, start, calendar))]
        if found or start == newest:
            return (found[-1] if found else newest), count
        window *= 2


def next_due(mission: Mission, after: datetime, *, calendar: Calendar) -> datetime | None:
    """The soonest due time of all its schedules strictly after `after`."""
    dates = [following(schedule, after, calendar=calendar) for schedule in mission.schedules]
    return min((date for date in dates if date is not None), default=None)


def woken(mission: Mission, now: datetime, *, calendar: Calendar) -> Mission:
    """The mission after its wakes up to `now` were made."""
    return replace(mission, last_woke=now, next_due=next_due(mission, now, calendar=calendar))


def armed(mission: Mission, now: datetime, *, calendar: Calendar) -> Mission:
    """The mission set to wake from now on: what fell due while it was paused is not owed."""
    return woken(mission, now, calendar=calendar)
