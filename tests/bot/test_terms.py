"""The words of a permission are the permission: they decode back to it, and it covers nothing they do not say."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import rows, terms
from bot.actions import Action, Field, Kind, Part, Preview, Risk
from bot.errors import BadInput
from bot.speech import Tongue
from bot.terms import Term
from bot.values import Json, Money, canonical
from tests.bot.drawing import ENGLISH, FRENCH, KNOWN, LANGUAGES, TERMS, TEXTS, call_of

GIVE = Action(
    name="shop.give",
    title="Give",
    fields=(next(action for action in KNOWN if action.name == "vigie.grant").field("terms"),),
)
LETTER = next(action for action in KNOWN if action.name == "demo.message_customer")


@given(TERMS, st.sampled_from(LANGUAGES))
def test_the_words_decode_back_to_exactly_what_is_granted(value: Json, tongue: Tongue) -> None:
    """SAFETY 70: text shown == what is granted."""
    found = terms.of_json(value)
    if found:
        assert terms.read(terms.worded(found, tongue), tongue) == found
    [row] = [
        row
        for row in rows.of_call(
            call_of(GIVE, terms=value), Preview(), GIVE, tongue=tongue, zone="UTC", full=True
        )
        if row.label == tongue("Only with")
    ]
    assert canonical(rows.decode([row], GIVE, tongue=tongue)) == canonical({"terms": value})


@given(st.lists(TERMS, min_size=2, max_size=2, unique_by=canonical), st.sampled_from(LANGUAGES))
def test_two_permissions_never_read_alike(values: list[Json], tongue: Tongue) -> None:
    """SAFETY 70"""
    one, other = (terms.shown(value, tongue) for value in values)
    assert one != other


@pytest.mark.parametrize("tongue", LANGUAGES)
def test_what_hides_or_looks_like_something_else_is_seen(tongue: Tongue) -> None:
    """SAFETY 70: hidden and look-alike characters are visible."""
    address = "ana@ex\u0430mple.com"
    value = terms.as_json((Term(field="recipient", test="is", value=f"{address}\u202e"),))
    assert "⟦U+202E⟧" in terms.shown(value, tongue)
    call = call_of(GIVE, terms=value)
    found = rows.of_call(call, Preview(), GIVE, tongue=tongue, zone="UTC", full=False)
    assert any(row.warns and "CYRILLIC SMALL LETTER A" in row.value for row in found)


def test_it_reads_as_people_would_say_it() -> None:
    found = (
        Term(field="to", test="is", value="ana@example.com"),
        Term(field="amount", test="most", value=Money(5000, "EUR").as_json()),
        Term(field="note", test="any"),
        Term(field="tone", test="one_of", value=["kind", "short"]),
        Term(field="until", test="missing"),
    )
    assert terms.worded(found, ENGLISH).split("\n┊ ") == [
        'to: exactly "ana@example.com"',
        "amount: at most €50.00 = 5000 × 0.01 EUR",
        "note: anything",
        'tone: one of ["kind","short"]',
        "until: not given",
    ]
    assert terms.read(terms.worded(found, FRENCH), FRENCH) == found


WRONG: list[Json] = [
    5,
    ["to"],
    [["to", "is"]],
    [["to", "is", None]],
    [["to", "any", 1]],
    [["to", "most", "x"]],
    [["to", "most", True]],
    [["to", "most", -1]],
    [["to", "one_of", []]],
    [["to", "near", 1]],
    [["to", "any", None], ["to", "any", None]],
    [["", "any", None]],
]


@pytest.mark.parametrize("value", WRONG)
def test_what_is_no_term_is_refused(value: Json) -> None:
    with pytest.raises(BadInput):
        terms.of_json(value)


def holds(term: Term, value: Json) -> bool:
    return terms.hold((term,), {term.field: value})


def test_each_test_means_what_it_says() -> None:
    most = Term(field="a", test="most", value=Money(500, "EUR").as_json())
    assert holds(most, {"minor": 500, "currency": "EUR"})
    assert not holds(most, {"minor": 501, "currency": "EUR"})
    assert not holds(most, {"minor": 5, "currency": "USD"})
    assert not holds(most, {"minor": -5, "currency": "EUR"})
    assert not holds(most, 5)
    assert not holds(most, "5 EUR")
    count = Term(field="a", test="most", value=3)
    assert [holds(count, n) for n in (0, 3, 4, -1, True)] == [True, True, False, False, False]
    exact = Term(field="a", test="is", value="x")
    assert [holds(exact, value) for value in ("x", "X", "x ", ["x"])] == [True, False, False, False]
    choice = Term(field="a", test="one_of", value=[1, "b"])
    assert [holds(choice, value) for value in (1, "b", True, "1")] == [True, True, False, False]
    missing = Term(field="a", test="missing")
    assert not holds(missing, "")
    assert terms.hold((missing,), {})


def test_a_field_no_term_speaks_of_is_outside() -> None:
    """SAFETY 70"""
    free = (Term(field="a", test="any"),)
    assert terms.hold(free, {"a": 1})
    assert not terms.hold(free, {"a": 1, "b": 2})
    assert not terms.hold((), {"b": 2})


def letter(**given: str) -> Mapping[str, Json]:
    return {"recipient": "ana@example.com", "subject": "Parcel", "body": "On its way.", **given}


def derived(action: Action, *calls: Mapping[str, Json], receives: bool = False) -> dict[str, str] | None:
    found = terms.derived(action, calls, receives=receives)
    return None if found is None else {term.field: term.test for term in found}


def test_what_was_the_same_stays_and_only_words_are_free() -> None:
    """SAFETY 70"""
    assert derived(LETTER, letter(), letter(body="Late.")) == {
        "recipient": "is",
        "subject": "is",
        "body": "any",
    }
    assert derived(LETTER, letter()) == {"recipient": "is", "subject": "is", "body": "is"}


def test_who_receives_is_never_left_open() -> None:
    """SAFETY 70"""
    assert derived(LETTER, letter(), letter(recipient="eve@example.com")) is None


def _action(risk: Risk, *fields: Field) -> Action:
    return Action(name="shop.do", title="Do", risk=risk, fields=fields)


def test_an_object_is_free_only_where_it_is_private_or_its_owner_is_known() -> None:
    """SAFETY 70"""
    order = Field(name="order", title="Order", kind=Kind.OBJECT, part=Part.OBJECT)
    one, other = {"order": "1"}, {"order": "2"}
    assert derived(_action(Risk.R1, order), one, other) == {"order": "any"}
    assert derived(_action(Risk.R2, order), one, other) is None
    assert derived(_action(Risk.R2, order), one, other, receives=True) == {"order": "any"}


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        (Kind.EMAIL, Part.OTHER),
        (Kind.URL, Part.CONTENT),
        (Kind.JSON, Part.CONTENT),
        (Kind.OBJECT, Part.OTHER),
        (Kind.TEXT, Part.OTHER),
        (Kind.TEXT, Part.RECIPIENT),
        (Kind.TEXT, Part.OBJECT),
        (Kind.TEXT, Part.AMOUNT),
    ],
)
def test_what_can_address_or_carry_is_never_free(kind: Kind, part: Part) -> None:
    """SAFETY 70"""
    action = _action(Risk.R1, Field(name="x", title="X", kind=kind, part=part))
    assert derived(action, {"x": "one"}, {"x": "two"}) is None


def test_amounts_go_up_to_the_largest_of_one_currency() -> None:
    """SAFETY 70"""
    action = _action(Risk.R2, Field(name="sum", title="Sum", kind=Kind.MONEY, part=Part.AMOUNT))
    five, nine = {"minor": 500, "currency": "EUR"}, {"minor": 900, "currency": "EUR"}
    found = terms.derived(action, [{"sum": nine}, {"sum": five}], receives=False)
    assert found == (Term(field="sum", test="most", value=nine),)
    assert derived(action, {"sum": five}, {"sum": {"minor": 500, "currency": "USD"}}) is None


def test_choices_stay_among_those_that_were_made() -> None:
    kinds = Field(name="tone", title="Tone", kind=Kind.CHOICE, choices=("kind", "short", "rude"))
    found = terms.derived(_action(Risk.R1, kinds), [{"tone": "short"}, {"tone": "kind"}], receives=False)
    assert found == (Term(field="tone", test="one_of", value=["kind", "short"]),)


def test_an_argument_the_definition_does_not_know_earns_nothing() -> None:
    assert derived(LETTER, letter(bcc="eve@example.com")) is None


@given(st.lists(st.dictionaries(st.sampled_from(["a", "b"]), TEXTS, max_size=2), min_size=1, max_size=4))
def test_what_was_approved_is_always_within_what_it_earned(calls: list[dict[str, Json]]) -> None:
    action = _action(
        Risk.R2,
        Field(name="a", title="A", kind=Kind.LONG_TEXT, part=Part.CONTENT, required=False),
        Field(name="b", title="B", kind=Kind.TEXT, required=False),
    )
    found = terms.derived(action, calls, receives=False)
    assert found is None or all(terms.hold(found, call) for call in calls)
