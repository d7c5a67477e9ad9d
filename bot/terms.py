"""Terms: what the fields of a call must be for a standing permission to cover it, and the same in words. Pure.

The words are the permission: `read` gives back exactly the terms that `worded` wrote, in every language, with
characters that hide or mislead spelled out. Knows nothing of who permits, how often, or until when.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast, get_args

from bot import renderings
from bot.actions import Action, Field, Kind, Part, Risk
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money, canonical, is_mapping, is_sequence
from bot.visible import MARGIN, exact, original

Test = Literal["is", "missing", "most", "one_of", "any"]
"""Exactly this value; not given at all; at most this amount or number, and not below zero; one of these; free."""

_PLAIN = re.compile(r"[a-z][a-z0-9_]*")
_QUOTED = r'"(?:[^"\\]|\\.)*"'
_WORDS = frozenset({Kind.TEXT, Kind.LONG_TEXT})
_WHEN = frozenset({Kind.DATE, Kind.MOMENT})
_COUNTED = frozenset({Kind.CHOICE, Kind.BOOLEAN, Kind.INTEGER})
"""Kinds of which the values that were approved may stand as a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One condition on one field. `value` is the value, the largest one, or the list of values."""

    field: str
    test: Test
    value: Json = None

    def as_json(self) -> Json:
        return [self.field, self.test, self.value]

    @staticmethod
    def of(value: Json) -> "Term":
        """The inverse of `as_json`. Raises BadInput."""
        match value:
            case [str(field), str(test), found] if test in get_args(Test):
                pass
            case _:
                raise BadInput("a term reads [field, test, value]")
        fits = {
            "is": found is not None,
            "missing": found is None,
            "any": found is None,
            "most": _bound(found) is not None,
            "one_of": is_sequence(found) and len(found) > 0,
        }
        if not field or not fits[test]:
            raise BadInput("a term reads [field, test, value]")
        return Term(field=field, test=cast("Test", test), value=json.loads(canonical(found)))

    def holds(self, arguments: Mapping[str, Json]) -> bool:
        """Whether the value of the field in these canonical arguments is what the term says."""
        given = self.field in arguments
        value = arguments.get(self.field)
        match self.test:
            case "any":
                return True
            case "missing":
                return not given
            case "is":
                return given and _same(value, self.value)
            case "one_of":
                return given and any(_same(value, each) for each in self.value)
            case "most":
                return given and _within(value, self.value)


def of_json(value: Json) -> tuple[Term, ...]:
    """The terms that stand as JSON in a call. Raises BadInput; one term for each field at most."""
    if not is_sequence(value):
        raise BadInput("terms are a list")
    terms = tuple(Term.of(each) for each in value)
    if len({term.field for term in terms}) != len(terms):
        raise BadInput("there are two terms for one field")
    return terms


def as_json(terms: Iterable[Term]) -> Json:
    return [term.as_json() for term in terms]


def hold(terms: Sequence[Term], arguments: Mapping[str, Json]) -> bool:
    """Whether a call with these arguments is within the terms. A field no term speaks of is outside them."""
    spoken = {term.field for term in terms}
    return set(arguments) <= spoken and all(term.holds(arguments) for term in terms)


def derived(
    action: Action, calls: Sequence[Mapping[str, Json]], *, receives: bool
) -> tuple[Term, ...] | None:
    """What calls that were approved alike have in common, None where what differs must not be left open.

    What was the same stays as it was; amounts go up to the largest; lists of choices hold what was chosen. Only
    the words of the content and dates may be free, and the object where it is private or `receives` says who
    owns it each time: never who receives, nor an address, nor a text nobody has said the meaning of.
    """
    known = {field.name for field in action.fields}
    if not calls or any(not set(call) <= known for call in calls):
        return None
    found = [_common(field, calls, free_object=receives or action.risk <= Risk.R1) for field in action.fields]
    terms = tuple(term for term in found if term is not None)
    return terms if len(terms) == len(found) else None


def _common(field: Field, calls: Sequence[Mapping[str, Json]], *, free_object: bool) -> Term | None:
    name = field.name
    values = [call[name] for call in calls if name in call]
    if not values:
        return Term(field=name, test="missing")
    if len(values) == len(calls) and len({canonical(value) for value in values}) == 1:
        return _amount(name, values) if _is_amount(field) else Term(field=name, test="is", value=values[0])
    if field.part is Part.RECIPIENT:
        return None
    if field.part is Part.OBJECT or field.kind is Kind.OBJECT:
        free = free_object and field.part is Part.OBJECT and field.kind is Kind.OBJECT
        return Term(field=name, test="any") if free else None
    if len(values) == len(calls) and _is_amount(field):
        return _amount(name, values)
    if field.kind in _COUNTED and len(values) == len(calls):
        different = {canonical(value): value for value in values}
        return Term(field=name, test="one_of", value=[different[key] for key in sorted(different)])
    words = field.part is Part.CONTENT and field.kind in _WORDS
    when = field.part in (Part.CONTENT, Part.OTHER) and field.kind in _WHEN
    return Term(field=name, test="any") if words or when else None


def _is_amount(field: Field) -> bool:
    return field.kind is Kind.MONEY or (field.part is Part.AMOUNT and field.kind is Kind.INTEGER)


def _amount(name: str, values: Sequence[Json]) -> Term | None:
    """At most the largest; none where they are not all of one unit."""
    bounds = [_bound(value) for value in values]
    sizes = [bound for bound in bounds if bound is not None]
    if len(sizes) != len(values) or len({unit for unit, _ in sizes}) != 1:
        return None
    unit, size = max(sizes)
    return Term(field=name, test="most", value=Money(size, unit).as_json() if unit else size)


def _bound(value: Json) -> tuple[str, int] | None:
    """The unit and size of an amount that can be a limit; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return ("", value) if value >= 0 else None
    try:
        amount = Money.of(value)
    except BadInput:
        return None
    return (amount.currency, amount.minor) if amount.minor >= 0 else None


