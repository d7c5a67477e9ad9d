"""What stands in a list is computed from its strokes, and sums are exact."""

from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.errors import BadInput
from bot.places import Place
from bot.quantities import money, quantity
from bot.tallies import Item, Move, Stroke, last_deed, named, scope_of, standing, sums
from tests.contracts.stores import NOON

SLOWLY = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
"""Other work on the machine is no fault of the code."""
COUNTS = st.lists(st.integers(-(10**14), 10**14), max_size=12)


def stroke(n: int, move: Move = Move.ADD, *, of: str = "", text: str = "", number: str = "") -> Stroke:
    return Stroke(
        id=f"s{n}", space="home", tally="t", deed=f"d{n}", move=move, of=of, text=text, number=number, at=NOON
    )


def item(number: str, unit: str) -> Item:
    return Item(id=number, number=Decimal(number), unit=unit, at=NOON)


@pytest.mark.parametrize(
    ("said", "number", "unit"),
    [
        ("12.50 EUR", "12.50", "EUR"),
        ("12,5 €", "12.50", "EUR"),
        ("EUR 12.50", "12.50", "EUR"),
        ("-3 usd", "-3.00", "USD"),
        ("1 234,50 €", "1234.50", "EUR"),
        ("500 JPY", "500", "JPY"),
        ("3 h", "3", "h"),
        ("2,5 km", "2.5", "km"),
        ("12 min", "12", "min"),
        ("7", "7", ""),
        ("15 %", "15", "%"),
    ],
)
def test_a_quantity_is_read_as_it_is_written(said: str, number: str, unit: str) -> None:
    found = quantity(said)
    assert (str(found[0]), found[1]) == (number, unit)


@pytest.mark.parametrize(
    "said",
    ["", "EUR", "1,234", "1.234 km", "12.505 EUR", "€5 USD", "nan", "1e9", "two", "1 2 EUR", "９９９,999 €"],
)
def test_a_doubtful_quantity_is_refused(said: str) -> None:
    with pytest.raises(BadInput):
        quantity(said)


@SLOWLY
@given(COUNTS)
def test_a_sum_of_cents_is_exact(cents: list[int]) -> None:
    items = [item(str(Decimal(each).scaleb(-2)), "EUR") for each in cents]
    assert sums(items).get("EUR", Decimal(0)) == Decimal(sum(cents)).scaleb(-2)


def test_units_are_never_added_together() -> None:
    found = sums([item("5.00", "EUR"), item("5.00", "USD"), item("1.50", "EUR")])
    assert found == {"EUR": Decimal("6.50"), "USD": Decimal("5.00")}
    assert money(found["EUR"], "EUR") is not None
    assert money(Decimal(3), "h") is None


def test_what_is_undone_never_happened() -> None:
    strokes = [
        stroke(1, text="a"),
        stroke(2, text="b"),
        stroke(3, Move.CHANGE, of="s1", text="c"),
        stroke(4, Move.CLEAR),
        stroke(5, Move.UNDO, of="d4"),
    ]
    assert [each.text for each in standing(strokes)] == ["c", "b"]
    assert last_deed(strokes) == "d3"
    assert [each.text for each in standing([*strokes, stroke(6, Move.UNDO, of="d3")])] == ["a", "b"]
    assert last_deed([]) == ""


_MOVES = (Move.ADD, Move.CHANGE, Move.REMOVE, Move.CLEAR, Move.WROTE)
moves = st.lists(st.tuples(st.sampled_from(_MOVES), st.integers(1, 12), st.text(max_size=3)), max_size=20)


@SLOWLY
@given(moves)
def test_taking_back_the_last_deed_gives_what_stood_before(taken: list[tuple[Move, int, str]]) -> None:
    strokes = [stroke(n, move, of=f"s{of}", text=text) for n, (move, of, text) in enumerate(taken, start=1)]
    before = standing(strokes)
    added = [*strokes, stroke(99, text="new")]
    assert last_deed(added) == "d99"
    assert standing([*added, stroke(100, Move.UNDO, of="d99")]) == before


def test_a_name_is_one_line_with_letters() -> None:
    assert named("  my  Features: ") == "my Features"
    for bad in ("", "7", "x" * 61, "a\u202eb", "..."):
        with pytest.raises(BadInput):
            named(bad)


def test_lists_are_the_persons_own_in_private_in_every_chat() -> None:
    slack = Place(platform="slack", team="T", channel="D1", private=True)
    web = Place(platform="web", channel="ann", private=True)
    group = Place(platform="slack", team="T", channel="C1")
    assert scope_of("ann", slack) == scope_of("ann", web) == "person:ann"
    assert scope_of("ann", group) == scope_of("bob", group) == f"place:{group.key}"
