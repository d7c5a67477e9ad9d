"""Plain values: one text per value, and amounts that mean one sum."""

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.values import Json, Money, canonical, digest, exponent, shown

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**15), 10**15)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
)
JSON = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4)
)
CURRENCIES = st.sampled_from(["EUR", "USD", "JPY", "KWD", "CLF", "ISK", "TND"])
AMOUNTS = st.builds(Money, st.integers(-(10**15), 10**15), CURRENCIES)


def reordered(value: Json) -> Json:
    match value:
        case dict():
            items: list[tuple[str, Json]] = [*value.items()]
            return {key: reordered(item) for key, item in reversed(items)}
        case list():
            members: list[Json] = [*value]
            return [reordered(item) for item in members]
        case _:
            return value


@given(JSON)
def test_the_order_of_keys_does_not_change_a_digest(value: Json) -> None:
    assert digest(reordered(value)) == digest(value)


@given(JSON)
def test_canonical_text_says_the_same_value_again(value: Json) -> None:
    again = json.loads(canonical(value))
    assert again == value
    assert canonical(again) == canonical(value)


@given(JSON, JSON)
def test_other_values_have_other_digests(one: Json, other: Json) -> None:
    assert (digest(one) == digest(other)) == (canonical(one) == canonical(other))


@pytest.mark.parametrize("value", [1, 1.5, "1", True, None, [1], {"a": 1}])
def test_values_of_other_types_are_other_values(value: Json) -> None:
    others = [1, 1.5, "1", True, None, [1], {"a": 1}]
    same = [other for other in others if digest(other) == digest(value)]
    assert len(same) == 1


def _nested(depth: int) -> Json:
    value: Json = 0
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        float("nan"),
        float("inf"),
        [-float("inf")],
        {"a": {1, 2}},
        b"bytes",
        Decimal(1),
        "half a pair \ud83d",
        {"\udc00": 1},
        {1: "a", "b": 2},
        10**5000,
        _nested(100_000),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_json_cannot_hold_is_bad_input(value: Json) -> None:
    """SAFETY 53"""
    with pytest.raises(BadInput):
        digest(value)


@given(AMOUNTS)
def test_an_amount_reads_back_from_its_own_text(amount: Money) -> None:
    assert Money.parse(str(amount)) == amount
    assert Money.of(amount.as_json()) == amount
    assert Money.of(json.loads(canonical(amount.as_json()))) == amount


@given(AMOUNTS)
def test_an_amount_has_exactly_the_decimals_of_its_currency(amount: Money) -> None:
    """SAFETY 53"""
    decimals = str(amount).split()[0].partition(".")[2]
    assert len(decimals) == exponent(amount.currency)
    assert amount.major * 10 ** exponent(amount.currency) == amount.minor


@pytest.mark.parametrize(
    ("text", "minor", "currency"),
    [
        ("49.90", 4990, "EUR"),
        ("49,90 €", 4990, "EUR"),
        ("EUR 49.90", 4990, "EUR"),
        ("49.9eur", 4990, "EUR"),
        ("€49", 4900, "EUR"),
        ("$5", 500, "USD"),
        ("5 usd", 500, "USD"),
        ("£0.01", 1, "GBP"),
        ("+5", 500, "EUR"),
        ("-5.00 EUR", -500, "EUR"),
        ("49.900000 EUR", 4990, "EUR"),
        ("500 JPY", 500, "JPY"),
        ("¥500", 500, "JPY"),
        ("1.250 KWD", 1250, "KWD"),
        ("1 234,50 €", 123450, "EUR"),
        ("1 234 567,00\u00a0€", 123456700, "EUR"),
        ("1\u202f234,50\u00a0€", 123450, "EUR"),
        ("４９．９０", 4990, "EUR"),
        ("  7  ", 700, "EUR"),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, minor: int, currency: str) -> None:
    assert Money.parse(text, currency="EUR") == Money(minor, currency)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "EUR",
        "five",
        "1,000",
        "1.000",
        "1,000 KWD",
        "1,234.50",
        "1.234,50",
        "12 34",
        "1 2345",
        "1_000",
        "49.905 EUR",
        "5.5 JPY",
        "5€$",
        "€5 EUR",
        "US$ 5",
        "5 EURO",
        "5 EUR 6",
        "1e2",
        "1.55e2",
        "NaN",
        "Infinity EUR",
        "0x10",
        "5.",
        ".5",
        "--5",
        "5 EUR\u202e",
        "½ EUR",
        "٤٩ EUR",
        "9" * 30,
        "10000000000000000 EUR",
    ],
)
def test_what_could_mean_two_sums_or_none_is_refused(text: str) -> None:
    """SAFETY 53"""
    with pytest.raises(BadInput):
        Money.parse(text, currency="EUR")


@given(st.text(max_size=30))
def test_any_text_is_one_amount_or_bad_input(text: str) -> None:
    try:
        amount = Money.parse(text, currency="EUR")
    except BadInput:
        return
    assert Money.parse(str(amount)) == amount


def test_without_a_currency_somebody_has_to_name_one() -> None:
    with pytest.raises(BadInput, match="three letters"):
        Money.parse("5")


@pytest.mark.parametrize(
    "value",
    [
        {"minor": 1},
        {"minor": 1, "currency": "EUR", "more": 1},
        {"minor": 1.0, "currency": "EUR"},
        {"minor": True, "currency": "EUR"},
        {"minor": "1", "currency": "EUR"},
        {"minor": 1, "currency": "EURO"},
        {"minor": 10**15 + 1, "currency": "EUR"},
        [1, "EUR"],
        "1 EUR",
        None,
    ],
)
def test_an_amount_has_one_shape_as_json(value: Json) -> None:
    with pytest.raises(BadInput):
        Money.of(value)


def test_values_are_shown_in_plain_words() -> None:
    value = {"paid": {"minor": 4990, "currency": "EUR"}, "ok": True, "tags": ["a", "b"], "n": 3, "none": None}
    assert shown(value) == "paid: 49.90 EUR, ok: yes, tags: a, b, n: 3, none: —"
