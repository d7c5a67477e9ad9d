"""Fields read what people type and minds send into one canonical value; calls of the same deed are one."""

import string
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import forms
from bot.actions import Account, Action, Call, Field, Kind, Mode, Part, Reversal, Risk, with_arguments
from bot.errors import BadInput
from bot.values import Json, Money, canonical
from tests.bot.test_values import AMOUNTS, JSON

WORDS = st.text(string.ascii_letters + string.digits + " é✓", min_size=1, max_size=20)
NAMES = st.text(string.ascii_lowercase + string.digits, min_size=1, max_size=10)
OFFSETS = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
ANYTHING = JSON | st.text(max_size=30) | st.floats()

VALID: dict[Kind, st.SearchStrategy[Json]] = {
    Kind.TEXT: WORDS,
    Kind.LONG_TEXT: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=50),
    Kind.INTEGER: st.integers(-(10**15), 10**15),
    Kind.MONEY: AMOUNTS.map(Money.as_json),
    Kind.CHOICE: st.sampled_from(["red", "GREEN", "Blue"]),
    Kind.BOOLEAN: st.booleans(),
    Kind.DATE: st.dates().map(date.isoformat),
    Kind.MOMENT: st.datetimes(
        min_value=datetime(2000, 1, 1),  # noqa: DTZ001 (hypothesis adds the zone)
        timezones=OFFSETS,
    ).map(datetime.isoformat),
    Kind.OBJECT: NAMES,
    Kind.EMAIL: st.builds("{}@{}.example".format, NAMES, NAMES),
    Kind.URL: st.builds("https://{}.example/{}?q={}".format, NAMES, NAMES, NAMES),
    Kind.FIELDS: st.dictionaries(
        NAMES, WORDS | st.integers(-9, 9) | st.booleans() | st.lists(WORDS, max_size=3), min_size=1
    ),
    Kind.JSON: st.dictionaries(WORDS, JSON, max_size=3) | st.lists(JSON, max_size=3) | st.integers(),
    Kind.TERMS: st.lists(st.tuples(WORDS, st.just("is"), WORDS).map(list), max_size=3),
}


def field(kind: Kind, **more: Json) -> Field:
    return Field(name="x", title="X", kind=kind, choices=("Red", "Green", "blue"), **more)


def of_kind(kind: Kind) -> st.SearchStrategy[tuple[Kind, Json]]:
    return VALID[kind].map(lambda value: (kind, value))


KINDS_AND_VALUES = st.one_of([of_kind(kind) for kind in Kind])


@given(KINDS_AND_VALUES)
def test_what_was_read_reads_as_itself(pair: tuple[Kind, Json]) -> None:
    once = field(pair[0]).read(pair[1])
    assert canonical(field(pair[0]).read(once)) == canonical(once)


@given(KINDS_AND_VALUES)
def test_what_a_form_shows_reads_back_as_the_same_value(pair: tuple[Kind, Json]) -> None:
    value = field(pair[0]).read(pair[1])
    assert canonical(field(pair[0]).read(forms.typed(value))) == canonical(value)
    assert canonical(field(pair[0]).read(forms.typed(value, pair[0]))) == canonical(value)


@given(st.sampled_from(Kind), ANYTHING)
def test_anything_at_all_reads_canonically_or_is_bad_input_of_that_field(kind: Kind, value: Json) -> None:
    once, refusal = read_or_refusal(field(kind, currency="EUR"), value)
    if refusal:
        assert (refusal.field, str(refusal)[:3]) == ("x", "x: ")
    else:
        assert canonical(field(kind).read(once)) == canonical(once)


def read_or_refusal(of: Field, value: Json) -> tuple[Json, BadInput | None]:
    try:
        return of.read(value), None
    except BadInput as refusal:
        return None, refusal


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), -float("inf"), 10**5000, "half \ud83d"],
    ids=["nan", "infinity", "minus infinity", "huge", "half a pair"],
)
def test_no_kind_takes_what_json_or_a_database_cannot_hold(kind: Kind, value: Json) -> None:
    """SAFETY 53"""
    with pytest.raises(BadInput):
        field(kind, currency="EUR").read(value)


