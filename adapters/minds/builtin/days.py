"""The days that come back: week days, `1st and 15th of the month`, `january 1st`. Consumes tokens, as `times` does.

A day of the week is given as cron counts it, from Sunday; `times.weekday` counts as Python does, from Monday.
"""

import re
from calendar import monthrange

from adapters.minds.builtin.times import AND, MONTHS, Reader, weekday

_EVERY = frozenset({"every", "each", "chaque"})
WORKING_DAY = (
    *(
        "weekday",
        "weekdays",
        "working day",
        "working days",
        "business day",
        "business days",
        "work day",
        "week day",
    ),
    *(
        "jour ouvre",
        "jours ouvres",
        "jour ouvrable",
        "jours ouvrables",
        "jour de semaine",
        "jours de semaine",
    ),
)
_WEEKENDS = ("weekend", "weekends", "week end", "week ends", "fin de semaine", "fins de semaine")
_OF_MONTH = (
    *("of each month", "of every month", "of the month"),
    *("de chaque mois", "du mois", "de tous les mois"),
)
_ONE_MONTH = frozenset("prochain suivant dernier passe courant de d' of en ci".split())
"""Behind `du mois`: one month is meant, not each."""

_DAY = re.compile(r"([0-9]{1,2})(?:st|nd|rd|th|er|e)?")


def every(reader: Reader) -> bool:
    """Moves past the word for it."""
    return bool(reader.take(_EVERY)) or reader.phrase("tous les", "toutes les", "tout les")


def day_set(reader: Reader) -> str | None:
    """The cron field of the week days that are named, or None."""
    if reader.phrase(*WORKING_DAY):
        return "1-5"
    if reader.phrase(*_WEEKENDS):
        return "0,6"
    return week_list(reader)


def week_list(reader: Reader) -> str | None:
    """The cron field of `monday, wednesday and friday`, or None."""
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


def of_month(reader: Reader) -> bool:
    """Whether `of each month` stands here, and not one month: `du mois prochain`."""
    start = reader.at
    if reader.phrase(*_OF_MONTH) and (reader.cut or reader.word() not in _ONE_MONTH):
        return True
    reader.at = start
    return False


def month_day(reader: Reader) -> tuple[int, int] | None:
    """Month and day of `january 1st`, `1st of january`, `1er janvier`, where the month has such a day."""
    start = reader.at
    if month := reader.take(MONTHS):
        day = ordinal(reader)
    else:
        day = ordinal(reader)
        reader.take({"of"})
        month = reader.take(MONTHS) if day is not None else ""
    # 2028 has a 29th of February.
    if not month or day is None or not 1 <= day <= monthrange(2028, MONTHS[month])[1]:
        reader.at = start
        return None
    return MONTHS[month], day


def ordinal(reader: Reader) -> int | None:
    """A day of the month by its number, or None. Any number up to 99."""
    found = _DAY.fullmatch(reader.word())
    if found:
        reader.at += 1
        return int(found.group(1))
    if reader.take({"first", "premier"}):
        return 1
    return None


def numbers(field: str) -> list[int]:
    """The days of a cron field of ours."""
    spans = {"*": range(7), "1-5": range(1, 6)}
    return [*spans[field]] if field in spans else [int(day) for day in field.split(",")]
