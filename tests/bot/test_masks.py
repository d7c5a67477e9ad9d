"""Masks: whatever a secret looks like, what a deed is about is never hidden behind one."""

from hypothesis import given
from hypothesis import strategies as st

from bot import masks
from bot.actions import Action, Field, Kind, Part

KEYS = (
    "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "xoxb-1234567890-abcdefghij",
    "password: hunter22",
    "Bearer abcdefghijklmnop",
)
TEXTS = st.one_of(
    st.sampled_from(KEYS),
    st.text(max_size=40),
    st.tuples(st.text(max_size=9), st.sampled_from(KEYS)).map(" ".join),
)
NAMES = st.sampled_from(("to", "token", "secret", "order", "password", "note", "api_key"))
ABOUT = (Part.RECIPIENT, Part.AMOUNT, Part.OBJECT)


@given(NAMES, st.sampled_from(ABOUT), st.sampled_from(Kind), TEXTS)
def test_a_destination_an_amount_and_an_object_are_never_masked(
    name: str, part: Part, kind: Kind, value: str
) -> None:
    """SAFETY 56"""
    action = Action(
        name="any.deed", title="Any", fields=(Field(name=name, title="It", kind=kind, part=part),)
    )
    assert masks.arguments(action, {name: value}) == {name: value}


@given(st.sampled_from(("to", "cc", "email", "iban", "order_id", "amount", "url", "customer")), TEXTS)
def test_without_a_definition_the_name_of_a_value_keeps_it(name: str, value: str) -> None:
    """SAFETY 56"""
    assert masks.arguments(None, {name: value}) == {name: value}


@given(st.sampled_from(KEYS[:2]), st.text(max_size=20))
def test_a_key_in_free_text_is_masked(key: str, before: str) -> None:
    """SAFETY 56"""
    action = Action(name="any.deed", title="Any", fields=(Field(name="note", title="Note"),))
    assert key not in str(masks.arguments(action, {"note": f"{before} {key}"}))
