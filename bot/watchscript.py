"""A watch as one clause that reads back exactly, in English and French. Pure.

`disk above 90 for 10 minutes clear at 80` · `number visitors silent for 1 day`. What `thresholdwords` reads is said back
there in the words of a language; here it is written down, and those words are fixed: no translation may change them.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from bot.errors import BadInput
from bot.missions import OnThreshold
from bot.thresholds import USUAL_EVERY, Origin, Side, Source, Threshold
from bot.thresholdwords import unheard

_BARE = re.compile(r"[A-Za-z0-9][\w.:/?=&#%+-]*", re.ASCII)
_METRIC = re.compile(r"[a-z][a-z0-9_]{0,29}\.[a-z][a-z0-9_]{0,59}", re.ASCII)
_MARKS = (('"', '"'), ("“", "”"), ("‘", "’"), ("'", "'"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    parts: Mapping[str, str]
    certificate: str
    number: str
    path: str
    above: str
    below: str
    rises: str
    falls: str
    down: str
    silent: str
    within: str
    hold: str
    clear: str
    cooldown: str
    absent: str
    every: str
    severity: str
    grave: Mapping[str, str]
    units: tuple[tuple[int, str, str], ...]


_ENGLISH = _Words(
    parts={"cpu": "cpu", "memory": "memory", "swap": "swap", "load": "load", "disk": "disk"},
    certificate="certificate",
    number="number",
    path="path",
    above="above",
    below="below",
    rises="rises by",
    falls="falls by",
    down="is down",
    silent="silent for",
    within="in",
    hold="for",
    clear="clear at",
    cooldown="at most once in",
    absent="silent after",
    every="every",
    severity="severity",
    grave={"info": "info", "warning": "warning", "critical": "critical"},
    units=(
        (86_400, "day", "days"),
        (3_600, "hour", "hours"),
        (60, "minute", "minutes"),
        (1, "second", "seconds"),
    ),
)
_FRENCH = _Words(
    parts={"cpu": "processeur", "memory": "mémoire", "swap": "swap", "load": "charge", "disk": "disque"},
    certificate="certificat",
    number="nombre",
    path="chemin",
    above="au-dessus de",
    below="en dessous de",
    rises="augmente de",
    falls="baisse de",
    down="est en panne",
    silent="sans nouvelles depuis",
    within="en",
    hold="pendant",
    clear="rétabli à",
    cooldown="au plus une fois en",
    absent="sans nouvelles après",
    every="toutes les",
    severity="gravité",
    grave={"info": "info", "warning": "avertissement", "critical": "critique"},
    units=(
        (86_400, "jour", "jours"),
        (3_600, "heure", "heures"),
        (60, "minute", "minutes"),
        (1, "seconde", "secondes"),
    ),
)


def written(trigger: OnThreshold, lang: str) -> str:
    """The clause. Raises BadInput for what holds every quotation mark there is."""
    words = _FRENCH if lang == "fr" else _ENGLISH
    source, rule = trigger.source, trigger.rule
    parts = [_source(source, words), _condition(source, rule, words), *_options(trigger, words)]
    return " ".join(parts)


def _source(source: Source, words: _Words) -> str:
    match source.origin:
        case Origin.MACHINE:
            whole = source.name != "disk" or source.query == "/"
            return words.parts[source.name] + ("" if whole else f" {_quoted(source.query)}")
        case Origin.PAGE:
            path = f" {words.path} {_told(source.query)}" if source.query else ""
            return f"{source.name}{path}"
        case Origin.UP:
            return source.name
        case Origin.CERTIFICATE:
            # A word that could pass for “of” stands in marks.
            return f"{words.certificate} {_told(source.name) if '.' in source.name else _quoted(source.name)}"
        case Origin.SYSTEM:
            metric = f"{source.name}.{source.query}"
            return metric if _METRIC.fullmatch(metric) else f"{source.name} {_quoted(source.query)}"
        case Origin.SAID:
            return f"{words.number} {source.name}"


def _condition(source: Source, rule: Threshold, words: _Words) -> str:
    if rule.side is Side.ABSENT:
        return f"{words.silent} {_length(rule.absent, words)}"
    if source.origin is Origin.UP:
        return words.down
    above = rule.side is Side.ABOVE
    if rule.over:
        change = rule.limit if above else -rule.limit
        verb = words.rises if above else words.falls
        return f"{verb} {_number(change)} {words.within} {_length(rule.over, words)}"
    return f"{words.above if above else words.below} {_number(rule.limit)}"


def _options(trigger: OnThreshold, words: _Words) -> Iterator[str]:
    source, rule = trigger.source, trigger.rule
    if rule.hold:
        yield f"{words.hold} {_length(rule.hold, words)}"
    if rule.clear is not None:
        yield f"{words.clear} {_number(rule.clear)}"
    if rule.cooldown:
        yield f"{words.cooldown} {_length(rule.cooldown, words)}"
    usual = 0 if source.origin is Origin.SAID else unheard(trigger.every)
    if rule.side is not Side.ABSENT and rule.absent != usual:
        yield f"{words.absent} {_length(rule.absent, words)}"
    if trigger.every != USUAL_EVERY:
        yield f"{words.every} {_length(trigger.every, words)}"
    down = source.origin is Origin.UP and rule.side is not Side.ABSENT
    if rule.severity != ("critical" if down else "warning"):
        yield f"{words.severity} {words.grave[rule.severity]}"


def _length(seconds: int, words: _Words) -> str:
    """In the largest unit that says it exactly."""
    for size, one, many in words.units:
        if seconds % size == 0:
            count = seconds // size
            return f"{count} {one if count == 1 else many}"
    raise AssertionError(seconds)


def _number(value: float) -> str:
    text = f"{Decimal(repr(value)):f}"
    return text.removesuffix(".0")


def _told(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)


def _quoted(text: str) -> str:
    """Between marks that do not stand in it: what is watched is asked for word for word, so nothing is escaped."""
    for opening, closing in _MARKS:
        if closing not in text:
            return f"{opening}{text}{closing}"
    raise BadInput("what is watched holds every kind of quotation mark: {text}", text=text[:60])