@pytest.mark.parametrize(
    ("kind", "value", "canonical_value"),
    [
        (Kind.TEXT, "  a b ", "a b"),
        (Kind.TEXT, 12, "12"),
        (Kind.LONG_TEXT, "a\r\nb\rc ", "a\nb\nc "),
        (Kind.INTEGER, " +12 ", 12),
        (Kind.INTEGER, "-1000000000000000", -(10**15)),
        (Kind.CHOICE, "RED", "Red"),
        (Kind.CHOICE, " Blue ", "blue"),
        (Kind.BOOLEAN, "Oui", True),
        (Kind.BOOLEAN, "off", False),
        (Kind.BOOLEAN, 1, True),
        (Kind.DATE, "20260331", "2026-03-31"),
        (Kind.MOMENT, "2026-03-31T09:00Z", "2026-03-31T09:00:00+00:00"),
        (Kind.MOMENT, "2026-03-31 09:00+02:00", "2026-03-31T09:00:00+02:00"),
        (Kind.EMAIL, " a.b+c@x.example ", "a.b+c@x.example"),
        (Kind.URL, "https://x.example", "https://x.example"),
        (Kind.JSON, '{"a": [1, 2.5, null]}', {"a": [1, 2.5, None]}),
        (Kind.JSON, {"a": (1, 2)}, {"a": [1, 2]}),
        (Kind.JSON, "plain words", "plain words"),
        (Kind.JSON, '"quoted"', '"quoted"'),
        (Kind.JSON, "NaN", "NaN"),
        (Kind.JSON, "null", "null"),
        (Kind.JSON, "7", 7),
        (Kind.FIELDS, "Status=Done; Due = 2026-03-31", {"Due": "2026-03-31", "Status": "Done"}),
        (Kind.FIELDS, "Status=Done\r\nNote=\n", {"Note": "", "Status": "Done"}),
        (
            Kind.FIELDS,
            'Sum=a=b; Note="a; b\\nc"; Tags=["x", 2]; ',
            {"Note": "a; b\nc", "Sum": "a=b", "Tags": ["x", "2"]},
        ),
        (Kind.FIELDS, 'Text=[x] todo; "a=b"="c" d', {"Text": "[x] todo", "a=b": '"c" d'}),
        (
            Kind.FIELDS,
            '{"n": 5, "x": 2.50, "y": 7.0, "on": true, "no": null}',
            {"n": "5", "x": "2.5", "y": "7", "on": "yes", "no": ""},
        ),
        (Kind.FIELDS, {" Name ": " Ana ", "Tags": ("a", " b")}, {"Name": "Ana", "Tags": ["a", "b"]}),
    ],
)
def test_fields_read_what_people_type(kind: Kind, value: Json, canonical_value: Json) -> None:
    assert canonical(field(kind).read(value)) == canonical(canonical_value)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Kind.TEXT, ["a"]),
        (Kind.TEXT, True),
        (Kind.TEXT, "nul \0"),
        (Kind.TEXT, "x" * 20_001),
        (Kind.INTEGER, "1.5"),
        (Kind.INTEGER, 1.0),
        (Kind.INTEGER, True),
        (Kind.INTEGER, "٣"),
        (Kind.INTEGER, 10**15 + 1),
        (Kind.INTEGER, "1_000"),
        (Kind.CHOICE, "purple"),
        (Kind.BOOLEAN, "maybe"),
        (Kind.BOOLEAN, 2),
        (Kind.DATE, "31/03/2026"),
        (Kind.DATE, "2026-02-30"),
        (Kind.MOMENT, "2026-03-31T09:00"),
        (Kind.MOMENT, "tomorrow"),
        (Kind.EMAIL, "a@b"),
        (Kind.EMAIL, "a@x.example, b@x.example"),
        (Kind.EMAIL, "a@x.example\nBcc: b@x.example"),
        (Kind.EMAIL, "Eve <a@x.example>"),
        (Kind.EMAIL, "a@x.example\u202e"),
        (Kind.URL, "javascript:alert(1)"),
        (Kind.URL, "https://good.example@evil.example/"),
        (Kind.URL, "https://x.example/\u200b"),
        (Kind.OBJECT, "10\u200b07"),
        (Kind.FIELDS, {}),
        (Kind.FIELDS, "  "),
        (Kind.FIELDS, "Done"),
        (Kind.FIELDS, "Status=Done; Due"),
        (Kind.FIELDS, "A=1; A=2"),
        (Kind.FIELDS, "=1"),
        (Kind.FIELDS, {"A": 1, " A": 2}),
        (Kind.FIELDS, {"A": {"b": 1}}),
        (Kind.FIELDS, {"A": [["b"]]}),
        (Kind.FIELDS, {"A\u200b": "b"}),
        (Kind.FIELDS, {str(n): "x" for n in range(101)}),
        (Kind.FIELDS, 7),
        (Kind.FIELDS, '{"a": 1e400}'),
        (Kind.JSON, '{"a": 1e400}'),
        (Kind.JSON, {1, 2}),
        (Kind.JSON, "[" * 100_000),
    ],
)
def test_fields_refuse_what_they_cannot_mean(kind: Kind, value: Json) -> None:
    with pytest.raises(BadInput):
        field(kind).read(value)


