"""Numbers with units as people write them: `12.50 EUR`, `3 h`, `-2`. Decimal throughout; knows nothing of lists."""

import re
import unicodedata
from decimal import Decimal

from bot.errors import BadInput
from bot.values import Money, exponent

_QUANTITY = re.compile(
    r"(?P<before>[€$£¥]|[A-Z]{3})?\s*(?P<whole>[+-]?(?:[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,15}))"
    r"(?:[.,](?P<decimals>[0-9]{1,9}))?\s*(?P<unit>[€$£¥%]|[^\W\d_](?:[^\W\d_]|[/²³]){0,11})?"
)
_SIGNS = ("€", "$", "£", "¥")
_COMMON = frozenset(
    "AUD BRL CAD CHF CNY CZK DKK EUR GBP HUF INR JPY KRW MXN NOK NZD PLN SEK SGD TRY USD ZAR".split()
)
"""Currencies that are meant when their letters are written small, too."""


def quantity(text: str) -> tuple[Decimal, str]:
    """The number and its unit, "" where none is named. An amount of money has exactly its currency's decimals.

    Raises BadInput with what to write instead.
    """
    said = unicodedata.normalize("NFKC", text).strip()
    found = _QUANTITY.fullmatch(said)
    if found is None or (found["before"] and found["unit"]):
        raise BadInput("{text} is not one amount; write for example 12.50 EUR or 3 h", text=repr(text[:60]))
    unit = found["before"] or found["unit"] or ""
    if unit in _SIGNS or _currency(unit):
        amount = Money.parse(said)
        return amount.major, amount.currency
    decimals = found["decimals"] or ""
    if len(decimals) == 3:
        raise BadInput(
            "{text} could mean two numbers; write it without a thousands mark", text=repr(text[:60])
        )
    return Decimal(found["whole"].replace(" ", "") + ("." + decimals if decimals else "")), unit


def money(number: Decimal, unit: str) -> Money | None:
    """The number as an amount of money; None where its unit is no currency."""
    return Money(int(number.scaleb(exponent(unit))), unit) if _currency(unit) and unit.isupper() else None


def _currency(unit: str) -> bool:
    return (
        len(unit) == 3 and unit.isascii() and unit.isalpha() and (unit.isupper() or unit.upper() in _COMMON)
    )
