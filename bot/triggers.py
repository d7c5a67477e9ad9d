"""When a mission wakes: the next due time of its triggers, and how missed ones become one. Pure.

Which minutes a cron expression names is the Calendar's business; what the wall clock does to them
(skipped and doubled hours) and what becomes of missed times is decided here.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from heapq import merge
from itertools import takewhile
from typing import Protocol
from zoneinfo import ZoneInfo

from bot.missions import Cron, Every, Missed, Mission, Once, Rule, Schedule, Timing

LATE = timedelta(seconds=Timing().grace)
"""A wake this much after its due time says that it is late, where a mission names no grace of its own."""


class Calendar(Protocol):
    """Matches cron fields against a wall clock that knows no zones."""

    def walls(self, expression: str, after: datetime) -> Iterator[datetime]:
        """Naive local times that match, each later than the naive `after`, in order, without end (or until
        the expression can never match again). Raises BadInput for an expression it cannot read."""
        ...

    def occurrences(self, rule: str, after: datetime) -> Iterator[datetime]:
        """Naive local times of a recurrence rule, each later than the naive `after`, in order, to its end.
        Raises BadInput for a rule it cannot read."""
        ...

    def written(self, rule: str, *, zone: str, now: datetime) -> str:
        """A recurrence rule as people hand it in, as `occurrences` reads it: with a beginning, on the wall clock
        of the zone. Raises BadInput for a rule it cannot read, or of less than a minute."""
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
        case Cron() | Rule():
            zone = ZoneInfo(schedule.zone)
            for wall in _walls(schedule, after.astimezone(zone).replace(tzinfo=None), calendar):
                due = _instant(wall, zone)
                # Not so for what a gap moved onto one instant, and in the second pass of a doubled hour,
                # where the wall clock reads what was due in the first.
                if due > after:
                    yield due
                    after = due


def _walls(schedule: Cron | Rule, after: datetime, calendar: Calendar) -> Iterator[datetime]:
    match schedule:
        case Cron():
            return calendar.walls(schedule.expression, after)
        case Rule():
            return calendar.occurrences(schedule.text, after)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A due time that gets no wake of its own: a newer one stands for it, or its policy skips it."""

    trigger: str
    due: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """Every due time since the last wakes, each in one of the two."""

    wakes: tuple[Due, ...] = ()
    passed: tuple[Passed, ...] = ()


def dues(mission: Mission, now: datetime, *, calendar: Calendar) -> tuple[Due, ...]:
    """The wakes a mission owes at `now`, oldest first for each trigger."""
    return reckon(mission, now, calendar=calendar).wakes


def reckon(mission: Mission, now: datetime, *, calendar: Calendar) -> Reckoning:
    """What a mission owes at `now` and what it lets pass, by its policy for missed times."""
    since, until = mission.last_woke or mission.created, now - shift(mission)
    if mission.ends is not None:
        until = min(until, mission.ends - timedelta(microseconds=1))
    owed = [_owed(schedule, since, until, mission.timing, calendar) for schedule in mission.schedules]
    return Reckoning(
        wakes=tuple(due for each in owed for due in each.wakes),
        passed=tuple(passed for each in owed for passed in each.passed),
    )


def shift(mission: Mission) -> timedelta:
    """How long after their due times the wakes of this mission come: the same each time."""
    if not mission.timing.spread:
        return timedelta(0)
    lot = int.from_bytes(hashlib.sha256(mission.id.encode()).digest()[:8])
    return timedelta(seconds=lot % mission.timing.spread)


COUNTED = 10_000
"""Missed times are counted one by one up to here, a week of minutes; `missed` never says more."""


def _owed(
    schedule: Schedule, since: datetime, until: datetime, timing: Timing, calendar: Calendar
) -> Reckoning:
    times = _listed(schedule, since, until, calendar)
    if not times:
        return Reckoning()
    grace = timedelta(seconds=timing.grace)
    match timing.missed:
        case Missed.COALESCE:
            waking = times[-1:]
        case Missed.SKIP:
            waking = [due for due in times[-1:] if until - due <= grace]
        case Missed.CATCH_UP:
            waking = times[-max(timing.most, 1) :]
    passed = times[: len(times) - len(waking)]
    coalesced = timing.missed is Missed.COALESCE
    # What one wake stands for is as late as the oldest of it.
    oldest = times[0] if coalesced else None
    wakes = tuple(
        Due(
            trigger=schedule.id,
            due=due,
            late=until - (oldest or due) > grace,
            missed=len(passed) if coalesced else 0,
        )
        for due in waking
    )
    return Reckoning(wakes=wakes, passed=tuple(Passed(trigger=schedule.id, due=due) for due in passed))


def _listed(schedule: Schedule, since: datetime, until: datetime, calendar: Calendar) -> list[datetime]:
    """The due times after `since` up to `until`; of more than `COUNTED`, the oldest ones and the newest."""
    found: list[datetime] = []
    for due in _times(schedule, since, calendar):
        if due > until:
            return found
        found.append(due)
        if len(found) == COUNTED:
            break
    return [*found[:-1], _newest(schedule, found[-1], until, calendar)] if found else []


def _newest(schedule: Schedule, since: datetime, until: datetime, calendar: Calendar) -> datetime:
    """The newest due time up to `until`, which is `since` when there is none later."""
    if isinstance(schedule, Every):
        return _pass(schedule, _passes(schedule, until) - 1)
    # Look for it from the near end, in windows that double.
    window = timedelta(hours=1)
    while True:
        start = max(since, until - window)
        found = [*takewhile(lambda due: due <= until, _times(schedule, start, calendar))]
        if found or start == since:
            return found[-1] if found else since
        window *= 2


def next_due(mission: Mission, after: datetime, *, calendar: Calendar) -> datetime | None:
    """The soonest moment strictly after `after` at which it is to be woken by one of its schedules."""
    late = shift(mission)
    dates = [following(schedule, after - late, calendar=calendar) for schedule in mission.schedules]
    looks = {each.at for each in mission.follow_ups}
    ahead = [date for date in dates if date is not None]
    if mission.ends is not None:
        ahead = [date for date in ahead if date < mission.ends or date in looks]
    soonest = min(ahead, default=None)
    return soonest and soonest + late


def coming(
    mission: Mission, after: datetime, until: datetime, *, calendar: Calendar
) -> Iterator[tuple[datetime, str]]:
    """The wakes between two moments, each with its trigger, in order."""
    late = shift(mission)
    each = (_named(schedule, after - late, calendar) for schedule in mission.schedules)
    return takewhile(lambda due: due[0] <= until, ((due + late, trigger) for due, trigger in merge(*each)))


def _named(schedule: Schedule, after: datetime, calendar: Calendar) -> Iterator[tuple[datetime, str]]:
    return ((due, schedule.id) for due in _times(schedule, after, calendar))


def woken(mission: Mission, now: datetime, *, calendar: Calendar) -> Mission:
    """The mission after its wakes up to `now` were made."""
    done = now - shift(mission)
    # Not back to what lies before it was armed: that is not owed.
    last = max(done, mission.last_woke) if mission.last_woke else max(done, mission.created)
    return replace(mission, last_woke=last, next_due=_next(mission, last, calendar))


def armed(mission: Mission, now: datetime, *, calendar: Calendar) -> Mission:
    """The mission set to wake from now on: what fell due while it was paused is not owed."""
    return replace(mission, last_woke=now, next_due=_next(mission, now, calendar))


def _next(mission: Mission, last: datetime, calendar: Calendar) -> datetime | None:
    """When the first due time after `last` is to be rung."""
    return next_due(mission, last + shift(mission), calendar=calendar)
