"""Texts that people typed for fields whose types only the other side knows, as numbers and as yes or no; and what stands
in such fields as its reader writes it. Pure.
"""

from collections.abc import Container, Mapping
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Protocol, TypeVar

from bot.actions import Change
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json
from bot.world import Context

_YES = frozenset(["yes", "true", "on", "1", "oui", "vrai"])
_NO = frozenset(["no", "false", "off", "0", "non", "faux", ""])
_MOST_DIGITS = 17
_YES_OR_NO = frozenset(["checkbox", "boolean", "bool"])
_NUMBERS = frozenset(["number", "currency", "percent", "double", "integer", "bigint", "decimal"])
_DAYS = frozenset(["date", "dateTime", "datetime"])
"""What Airtable, HubSpot, Notion and Zoho call the types of their fields."""


def yes_or_no(text: str, name: str, tongue: Tongue) -> bool:
    """Raises BadInput naming the field."""
    word = text.strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise BadInput(tongue("{name} is yes or no.", name=name))


def decimal(text: str, name: str, tongue: Tongue) -> str:
    """`1234.5`, `1 234,5` or `-3` as plain digits with a point. What could mean two numbers (1,000) is refused, and
    so are more digits than a computer's number keeps. Raises BadInput naming the field."""
    plain = text.replace("\u00a0", " ").replace("\u202f", " ").replace(" ", "")
    whole, comma, decimals = plain.partition(",")
    if comma and ("." in plain or "," in decimals or len(decimals) == 3):
        raise BadInput(tongue("{name} is a number without thousands marks, for example 1234.5.", name=name))
    try:
        number = Decimal(f"{whole}.{decimals}" if comma else plain)
    except InvalidOperation as error:
        raise BadInput(
            tongue("{name} is a number without thousands marks, for example 1234.5.", name=name)
        ) from error
    if not number.is_finite() or abs(number.adjusted()) > _MOST_DIGITS:
        raise BadInput(tongue("{name} is a number without thousands marks, for example 1234.5.", name=name))
    if len(number.as_tuple().digits) > _MOST_DIGITS:
        raise BadInput(tongue("{name} has more digits than can be kept.", name=name))
    return f"{number:f}"


def worded(told: Json, sort: str, context: Context) -> Json:
    """What a field of that type holds, as the reader's language writes it: yes or no, the decimal mark, days by their names,
    moments in their zone. What is no such value stays what it is."""
    if not isinstance(told, str) or not told:
        return told
    tongue = context.tongue
    try:
        if sort in _YES_OR_NO:
            return tongue("yes") if told.casefold() in _YES else tongue("no")
        if sort in _NUMBERS:
            return tongue.number(Decimal(told))
        if sort in _DAYS:
            return " → ".join(_day(part, context) for part in told.split(" → "))
    except (InvalidOperation, ValueError, OverflowError):
        pass
    return told


class Column(Protocol):
    """A field whose type only the other side knows."""

    @property
    def label(self) -> str: ...
    @property
    def type(self) -> str: ...
    def told(self, value: Any, /) -> Json:
        """What it keeps, as people call it."""
        ...


C = TypeVar("C", bound=Column)


def differences(before: Mapping[C, Any], after: Mapping[C, Any], context: Context) -> tuple[Change, ...]:
    """What these columns held and what they hold then, as their reader writes it. What is on one side only is new, or
    gone."""

    def said(values: Mapping[C, Any], column: C) -> Json:
        return worded(column.told(values[column]), column.type, context) if column in values else None

    return tuple(
        Change(title=column.label, before=said(before, column), after=said(after, column))
        for column in after or before
    )


def _day(text: str, context: Context) -> str:
    if "T" not in text:
        return context.tongue.date(date.fromisoformat(text))
    at = datetime.fromisoformat(text)
    return context.tongue.moment(at, context.zone) if at.tzinfo is not None else text


def once(name: str, taken: Container[str]) -> None:
    """Two spellings of one name are one name. Raises BadInput."""
    if name in taken:
        raise BadInput("{name} is given twice", name=repr(name))
