"""Amounts as Stripe's wire wants them: whole numbers in a unit that is Stripe's own idea, not always ISO 4217's.
Pure.

Source of the rules: Stripe's documentation, "Supported currencies", under "Zero-decimal currencies", "Three-decimal
currencies" and "Special cases". A currency whose rule is not published there is refused, never guessed.
"""

from typing import Literal

from bot.errors import BadInput
from bot.values import Json, Money, exponent

_WHOLE = frozenset("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF".split())
"""Sent in major units."""
_THOUSANDTHS = frozenset("BHD JOD KWD OMR TND".split())
"""Sent in thousandths, the last digit 0."""
_WHOLE_AS_HUNDREDTHS = frozenset("ISK UGX".split())
"""Have no decimals any more, and are still sent in hundredths whose last two digits are 00."""


def to_wire(amount: Money, *, field: str) -> tuple[int, str]:
    """The number and the currency as they are sent. Raises BadInput for what Stripe cannot take."""
    decimals, step = _rule(amount.currency, field)
    scaled = amount.major.scaleb(decimals)
    if scaled != scaled.to_integral_value() or int(scaled) % step:
        raise BadInput(
            "Stripe takes no such fraction of {currency}: {amount}",
            currency=amount.currency,
            amount=amount,
            field=field,
        )
    return int(scaled), amount.currency.lower()


def from_wire(number: Json, currency: Json) -> Money:
    """What a number of Stripe's is worth. A currency without a published rule is read as ISO 4217 has it."""
    code = str(currency).upper()
    decimals = _decimals(code)
    ours = exponent(code)
    decimals = ours if decimals is None else decimals
    value = int(number or 0)
    minor = value * 10 ** (ours - decimals) if ours >= decimals else value // 10 ** (decimals - ours)
    return Money(minor, code)


def _decimals(code: str) -> Literal[0, 2, 3] | None:
    if code in _WHOLE:
        return 0
    if code in _THOUSANDTHS:
        return 3
    if code in _WHOLE_AS_HUNDREDTHS or exponent(code) == 2:
        return 2
    return None


def _rule(code: str, field: str) -> tuple[int, int]:
    """How many decimals are sent, and what the number must be a multiple of."""
    decimals = _decimals(code)
    if decimals is None:
        raise BadInput("Stripe does not take {currency}", currency=code, field=field)
    if code in _WHOLE_AS_HUNDREDTHS:
        return 2, 100
    return decimals, 10 if decimals == 3 else 1
