"""Declared words and what fills them."""

from hypothesis import given
from hypothesis import strategies as st

from bot import templates
from tests.bot.drawing import ENGLISH, FRENCH

MISSION = "Order {item.order} was promised {item.days_late} days ago."
NUMBERS = st.integers(0, 10**6)


@given(NUMBERS, NUMBERS)
def test_what_was_said_in_one_language_is_said_in_another(order: int, days: int) -> None:
    known = {"item": {"order": str(order), "days_late": days}}
    said, meant = (templates.words(tongue(MISSION), known, tongue) for tongue in (ENGLISH, FRENCH))
    assert said != meant
    assert templates.retold(said, MISSION, FRENCH(MISSION)) == meant


def test_what_a_template_did_not_say_stays_as_it_is() -> None:
    assert templates.retold("Because I say so.", MISSION, FRENCH(MISSION)) == "Because I say so."
