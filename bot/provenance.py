"""Where the values of a call came from. Pure: the person's words and what was read in; a source per field out.

Only literal words count, whole ones, and never for ids: a `13` in a message is no choice of the thing with
the number 13. What a model says about its own arguments is not an input.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.actions import Action, Field, Kind, Part
from bot.errors import BadInput
from bot.journal import Answer
from bot.proposals import Origin, Source, SourceKind
from bot.values import Json, Money, is_amount, is_mapping, is_sequence, shown

_FREE = frozenset({Kind.DATE, Kind.MOMENT, Kind.BOOLEAN, Kind.CHOICE, Kind.INTEGER})
"""Kinds that can neither say nor address anything: when, how many, which of a given list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one action of this turn returned."""

    action: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What the values of a call are held against: the requester's own trusted `words`, said `at`, what was
    read since, and who chose the arguments."""

    words: str = ""
    at: datetime | None = None
    author: Origin = Origin.MIND
    readings: tuple[Reading, ...] = ()


def reading(action: str, answer: Answer) -> Reading:
    """What an answer told, as text that values can be found in."""
    return Reading(action=action, text=f"{answer.text}\n{shown(answer.data)}")


def trace(
    action: Action, arguments: Mapping[str, Json], given: Mapping[str, Json], grounds: Grounds
) -> dict[str, Source]:
    """A source for every argument. `given` are the arguments as they were asked for, without defaults."""
    fields = {field.name: field for field in action.fields}
    return {
        name: _source(fields.get(name), name in given, value, grounds) for name, value in arguments.items()
    }


def _source(field: Field | None, given: bool, value: Json, grounds: Grounds) -> Source:
    if not given:
        return Source(kind=SourceKind.DEFAULT)
    if grounds.author is Origin.MISSION:
        return Source(kind=SourceKind.MISSION)
    if grounds.author is Origin.PERSON and grounds.words:
        return Source(kind=SourceKind.WORDS, at=grounds.at)
    if field is not None and not _is_id(field) and said(value, grounds.words):
        return Source(kind=SourceKind.WORDS, at=grounds.at)
    for each in reversed(grounds.readings):
        if said(value, each.text):
            return Source(kind=SourceKind.RESULT, detail=each.action)
    return Source(kind=SourceKind.UNKNOWN)


def _is_id(field: Field) -> bool:
    # Ids may hide anywhere in JSON that has no meaning of its own, and among values by name.
    free = field.kind is Kind.FIELDS or (field.kind is Kind.JSON and field.part is Part.OTHER)
    return field.part is Part.OBJECT or field.kind is Kind.OBJECT or free


def own_words(action: Action, sources: Mapping[str, Source]) -> bool:
    """Whether who and what of the call are literally the person's. An id never is, nor a field without a
    meaning that could hold words or an address."""
    fields = {field.name: field for field in action.fields}
    decided = False
    for name, source in sources.items():
        field = fields.get(name)
        if source.kind in (SourceKind.DEFAULT, SourceKind.FIXED) or (field is not None and _harmless(field)):
            continue
        if source.kind is not SourceKind.WORDS:
            return False
        decided = True
    return decided


def _harmless(field: Field) -> bool:
    return field.part is Part.OTHER and field.kind in _FREE


def said(value: Json, text: str) -> bool:
    """Whether the whole value stands in the text, word for word. Every element of a list must."""
    if is_mapping(value):
        if is_amount(value):
            return _amount_said(Money.of(value), text)
        return bool(value) and all(said(each, text) for each in value.values())
    if is_sequence(value):
        return all(said(each, text) for each in value)
    if isinstance(value, bool) or value is None:
        return False
    return _stands_in(str(value), text)


def _stands_in(value: str, text: str) -> bool:
    words = _squeezed(value)
    if not words:
        return False
    # A word ends where neither a letter nor a part of an address or a number goes on.
    pattern = rf"(?<![\w@%+/\\-])(?<![\w][.:])(?<!\d,){re.escape(words)}(?![\w@%+/\\-])(?![.:,]\w)"
    return re.search(pattern, _squeezed(text)) is not None


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()


def _amount_said(amount: Money, text: str) -> bool:
    """Whether the sum is said, with its own currency or with none."""
    major = amount.major
    spelled = {f"{major:f}", f"{major.normalize():f}"}
    spelled |= {each.replace(".", ",") for each in spelled}
    numbers = "|".join(re.escape(each) for each in spelled)
    unit = r"[A-Z]{3}\b|[€$£¥]"
    found = re.finditer(rf"(?<![\w.,+-])({unit})?\s?({numbers})(?![.,]?\d)\s?({unit})?", text)
    return any(_unit(each[1] or each[3], amount) for each in found)


def _unit(said_with: str | None, amount: Money) -> bool:
    if said_with is None:
        return True
    try:
        return Money.parse(f"1 {said_with}").currency == amount.currency
    except BadInput:
        return False
