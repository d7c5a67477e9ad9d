"""Sentences that make missions: when, then what. `every weekday at 9:00, do demo.late_orders`.

Turns words into the arguments of `vigie.create_mission`; what the words after the comma mean as steps is
decided by whoever calls.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from adapters.minds.builtin import bounds, lexicon, moments, phrases, recurrences
from adapters.minds.builtin.moments import Scale
from adapters.minds.builtin.text import Token, fold, rest
from adapters.minds.builtin.times import AT, MONTHS, NUMBERS, PARTS, UNITS, WEEKDAYS, Reader
from adapters.minds.builtin.vocabulary import DO, TELL_ME
from adapters.minds.zones import zone_named
from bot import mailwords, thresholdwords
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
_TIMES = frozenset((*UNITS, *WEEKDAYS, *MONTHS, *PARTS, "tomorrow", "demain", "today", "noon", "midi")) - {
    *("a", "an", "h", "s", "sec", "may", "mar", "second", "seconds")
}
_POLITE = (
    *(
        "could you please",
        "can you please",
        "would you please",
        "could you",
        "can you",
        "would you",
        "please",
    ),
    *("peux tu", "pourrais tu", "peux tu s'il te plait", "s'il te plait", "s' il te plait", "stp", "svp"),
    *("pouvez vous", "pourriez vous", "s' il vous plait", "merci de"),
)
_REMIND = ("remind me", "rappelle moi")
_TIME_BEGINS = frozenset(
    (
        *(*NUMBERS, *WEEKDAYS, *MONTHS, *PARTS, *AT),
        *("daily hourly weekly monthly quotidiennement every each chaque tous toutes tout".split()),
        *(
            "on in from the this next last half quarter noon midday midnight today tomorrow yesterday day".split()
        ),
        *("first second third fourth 1st 2nd 3rd 4th 1er 2e 3e 4e premier premiers dernier derniers".split()),
        *("deuxieme deuxiemes troisieme troisiemes quatrieme quatriemes".split()),
        *("weekday weekdays weekend weekends week working business work jour jours semaine fin fins".split()),
        *("le la les ce cet cette du de d' en dans midi minuit demain hier aujourd' apres".split()),
    )
)
"""What a time begins with that does not begin with a digit. Most messages hold none at their beginning, and are spared the
hundred ways to say when."""
_TO = re.compile(r"(?:to|that|de|d['’]|que|qu['’])\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """When (as arguments of `vigie.create_mission`) and what (as it was written). `silent` says that what wakes it tells
    all there is to tell, `reminds` that somebody asked to be told these very words, and `tells` that they only want to hear
    of what wakes it: then `what` are the words for that."""

    when: Mapping[str, Json]
    what: str
    silent: bool = False
    reminds: bool = False
    tells: bool = False


def read(text: str, said: tuple[Token, ...], *, now: datetime, zone: str, tongue: Tongue) -> Sentence | None:
    """The mission in the words, or None when they are something else. `said` are the tokens of `text`.

    Raises BadInput, a sentence for the person, when the words mean a mission and make no sense.
    """
    reader = Reader(said)
    reader.phrase(*_POLITE)
    scale = Scale(now=now, zone=zone_named(zone), tongue=tongue)
    if found := _RULE.fullmatch(text):
        return Sentence(when={"rule": found[1], "zone": scale.zone.key}, what=found[2])
    if reader.phrase(*_REMIND):
        return _reminder(text, reader, scale)
    if reader.phrase(*_WATCH) and reader.last is not None:
        return _on_threshold(text, reader.last, scale)
    if reader.phrase(*_WHENEVER):
        return _on_signal(text, reader, scale)
    begin = reader.at
    when = _when(reader, scale)
    if when is None:
        return _ends_in_when(text, Reader(said, begin), scale)
    if not _meant(reader, again="at" not in when):
        return None
    bounds.refuse_rest(text, reader, scale)
    reminds = reader.phrase(*_REMIND)
    what = _what(text, reader, scale)
    return Sentence(when=when, what=_TO.sub("", what, count=1) if reminds else what, reminds=reminds)


def _ends_in_when(text: str, reader: Reader, scale: Scale) -> Sentence | None:
    """`check late orders every weekday at 9`: an order first, and when behind it."""
    begin, order = reader.at, Reader(reader.tokens, reader.at)
    if not order.phrase(*lexicon.LOOK, *lexicon.PROPOSE):
        return None
    for at in range(order.at + 1, len(reader.tokens)):
        tail = Reader(reader.tokens, at)
        when = _when(tail, scale)
        if when is not None and tail.over:
            what = text[reader.tokens[begin].start : reader.tokens[at].start].strip(" ,")
            return Sentence(when=when, what=what)
    return None


def names_a_time(said: tuple[Token, ...]) -> bool:
    """Whether words that make no mission were meant to say when: `every blue moon, …`, `at the end of the month, …`."""
    reader = Reader(said)
    reader.phrase(*_POLITE, *_REMIND)
    if reader.phrase(
        "every",
        "each",
        "chaque",
        "tous les",
        "toutes les",
        "once a",
        "twice a",
        "une fois par",
        "deux fois par",
    ):
        return True
    head: list[str] = []
    for token in said[reader.at :]:
        head.append(token.word)
        if token.cut:
            return any(word in _TIMES for word in head)
    return False


_REPORT = re.compile(
    r"(?:\A|[\s,;]+)(?:(?:and|et)\s+)?"
    r"(?:(?:report|rapporte)(?:[-\s](?:it|le))?(?:\s+(?:to|in|à|a|dans))?\s+(?P<back>here|ici)"
    r"|(?:(?:report|tell|say|dis|rapporte|raconte)(?:[-\s](?:it|so|le))?(?:\s+(?:to|in|à|a|dans|sur))?|pr[ée]viens)"
    r"\s+(?P<to>#[^\s,;]{1,80}?))\s*[.!]?\s*\Z",
    re.IGNORECASE,
)


def report_to(text: str) -> tuple[str, str]:
    """The words without `report to #ops` at their end, and the place that is named there, "" for none."""
    found = _REPORT.search(text)
    return (text[: found.start()], found["to"] or "here") if found else (text, "")


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
    bounds.refuse_rest(text, reader, scale)
    return Sentence(when=when, what=rest(text, reader.last).strip())


def _when(reader: Reader, scale: Scale) -> Mapping[str, Json] | None:
    """The time at the position, on the clock of the zone that is named behind it, else on that of the person."""
    if not begins_a_time(reader.word()):
        return None
    when = _elsewhere(reader, scale) or _told(reader, scale)
    if when is None or "at" in when or reader.cut:
        return when
    return {**when, **bounds.end(reader, scale)}


def begins_a_time(word: str) -> bool:
    """Whether a time, or what comes back, can begin with this token."""
    return word in _TIME_BEGINS or word[:1].isdigit()


def _elsewhere(reader: Reader, scale: Scale) -> dict[str, Json] | None:
    """The time at the position when a zone is named right behind it. The zone comes first: what has passed here may be to
    come there."""
    start = reader.at
    for at in range(start + 1, len(reader.tokens)):
        behind = Reader(reader.tokens, at)
        if reader.tokens[at - 1].cut:
            break
        if (zone := bounds.zone(behind)) is None:
            continue
        when = _told(reader, replace(scale, zone=zone))
        if when is not None and reader.at == at:
            reader.at = behind.at
            return when
        reader.at = start
    return None


def _told(reader: Reader, scale: Scale) -> dict[str, Json] | None:
    again = recurrences.read(reader, tongue=scale.tongue)
    if again is not None:
        if again.rule:
            told = f"DTSTART:{_begun(again.rule, scale)}\nRRULE:{again.rule}"
            return {"rule": told, "zone": scale.zone.key}
        return {
            **({"cron": again.cron} if again.cron else {"every_seconds": again.seconds}),
            "zone": scale.zone.key,
        }
    at = moments.read(reader, scale=scale)
    return {"at": at.isoformat(), "zone": scale.zone.key} if at is not None else None


def _begun(rule: str, scale: Scale) -> str:
    """The day from which a rule counts its weeks or months: the first one it names that is still to come."""
    parts = dict(part.split("=") for part in rule.split(";"))
    last = max(int(hour) for hour in parts["BYHOUR"].split(",")), int(parts["BYMINUTE"])
    day = scale.today
    if scale.at(day, last) <= scale.now:
        day += timedelta(days=1)
    days, of_month = parts.get("BYDAY", "").split(","), parts.get("BYMONTHDAY", "")
    while (of_month and day.day != int(of_month)) or (days != [""] and f"{day:%a}"[:2].upper() not in days):
        day += timedelta(days=1)
    return f"{day:%Y%m%d}T000000"


def _meant(reader: Reader, *, again: bool) -> bool:
    """Without a comma, a number or an order the words may be a remark that begins with a day."""
    timed = any(any(c.isdigit() for c in token.word) for token in reader.tokens[: reader.at])
    ahead = Reader(reader.tokens, reader.at)
    orders = again and ahead.phrase(*lexicon.LOOK, *lexicon.TELL, *lexicon.PROPOSE)
    orders = orders or ahead.phrase(*_REMIND)
    return reader.over or reader.cut or timed or reader.word() in DO or orders


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
        raise BadInput(
            scale.tongue(
                "I know no such number to watch; write for example “watch disk above 90 for 10 minutes, tell me” or “watch"
                " https://example.com is down, tell me”"
            )
        )
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
    heard = _heard(clause, asks=asks)
    if heard is None:
        return None
    what, when = _what(text, reader, scale), {**heard, "zone": scale.zone.key}
    if fold(what.rstrip(" .!")) in TELL_ME:
        return Sentence(when=when, what=clause.strip(" \t\n,"), tells=True)
    return Sentence(when=when, what=what)


def _heard(clause: str, *, asks: bool) -> dict[str, Json] | None:
    """What the clause waits for: a mail, words that somebody says, or a signal of that name."""
    if (mail := mailwords.mail(clause)) is not None:
        return dict(mail)
    if asks:
        return None
    if (phrase := phrases.phrase(clause)) is not None:
        return phrase
    name = clause.strip(" \t\n«»“”\"'\u00a0\u202f")
    name = _ARRIVES.sub("", _SIGNAL.sub("", name, count=1)).strip(" «»“”\"'\u00a0\u202f")
    return {"signal": name} if name else None


def _reminder(text: str, reader: Reader, scale: Scale) -> Sentence | None:
    """`remind me tomorrow at 9 to …`, `remind me to … tomorrow at 9`."""
    asked = reader.last
    when = _when(reader, scale)
    if when is not None:
        bounds.refuse_rest(text, reader, scale)
        return Sentence(when=when, what=_TO.sub("", _what(text, reader, scale), count=1), reminds=True)
    for at in range(reader.at + 1, len(reader.tokens)):
        tail = Reader(reader.tokens, at)
        when = _when(tail, scale)
        if when is not None and tail.over and asked is not None:
            between = text[asked.end : reader.tokens[at].start]
            what = _TO.sub("", between.strip(" ,"), count=1).strip(" ,")
            return Sentence(when=when, what=what, reminds=True)
    return None
