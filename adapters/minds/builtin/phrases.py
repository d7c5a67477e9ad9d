"""Words that are waited for in what people say, as the words between “when” and the comma name them. Pure.

`someone mentions invoice 42`, `quelqu'un mentionne la facture 42 au plus une fois par heure`. What is no such sentence is None: it
names a signal.
"""

import re

from adapters.minds.builtin.text import fold
from adapters.minds.builtin.times import NUMBERS, SECONDS, UNITS
from bot.values import Json

_QUOTES = " \t«»“”\"'’\u00a0\u202f"
_MENTIONS = re.compile(
    r"\s*(?:(?:some|any)(?:one|body)|people|they)\s+(?:mentions?|says?|writes?|talks?\s+about|asks?\s+about|speaks?\s+of)\s+(?P<en>\S.*)"
    r"|\s*(?P<passive>\S.*?)\s+(?:is\s+mentioned|comes\s+up|est\s+mentionnée?|est\s+évoquée?)(?P<rest>\s.*)?"
    r"|\s*(?:quelqu['’]\s*un|on|une\s+personne)\s+(?:mentionne|dit|écrit|évoque|demande)\s+(?P<fr>\S.*)"
    r"|\s*(?:quelqu['’]\s*un|on|une\s+personne)\s+parle\s+(?:de\s+la\s+|de\s+l['’]\s*|du\s+|des\s+|de\s+|d['’]\s*)(?P<de>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_ARTICLE = re.compile(r"(?:(?:the|an?|la|le|les|une?|des)\s+|l['’]\s*)", re.IGNORECASE)
_UNIT = "|".join(sorted((re.escape(unit) for unit in UNITS), key=len, reverse=True))
_COUNT = r"(?P<n>\d{1,4}|" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")?"
_COOLDOWN = re.compile(
    r"\s+(?:at\s+most(?:\s+once)?\s+(?:every|per|an?)|au\s+plus(?:\s+une\s+fois)?\s+(?:par|toutes\s+les|tous\s+les|chaque))\s+"
    + _COUNT
    + rf"\s*(?P<unit>{_UNIT})$"
)
_TIMES = re.compile(r"\s+(?P<n>\d{1,4})\s+(?:times|fois)$")
_UNTIL = re.compile(r"\s+(?:until|jusqu['’]?\s*(?:au|a))\s+(?P<day>\d{4}-\d\d-\d\d)$")


def phrase(clause: str) -> dict[str, Json] | None:
    """The arguments of the words that are meant: with `cooldown_seconds`, `runs` and `until` where they are said."""
    found = _MENTIONS.fullmatch(clause.strip())
    if found is None:
        return None
    words = found["en"] or found["fr"] or found["de"] or (found["passive"] or "") + (found["rest"] or "")
    words, arguments = _limits(words.rstrip())
    quoted = re.fullmatch(r"\s*[«“\"]\s*(.+?)\s*[»”\"]\s*", words)
    words = (
        quoted[1]
        if quoted
        else _ARTICLE.sub("", words.strip(_QUOTES), count=1)
        if _ARTICLE.match(words.strip(_QUOTES))
        else words
    )
    words = words.strip(_QUOTES)
    return {"phrase": words, **arguments} if words else None


def _limits(words: str) -> tuple[str, dict[str, Json]]:
    """How often, how many times and until when, said behind the words."""
    arguments: dict[str, Json] = {}
    while True:
        plain = fold(words)
        if len(plain) != len(words):
            return words, arguments
        if (every := _COOLDOWN.search(plain)) and UNITS[every["unit"]] in SECONDS:
            count = every["n"] or "1"
            number = int(count) if count.isdecimal() else NUMBERS[count]
            arguments["cooldown_seconds"] = number * SECONDS[UNITS[every["unit"]]]
            words = words[: every.start()]
        elif times := _TIMES.search(plain):
            arguments["runs"] = int(times["n"])
            words = words[: times.start()]
        elif until := _UNTIL.search(plain):
            arguments["until"] = until["day"]
            words = words[: until.start()]
        else:
            return words, arguments
