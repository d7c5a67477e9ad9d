"""Recurrence rules of iCalendar (RFC 5545) on a naive wall clock, by dateutil. Knows zones only to read what is
handed in: everything that is kept is local time.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import MAXYEAR, UTC, date, datetime, time, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from dateutil.rrule import rruleset, rrulestr

from bot.errors import BadInput

_FAR = 60
"""Years within which a rule has to happen: a 29th of February that is a certain day of the week comes once in 40 at the latest."""
_LONGEST = 2_000
_LINE = re.compile(r"(?P<name>[A-Z]+)(?P<options>(?:;[A-Z]+=[^:;]+)*):(?P<value>\S+)")
_UNTIL = re.compile(r"(?<=UNTIL=)\d{8}(?:T\d{6}Z?)?")
_PERIODS = {"MINUTELY": timedelta(minutes=1), "HOURLY": timedelta(hours=1), "DAILY": timedelta(days=1)}
_PERIODS["WEEKLY"] = timedelta(weeks=1)
_STAMP = "%Y%m%dT%H%M%S"


def written(text: str, *, zone: str, now: datetime) -> str:
    """The lines DTSTART, RRULE, EXDATE and RDATE with times on the wall clock of the zone; a rule without a
    beginning begins now. Raises BadInput."""
    lines = [line.strip().upper() for line in re.split(r"[\r\n]+|\\n", text.strip()) if line.strip()]
    if len(text) > _LONGEST or not lines:
        raise _unread(text, BadInput("it is empty or too long"))
    if len(lines) == 1 and lines[0].startswith("FREQ="):
        lines = [f"RRULE:{lines[0]}"]
    begin = now.astimezone(ZoneInfo(zone)).replace(second=0, microsecond=0, tzinfo=None)
    kept: list[str] = []
    for line in lines:
        found = _LINE.fullmatch(re.sub(r"TZID=[^:;]+", lambda m: m.group(), line))
        match found and found["name"]:
            case "DTSTART" if found is not None:
                begin = _local(found["value"], text, zone)
            case "EXDATE" | "RDATE" if found is not None:
                days = [_local(each, text, zone) for each in found["value"].split(",")]
                kept.append(f"{found['name']}:{','.join(day.strftime(_STAMP) for day in days)}")
            case "RRULE" if found is not None:
                kept.append(_rule(found["value"], text, zone))
            case _:
                raise _unread(text, BadInput("only DTSTART, RRULE, EXDATE and RDATE are understood"))
    if sum(line.startswith("RRULE:") for line in kept) != 1:
        raise _unread(text, BadInput("it has to have one RRULE"))
    rule = "\n".join([f"DTSTART:{begin.strftime(_STAMP)}", *kept])
    beginning = begin - timedelta(days=1)
    try:
        happens = _recurs(kept, begin) and next(occurrences(rule, beginning), None) is not None
    except (ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise _unread(text, BadInput("that is not how such a rule is written")) from error
    if not happens:
        raise _unread(text, BadInput("it never happens"))
    return rule


def _recurs(kept: Sequence[str], begin: datetime) -> bool:
    """Whether the rule alone happens at all. Asked near the end of the calendar, where dateutil gives up: a rule that never
    happens is walked to there. Days of the week come again on the same dates every 400 years."""
    late = begin.replace(year=begin.year + (MAXYEAR - _FAR - begin.year) // 400 * 400)
    rule = next(line for line in kept if line.startswith("RRULE:"))
    bare = re.sub(r";(?:COUNT|UNTIL)=[^;]*", "", rule.replace("RRULE:", ";")).removeprefix(";")
    walk = occurrences(f"DTSTART:{late.strftime(_STAMP)}\nRRULE:{bare}", late - timedelta(days=1))
    return next(walk, None) is not None


def _rule(value: str, text: str, zone: str) -> str:
    if re.search(r"UNTIL=(?!\d{8}(?:T\d{6}Z?)?(?:;|$))|(?:COUNT|INTERVAL)=0*(?:;|$)", value):
        raise _unread(text, BadInput("that is not how such a rule is written"))
    if "FREQ=SECONDLY" in value or "BYSECOND" in value or "BYEASTER" in value:
        raise _unread(
            text, BadInput("nothing wakes more often than once a minute, nor by the date of Easter")
        )
    return "RRULE:" + _UNTIL.sub(lambda m: _local(m.group(), text, zone, end=True).strftime(_STAMP), value)


def _local(value: str, text: str, zone: str, *, end: bool = False) -> datetime:
    """A date or time of the rule on the wall clock of the zone; the end of a day where only the day is named."""
    try:
        if len(value) == 8:
            day = date(int(value[:4]), int(value[4:6]), int(value[6:8]))
            return datetime.combine(day, time(23, 59, 59) if end else time(0))
        at = datetime.strptime(value.removesuffix("Z"), _STAMP)  # noqa: DTZ007 (wall times)
    except ValueError as error:
        raise _unread(text, BadInput("dates and times are written 20261224 or 20261224T090000")) from error
    if value.endswith("Z"):
        at = at.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    return at


def occurrences(rule: str, after: datetime) -> Iterator[datetime]:
    """Wall times of a kept rule later than `after`, in order.

    A rule that counts nothing begins near `after`: walking from a beginning years ago would cost more each year.
    """
    found: Any = rrulestr(_begun_near(rule, after), forceset=True)
    assert isinstance(found, rruleset)
    return cast("Iterator[datetime]", found.xafter(after, inc=False))


def _begun_near(rule: str, after: datetime) -> str:
    begin = re.search(r"DTSTART:(\S+)", rule)
    every = re.search(r"FREQ=([A-Z]+)", rule)
    period = _PERIODS.get(every.group(1)) if every else None
    if begin is None or period is None or "COUNT=" in rule:
        return rule
    interval = re.search(r"INTERVAL=(\d+)", rule)
    period *= int(interval.group(1)) if interval else 1
    start = datetime.strptime(begin.group(1), _STAMP)  # noqa: DTZ007 (wall times)
    periods = (after - start) // period - 1
    if periods <= 0:
        return rule
    return rule.replace(begin.group(1), (start + periods * period).strftime(_STAMP), 1)


def _unread(text: str, why: BadInput) -> BadInput:
    return BadInput(
        "“{text}” cannot be read as a recurrence rule: {why}",
        text=" ".join(text[:200].split()),
        why=why,
        field="rule",
    )
