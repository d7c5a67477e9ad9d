"""Watches in words, and the words of people read as watches, in English and French. Pure.

`disk above 90 for 10 minutes clear below 80` · `https://shop.example/health.json path stock.left below 10 every 5
minutes` · `prometheus 'rate(errors[5m])' above 5` · `number visitors silent for 1 day`. What stands in quotes is taken
as it is. Read from the beginning; what comes after a comma is somebody else's.
"""

import math
import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal

from bot import periods, thresholds
from bot.errors import BadInput
from bot.speech import Tongue
from bot.thresholds import LONGEST, SHORTEST, Origin, Side, Source, Threshold

_TOKEN = re.compile(
    r"""\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)'(?=[\s,]|$)|“(?P<curly>[^”]*)”|«\s*(?P<french>[^»]*?)\s*»|‘(?P<sharp>[^’]*)’"""
    r"""|(?P<bare>[^\s,](?:[^\s,]|,(?=\S))*))(?P<comma>\s*,(?=\s|$))?"""
)
_NUMBER = re.compile(r"[+-]?[0-9]{1,15}(?:[.,][0-9]{1,9})?%?")
_PLAIN = (1e-6, 1e12)
"""What is smaller or larger is written with an exponent: nobody counts so many noughts."""
_NAME = re.compile(r"[^\W\d_][\w-]{0,39}")
_METRIC = re.compile(r"([a-z][a-z0-9_]{0,29})\.([a-z][a-z0-9_]{0,59})")
_MACHINE = {
    **dict.fromkeys(("cpu", "processor", "processeur"), "cpu"),
    **dict.fromkeys(("memory", "ram", "memoire"), "memory"),
    "swap": "swap",
    **dict.fromkeys(("load", "charge"), "load"),
    **dict.fromkeys(("disk", "disque"), "disk"),
}
_ABOVE = (
    "above",
    "rises above",
    "goes above",
    "climbs above",
    "exceeds",
    "passe au-dessus de",
    "passe au dessus de",
    "monte au-dessus de",
    "monte au dessus de",
    "over",
    "more than",
    "at more than",
    "> ",
    ">",
    "au-dessus de",
    "au dessus de",
    "depasse",
    "plus de",
    "superieur a",
)
_BELOW = (
    "below",
    "falls below",
    "drops below",
    "goes below",
    "passe en dessous de",
    "passe au-dessous de",
    "passe sous",
    "descend sous",
    "tombe sous",
    "tombe en dessous de",
    "under",
    "less than",
    "<",
    "en dessous de",
    "au-dessous de",
    "au dessous de",
    "sous",
    "moins de",
    "inferieur a",
)
_RISES = ("rises by", "rising by", "monte de", "augmente de")
_FALLS = ("falls by", "falling by", "drops by", "baisse de", "chute de")
_DOWN = ("is down", "down", "en panne", "est en panne", "hors ligne")
_SILENT = (
    "silent for",
    "no data for",
    "without data for",
    "sans nouvelles depuis",
    "sans nouvelles pendant",
    "muet depuis",
    "muet pendant",
    "muette depuis",
)
_CLEAR = (
    "clear below",
    "clear above",
    "clear at",
    "cleared below",
    "cleared above",
    "retabli sous",
    "retabli au-dessus de",
    "retabli au dessus de",
    "retabli a",
)
_COOLDOWN = (
    "cooldown",
    "at most once in",
    "at most every",
    "au plus toutes les",
    "au plus une fois par",
    "au plus une fois en",
    "repos",
)
_ABSENT = ("silent after", "no data after", "sans nouvelles apres", "muet apres")
_EVERY = ("every", "each", "toutes les", "tous les", "chaque")
_FOR = ("for", "pendant", "during")
_WITHIN = ("in", "within", "en", "over")
_SEVERITY = ("severity", "gravite")
_GRAVE = {
    "critical": "critical",
    "critique": "critical",
    "warning": "warning",
    "avertissement": "warning",
    "info": "info",
}
_LEADING = frozenset({"the", "le", "la", "l'", "of", "de", "is", "est", "when", "quand", "if", "si"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A watch as it was said. `rest` is what stood behind its comma."""

    source: Source
    rule: Threshold
    every: int = thresholds.USUAL_EVERY
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Word:
    raw: str
    word: str
    quoted: bool
    end: int
    cut: bool


@dataclass(slots=True)
class _Reader:
    """The words and a position. Lives as long as one sentence is read."""

    words: list[_Word]
    at: int = 0

    @property
    def over(self) -> bool:
        return self.at >= len(self.words) or (self.at > 0 and self.words[self.at - 1].cut)

    def peek(self) -> _Word | None:
        return None if self.over else self.words[self.at]

    def phrase(self, phrases: tuple[str, ...]) -> bool:
        """Moves past the longest of these that stands here, not in quotes."""
        for phrase in sorted(phrases, key=len, reverse=True):
            parts = phrase.split()
            here = self.words[self.at : self.at + len(parts)]
            if self.over or [each.word for each in here if not each.quoted] != parts:
                continue
            if any(each.cut for each in here[:-1]):
                continue
            self.at += len(parts)
            return True
        return False

    def length(self) -> int | None:
        """A length of time, in seconds."""
        behind: list[str] = []
        for each in self.words[self.at : self.at + 2]:
            behind.append(each.word)
            if each.cut:
                break
        found = None if self.over else periods.read(behind)
        if found is None:
            return None
        self.at += found[1]
        return found[0]

    def number(self) -> float | None:
        here = self.peek()
        if here is None or not _NUMBER.fullmatch(here.raw):
            return None
        self.at += 1
        self.phrase(("%",))
        return float(here.raw.rstrip("%").replace(",", "."))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.replace("’", "'")).casefold()
    return "".join(char for char in plain if not unicodedata.combining(char))


def _words(text: str) -> list[_Word]:
    found: list[_Word] = []
    at = 0
    while match := _TOKEN.match(text, at):
        bare = match["bare"]
        raw = (
            bare
            if bare is not None
            else next(
                g
                for g in (match["double"], match["single"], match["curly"], match["french"], match["sharp"])
                if g is not None
            )
        )
        found.append(_Word(raw, _folded(raw), bare is None, match.end(), match["comma"] is not None))
        at = match.end()
        if found[-1].cut:
            break
    return found


def read(text: str) -> Told | None:
    """The watch that the words say, or None when they say none. Raises BadInput, a sentence for the person, for a
    watch that makes no sense."""
    found = begins(text)
    if found is not None:
        return replace(found[0], rest=text[found[1] :].strip())
    if _source(_Reader(_words(text))) is None:
        return None
    raise BadInput(
        "say when it is bad: for example “above 90 for 10 minutes”, “below 10” or “silent for 1 day”",
        field="watch",
    )


def begins(text: str) -> tuple[Told, int] | None:
    """The watch at the beginning of the words, and how far it goes, its comma included. None where they name nothing
    that is watched, or not when it is bad. Raises as `read`."""
    reader = _Reader(_words(text))
    source = _source(reader)
    rule = _condition(reader, source) if source is not None else None
    if source is None or rule is None:
        return None
    told = _options(reader, Told(source=source, rule=rule))
    behind = reader.peek()
    if behind is not None:
        raise BadInput("I do not understand “{text}” in this watch", text=behind.raw[:60], field="watch")
    if not SHORTEST <= told.every <= LONGEST:
        raise BadInput("a number is read every {least} seconds to every day", least=SHORTEST, field="watch")
    rule = told.rule
    if not rule.absent and source.origin is not Origin.SAID:
        rule = replace(rule, absent=unheard(told.every))
    return replace(told, rule=thresholds.checked(rule)), reader.words[reader.at - 1].end


def unheard(every: int) -> int:
    """After so many seconds without a number that is told, where nobody says when."""
    return max(thresholds.SHORTEST_SILENCE, thresholds.PATIENT * every)


# Sources -----------------------------------------------------------------------------------------------------


def _source(reader: _Reader) -> Source | None:
    while (here := reader.peek()) is not None and here.word in _LEADING and not here.quoted:
        reader.at += 1
    if here is None or here.quoted:
        return None
    reader.at += 1
    if here.word in _MACHINE:
        return _machine(reader, _MACHINE[here.word])
    if here.word in ("certificate", "certificat"):
        return _certificate(reader)
    if here.word in ("number", "nombre"):
        name = reader.peek()
        if name is None or not _NAME.fullmatch(name.raw):
            raise BadInput("a number has a name of letters, digits, - and _", field="watch")
        reader.at += 1
        return Source(origin=Origin.SAID, name=said_name(name.raw))
    if re.match(r"https?://", here.word):
        return _address(reader, here.raw)
    if found := _METRIC.fullmatch(here.word):
        return Source(origin=Origin.SYSTEM, name=found[1], query=found[2])
    query = reader.peek()
    if query is not None and query.quoted and re.fullmatch(r"[a-z][a-z0-9_]{0,29}", here.word):
        reader.at += 1
        return Source(origin=Origin.SYSTEM, name=here.word, query=query.raw)
    return None


def said_name(text: str) -> str:
    """The name of a number that people say. Raises BadInput."""
    if not _NAME.fullmatch(text.strip()):
        raise BadInput("a number has a name of letters, digits, - and _", field="name")
    return text.strip().casefold()


def _machine(reader: _Reader, name: str) -> Source:
    here = reader.peek()
    if name == "disk":
        if here is not None and (here.quoted or here.raw.startswith("/")):
            reader.at += 1
            return Source(origin=Origin.MACHINE, name=name, query=here.raw)
        return Source(origin=Origin.MACHINE, name=name, query="/")
    return Source(origin=Origin.MACHINE, name=name)


def _certificate(reader: _Reader) -> Source | None:
    reader.phrase(("of", "de", "for", "pour"))
    here = reader.peek()
    if here is None:
        return None
    reader.at += 1
    host = re.fullmatch(r"(?:https://)?([^\s/@?#]{1,253})/?", here.raw)
    if host is None:
        raise BadInput(
            "a certificate is of a machine: for example shop.example or shop.example:8443", field="watch"
        )
    return Source(origin=Origin.CERTIFICATE, name=host[1].lower())


def _address(reader: _Reader, url: str) -> Source:
    mark, here = reader.at, reader.peek()
    if here is not None and here.word in ("path", "chemin") and reader.at + 1 < len(reader.words):
        reader.at += 2
        return Source(origin=Origin.PAGE, name=url, query=reader.words[reader.at - 1].raw)
    if reader.phrase(_DOWN):
        reader.at = mark
        return Source(origin=Origin.UP, name=url)
    return Source(origin=Origin.PAGE, name=url)


# Conditions --------------------------------------------------------------------------------------------------


def _condition(reader: _Reader, source: Source) -> Threshold | None:
    reader.phrase(("is", "est", "are"))
    if source.origin is Origin.UP and reader.phrase(_DOWN):
        return Threshold(side=Side.BELOW, limit=0.5, severity="critical")
    if reader.phrase(_SILENT):
        seconds = reader.length()
        return None if seconds is None else Threshold(side=Side.ABSENT, absent=seconds)
    for phrases, side, sign in ((_RISES, Side.ABOVE, 1), (_FALLS, Side.BELOW, -1)):
        if reader.phrase(phrases):
            number = reader.number()
            reader.phrase(_WITHIN)
            seconds = reader.length()
            if number is None or seconds is None:
                raise BadInput("say by how much and in what time: “rises by 20 in 10 minutes”", field="watch")
            return Threshold(side=side, limit=sign * number, over=seconds)
    for phrases, side in ((_ABOVE, Side.ABOVE), (_BELOW, Side.BELOW)):
        if reader.phrase(phrases):
            number = reader.number()
            if number is not None:
                reader.phrase(("days", "jours", "percent", "pour cent"))
                return Threshold(side=side, limit=number)
    return None


def _seconds(reader: _Reader) -> int:
    found = reader.length()
    if found is None:
        raise BadInput("say how long: for example “10 minutes”", field="watch")
    return found


def _options(reader: _Reader, told: Told) -> Told:
    while not reader.over:
        mark = reader.at
        told = _option(reader, told)
        if reader.at == mark:
            return told
    return told


def _option(reader: _Reader, told: Told) -> Told:
    rule = told.rule
    if reader.phrase(_CLEAR):
        number = reader.number()
        if number is None:
            raise BadInput("say at which number it clears", field="watch")
        return replace(told, rule=replace(rule, clear=number))
    if reader.phrase(_COOLDOWN):
        return replace(told, rule=replace(rule, cooldown=_seconds(reader)))
    if reader.phrase(_ABSENT):
        return replace(told, rule=replace(rule, absent=_seconds(reader)))
    if reader.phrase(_EVERY):
        return replace(told, every=_seconds(reader))
    if reader.phrase(_FOR):
        return replace(told, rule=replace(rule, hold=_seconds(reader)))
    reader.phrase(_SEVERITY)
    here = reader.peek()
    if here is not None and here.word in _GRAVE:
        reader.at += 1
        return replace(told, rule=replace(rule, severity=_GRAVE[here.word]))
    return told


# Said back ---------------------------------------------------------------------------------------------------


def amount(value: float, tongue: Tongue) -> str:
    """A number as people write it: every digit before the decimal mark, and behind it no more than make six."""
    if value and not _PLAIN[0] <= abs(value) < _PLAIN[1]:
        return f"{value:.6g}"
    plain = Decimal(round(value)) if abs(value) >= 1e6 else Decimal(f"{value + 0.0:.6g}")
    return tongue.number(plain)


def reading(source: Source, value: float, tongue: Tongue) -> str:
    """What was read of it, in words. Days of a certificate are rounded down to tenths: it lasts no shorter than is said."""
    match source.origin:
        case Origin.UP:
            return tongue("answers") if value else tongue("does not answer")
        case Origin.CERTIFICATE:
            return amount(math.floor(value * 10) / 10, tongue)
        case _:
            return amount(value, tongue)


def named(source: Source, tongue: Tongue) -> str:
    """What is watched."""
    match source.origin:
        case Origin.MACHINE:
            return _part(source, tongue)
        case Origin.PAGE:
            return f"{source.name} {source.query}".strip()
        case Origin.UP:
            return source.name
        case Origin.CERTIFICATE:
            return tongue("days left of the certificate of {host}", host=source.name)
        case Origin.SYSTEM:
            return tongue("{name}: {query}", name=source.name, query=source.query)
        case Origin.SAID:
            return tongue("the number {name}", name=source.name)


def _part(source: Source, tongue: Tongue) -> str:
    match source.name:
        case "cpu":
            return tongue("processor (%)")
        case "memory":
            return tongue("memory (%)")
        case "swap":
            return tongue("swap (%)")
        case "load":
            return tongue("load")
        case _:
            return tongue("disk {folder} (%)", folder=source.query)


def limit(source: Source, rule: Threshold, tongue: Tongue) -> str:
    """When it is bad."""
    number = amount(abs(rule.limit) if rule.over else rule.limit, tongue)
    span = periods.in_period(rule.over, tongue) if rule.over else ""
    if rule.side is Side.ABSENT:
        return tongue("no number for {period}", period=periods.in_period(rule.absent, tongue))
    if source.origin is Origin.UP:
        return tongue("does not answer")
    if rule.side is Side.ABOVE:
        return (
            tongue("rises by more than {number} in {period}", number=number, period=span)
            if span
            else tongue("above {number}", number=number)
        )
    return (
        tongue("falls by more than {number} in {period}", number=number, period=span)
        if span
        else tongue("below {number}", number=number)
    )


def in_words(source: Source, rule: Threshold, every: int, tongue: Tongue) -> str:
    """The whole watch as a person would say it."""
    name, bad = named(source, tongue), limit(source, rule, tongue)
    silent = rule.side is Side.ABSENT
    parts = [tongue("{name}: {what}", name=name, what=bad) if silent else f"{name} {bad}"]
    if rule.hold:
        parts[0] = tongue("{watch} for {period}", watch=parts[0], period=periods.in_period(rule.hold, tongue))
    if rule.clear is not None:
        parts.append(tongue("clears at {number}", number=amount(rule.clear, tongue)))
    if rule.cooldown:
        parts.append(tongue("at most once in {period}", period=periods.in_period(rule.cooldown, tongue)))
    if source.origin is not Origin.SAID:
        parts.append(tongue("read every {period}", period=periods.in_period(every, tongue)))
    if rule.absent and rule.side is not Side.ABSENT:
        parts.append(
            tongue("told when no number comes for {period}", period=periods.in_period(rule.absent, tongue))
        )
    return ", ".join(parts)
