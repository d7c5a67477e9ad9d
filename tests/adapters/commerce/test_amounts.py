"""Amounts on Stripe's wire, by Stripe's published rules."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.systems.stripe.money import from_wire, to_wire
from bot.errors import BadInput
from bot.values import Money, exponent


@pytest.mark.parametrize(
    ("typed", "number", "currency"),
    [
        ("49.90 EUR", 4_990, "eur"),
        ("10 USD", 1_000, "usd"),
        ("500 JPY", 500, "jpy"),  # zero-decimal
        ("1500 KRW", 1_500, "krw"),
        ("5.00 MGA", 5, "mga"),  # two decimals in ISO 4217, none at Stripe
        ("5 UGX", 500, "ugx"),  # none any more, still sent with two
        ("5 ISK", 500, "isk"),
        ("45 HUF", 4_500, "huf"),  # zero-decimal for payouts only
        ("5.120 KWD", 5_120, "kwd"),  # three decimals, the last one 0
        ("1 BHD", 1_000, "bhd"),
    ],
)
def test_an_amount_is_sent_in_stripes_unit_and_read_back(typed: str, number: int, currency: str) -> None:
    amount = Money.parse(typed)
    assert to_wire(amount, field="amount") == (number, currency)
    assert from_wire(number, currency) == amount


@pytest.mark.parametrize("typed", ["5.124 KWD", "1.001 JOD", "5.20 MGA", "1 IQD", "1.0000 CLF"])
def test_what_stripe_cannot_take_is_refused_and_never_rounded(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        to_wire(Money.parse(typed), field="amount")
    assert refused.value.field == "amount"


_CURRENCIES = "EUR USD JPY KRW MGA UGX ISK HUF TWD KWD BHD JOD OMR TND XPF CHF GBP".split()


@given(st.sampled_from(_CURRENCIES), st.integers(1, 10**9))
def test_whatever_is_sent_reads_back_as_the_same_amount(currency: str, whole: int) -> None:
    amount = Money(whole * 10 ** exponent(currency), currency)
    number, code = to_wire(amount, field="amount")
    assert from_wire(number, code) == amount
