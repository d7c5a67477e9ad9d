"""Numbers, units, week days and times of day as people write them in English and French. Consumes tokens.

Every reader takes a `Reader` and either moves it past what it understood or leaves it where it was.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from adapters.minds.builtin.text import Token
from bot.errors import BadInput
from bot.speech import Tongue

NUMBERS = {
    **dict.fromkeys(("a", "an", "one", "un", "une"), 1),
    **dict.fromkeys(("two", "deux"), 2),
    **dict.fromkeys(("three", "trois"), 3),
    **dict.fromkeys(("four", "quatre"), 4),
    **dict.fromkeys(("five", "cinq"), 5),
    **dict.fromkeys(("six",), 6),
    **dict.fromkeys(("seven", "sept"), 7),
    **dict.fromkeys(("eight", "huit"), 8),
    **dict.fromkeys(("nine", "neuf"), 9),
    **dict.fromkeys(("ten", "dix"), 10),
    **dict.fromkeys(("twelve", "douze"), 12),
    **dict.fromkeys(("fifteen", "quinze"), 15),
    **dict.fromkeys(("twenty", "vingt"), 20),
    **dict.fromkeys(("thirty", "trente"), 30),
}
UNITS = {
    **dict.fromkeys(("second", "seconds", "sec", "s", "seconde", "secondes"), "second"),
    **dict.fromkeys(("minute", "minutes", "min", "mins", "mn"), "minute"),
    **dict.fromkeys(("hour", "hours", "h", "heure", "heures"), "hour"),
    **dict.fromkeys(("day", "days", "jour", "jours"), "day"),
    **dict.fromkeys(("week", "weeks", "semaine", "semaines"), "week"),
    **dict.fromkeys(("month", "months", "mois"), "month"),
    **dict.fromkeys(("year", "years", "an", "ans", "annee", "annees"), "year"),
}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
"""How long a unit lasts, where that does not depend on the calendar."""

_ENGLISH = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_FRENCH = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
WEEKDAYS = {
    form: i for names in (_ENGLISH, _FRENCH) for i, name in enumerate(names) for form in (name, f"{name}s")
} | {short: i for i, short in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
"""Monday is 0, as in `datetime.weekday`."""

PARTS = {
    **dict.fromkeys(("morning", "matin", "matins"), (9, 0)),
    **dict.fromkeys(("afternoon", "apres midi"), (14, 0)),
    **dict.fromkeys(("evening", "soir", "soirs", "night", "tonight"), (18, 0)),
}
"""The hour that is meant when only a part of the day is named."""
USUAL = (9, 0)
"""The hour that is meant when a day is named without one."""

AND = frozenset({"and", "et", "or", "ou", "&", "+"})
AT = frozenset({"at", "a", "vers", "around"})
_NOON = {"noon": (12, 0), "midday": (12, 0), "midi": (12, 0), "midnight": (0, 0), "minuit": (0, 0)}
_CLOCK = re.compile(r"([0-9]{1,3})(?:([:h.])([0-9]{1,3})?)?(am|pm|a\.m|p\.m)?")
_MORNING, _LATER = frozenset({"am", "a.m"}), frozenset({"pm", "p.m"})


@dataclass(slots=True)
class Reader:
    """Tokens and a position. The one thing here that changes; it lives as long as one sentence is read."""

    tokens: tuple[Token, ...]
    at: int = 0

    def word(self, ahead: int = 0) -> str:
        """The token at the position, "" behind the end."""
        return self.tokens[self.at + ahead].word if self.at + ahead < len(self.tokens) else ""

    def take(self, words: Collection[str]) -> str:
        """Moves past the token when it is one of these; returns it, or ""."""
        word = self.word()
        if word and word in words:
            self.at += 1
            return word
        return ""

    def phrase(self, *phrases: str) -> bool:
        """Moves past the first of these sequences of tokens that stands here."""
        for phrase in phrases:
            parts = phrase.split()
            if all(self.word(i) == part for i, part in enumerate(parts)):
                self.at += len(parts)
                return True
        return False

    @property
    def last(self) -> Token | None:
        """The token that was taken last."""
        return self.tokens[self.at - 1] if self.at else None

    @property
    def over(self) -> bool:
        return self.at >= len(self.tokens)

    @property
    def cut(self) -> bool:
        """Whether a comma stands right before the position."""
        return self.last is not None and self.last.cut


def number(reader: Reader) -> int | None:
    """A whole number in digits or words."""
    word = reader.word()
    if re.fullmatch(r"[0-9]{1,9}", word):
        reader.at += 1
        return int(word)
    if word in NUMBERS:
        reader.at += 1
        return NUMBERS[word]
    return None


def clock(reader: Reader, *, tongue: Tongue, bare: bool = False) -> tuple[int, int] | None:
    """A time of day: `at 9`, `9:30`, `17h30`, `5pm`, `à 9 heures`, `noon`. With `bare`, `9` alone is one too.

    Raises BadInput for what is written as a time and is none (25:00).
    """
    start = reader.at
    told = bool(reader.take(AT)) or bare
    for name, time in _NOON.items():
        if reader.take({name}):
            return time
    found = _CLOCK.fullmatch(reader.word())
    if not found:
        reader.at = start
        return None
    shown = reader.tokens[reader.at].raw
    hour, mark, minute, half = found.groups()
    reader.at += 1
    if not mark and not half:
        spelled, minute = _spelled_minutes(reader)
        told = told or spelled
    if not (told or half or (mark and (mark == "h" or minute))):
        reader.at = start
        return None
    return _checked(int(hour), int(minute or 0), half or _half(reader), shown, tongue)


def _spelled_minutes(reader: Reader) -> tuple[bool, str | None]:
    """`h 30`, `heures 30`, `o'clock` behind the hour."""
    if reader.phrase("o' clock"):
        return True, None
    if not reader.take({"h", "heure", "heures"}):
        return False, None
    if re.fullmatch(r"[0-9]{2}", reader.word()) and not reader.cut:
        reader.at += 1
        return True, reader.tokens[reader.at - 1].word
    return True, None


def _half(reader: Reader) -> str:
    if reader.cut:
        return ""
    if reader.phrase("am", "a.m", "du matin", "in the morning"):
        return "am"
    if reader.phrase("pm", "p.m", "du soir", "de l' apres midi", "in the afternoon", "in the evening"):
        return "pm"
    return ""


def _checked(hour: int, minute: int, half: str, shown: str, tongue: Tongue) -> tuple[int, int]:
    if half in _LATER and 1 <= hour < 12:
        hour += 12
    elif half in _MORNING and hour == 12:
        hour = 0
    if hour > 23 or minute > 59:
        raise BadInput(tongue("{time} is not a time of day; write for example 9:30 or 17:00", time=shown))
    return hour, minute


def weekday(reader: Reader) -> int | None:
    """A day of the week, Monday 0."""
    word = reader.take(WEEKDAYS)
    return WEEKDAYS[word] if word else None


def unit(reader: Reader) -> str:
    """A unit of time by its English name, "" when there is none."""
    word = reader.take(UNITS)
    return UNITS[word] if word else ""
