"""Lengths of time in words, and a person's words for them. Pure."""

import re
from datetime import timedelta

from bot.speech import Tongue

_UNITS = {
    **dict.fromkeys(("s", "sec", "second", "seconds", "seconde", "secondes"), 1),
    **dict.fromkeys(("min", "mins", "mn", "minute", "minutes"), 60),
    **dict.fromkeys(("h", "hour", "hours", "heure", "heures"), 3_600),
    **dict.fromkeys(("d", "day", "days", "j", "jour", "jours"), 86_400),
    **dict.fromkeys(("week", "weeks", "semaine", "semaines"), 604_800),
}
_JOINED = re.compile(r"([0-9]{1,6})([a-z]{1,8})")
_ONE = frozenset({"a", "an", "one", "un", "une"})


def read(words: list[str]) -> tuple[int, int] | None:
    """Seconds, and how many of the words say so: `10 minutes`, `10m`, `an hour`, `minute`. None for no length. The
    words are in small letters, without accents."""
    if not words:
        return None
    if joined := _JOINED.fullmatch(words[0]):
        unit = _UNITS.get("min" if joined[2] == "m" else joined[2])
        return (int(joined[1]) * unit, 1) if unit else None
    if words[0] in _UNITS:
        return _UNITS[words[0]], 1
    number = 1 if words[0] in _ONE else int(words[0]) if re.fullmatch(r"[0-9]{1,6}", words[0]) else 0
    if number and len(words) > 1 and words[1] in _UNITS:
        return number * _UNITS[words[1]], 2
    return None


def period(length: timedelta, tongue: Tongue) -> str:
    """A length of time in its largest whole unit."""
    seconds = int(length.total_seconds())
    if seconds and seconds % 86_400 == 0:
        return tongue.many("{n} day", "{n} days", seconds // 86_400)
    if seconds and seconds % 3_600 == 0:
        return tongue.many("{n} hour", "{n} hours", seconds // 3_600)
    if seconds and seconds % 60 == 0:
        return tongue.many("{n} minute", "{n} minutes", seconds // 60)
    return tongue.many("{n} second", "{n} seconds", seconds)


def in_period(seconds: int, tongue: Tongue) -> str:
    """The same, of a number of seconds."""
    return period(timedelta(seconds=seconds), tongue)
