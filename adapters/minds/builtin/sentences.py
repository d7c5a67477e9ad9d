"""Sentences that make missions: when, then what. `every weekday at 9:00, do demo.late_orders`.

Turns words into the arguments of `vigie.create_mission`; what the words after the comma mean as steps is
decided by whoever calls.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from adapters.minds.builtin import arrivals, moments, phrases, recurrences
from adapters.minds.builtin.moments import Scale
from adapters.minds.builtin.text import Token, fold, rest
from adapters.minds.builtin.times import Reader
from adapters.minds.builtin.vocabulary import DO, TELL_ME
from adapters.minds.zones import zone_named
from bot import thresholdwords
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json

_WHENEVER = ("as soon as", "whenever", "when", "quand", "lorsque", "lorsqu'", "des que", "des qu'")
_ASKS = frozenset(
    (
        "is are was were do does did will would can could should shall may have has "
        "est sont etait etaient sera seront vas va peux peut dois doit as a"
    ).split()
)
_SIGNAL = re.compile(r"(?:the\s+|le\s+|un\s+|a\s+)?signal\s+", re.IGNORECASE)
_ARRIVES = re.compile(
    r"\s+(?:arrives?|comes\s+in|happens|is\s+received|arrive|survient|se\s+produit|est\s+reçu)$",
    re.IGNORECASE,
)
_WATCH = ("watch", "keep an eye on", "surveille", "surveiller", "guette", "garde un oeil sur")
_REMIND = ("remind me", "rappelle moi")
_TO = re.compile(r"(?:to|that|de|d['’]|que|qu['’])\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """When (as arguments of `vigie.create_mission`) and what (as it was written). `silent` says that what wakes it tells
    all there is to tell."""

    when: Mapping[str, Json]
    what: str
    silent: bool = False


def read(text: str, said: tuple[Token, ...], *, now: datetime, zone: str, tongue: Tongue) -> Sentence | None:
    """The mission in the words, or None when they are something else. `said` are the tokens of `text`.

    Raises BadInput, a sentence for the person, when the words mean a mission and make no sense.
    """
    reader = Reader(said)
    scale = Scale(now=now, zone=zone_named(zone), tongue=tongue)
    if found := _RULE.fullmatch(text):
        return Sentence(when={"rule": found[1], "zone": scale.zone.key}, what=found[2])
    if reader.phrase(*_REMIND):
        return _reminder(text, reader, scale)
    if reader.phrase(*_WATCH) and reader.last is not None:
        return _on_threshold(text, reader.last, scale)
    if reader.phrase(*_WHENEVER):
        return _on_signal(text, reader, scale)
    when = _when(reader, scale)
    if when is None or not _meant(reader):
        return None
    return Sentence(when=when, what=_what(text, reader, scale))


_UNTIL = ("until", "jusqu' au", "jusqu' a", "jusqu au", "jusqu a")
_RULE = re.compile(r"\s*(RRULE:\S+?|FREQ=\S+?)\s*,\s+(\S.*)", re.DOTALL)


def change(
    text: str, said: tuple[Token, ...], *, now: datetime, zone: str, tongue: Tongue
) -> Sentence | None:
    """The same, for a mission that is there: what it does may be left as it is."""
    reader = Reader(said)
    scale = Scale(now=now, zone=zone_named(zone), tongue=tongue)
    if reader.phrase(*_WATCH) and reader.last is not None:
        found = _on_threshold(text, reader.last, scale)
        return found and Sentence(when=found.when, what="" if found.silent else found.what)
    when = _when(reader, scale)
    if when is None:
        return None
    return Sentence(when=when, what=rest(text, reader.last).strip())


def _end(reader: Reader) -> dict[str, Json]:
    """How often or until when: `5 times`, `until 2026-12-24`."""
    start = reader.at
    count = reader.word()
    if count.isdecimal() and len(count) < 5 and reader.word(1) in {"times", "fois"} and int(count):
        reader.at += 2
        return {"runs": int(count)}
    if reader.phrase(*_UNTIL) and re.fullmatch(r"\d{4}-\d\d-\d\d", reader.word()):
        day = reader.word()
        reader.at += 1
        return {"until": day}
    reader.at = start
    return {}


def _when(reader: Reader, scale: Scale) -> Mapping[str, Json] | None:
    again = recurrences.read(reader, tongue=scale.tongue)
    if again is not None:
        zone = {"zone": scale.zone.key}
        end = {} if reader.cut else _end(reader)
        when = {"cron": again.cron} if again.cron else {"every_seconds": again.seconds}
        return {**when, **zone, **end}
    at = moments.read(reader, scale=scale)
    return {"at": at.isoformat(), "zone": scale.zone.key} if at is not None else None


def _meant(reader: Reader) -> bool:
    """Without a comma, a number or an order the words may be a remark that begins with a day."""
    timed = any(any(c.isdigit() for c in token.word) for token in reader.tokens[: reader.at])
    return reader.over or reader.cut or timed or reader.word() in DO


def _what(text: str, reader: Reader, scale: Scale) -> str:
    what = rest(text, reader.last).strip()
    if not what:
        raise BadInput(scale.tongue("and then? Write what to do after a comma: “tomorrow at 9, call Alice”"))
    return what


def _on_threshold(text: str, begin: Token, scale: Scale) -> Sentence | None:
    """`watch disk above 90 for 10 minutes, tell me`: what is watched is read from the words themselves."""
    words = text[begin.end :].strip()
    told = thresholdwords.read(words)
    if told is None:
        return None
    watch = words[: len(words) - len(told.rest)].rstrip(" ,") if told.rest else words.rstrip(" ,.!")
    silent = not told.rest or fold(told.rest.rstrip(" .!")) in TELL_ME
    what = watch if silent else told.rest
    return Sentence(when={"watch": watch, "zone": scale.zone.key}, what=what, silent=silent)


def _on_signal(text: str, reader: Reader, scale: Scale) -> Sentence | None:
    """`when stock_low, …`: the words up to the first comma name the signal."""
    begin, asks = reader.last, reader.word() in _ASKS
    while not reader.over:
        reader.at += 1
        if reader.cut:
            break
    if not reader.cut or begin is None or reader.last is None:
        return None
    clause = text[begin.end : reader.last.end]
    if (mail := arrivals.mail(clause)) is not None:
        return Sentence(when={**mail, "zone": scale.zone.key}, what=_what(text, reader, scale))
    if asks:
        return None
    if (phrase := phrases.phrase(clause)) is not None:
        return Sentence(when={**phrase, "zone": scale.zone.key}, what=_what(text, reader, scale))
    name = clause.strip(" \t\n«»“”\"'\u00a0\u202f")
    name = _ARRIVES.sub("", _SIGNAL.sub("", name, count=1)).strip(" «»“”\"'\u00a0\u202f")
    if not name:
        return None
    return Sentence(when={"signal": name, "zone": scale.zone.key}, what=_what(text, reader, scale))


def _reminder(text: str, reader: Reader, scale: Scale) -> Sentence | None:
    """`remind me tomorrow at 9 to …`, `remind me to … tomorrow at 9`."""
    asked = reader.last
    when = _when(reader, scale)
    if when is not None:
        return Sentence(when=when, what=_TO.sub("", _what(text, reader, scale), count=1))
    for at in range(reader.at + 1, len(reader.tokens)):
        tail = Reader(reader.tokens, at)
        when = _when(tail, scale)
        if when is not None and tail.over and asked is not None:
            between = text[asked.end : reader.tokens[at].start]
            return Sentence(when=when, what=_TO.sub("", between.strip(" ,"), count=1).strip(" ,"))
    return None
