"""What comes back: `every weekday at 9:00`, `toutes les 15 minutes`, `le 1er de chaque mois à 8h`. Pure.

A recurrence is five cron fields on the person's wall clock, a number of seconds, or where neither can say it
(`every other friday`) a rule of iCalendar.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from adapters.minds.builtin.days import (
    WORKING_DAY,
    day_set,
    every,
    month_day,
    numbers,
    of_month,
    ordinal,
    week_list,
)
from adapters.minds.builtin.times import (
    AND,
    PARTS,
    SECONDS,
    USUAL,
    WEEKDAYS,
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

LONGEST = 366 * SECONDS["day"]
"""Seconds. An interval longer than a year is a misunderstanding."""

_MONTH_ENDS = (
    *("at the end of each month", "at the end of every month", "the end of each month"),
    *(
        "every end of month",
        "each end of month",
        "every end of the month",
        "each month end",
        "every month end",
    ),
    *("a la fin de chaque mois", "a chaque fin de mois", "chaque fin de mois", "fin de chaque mois"),
    *("toutes les fins de mois", "tous les fins de mois", "en fin de chaque mois"),
)
_MONTH_END = (
    "at the end of the month",
    "at month end",
    "a la fin du mois",
    "en fin de mois",
    "fin de mois",
    "fin du mois",
)
_DAILY = frozenset({"daily", "quotidiennement"})
_EXCEPT = (
    "except for",
    "except",
    "but not",
    "sauf",
    "excepte",
    "hormis",
    "a l' exception de",
    "a l' exception du",
)
_OTHER = ("other", "second")
_NAMES = ("SU", "MO", "TU", "WE", "TH", "FR", "SA")
"""The days of the week as iCalendar names them, by cron's number."""
_WHICH = {
    **dict.fromkeys(("first", "1st", "premier", "premiers", "1er"), "#1"),
    **dict.fromkeys(("second", "2nd", "deuxieme", "deuxiemes", "2e"), "#2"),
    **dict.fromkeys(("third", "3rd", "troisieme", "troisiemes", "3e"), "#3"),
    **dict.fromkeys(("fourth", "4th", "quatrieme", "quatriemes", "4e"), "#4"),
    **dict.fromkeys(("last", "dernier", "derniers"), "L"),
}
"""Which one of its week day in the month, as the calendar writes it: `1#1`, `5L`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurrence:
    """One of the three. Times of several minutes of the hour are several expressions with semicolons between. A `rule` counts
    from the first day that it names."""

    cron: str = ""
    seconds: int = 0
    rule: str = ""


def read(reader: Reader, *, tongue: Tongue) -> Recurrence | None:
    """The recurrence at the position, or None and the reader where it was. Raises BadInput for nonsense."""
    start = reader.at
    first = clock(reader, tongue=tongue)
    if reader.cut:
        reader.at, first = start, None
    found = (
        _from_to(reader, first, tongue)
        or _month_end(reader, first, tongue)
        or _of_the_month(reader, first, tongue)
        or _one_of_two(reader, first, tongue)
        or _habit(reader, first, tongue)
        or _day_of_month(reader, first, tongue)
        or _adverb(reader, first, tongue)
    )
    if found is None and every(reader):
        found = _after_every(reader, first, tongue)
    if found is None:
        reader.at = start
    return found


def _after_every(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    if reader.phrase("quarter", "trimestre", "trimestres"):
        return _daily("1 1,4,7,10 *", reader, first, tongue)
    if (date := month_day(reader)) is not None:
        return _daily(f"{date[1]} {date[0]} *", reader, first, tongue)
    days = day_set(reader)
    if days is not None:
        return _weekly(days, reader, first, tongue)
    if part := part_of_day(reader):
        return _daily("* * *", reader, first, tongue, part=part)
    return _spaced(reader, first, tongue) or _counted(reader, first, tongue)


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
    """`on mondays`, `mondays and thursdays`, `weekdays`, `le lundi` (but not `le lundi 3 mars`), `les jours ouvrés`."""
    start = reader.at
    french = reader.word() == "le" and reader.word(1) in WEEKDAYS
    dated = reader.word(2)[:1].isdigit() and not re.search(r"[:h]", reader.word(2))
    if french and (dated or reader.word(2) in {"prochain", "en"}):
        return None
    if reader.phrase("en semaine", "la semaine") and not reader.word().startswith("prochain"):
        return _weekly("1-5", reader, first, tongue)
    reader.at = start
    article = reader.take({"on", "le", "les"})
    plural = reader.word().endswith("s") or article in {"le", "les"}
    one = reader.word(1) in {"", "prochain"} or (reader.word(1) == "end" and reader.word(2) == "prochain")
    if plural and not (article == "le" and one and not french):
        days = day_set(reader)
        if days is not None:
            return _weekly(days, reader, first, tongue)
    reader.at = start
    return None


def _adverb(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`daily at 9`, `weekly on monday`, `monthly on the 5th`, `hourly`."""
    if reader.take(_DAILY):
        return _weekly("*", reader, first, tongue)
    if reader.phrase("hourly"):
        return _hours(1, reader, tongue)
    if reader.phrase("weekly on"):
        days = week_list(reader)
        return _weekly(days, reader, first, tongue) if days else None
    if reader.phrase("monthly on the", "monthly on"):
        day = ordinal(reader)
        return _monthly([day], reader, first, tongue) if day else None
    return None


