"""Numbers, units, week days and times of day as people write them in English and French. Consumes tokens.

Every reader takes a `Reader` and either moves it past what it understood or leaves it where it was.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

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
    **dict.fromkeys(("eleven", "onze"), 11),
    **dict.fromkeys(("twelve", "douze"), 12),
    **dict.fromkeys(("fourteen", "quatorze"), 14),
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

_MONTH_NAMES = (
    ("january", "jan", "janvier", "janv"),
    ("february", "feb", "fevrier", "fevr"),
    ("march", "mar", "mars"),
    ("april", "apr", "avril", "avr"),
    ("may", "mai"),
    ("june", "jun", "juin"),
    ("july", "jul", "juillet", "juil"),
    ("august", "aug", "aout"),
    ("september", "sep", "sept", "septembre"),
    ("october", "oct", "octobre"),
    ("november", "nov", "novembre"),
    ("december", "dec", "decembre"),
)
MONTHS = {name: i for i, names in enumerate(_MONTH_NAMES, start=1) for name in names}

_AFTERNOON = frozenset({"afternoon", "afternoons", "apres midi"})
_NIGHT = frozenset({"night", "nights", "tonight", "nuit", "nuits"})
PARTS = {
    **dict.fromkeys(("morning", "mornings", "matin", "matins"), (9, 0)),
    **dict.fromkeys(_AFTERNOON, (14, 0)),
    **dict.fromkeys(("evening", "evenings", "soir", "soirs"), (18, 0)),
    **dict.fromkeys(_NIGHT, (18, 0)),
}
"""The hour that is meant when only a part of the day is named."""
USUAL = (9, 0)
"""The hour that is meant when a day is named without one."""

AND = frozenset({"and", "et", "or", "ou", "&", "+"})
AT = frozenset({"at", "a", "vers", "around"})
_NOON = {"noon": (12, 0), "midday": (12, 0), "midi": (12, 0), "midnight": (0, 0), "minuit": (0, 0)}
_DIGITS = re.compile(r"([01][0-9]|2[0-4])([0-5][0-9])")
"""`0900`: a time of day only behind “at”."""
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
        if self.at < len(self.tokens) and (word := self.tokens[self.at].word) in words:
            self.at += 1
            return word
        return ""

    def phrase(self, *phrases: str) -> bool:
        """Moves past the first of these sequences of tokens that stands here."""
        if self.at >= len(self.tokens):
            return False
        for parts in _by_first(phrases).get(self.tokens[self.at].word, ()):
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


@cache
def _by_first(phrases: tuple[str, ...]) -> Mapping[str, Sequence[Sequence[str]]]:
    """Their tokens by the first one: a message is held against hundreds of phrases, and hardly any begins as it does."""
    found: dict[str, list[Sequence[str]]] = {}
    for parts in map(str.split, phrases):
        found.setdefault(parts[0], []).append(parts)
    return found


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
    if spoken := _spoken(reader, bare=bare):
        return _checked(*spoken, _half(reader), reader.tokens[start].raw, tongue)
    told = bool(reader.take(AT)) or bare
    for name, time in _NOON.items():
        if reader.take({name}):
            return _after(time[0], _past(reader))
    if told and (joined := _DIGITS.fullmatch(reader.word())):
        reader.at += 1
        return _checked(int(joined[1]), int(joined[2]), "", reader.tokens[reader.at - 1].raw, tongue)
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
    if int(hour) < 24 and not minute and mark != ":" and (past := _past(reader)):
        return _after(int(hour), past)
    if not (told or half or (mark and (mark == "h" or minute))):
        reader.at = start
        return None
    return _checked(int(hour), int(minute or 0), half or _half(reader), shown, tongue)


def _spoken(reader: Reader, *, bare: bool) -> tuple[int, int] | None:
    """`half past nine`, `quarter to six`, `at nine`, `at nine thirty`, `neuf heures et demie`."""
    start = reader.at
    english = bool(reader.take({"at", "around"})) or bare
    reader.take({"a", "vers"} if reader.word(1) in NUMBERS else ())
    for words, minutes in _PAST.items():
        if reader.phrase(words) and (hour := number(reader)) is not None and hour < 24:
            return _after(hour, minutes)
    hour = number(reader) if reader.word() in NUMBERS and reader.word() not in {"a", "an", "un"} else None
    french = hour is not None and bool(reader.take({"heure", "heures"}))
    if hour is None or hour > 24 or not (french or english) or (not french and reader.word() in UNITS):
        reader.at = start
        return None
    minutes = {"": 0, "fifteen": 15, "thirty": 30}[reader.take({"fifteen", "thirty"} if english else ())]
    reader.phrase("o' clock")
    return _after(hour, _past(reader) if french else minutes)


def _after(hour: int, minutes: int) -> tuple[int, int]:
    return (hour - (minutes < 0)) % 24 if minutes else hour, minutes % 60


def _past(reader: Reader) -> int:
    """Minutes that are said after a French hour."""
    if reader.cut:
        return 0
    if reader.phrase("et demie", "et demi"):
        return 30
    if reader.phrase("et quart"):
        return 15
    return -15 if reader.phrase("moins le quart", "moins quart") else 0


_PAST = {
    **dict.fromkeys(("half past",), 30),
    **dict.fromkeys(("a quarter past", "quarter past"), 15),
    **dict.fromkeys(("a quarter to", "quarter to"), -15),
}


def in_part(part: str, time: tuple[int, int]) -> tuple[int, int]:
    """The time of day as it is meant beside a part of the day: `this evening at 8` is 20:00, `every night at 2` is 2:00."""
    hour, minute = time
    first = 1 if part in _AFTERNOON else 6 if part in _NIGHT else 4
    later = PARTS.get(part, USUAL)[0] > USUAL[0] and first <= hour < 12
    return (hour + 12, minute) if later else time


def part_of_day(reader: Reader) -> str:
    """`morning`, `après-midi`: the word as `PARTS` has it, "" when there is none."""
    return "apres midi" if reader.phrase("apres midi") else reader.take(PARTS)


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
