"""What a line looks like, whatever it is about: whether it asks, dates, counts, names, gives a reason, speaks of oneself.

Kept with the line when it is indexed, as bits of one number. Pure; English and French.
"""

import re
from collections.abc import Sequence, Set
from enum import IntFlag


class Trait(IntFlag):
    """One thing that can be seen of a line without understanding it."""

    ASKS = 1
    NAMES_MORE = 2
    """`NAMES` more than once."""
    DATES = 4
    SPEAKS_OF_SELF = 8
    SPEAKS_TO_OTHER = 16
    NAMES = 32
    """A capital inside a sentence, or something in quotation marks."""
    COUNTS = 64
    GIVES_REASON = 128


MONTHS = (
    ("january", "janvier"),
    ("february", "fevrier"),
    ("march", "mars"),
    ("april", "avril"),
    ("may", "mai"),
    ("june", "juin"),
    ("july", "juillet"),
    ("august", "aout"),
    ("september", "septembre"),
    ("october", "octobre"),
    ("november", "novembre"),
    ("december", "decembre"),
)


_WORD = re.compile(r"\w+")
_MONTH_WORDS = " ".join(f"{english} {french}" for english, french in MONTHS)
_DATES = frozenset(
    (
        "yesterday today tomorrow tonight last next ago week weekend month year recently morning evening since monday tuesday"
        " wednesday thursday friday saturday sunday hier demain semaine mois an année années matin soir depuis"
        " prochain prochaine dernier dernière lundi mardi mercredi jeudi vendredi samedi dimanche février août décembre "
        + _MONTH_WORDS
    ).split()
)
_TODAY = re.compile(r"\baujourd.hui\b", re.IGNORECASE)
_SELF = frozenset("i me my mine we our us je j moi mon ma mes nous notre nos".split())
_OTHER = frozenset("you your yours tu te toi ton ta tes vous votre vos".split())
_NAMES = re.compile(r"(?<=[a-zà-ÿ,'’] )[A-ZÀ-Þ][a-zà-ÿ]+|\"[^\"]+\"|«[^»]+»|“[^”]+”")
_COUNTS = frozenset(
    (
        "one two three four five six seven eight nine ten dozen several couple twice once deux trois quatre cinq sept huit"
        " neuf dix douzaine plusieurs"
    ).split()
)
_SPANS = frozenset("days weeks months years jours semaines mois ans".split())
_SPAN = re.compile(r"\b\d+ (days|weeks|months|years|jours|semaines|mois|ans)\b", re.IGNORECASE)
_REASON = frozenset(
    "because since so due reason inspired motivated why wanted help parce car puisque raison pourquoi voulais".split()
)


def seen(text: str) -> Trait:
    """What can be seen of a text."""
    words = set(_WORD.findall(text.lower()))
    numbers = [word for word in words if word.isdecimal()]
    names = _NAMES.findall(text)
    found = [
        trait
        for trait, there in (
            (Trait.ASKS, "?" in text),
            (Trait.DATES, not words.isdisjoint(_DATES) or _dated(text, words, numbers)),
            (Trait.SPEAKS_OF_SELF, not words.isdisjoint(_SELF)),
            (Trait.SPEAKS_TO_OTHER, not words.isdisjoint(_OTHER)),
            (Trait.NAMES, names),
            (Trait.NAMES_MORE, len(names) > 1),
            (Trait.COUNTS, numbers or not words.isdisjoint(_COUNTS)),
            (Trait.GIVES_REASON, not words.isdisjoint(_REASON)),
        )
        if there
    ]
    return Trait(sum(found))


def _dated(text: str, words: Set[str], numbers: Sequence[str]) -> bool:
    """A year, so many days, or today in French."""
    return (
        any(len(number) == 4 for number in numbers)
        or (not words.isdisjoint(_SPANS) and _SPAN.search(text) is not None)
        or ("hui" in words and _TODAY.search(text) is not None)
    )
