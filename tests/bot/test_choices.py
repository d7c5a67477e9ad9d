"""Fixed choices are called what they are in the reader's language, on cards, forms and menus; the value is what is sent."""

from dataclasses import replace
from itertools import chain
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.systems.demo.offer import READS, WRITES
from bot import cards, fieldrules, forms, renderings
from bot.actions import Account, Action, Call, Field, Kind, Reversal, Risk
from bot.desk.book import ACTIONS
from bot.desk.fields import said
from bot.fieldmodes import FieldRule
from bot.forms import Steps
from bot.speech import Tongue
from bot.values import Json
from tests.bot.drawing import ENGLISH, FRENCH, LANGUAGES, TEXTS, proposal
from tests.contracts.systems import SAMPLES
from tests.contracts.test_system import context
from tests.stage import stage

NAMES = {"http.get", "http.send", "http.request", "vigie.add_hook"}
"""Their choices are names, which are the same everywhere."""
REASON = Field(
    name="reason",
    title="Reason",
    kind=Kind.CHOICE,
    choices=("requested_by_customer", "duplicate", "fraudulent"),
    titles=("the customer asked for it", "charged twice", "fraud"),
)


def every(folder: Path) -> list[tuple[Action, Field]]:
    """Every field of ours with fixed choices."""
    systems = (sample.make(folder / name) for name, sample in SAMPLES.items())
    actions = chain(READS, WRITES, ACTIONS, *(system.actions() for system in systems))
    return [(action, field) for action in actions for field in action.fields if field.choices]


def test_every_choice_of_ours_has_a_title_of_its_own_in_both_languages(tmp_path: Path) -> None:
    for action, field in every(tmp_path):
        if action.system == "post" or action.name in NAMES:
            continue
        assert len(field.titles) == len(field.choices), f"{action.name} {field.name}"
        for tongue in LANGUAGES:
            called = renderings.choices(field, tongue)
            assert len({each.casefold() for each in called.values()}) == len(field.choices), action.name
            assert [called[each] for each in field.choices] == [tongue(each) for each in field.titles]


def field_of(choices: list[str], titles: list[str]) -> Field:
    return replace(REASON, choices=tuple(choices), titles=tuple(titles[: len(choices)]))


WORDS = (
    st.sampled_from(["one", "two", "a", "Fraud", "open", "shipped", "ouverte", "⟦JSON⟧ 1", "⟦vide⟧"]) | TEXTS
)
CHOICES = st.lists(WORDS.filter(bool), min_size=1, max_size=4, unique_by=str.casefold)


@given(CHOICES, st.lists(WORDS, min_size=4, max_size=4), WORDS | st.none(), st.sampled_from(LANGUAGES))
def test_what_is_shown_is_one_value(
    choices: list[str], titles: list[str], other: str | None, tongue: Tongue
) -> None:
    """Whatever the choices are called, and also for a value that is none of them."""
    field = field_of(choices, titles)
    given_: list[Json] = [*choices, other]
    shown = [renderings.chosen(value, field, tongue=tongue) for value in given_]
    assert [renderings.choice(text, field, tongue=tongue) for text in shown] == given_


@pytest.mark.parametrize(
    ("tongue", "word"), [(ENGLISH, "charged twice"), (FRENCH, "débité deux fois")], ids=["en", "fr"]
)
def test_a_card_and_its_form_call_it_by_its_title(tongue: Tongue, word: str) -> None:
    refund = Action(
        name="stripe.refund",
        title="Refund a payment",
        risk=Risk.R3,
        reversal=Reversal.IRREVERSIBLE,
        fields=(REASON,),
    )
    account = Account(system="stripe", label="Stripe", live=False)
    arguments: dict[str, Json] = {"reason": "duplicate"}
    call = Call(action=refund.name, fingerprint=refund.fingerprint, account=account, arguments=arguments)
    waiting = proposal(call)
    card = cards.draw(waiting, action=refund, tongue=tongue, zone="UTC", full=True)
    assert word in card.plain
    assert "duplicate" not in card.plain
    assert cards.decode(card, refund, tongue=tongue) == arguments
    (entry,) = forms.sheet(waiting, action=refund, tongue=tongue).entries
    assert (entry.value, entry.picks[1].value, entry.picks[1].label) == ("duplicate", "duplicate", word)
    steps = Steps(ref="r", revision=1, person="p", names=("reason",))
    assert [steps.picked(each, entry.called) for each in (word.upper(), "#2", "duplicate")] == [
        "duplicate"
    ] * 3
    assert word in said(FieldRule(fixed="duplicate"), tongue, REASON)


def test_a_title_in_english_is_read_as_its_choice_and_a_value_comes_first() -> None:
    assert REASON.read("Charged twice") == "duplicate"
    crossed = replace(REASON, choices=("a", "b"), titles=("b", "c"))
    assert [crossed.read(each) for each in ("a", "b", "c")] == ["a", "b", "b"]


async def test_a_fixed_choice_is_picked_by_what_it_is_called(tmp_path: Path) -> None:
    """From any system: nobody over there has to be asked."""
    async with stage(tmp_path) as s:
        find = next(action for action in READS if action.name == "demo.find_orders")
        said = replace(context(), tongue=FRENCH)
        found = await fieldrules.options(find, "status", "livr", said, house=s.house)
        assert [(each.value, each.label) for each in found] == [("delivered", "livrée")]
