"""What a line looks like, whatever it is about: whether it asks, dates, counts, names, gives a reason, speaks of oneself.

Kept with the line when it is indexed, as bits of one number. Pure; English and French.
"""

import re
from enum import IntFlag


class Trait(IntFlag):
    """One thing that can be seen of a line without understanding it."""

    ASKS = 1
    ENDS_ASKING = 2
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


def _any(words: str) -> re.Pattern[str]:
    return re.compile(r"\b(" + "|".join(words.split()) + r")\b", re.IGNORECASE)


_MONTH_WORDS = " ".join(f"{english} {french}" for english, french in MONTHS)
_DATES = re.compile(
    _any(
        "yesterday today tomorrow tonight last next ago week weekend month year recently morning evening since monday tuesday"
        " wednesday thursday friday saturday sunday hier demain aujourd.hui semaine mois an année années matin soir depuis"
        " prochain prochaine dernier dernière lundi mardi mercredi jeudi vendredi samedi dimanche février août décembre "
        + _MONTH_WORDS
    ).pattern
    + r"|\b\d{4}\b|\b\d+ (days|weeks|months|years|jours|semaines|mois|ans)\b",
    re.IGNORECASE,
)
_SELF = _any("i me my mine we our us je j moi mon ma mes nous notre nos")
_OTHER = _any("you your yours tu te toi ton ta tes vous votre vos")
_NAMES = re.compile(r"(?<=[a-zà-ÿ,'’] )[A-ZÀ-Þ][a-zà-ÿ]+|\"[^\"]+\"|«[^»]+»|“[^”]+”")
_COUNTS = _any(
    r"\d+ one two three four five six seven eight nine ten dozen several couple twice once deux trois quatre cinq sept huit"
    " neuf dix douzaine plusieurs"
)
_REASON = _any(
    "because since so due reason inspired motivated why wanted help parce car puisque raison pourquoi voulais"
)


def seen(text: str) -> Trait:
    """What can be seen of a text."""
    found = Trait(0)
    for trait, there in (
        (Trait.ASKS, "?" in text),
        (Trait.ENDS_ASKING, text.rstrip().endswith("?")),
        (Trait.DATES, _DATES.search(text)),
        (Trait.SPEAKS_OF_SELF, _SELF.search(text)),
        (Trait.SPEAKS_TO_OTHER, _OTHER.search(text)),
        (Trait.NAMES, _NAMES.search(text)),
        (Trait.COUNTS, _COUNTS.search(text)),
        (Trait.GIVES_REASON, _REASON.search(text)),
    ):
        if there:
            found |= trait
    return found