@pytest.mark.parametrize("value", ["0 EUR", "-1 EUR", {"minor": 0, "currency": "EUR"}])
def test_an_amount_to_move_is_more_than_zero(value: Json) -> None:
    with pytest.raises(BadInput, match="more than zero"):
        field(Kind.MONEY, part=Part.AMOUNT).read(value)
    assert field(Kind.MONEY).read(value)


PAY = Action(
    name="shop.pay",
    title="Pay",
    fields=(
        Field(name="who", title="Who"),
        Field(name="amount", title="Amount", kind=Kind.MONEY, currency="EUR", part=Part.AMOUNT),
        Field(name="why", title="Why", required=False),
        Field(name="fast", title="Fast", kind=Kind.BOOLEAN, default=False),
    ),
)
ACCOUNT = Account(system="shop", label="Shop")


def call(arguments: dict[str, Json], *, action: Action = PAY, account: Account = ACCOUNT) -> Call:
    return Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=account,
        arguments=action.read(arguments),
    )


def test_arguments_stand_in_the_order_of_the_fields_with_defaults() -> None:
    """SAFETY 52"""
    read = PAY.read({"amount": "5", "who": "Gigi"})
    assert list(read) == ["who", "amount", "fast"]
    assert read["fast"] is False
    assert PAY.read(read) == read


@pytest.mark.parametrize("nothing", [None, "", "   ", "\n"])
def test_nothing_typed_is_no_argument(nothing: Json) -> None:
    with pytest.raises(BadInput, match="needs who") as refusal:
        PAY.read({"who": nothing, "amount": "5"})
    assert refusal.value.field == "who"
    assert "why" not in PAY.read({"who": "Gigi", "amount": "5", "why": nothing})


def test_an_argument_the_action_does_not_have_is_named() -> None:
    with pytest.raises(BadInput, match="no field 'whom'; its fields: who, amount") as refusal:
        PAY.read({"whom": "Gigi"})
    assert refusal.value.field == "whom"


def test_the_same_deed_has_the_same_digest_however_it_was_asked_for() -> None:
    typed = call({"who": " Gigi ", "amount": "49,90 €"})
    sent = call({"amount": {"currency": "EUR", "minor": 4990}, "fast": "no", "who": "Gigi", "why": ""})
    assert typed.digest == sent.digest
    backwards = with_arguments(typed, dict(reversed([*typed.arguments.items()])))
    assert backwards.digest == typed.digest
    assert typed.money() == (Money(4990, "EUR"),)


def test_any_other_deed_has_another_digest() -> None:
    """SAFETY 59"""
    pay = {"who": "Gigi", "amount": "49.90 EUR"}
    other_definition = replace(PAY, risk=Risk.R1)
    calls = [
        call(pay),
        call({**pay, "who": "Eve"}),
        call({**pay, "amount": "49.91 EUR"}),
        call({**pay, "amount": "49.90 USD"}),
        call({**pay, "fast": "yes"}),
        call({**pay, "why": "late"}),
        call(pay, account=replace(ACCOUNT, live=True)),
        call(pay, account=replace(ACCOUNT, label="Other shop")),
        call(pay, action=replace(PAY, name="shop.pay_back")),
        call(pay, action=other_definition),
    ]
    assert len({each.digest for each in calls}) == len(calls)


def test_an_approval_of_another_definition_is_not_one_of_this() -> None:
    """SAFETY 99"""
    who = PAY.fields[0]
    definitions = [
        PAY,
        replace(PAY, title="Pay back"),
        replace(PAY, risk=Risk.R2),
        replace(PAY, reversal=Reversal.REVERSIBLE),
        replace(PAY, fields=PAY.fields[1:]),
        replace(PAY, fields=(replace(who, kind=Kind.EMAIL), *PAY.fields[1:])),
        replace(PAY, fields=(replace(who, required=False), *PAY.fields[1:])),
        replace(PAY, fields=(replace(who, choices=("Gigi",)), *PAY.fields[1:])),
    ]
    assert len({definition.fingerprint for definition in definitions}) == len(definitions)


def test_how_a_field_is_explained_or_filled_is_not_what_was_approved() -> None:
    who = replace(PAY.fields[0], help="The person.", mode=Mode.SELECTOR)
    assert replace(PAY, help="Pays.", fields=(who, *PAY.fields[1:])).fingerprint == PAY.fingerprint


@pytest.mark.parametrize("name", ["pay", "shop.", ".pay", "Shop.pay", "1shop.pay"])
def test_an_action_is_named_system_and_verb(name: str) -> None:
    with pytest.raises(ValueError, match=r"system\.verb"):
        replace(PAY, name=name)


def test_moments_keep_the_offset_they_were_said_in() -> None:
    """SAFETY 54"""
    read = field(Kind.MOMENT).read("2026-03-31T09:00+02:00")
    assert datetime.fromisoformat(read) == datetime(2026, 3, 31, 7, tzinfo=UTC)
    assert read.endswith("+02:00")
