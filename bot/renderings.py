"""A canonical value as the text a person judges, and back. Pure.

What is shown says exactly what would be sent: `read` gives the canonical value back, whatever it is. Amounts stand
in major units beside what is really sent, moments in the reader's zone beside their own writing. ⟦…⟧ is always
ours: a value cannot contain it, because `exact` spells its bracket out.
"""

import json
import re
from collections import Counter
from datetime import date, datetime

from bot import properties
from bot.actions import Field, Kind
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money, canonical, is_mapping
from bot.visible import exact, original

_AS_JSON = "⟦JSON⟧ "
_EMPTY = re.compile(r"⟦(?!U\+|JSON⟧)[^⟧]*⟧")
_MONEY = re.compile(r".* = (-?[0-9]+) × [01.,]+ ([A-Z]{3})", re.DOTALL)
_MOMENT = re.compile(r".* = (\S+)", re.DOTALL)
_INTEGER = re.compile(r"-?[0-9]+")
_TEXTS = frozenset(
    [Kind.TEXT, Kind.LONG_TEXT, Kind.CHOICE, Kind.DATE, Kind.OBJECT, Kind.EMAIL, Kind.URL, Kind.MOMENT]
)


def shown(value: Json, kind: Kind, *, tongue: Tongue, zone: str) -> str:
    """The value as text. A value that is not what its kind promises is shown as JSON, marked as that."""
    natural = _natural(value, kind, tongue, zone)
    if natural and canonical(_read(natural, kind, tongue)) == canonical([value]):
        return natural
    return _AS_JSON + exact(canonical(value), lines=False)


def read(text: str, kind: Kind, *, tongue: Tongue) -> Json:
    """The canonical value behind a shown text: the inverse of `shown`. Raises BadInput for anything else."""
    if text.startswith(_AS_JSON):
        return json.loads(original(text.removeprefix(_AS_JSON)))
    for value in _read(text, kind, tongue):
        return value
    raise BadInput("this is not the text of a value")


def choices(field: Field, tongue: Tongue) -> dict[str, str]:
    """What each choice of a field is called, by its value; yes and no are choices, too. No two are called alike, and none
    like the value of another."""
    if field.kind is Kind.BOOLEAN:
        return {each: tongue(each) for each in ("yes", "no")}
    plain = {each: exact(each) for each in field.choices}
    said = [exact(tongue(each), lines=False) for each in field.titles]
    times = Counter(each.casefold() for each in said)
    found = dict(plain)
    for value, title in zip(field.choices, said, strict=False):
        others = {text.casefold() for each in plain.items() if each[0] != value for text in each}
        if title.strip() and times[title.casefold()] == 1 and title.casefold() not in others:
            found[value] = title
    return found


def chosen(value: Json, field: Field, *, tongue: Tongue) -> str:
    """A choice as it is called. A value that is none of them is shown as what it is."""
    called = choices(field, tongue)
    if isinstance(value, str) and value in called:
        return called[value]
    natural = shown(value, Kind.CHOICE, tongue=tongue, zone="UTC")
    return _AS_JSON + exact(canonical(value), lines=False) if natural in called.values() else natural


def choice(text: str, field: Field, *, tongue: Tongue) -> Json:
    """The inverse of `chosen`."""
    values = {title: value for value, title in choices(field, tongue).items()}
    return values[text] if text in values else read(text, Kind.CHOICE, tongue=tongue)


def money(amount: Money, tongue: Tongue) -> str:
    """`€49.90 = 4990 × 0.01 EUR`: major units, what is sent, and what one of it is worth."""
    unit = tongue.number(Money(1, amount.currency).major)
    return f"{exact(tongue.money(amount))} = {amount.minor} × {unit} {amount.currency}"


def _natural(value: Json, kind: Kind, tongue: Tongue, zone: str) -> str:
    """The text people expect; "" where there is none."""
    match value:
        case bool():
            return (tongue("yes") if value else tongue("no")) if kind is Kind.BOOLEAN else ""
        case int() if kind is Kind.INTEGER:
            return str(value)
        case {"minor": _, "currency": _} if kind is Kind.MONEY:
            try:
                return money(Money.of(value), tongue)
            except BadInput:
                return ""
        case str() if kind is Kind.DATE and value:
            return _date(value, tongue)
        case str() if kind is Kind.MOMENT:
            return _moment(value, tongue, zone)
        case "" if kind in _TEXTS:
            return f"⟦{tongue('empty')}⟧"
        case str() if kind in _TEXTS:
            return exact(value)
        case _ if kind is Kind.FIELDS and is_mapping(value) and value:
            return exact(properties.typed(value))
        case _ if kind is Kind.JSON:
            return exact(canonical(value), lines=False)
        case _:
            return ""


def _moment(text: str, tongue: Tongue, zone: str) -> str:
    """`Tue 31 Mar 2026, 09:00 Europe/Paris (UTC+2) = 2026-03-31T09:00:00+02:00`; only the latter when it has no
    offset, because then nobody knows when it is."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is not None:
            return f"{exact(tongue.moment(at, zone), lines=False)} = {exact(text, lines=False)}"
    except (ValueError, OverflowError):
        pass
    return ""


def _date(text: str, tongue: Tongue) -> str:
    """`Thu 24 Dec 2026 = 2026-12-24`."""
    try:
        return f"{exact(tongue.date(date.fromisoformat(text)), lines=False)} = {exact(text, lines=False)}"
    except (ValueError, OverflowError):
        return exact(text)


def _read(text: str, kind: Kind, tongue: Tongue) -> list[Json]:
    """The one value a natural text stands for; none for a text that is no such value."""
    match kind:
        case Kind.BOOLEAN:
            return [word == "yes" for word in ("yes", "no") if tongue(word) == text]
        case Kind.INTEGER:
            return [int(text)] if _INTEGER.fullmatch(text) else []
        case Kind.MONEY:
            found = _MONEY.fullmatch(text)
            return [Money(int(found[1]), found[2]).as_json()] if found else []
        case Kind.DATE if found := _MOMENT.fullmatch(text):
            return [original(found[1])]
        case Kind.MOMENT:
            found = _MOMENT.fullmatch(text)
            return [original(found[1])] if found else []
        case Kind.FIELDS:
            try:
                return [properties.parse(original(text))]
            except BadInput:
                return []
        case Kind.JSON:
            try:
                return [json.loads(original(text))]
            except ValueError:
                return []
        case _:
            return ["" if _EMPTY.fullmatch(text) else original(text)]