def _within(value: Json, most: Json) -> bool:
    found, limit = _bound(value), _bound(most)
    return found is not None and limit is not None and found[0] == limit[0] and found[1] <= limit[1]


def _same(one: Json, other: Json) -> bool:
    return canonical(one) == canonical(other)


# In words --------------------------------------------------------------------------------------------------


def worded(terms: Iterable[Term], tongue: Tongue) -> str:
    """One line for each term, safe to look at; the lines after the first begin with the margin of a value."""
    return f"\n{MARGIN} ".join(_line(term, tongue) for term in terms)


def read(text: str, tongue: Tongue) -> tuple[Term, ...]:
    """The terms behind the words: the inverse of `worded`. Raises BadInput for anything else."""
    return tuple(_read(line, tongue) for line in text.split(f"\n{MARGIN} "))


def shown(value: Json, tongue: Tongue) -> str:
    """A field's value on a card: the terms in words; JSON, marked as that, for what are none."""
    try:
        words = worded(of_json(value), tongue)
        if words and canonical(as_json(read(words, tongue))) == canonical(value):
            return words
    except BadInput:
        pass
    return renderings.shown(value, Kind.TERMS, tongue=tongue, zone="UTC")


def value_of(text: str, tongue: Tongue) -> Json:
    """The inverse of `shown`. Raises BadInput for anything else."""
    try:
        return as_json(read(text, tongue))
    except BadInput:
        return renderings.read(text, Kind.TERMS, tongue=tongue)


def _line(term: Term, tongue: Tongue) -> str:
    field = exact(_called(term.field), lines=False)
    match term.test:
        case "is":
            return tongue("{field}: exactly {value}", field=field, value=_shown(term.value, tongue))
        case "missing":
            return tongue("{field}: not given", field=field)
        case "most":
            return tongue("{field}: at most {value}", field=field, value=_shown(term.value, tongue))
        case "one_of":
            values = exact(canonical(term.value), lines=False)
            return tongue("{field}: one of {values}", field=field, values=values)
        case "any":
            return tongue("{field}: anything", field=field)


def _read(line: str, tongue: Tongue) -> Term:
    """Which sentence it is, and what stands in its places. The names of the places are those of `_line`."""
    sentences: Mapping[Test, str] = {
        "missing": tongue("{field}: not given", field="\x00", value="\x01"),
        "any": tongue("{field}: anything", field="\x00", value="\x01"),
        "is": tongue("{field}: exactly {value}", field="\x00", value="\x01"),
        "most": tongue("{field}: at most {value}", field="\x00", value="\x01"),
        "one_of": tongue("{field}: one of {values}", field="\x00", values="\x01"),
    }
    for test, sentence in sentences.items():
        pattern = re.escape(sentence).replace("\x00", f"({_PLAIN.pattern}|{_QUOTED})")
        found = re.fullmatch(pattern.replace("\x01", "(.*)"), line, re.DOTALL)
        if found is None:
            continue
        name = original(found[1])
        try:
            field = json.loads(name) if name.startswith('"') else name
            value = _value(found[2], tongue) if found.lastindex == 2 else None
        except ValueError:
            continue
        return Term.of([field, test, value])
    raise BadInput("this is not a term in words")


def _called(field: str) -> str:
    """A field's name as people type it; one that could be taken for words stands in quotation marks."""
    return field if _PLAIN.fullmatch(field) else canonical(field)


def _shown(value: Json, tongue: Tongue) -> str:
    """Amounts as cards show them, everything else as JSON: texts stand in quotation marks."""
    if is_mapping(value) and set(value) == {"minor", "currency"}:
        return renderings.shown(value, Kind.MONEY, tongue=tongue, zone="UTC")
    return exact(canonical(value), lines=False)


def _value(text: str, tongue: Tongue) -> Json:
    try:
        return json.loads(original(text))
    except ValueError:
        return renderings.read(text, Kind.MONEY, tongue=tongue)
