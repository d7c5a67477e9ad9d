"""One moment ahead: `in 10 minutes`, `tomorrow at 9`, `on 3 March at 14:00`, `lundi prochain à 8h`.

Days are counted on the wall clock of the person's zone. Dates with the name of a month are read by
dateparser, which is imported the first time one must be: it takes a tenth of a second.
"""

import importlib
import re
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from adapters.minds.builtin.times import (
    AND,
    MONTHS,
    PARTS,
    SECONDS,
    USUAL,
    Reader,
    clock,
    in_part,
    number,
    part_of_day,
    unit,
    weekday,
)
from bot.errors import BadInput
from bot.speech import Tongue

FURTHEST = timedelta(days=366 * 10)
"""How far ahead a moment may lie; further is a misunderstanding."""

_ORDINAL = re.compile(r"[0-9]{1,2}(?:st|nd|rd|th|er)?")
_YEAR = re.compile(r"[0-9]{4}")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_ISO_MOMENT = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})t([0-9]{1,2}:[0-9]{2})")
_SLASHED = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """What a moment is measured against: now, in the person's zone, and the language to complain in."""

    now: datetime
    zone: ZoneInfo
    tongue: Tongue

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    def at(self, day: date, time: tuple[int, int]) -> datetime:
        """The instant of a wall time; one that the clocks skip is read as the instant they jump over to."""
        wall = datetime(day.year, day.month, day.day, *time, tzinfo=self.zone)
        return wall.astimezone(UTC).astimezone(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Day:
    """A day that was named, and the part of it. With `step`, the same words also mean the day that many days later."""

    day: date
    step: int = 0
    part: str = ""

    def at(self, time: tuple[int, int] | None) -> tuple[int, int]:
        """The time of day that is meant, with the one that was said, if any."""
        return in_part(self.part, time) if time else PARTS.get(self.part, USUAL)


def read(reader: Reader, *, scale: Scale) -> datetime | None:
    """The moment at the position, in the person's zone, or None and the reader where it was.

    Raises BadInput for a moment that has passed and for what is no date or time of day.
    """
    start = reader.at
    found = _ahead(reader, scale) or _on_a_day(reader, scale)
    if found is None:
        reader.at = start
        return None
    if found > scale.now + FURTHEST:
        raise BadInput(scale.tongue("that is more than ten years ahead"))
    return found


def _ahead(reader: Reader, scale: Scale) -> datetime | None:
    """`in 10 minutes`, `dans 2 heures et 30 minutes`, `in 3 days at 9`."""
    if not (reader.take({"in", "dans"}) or reader.phrase("d' ici")):
        return None
    begin, seconds, days = reader.at, 0, 0
    while True:
        before = reader.at
        amount = _amount(reader)
        if amount is None:
            reader.at = before
            break
        count, name = amount
        if name in ("day", "week"):
            days += count * (7 if name == "week" else 1)
        elif name in SECONDS:
            seconds += count * SECONDS[name] + _fraction(reader, SECONDS[name])
        else:
            raise BadInput(scale.tongue("count in days or weeks, or name the date"))
        if not (reader.take(AND) or not reader.cut):
            break
    if reader.last is None or reader.at == begin:
        return None
    if seconds == 0 and days == 0:
        raise BadInput(scale.tongue("that is now; name at least 1 minute"))
    if reader.last.word in AND:
        reader.at -= 1
    return _counted(seconds, days, reader, scale)


def _counted(seconds: int, days: int, reader: Reader, scale: Scale) -> datetime:
    if seconds > FURTHEST.total_seconds() or days > FURTHEST.days:
        raise BadInput(scale.tongue("that is more than ten years ahead"))
    if not days:
        return (scale.now + timedelta(seconds=seconds)).astimezone(scale.zone)
    time = clock(reader, tongue=scale.tongue) if not seconds else None
    local = scale.now.astimezone(scale.zone)
    day = local.date() + timedelta(days=days)
    at = scale.at(day, time or (local.hour, local.minute))
    return at if time else at.replace(second=local.second) + timedelta(seconds=seconds)


def _amount(reader: Reader) -> tuple[int, str] | None:
    if reader.phrase("half an hour", "une demi heure"):
        return 30, "minute"
    if reader.phrase("a quarter of an hour", "un quart d' heure"):
        return 15, "minute"
    if reader.phrase("three quarters of an hour", "trois quarts d' heure"):
        return 45, "minute"
    if reader.phrase("quinze jours"):  # as the French count a fortnight; “huit jours” is their week
        return 2, "week"
    if reader.phrase("huit jours"):
        return 1, "week"
    count = number(reader)
    name = unit(reader) if count is not None else ""
    return (count, name) if count is not None and name else None


def _fraction(reader: Reader, seconds: int) -> int:
    """`and a half`, `et quart` behind a unit of so many seconds."""
    if reader.cut:
        return 0
    if reader.phrase("and a half", "et demie", "et demi"):
        return seconds // 2
    return seconds // 4 if reader.phrase("and a quarter", "et quart") else 0


def _on_a_day(reader: Reader, scale: Scale) -> datetime | None:
    moment = _iso_moment(reader, scale)
    if moment is not None:
        return moment
    told = reader.word() in {"at", "a"}
    first = clock(reader, tongue=scale.tongue)
    named = _day(reader, scale) if first is None or not reader.cut else None
    if named is None and not (first and told):
        return None
    time = first or clock(reader, tongue=scale.tongue)
    if named is None:
        named = _Day(day=scale.today, step=1)
    at = scale.at(named.day, named.at(time))
    if at <= scale.now and named.step:
        at = scale.at(named.day + timedelta(days=named.step), named.at(time))
    return _future(at, scale)


def day(reader: Reader, *, scale: Scale) -> date | None:
    """A day alone, by its name or date: `24 December`, `next friday`. None, and the reader where it was, for another thing."""
    found = _day(reader, scale)
    return found.day if found else None


def _future(at: datetime, scale: Scale) -> datetime:
    if at > scale.now:
        return at
    raise BadInput(
        scale.tongue("{moment} has already passed", moment=scale.tongue.moment(at, scale.zone.key))
    )


def _iso_moment(reader: Reader, scale: Scale) -> datetime | None:
    found = _ISO_MOMENT.match(reader.word())
    if not found:
        return None
    raw = reader.tokens[reader.at].raw
    reader.at += 1
    try:
        at = datetime.fromisoformat(raw.upper())
    except ValueError as error:
        raise BadInput(scale.tongue("“{text}” is not a date", text=raw)) from error
    _near(at.date(), raw, scale)
    return _future(at if at.tzinfo else scale.at(at.date(), (at.hour, at.minute)), scale)


def _day(reader: Reader, scale: Scale) -> _Day | None:
    """A day by its name or date."""
    start = reader.at
    reader.take({"on", "le", "this", "ce", "cet", "cette"})
    found = (
        _relative(reader, scale)
        or _weekday(reader, scale)
        or _of_next_month(reader, scale)
        or _written(reader, scale)
    )
    if found is None:
        reader.at = start
    return found


def _relative(reader: Reader, scale: Scale) -> _Day | None:
    today = scale.today
    if part := part_of_day(reader):
        return _Day(day=today, part=part)
    if reader.phrase("the day after tomorrow", "day after tomorrow", "apres demain"):
        return _with_part(today + timedelta(days=2), reader)
    if reader.phrase("tomorrow", "demain"):
        return _with_part(today + timedelta(days=1), reader)
    if reader.phrase("today", "aujourd' hui"):
        return _with_part(today, reader)
    if reader.phrase("yesterday", "hier"):
        return _with_part(today - timedelta(days=1), reader)
    if reader.phrase("next week", "la semaine prochaine", "semaine prochaine"):
        return _Day(day=today + timedelta(days=7))
    return None


def _with_part(day: date, reader: Reader) -> _Day:
    """`tomorrow evening`, `demain matin`."""
    return _Day(day=day, part="" if reader.cut else part_of_day(reader))


def _weekday(reader: Reader, scale: Scale) -> _Day | None:
    start = reader.at
    later = bool(reader.take({"next"}))
    wanted = weekday(reader)
    if wanted is None or (_ORDINAL.fullmatch(reader.word()) and reader.word(1) in {*MONTHS, "of"}):
        reader.at = start
        return None
    later = later or bool(reader.take({"prochain"}))
    ahead = (wanted - scale.today.weekday()) % 7
    if not reader.cut and reader.phrase("en huit", "week"):
        return _with_part(scale.today + timedelta(days=(ahead or 7) + 7), reader)
    day = scale.today + timedelta(days=ahead or (7 if later else 0))
    return replace(_with_part(day, reader), step=7)


def _of_next_month(reader: Reader, scale: Scale) -> _Day | None:
    """`on the 5th of next month`, `le 5 du mois prochain`."""
    start = reader.at
    reader.take({"the", "le"})
    found = _ORDINAL.fullmatch(reader.word())
    if found:
        reader.at += 1
        if reader.phrase("of next month", "of the next month", "du mois prochain"):
            first = (scale.today.replace(day=1) + timedelta(days=32)).replace(day=1)
            number = int(re.sub(r"[a-z]+", "", found.group()))
            return _with_part(_calendar(f"{first:%Y-%m}-{number:02}", scale), reader)
    reader.at = start
    return None


def _written(reader: Reader, scale: Scale) -> _Day | None:
    """`2026-12-24`, `24/12/2026`, `3 March`, `March 3rd, 2027`, `mardi 3 mars 2027`."""
    word = reader.word()
    if _ISO.fullmatch(word):
        reader.at += 1
        return _Day(day=_calendar(word, scale))
    slashed = _SLASHED.fullmatch(word)
    if slashed:
        reader.at += 1
        return _Day(day=_from_slashes(slashed, scale))
    span = _month_span(reader)
    return _Day(day=_by_dateparser(span, scale)) if span else None


def _calendar(text: str, scale: Scale) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(scale.tongue("“{text}” is not a date", text=text)) from error
    return _near(day, text, scale)


def _near(day: date, text: str, scale: Scale) -> date:
    """Years that nobody means are refused before arithmetic on them can overflow."""
    if abs(day.year - scale.today.year) > 100:
        raise BadInput(scale.tongue("“{text}” is not a date", text=text))
    return day


def _from_slashes(found: re.Match[str], scale: Scale) -> date:
    first, second, year = (int(part) for part in found.groups())
    if first <= 12 and second <= 12 and first != second and scale.tongue.lang == "en":
        raise BadInput(scale.tongue("“{text}” can mean two days; write the month's name", text=found.group()))
    day, month = (second, first) if second > 12 else (first, second)
    return _calendar(f"{year:04}-{month:02}-{day:02}", scale)


def _month_span(reader: Reader) -> str:
    """The words of a date with the name of a month, "" when there is none."""
    start = reader.at
    weekday(reader)
    reader.take({"the", "le"})
    if _ORDINAL.fullmatch(reader.word()):
        reader.at += 1
        reader.take({"of"})
        if not reader.take(MONTHS):
            reader.at = start
            return ""
    elif reader.take(MONTHS) and _ORDINAL.fullmatch(reader.word()) and not reader.cut:
        reader.at += 1
    else:
        reader.at = start
        return ""
    if _YEAR.fullmatch(reader.word()) and not _reads_as_time(reader):
        reader.at += 1
    return " ".join(token.word for token in reader.tokens[start : reader.at])


def _reads_as_time(reader: Reader) -> bool:
    """Whether the number behind the date belongs to what shall be done rather than to the date."""
    return reader.cut and not 2000 <= int(reader.word()) < 2100


def _by_dateparser(text: str, scale: Scale) -> date:
    dateparser: Any = importlib.import_module("dateparser")
    midnight = datetime(scale.today.year, scale.today.month, scale.today.day)  # noqa: DTZ001 it wants wall time
    settings = {
        "PREFER_DATES_FROM": "future",
        "RELATIVE_BASE": midnight - timedelta(seconds=1),
        "RETURN_AS_TIMEZONE_AWARE": False,
        "REQUIRE_PARTS": ["day", "month"],
        "PARSERS": ["absolute-time"],
    }
    found: datetime | None = dateparser.parse(text, languages=["en", "fr"], settings=settings)
    if found is None:
        raise BadInput(scale.tongue("“{text}” is not a date", text=text))
    return _near(found.date(), text, scale)
