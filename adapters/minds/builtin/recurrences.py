"""What comes back: `every weekday at 9:00`, `toutes les 15 minutes`, `le 1er de chaque mois à 8h`. Pure.

A recurrence is five cron fields on the person's wall clock, or a number of seconds.
"""

import re
from dataclasses import dataclass

from adapters.minds.builtin.times import (
    AND,
    PARTS,
    SECONDS,
    USUAL,
    WEEKDAYS,
    Reader,
    clock,
    number,
    unit,
    weekday,
)
from bot.errors import BadInput
from bot.speech import Tongue

LONGEST = 366 * SECONDS["day"]
"""Seconds. An interval longer than a year is a misunderstanding."""

_EVERY = frozenset({"every", "each", "chaque"})
_WORKDAYS = ("weekday", "weekdays", "working day", "business day", "work day", "week day")
_JOURS_OUVRES = (
    "jour ouvre",
    "jours ouvres",
    "jour ouvrable",
    "jours ouvrables",
    "jour de semaine",
    "jours de semaine",
)
_WEEKENDS = ("weekend", "weekends", "week end", "week ends", "fin de semaine", "fins de semaine")
_OF_MONTH = (
    *("of each month", "of every month", "of the month"),
    *("de chaque mois", "du mois", "de tous les mois"),
)
_WHICH = {
    **dict.fromkeys(("first", "1st", "premier", "premiers", "1er"), "#1"),
    **dict.fromkeys(("second", "2nd", "deuxieme", "deuxiemes", "2e"), "#2"),
    **dict.fromkeys(("third", "3rd", "troisieme", "troisiemes", "3e"), "#3"),
    **dict.fromkeys(("fourth", "4th", "quatrieme", "quatriemes", "4e"), "#4"),
    **dict.fromkeys(("last", "dernier", "derniers"), "L"),
}
"""Which one of its week day in the month, as the calendar writes it: `1#1`, `5L`."""
_DAY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|e)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """Either `cron` or `seconds`. Times of several minutes of the hour are several expressions with semicolons between."""

    cron: str = ""
    seconds: int = 0


def read(reader: Reader, *, tongue: Tongue) -> Recurrence | None:
    """The recurrence at the position, or None and the reader where it was. Raises BadInput for nonsense."""
    start = reader.at
    first = clock(reader, tongue=tongue) if reader.word() in {"at", "a"} else None
    found = (
        _from_to(reader, first, tongue)
        or _of_the_month(reader, first, tongue)
        or _habit(reader, first, tongue)
        or _day_of_month(reader, first, tongue)
    )
    if found is None and _every(reader):
        found = _after_every(reader, first, tongue)
    if found is None:
        reader.at = start
    return found


def _every(reader: Reader) -> bool:
    return bool(reader.take(_EVERY)) or reader.phrase("tous les", "toutes les", "tout les")