def _one_of_two(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`un vendredi sur deux`, `une semaine sur deux le vendredi`."""
    start = reader.at
    if reader.take({"un", "une"}):
        name, day = "", weekday(reader)
        if day is None:
            name = unit(reader)
        if (day is not None or name) and reader.phrase("sur deux", "sur 2"):
            return _every_few(2, name, day, reader, first, tongue)
    reader.at = start
    return None


def _spaced(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`other friday`, `second day`, `2 fridays`, `deux semaines le vendredi`, `3 days at 9`, `2 months on the 1st`."""
    start = reader.at
    said = reader.take(_OTHER)
    count = 2 if said else number(reader)
    day = weekday(reader) if count is not None else None
    name = unit(reader) if count is not None and day is None else ""
    if said == "second" and day is not None:
        raise BadInput(
            tongue("that can mean two things; say “every other friday” or “every second friday of the month”")
        )
    if count is not None and count > 1 and (day is not None or name in {"day", "week", "month"}):
        if name == "day" and count == 15 and reader.last is not None and reader.last.word == "jours":
            count, name = 2, "week"  # as the French count a fortnight
        found = _every_few(count, name, day, reader, first, tongue, asked=bool(said))
        if found is not None:
            return found
    reader.at = start
    return None


def _every_few(
    count: int,
    name: str,
    day: int | None,
    reader: Reader,
    first: tuple[int, int] | None,
    tongue: Tongue,
    *,
    asked: bool = True,
) -> Recurrence | None:
    """Each so many days, weeks or months. Without `asked`, None where no day and no time is named: that is an interval."""
    # cron counts from Sunday, Python from Monday
    days = None if day is None else str((day + 1) % 7)
    if name == "week":
        reader.take({"on", "le", "les"})
        days = week_list(reader)
    month_day = None
    if name == "month":
        reader.phrase("on the", "on", "le")
        month_day = ordinal(reader)
        if month_day is None or not 1 <= month_day <= 31:
            return None
    times = [first] if first else _clocks(reader, tongue)
    if days is None and month_day is None and not times and not asked:
        return None
    hours, minutes = {hour for hour, _ in times or [USUAL]}, {minute for _, minute in times or [USUAL]}
    if len(minutes) > 1 or count > 366:
        raise BadInput(tongue("at one time of day only; make a mission for each of the others"))
    if days is not None or name == "week":
        by = ",".join(_NAMES[int(each) % 7] for each in (days or "1").split(","))
        parts = [f"FREQ=WEEKLY;INTERVAL={count};BYDAY={by}"]
    elif month_day is not None:
        parts = [f"FREQ=MONTHLY;INTERVAL={count};BYMONTHDAY={month_day}"]
    else:
        parts = [f"FREQ=DAILY;INTERVAL={count}"]
    parts += [
        f"BYHOUR={','.join(str(hour) for hour in sorted(hours))}",
        f"BYMINUTE={minutes.pop()}",
    ]
    return Recurrence(rule=";".join(parts))


def _day_of_month(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`on the 1st of each month`, `every 1st of the month`, `le 15 du mois`, `le 1er et le 15 de chaque mois`."""
    start = reader.at
    reader.take({"on"})
    if not every(reader):
        reader.take({"the", "le", "les"})
    days: list[int] = []
    while (day := ordinal(reader)) is not None:
        days.append(day)
        if reader.take(AND) or reader.cut:
            reader.take({"the", "le", "on"})
    if not days or not of_month(reader):
        reader.at = start
        return None
    return _monthly(days, reader, first, tongue)


def _month_end(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`at the end of each month`. Of one month or of each: `at the end of the month` does not say."""
    start = reader.at
    if reader.phrase(*_MONTH_ENDS):
        return _daily("L * *", reader, first, tongue)
    if reader.phrase(*_MONTH_END) and reader.cut:
        raise BadInput(
            tongue("that can mean once or each month; say “on the last day of each month”, or name the date")
        )
    reader.at = start
    return None


def _of_the_month(reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence | None:
    """`on the first monday of the month`, `tous les premiers lundis`, `le dernier jour de chaque mois`."""
    start = reader.at
    reader.take({"on"})
    repeated = every(reader)
    if not repeated:
        reader.take({"the", "le", "les"})
    said = reader.take(_WHICH)
    which = _WHICH.get(said, "")
    if which:
        worked = reader.phrase(*WORKING_DAY)
        last_day = not worked and which == "L" and reader.take({"day", "jour", "jours"})
        day = None if last_day or worked else weekday(reader)
        # “every second friday” may be every other one.
        each = repeated and day is not None and said != "second"
        if (worked or last_day or day is not None) and (of_month(reader) or each):
            if worked:
                return _working_day(which, reader, first, tongue)
            # cron counts from Sunday, Python from Monday
            days = "L * *" if day is None else f"* * {(day + 1) % 7}{which}"
            return _daily(days, reader, first, tongue)
    reader.at = start
    return None


def _working_day(which: str, reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence:
    """`first working day of the month`: what cron has no field for."""
    hour, minute = first or clock(reader, tongue=tongue) or USUAL
    place = "-1" if which == "L" else which.removeprefix("#")
    return Recurrence(
        rule=f"FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={place};BYHOUR={hour};BYMINUTE={minute}"
    )


def _monthly(
    days: Sequence[int], reader: Reader, first: tuple[int, int] | None, tongue: Tongue
) -> Recurrence:
    for day in days:
        if not 1 <= day <= 31:
            raise BadInput(tongue("no month has a day {day}", day=day))
    listed = ",".join(str(day) for day in sorted(set(days)))
    return _daily(f"{listed} * *", reader, first, tongue)


def _weekly(days: str, reader: Reader, first: tuple[int, int] | None, tongue: Tongue) -> Recurrence:
    part = "" if reader.cut else part_of_day(reader)
    return _daily(f"* * {days}", reader, first, tongue, part=part)


def _daily(
    days: str,
    reader: Reader,
    first: tuple[int, int] | None,
    tongue: Tongue,
    *,
    part: str = "",
) -> Recurrence:
    days = _without(days, reader, tongue)
    times = [first] if first else _clocks(reader, tongue)
    days = _without(days, reader, tongue)
    at: dict[int, set[int]] = {}
    for hour, minute in [in_part(part, time) for time in times] or [PARTS.get(part, USUAL)]:
        at.setdefault(minute, set()).add(hour)
    expressions = [
        f"{minute} {','.join(str(hour) for hour in sorted(hours))} {days}"
        for minute, hours in sorted(at.items())
    ]
    return Recurrence(cron="; ".join(expressions))


def _without(days: str, reader: Reader, tongue: Tongue) -> str:
    """The cron fields without the days of the week that are left out: `except sundays`, `sauf le dimanche`."""
    if not days.startswith("* * "):
        return days
    start = reader.at
    if not reader.phrase(*_EXCEPT):
        return days
    reader.take({"on", "le", "les", "the"})
    out = day_set(reader)
    if out is None:
        reader.at = start
        return days
    left = [day for day in numbers(days.removeprefix("* * ")) if day not in numbers(out)]
    if not left:
        raise BadInput(tongue("that leaves no day"))
    return "* * " + ("1-5" if left == [1, 2, 3, 4, 5] else ",".join(str(day) for day in left))


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
    if reader.phrase("half hour", "half an hour", "demi heure", "demi heures"):
        return Recurrence(seconds=1800)
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
        days = week_list(reader)
        return _weekly(days or "1", reader, first, tongue)
    if count in (None, 1) and name == "month":
        reader.phrase("on the", "le")
        return _monthly([ordinal(reader) or 1], reader, first, tongue)
    if count in (None, 1) and name == "year":
        reader.take({"on", "le", "the"})
        reader.take({"the"})
        if (date := month_day(reader)) is not None:
            return _daily(f"{date[1]} {date[0]} *", reader, first, tongue)
    if name == "hour":
        return _hours(count or 1, reader, tongue, first)
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


def _hours(
    count: int, reader: Reader, tongue: Tongue, first: tuple[int, int] | None = None
) -> Recurrence | None:
    """`every hour`, `every 2 hours between 9 and 17 on weekdays`: an interval, or the hours of a day."""
    start = reader.at
    spanned = reader.phrase("between", "entre", "from", "de")
    begin = clock(reader, tongue=tongue, bare=True) if spanned else None
    if begin is not None and reader.take(AND | {"to", "until", "till", "a"}):
        end = clock(reader, tongue=tongue, bare=True)
        if end is not None and end >= begin:
            hours = ",".join(str(hour) for hour in range(begin[0], end[0] + (end[1] >= begin[1]), count))
            reader.take({"on", "les", "le"})
            days = day_set(reader) if not reader.cut else None
            if reader.phrase("en semaine"):
                days = "1-5"
            fields = _without(f"* * {days or '*'}", reader, tongue)
            return Recurrence(cron=f"{begin[1]} {hours} {fields}")
    reader.at = start
    return _interval(count, "hour", reader, first, tongue)
