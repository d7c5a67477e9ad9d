"""Values by name: what is shown on a card, typed into a form and said in a chat is the same value."""

import string

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot import properties, renderings
from bot.actions import Account, Action, Call, Field, Kind
from bot.errors import BadInput
from bot.provenance import Grounds, own_words, trace
from bot.values import Json
from tests.bot.drawing import ENGLISH, PROPERTIES

FIELD = Field(name="properties", title="Properties", kind=Kind.FIELDS)
ODD = st.text(string.ascii_letters[:3] + "\"'[]{}=;,\n\t\\ ", max_size=12)


@given(PROPERTIES | st.dictionaries(ODD.filter(str.strip), ODD | st.lists(ODD, max_size=2), min_size=1))
@example({"a": '"'})
@example({"a": "[1"})
@example({"a": '["b"] c'})
def test_what_is_typed_reads_back(values: dict[str, Json]) -> None:
    try:
        canonical_values = FIELD.read(values)
    except BadInput:
        return
    assert properties.parse(properties.typed(canonical_values)) == canonical_values
    assert FIELD.read(properties.typed(canonical_values)) == canonical_values
    shown = renderings.shown(canonical_values, Kind.FIELDS, tongue=ENGLISH, zone="UTC")
    assert renderings.read(shown, Kind.FIELDS, tongue=ENGLISH) == canonical_values


def test_a_card_has_one_line_for_each_and_no_line_looks_like_another() -> None:
    value = FIELD.read({"Status": "In progress", "Note": "a\nStatus = Done", "Tags": ["a", "b, c"]})
    assert renderings.shown(value, Kind.FIELDS, tongue=ENGLISH, zone="UTC") == (
        'Note = "a\\nStatus = Done"\n┊ Status = In progress\n┊ Tags = ["a", "b, c"]'
    )


def test_values_that_are_called_like_an_amount_are_none() -> None:
    action = Action(name="crm.set", title="Set", fields=(FIELD,))
    arguments = action.read({"properties": {"minor": "5", "currency": "EUR"}})
    account = Account(system="crm", label="CRM")
    assert Call(action=action.name, fingerprint="", account=account, arguments=arguments).money() == ()
    said = Grounds(words="minor 5 currency EUR")
    assert not own_words(action, trace(action, arguments, arguments, said))


@pytest.mark.parametrize(
    "text", ['{"a": 1', '"a" = 1; b', "a = 1\nb", '["a"] = 1; =', "[" * 100_000, '{"a":' * 100_000]
)
def test_what_is_no_list_of_values_is_bad_input(text: str) -> None:
    with pytest.raises(BadInput):
        FIELD.read(text)