def _after_every(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    days = _day_set(reader)
    if days is not None:
        return _weekly(days, reader, first, tongue)
    if reader.word() in PARTS:
        part = PARTS[reader.take(PARTS)]
        return _daily("* * *", reader, first, tongue, usual=part)
    return _counted(reader, first, tongue)


def _day_set(reader: Reader) -> str | None:
    """The cron field of the week days that are named, or None."""
    if reader.phrase(*_WORKDAYS, *_JOURS_OUVRES):
        return "1-5"
    if reader.phrase(*_WEEKENDS):
        return "0,6"
    return _week_list(reader)


def _week_list(reader: Reader) -> str | None:
    first = weekday(reader)
    if first is None:
        return None
    days = {first}
    while True:
        before = reader.at
        reader.take(AND)
        reader.take({"on", "le", "les", "every"})
        joined = reader.at > before or reader.cut
        following = weekday(reader) if joined else None
        if following is None:
            reader.at = before
            # cron counts from Sunday, Python from Monday
            return ",".join(str(day) for day in sorted((day + 1) % 7 for day in days))
        days.add(following)


def _from_to(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`monday to friday`, `du lundi au vendredi`."""
    start = reader.at
    reader.take({"from", "du", "de"})
    begin = weekday(reader)
    if begin is not None and reader.take({"to", "au", "through"}):
        end = weekday(reader)
        if end is not None and end != begin:
            span = [(begin + i) % 7 for i in range((end - begin) % 7 + 1)]
            days = ",".join(str(day) for day in sorted((day + 1) % 7 for day in span))
            return _weekly("1-5" if days == "1,2,3,4,5" else days, reader, first, tongue)
    reader.at = start
    return None


def _habit(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`on mondays`, `le lundi` (but not `le lundi 3 mars`)."""
    start = reader.at
    plural = reader.word(1).endswith("s") and reader.word(1) in WEEKDAYS
    french = reader.word() == "le" and reader.word(1) in WEEKDAYS
    dated = reader.word(2)[:1].isdigit() and not re.search(r"[:h]", reader.word(2))
    if (reader.word() in {"on", "les"} and plural) or (french and not dated and reader.word(2) != "prochain"):
        reader.at += 1
        days = _week_list(reader)
        if days is not None:
            return _weekly(days, reader, first, tongue)
    elif reader.phrase("on weekdays", "on weekends", "on working days"):
        days = "0,6" if reader.tokens[reader.at - 1].word == "weekends" else "1-5"
        return _weekly(days, reader, first, tongue)
    reader.at = start
    return None


def _day_of_month(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`on the 1st of each month`, `every 1st of the month`, `le 15 du mois`, `tous les 15 du mois`."""
    start = reader.at
    reader.take({"on"})
    if not _every(reader):
        reader.take({"the", "le"})
    day = _ordinal(reader)
    if day is None or not reader.phrase(*_OF_MONTH):
        reader.at = start
        return None
    return _monthly(day, reader, first, tongue)


def _of_the_month(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`on the first monday of the month`, `le dernier vendredi de chaque mois`, `le dernier jour du mois`."""
    start = reader.at
    reader.take({"on"})
    if not _every(reader):
        reader.take({"the", "le", "les"})
    which = reader.take(_WHICH)
    if which:
        last_day = _WHICH[which] == "L" and reader.take({"day", "jour", "jours"})
        day = None if last_day else weekday(reader)
        if (last_day or day is not None) and reader.phrase(*_OF_MONTH):
            # cron counts from Sunday, Python from Monday
            days = "L * *" if day is None else f"* * {(day + 1) % 7}{_WHICH[which]}"
            return _daily(days, reader, first, tongue)
    reader.at = start
    return None


def _ordinal(reader: Reader) -> int | None:
    found = _DAY.fullmatch(reader.word())
    if found:
        reader.at += 1
        return int(found.group(1))
    if reader.take({"first", "premier"}):
        return 1
    return None


def _monthly(day: int, reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence:
    if not 1 <= day <= 31:
        raise BadInput(tongue("no month has a day {day}", day=day))
    return _daily(f"{day} * *", reader, first, tongue)


def _weekly(days: str, reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence:
    return _daily(f"* * {days}", reader, first, tongue)


def _daily(
    days: str,
    reader: Reader,
    first: tuple[int, int] | None,
    tongue: Tongue,
    *,
    usual: tuple[int, int] = USUAL,
) -> Recurrence:
    times = [first] if first else _clocks(reader, tongue)
    at: dict[int, set[int]] = {}
    for hour, minute in times or [usual]:
        at.setdefault(minute, set()).add(hour)
    expressions = [
        f"{minute} {','.join(str(hour) for hour in sorted(hours))} {days}"
        for minute, hours in sorted(at.items())
    ]
    return Recurrence(cron="; ".join(expressions))


def _clocks(reader: Reader, tongue: Tongue) -> list[tuple[int, int]]:
    """The times of day at the position: none, one, or a list."""
    start = reader.at
    reader.take({"on"} if reader.word(1) in AND else ())
    found = clock(reader, tongue=tongue)
    if found is None:
        reader.at = start
        return []
    times = [found]
    while True:
        before, listed = reader.at, reader.cut
        joined = bool(reader.take(AND))
        # Behind a comma only what is written as a time is one: “every day at 9, 12:15 and 17, …”.
        following = clock(reader, tongue=tongue, bare=joined) if joined or listed else None
        if following is None:
            reader.at = before
            return times
        times.append(following)


def _counted(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`every 15 minutes`, `every hour`, `every day`, `every month on the 1st`."""
    count = number(reader)
    name = unit(reader)
    if not name:
        return None
    if count == 0:
        raise BadInput(tongue("every 0 would be always; name at least 1"))
    if count in (None, 1) and name == "day":
        return _daily("* * *", reader, first, tongue)
    if count in (None, 1) and name == "week":
        reader.take({"on", "le"})
        days = _week_list(reader)
        return _weekly(days or "1", reader, first, tongue)
    if count in (None, 1) and name == "month":
        reader.phrase("on the", "le")
        return _monthly(_ordinal(reader) or 1, reader, first, tongue)
    return _interval(count or 1, name, reader, first, tongue)


def _interval(
    count: int, name: str, reader: Reader, first: tuple[int, int] | None, tongue: Tongue
) -> Recurrence:
    if name not in SECONDS:
        raise BadInput(
            tongue(
                "I cannot count months or years; name a day of the month, such as “on the 1st of each month”"
            )
        )
    if first or clock(reader, tongue=tongue):
        raise BadInput(tongue("an interval has no time of day; say “every day at 9” or “every 2 hours”"))
    seconds = count * SECONDS[name]
    if seconds > LONGEST:
        raise BadInput(tongue("an interval is at most a year"))
    return Recurrence(seconds=seconds)
