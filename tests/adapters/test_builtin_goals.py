"""A goal in plain words comes to exact steps over what the connected systems offer, or says which part it does not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from adapters.minds.builtin import goals, lexicon
from adapters.minds.builtin.text import fold, tokens
from adapters.systems.demo.offer import READS, WRITES
from adapters.systems.shopify import offer as shopify
from adapters.systems.stripe import offer as stripe
from bot.actions import Action, Kind
from bot.errors import BadInput
from bot.mind import Briefing
from bot.values import Json, as_list
from tests.adapters.briefings import ENGLISH, FRENCH, briefing

SHOP = {each.name: each for each in (*READS, *WRITES)}
REFUND = {"order": "{item.order}", "amount": "{item.refundable}"}


def told(actions: Mapping[str, Action] = SHOP, *, lang: str = "en") -> Briefing:
    return replace(briefing(""), actions=actions, tongue=FRENCH if lang == "fr" else ENGLISH)


def plan(text: str, actions: Mapping[str, Action] = SHOP, *, lang: str = "en") -> list[tuple[str, Json]]:
    """What is done with what, in order."""
    found = goals.read(text, told(actions, lang=lang))
    assert found is not None, text
    return [(str(step["action"]), step["arguments"]) for step in found.steps]


def why(text: str, actions: Mapping[str, Action] = SHOP, *, lang: str = "en") -> str:
    with pytest.raises(BadInput) as raised:
        goals.read(text, told(actions, lang=lang))
    return str(raised.value)


HEADLINE = "check late orders and tell #ops; propose refunds over 3 days late"
TITRE = "vérifie les commandes en retard et dis-le à #ops ; propose de rembourser celles de plus de 3 jours"


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("text", [HEADLINE, TITRE])
def test_the_sentence_comes_to_a_report_and_proposals(text: str, lang: str) -> None:
    found = goals.read(text, told(lang=lang))
    assert found is not None
    assert found.outlet == "#ops"
    look, again, refund = found.steps
    assert look == {"action": "demo.late_orders", "arguments": {"days": 0}}
    assert again == {"action": "demo.late_orders", "arguments": {"days": 3}, "save": "late_orders"}
    assert {name: refund[name] for name in ("action", "each", "arguments", "proposed")} == {
        "action": "demo.refund",
        "each": "late_orders",
        "arguments": REFUND,
        "proposed": True,
    }


NAMED: Sequence[tuple[str, list[tuple[str, Json]]]] = (
    ("check late orders", [("demo.late_orders", {"days": 0})]),
    ("check the orders that are more than a week late", [("demo.late_orders", {"days": 7})]),
    ("list orders at least 3 days late", [("demo.late_orders", {"days": 2})]),
    ("look at the stock below 5", [("demo.stock", {"below": 5})]),
    ("tell #ops the sales of the last 7 days", [("demo.sales", {"days": 7})]),
    ("look at the sales of last week and post them", [("demo.sales", {"days": 7})]),
    ("regarde les ventes de la semaine dernière", [("demo.sales", {"days": 7})]),
    ("show me open orders", [("demo.find_orders", {"status": "open"})]),
    ("check the stock and the sales, please", [("demo.stock", {}), ("demo.sales", {})]),
    (
        "regarde le stock, puis les ventes des 2 dernières semaines",
        [("demo.stock", {}), ("demo.sales", {"days": 14})],
    ),
    ("envoie-moi la liste des commandes en retard", [("demo.late_orders", {"days": 0})]),
    ("vérifie les commandes expédiées", [("demo.find_orders", {"status": "shipped"})]),
    (
        "propose refunds for orders over 3 days late",
        [("demo.late_orders", {"days": 3}), ("demo.refund", REFUND)],
    ),
    (
        "propose un remboursement pour les commandes en retard de plus d'une semaine",
        [("demo.late_orders", {"days": 7}), ("demo.refund", REFUND)],
    ),
    (
        "vérifie les commandes en retard, préviens-moi et propose de les rembourser",
        [("demo.late_orders", {"days": 0}), ("demo.refund", REFUND)],
    ),
)


@pytest.mark.parametrize(("text", "steps"), NAMED)
def test_plain_words_name_what_there_is(text: str, steps: list[tuple[str, Json]]) -> None:
    assert plan(text) == steps
    assert plan(text, lang="fr") == steps


def test_what_is_looked_at_and_all_of_it_proposed_is_read_once_and_reported() -> None:
    found = goals.read("check late orders; propose to refund them", told())
    assert found is not None
    assert [step.get("told") for step in found.steps] == [True, None]


def test_what_the_list_does_not_say_is_left_to_a_person() -> None:
    found = goals.read("check late orders, propose discounts", told())
    assert found is not None
    assert found.steps[1]["by_hand"] == ["percent"]
    assert found.steps[1]["arguments"] == {"order": "{item.order}"}


def test_a_deed_that_is_asked_for_outright_is_left_to_the_policy() -> None:
    found = goals.read("refund orders over 3 days late", told())
    assert found is not None
    assert "proposed" not in found.steps[1]


@pytest.mark.parametrize(
    "text",
    [
        *("stand up", "check the oven", "tell Bob", "propose a toast", "write the report", "call Alice"),
        *("arrose les plantes", "vérifie le four", "dis bonjour à Bob"),
    ],
)
def test_what_no_system_offers_stays_a_reminder(text: str) -> None:
    assert goals.read(text, told()) is None


@pytest.mark.parametrize(
    ("text", "part", "known"),
    [
        ("check late orders; water the plants", "water the plants", "check late orders"),
        ("check late orders and water the plants", "water the plants", "check late orders"),
        (f"{HEADLINE}; feed the cat", "feed the cat", "propose refunds over 3 days late"),
        (
            "check late orders; propose refunds over 3 hours late",
            "propose refunds over 3 hours late",
            "check late",
        ),
        (
            "check red orders; propose refunds for late orders",
            "check red orders",
            "propose refunds for late orders",
        ),
        ("propose refunds", "propose refunds", ""),
        ("check late orders and email Bob", "email Bob", "check late orders"),
        ("check late orders; propose refunds of 5 EUR", "propose refunds of 5 EUR", "check late orders"),
    ],
)
def test_one_part_that_is_not_understood_is_named_and_nothing_is_kept(
    text: str, part: str, known: str
) -> None:
    said = why(text)
    assert f"“{part}” I do not understand" in said
    assert known in said
    assert "Nothing is kept" in said


def test_a_goal_reports_to_one_channel() -> None:
    assert "one channel" in why("check late orders, tell #ops and #sales")


def test_two_systems_that_fit_are_asked_about_and_a_name_decides() -> None:
    both = SHOP | {each.name: each for each in (*shopify.actions("shopify"), *stripe.actions("stripe"))}
    said = why("check the stock", both)
    assert "demo.stock" in said
    assert "shopify.stock" in said
    assert plan("check the stock in shopify", both) == [("shopify.stock", {})]
    assert plan("check late orders; propose refunds", both)[-1] == ("demo.refund", REFUND), (
        "of the same system"
    )
    refund = ("stripe.refund", {"payment": "{item.payment}", "amount": "{item.refundable}"})
    assert plan("check payments, propose refunds", both) == [("stripe.find_payments", {}), refund]


def test_an_amount_is_never_taken_from_a_column_that_is_only_called_alike() -> None:
    stripes = {each.name: each for each in stripe.actions("stripe")}
    sent = goals.read("check invoices; propose to send invoices", told(stripes))
    assert sent is not None
    assert "amount" in as_list(sent.steps[-1]["by_hand"])
    both = {each.name: each for each in shopify.actions("shopify")}
    found = goals.read("check orders; propose refunds", told(both))
    assert found is not None
    assert found.steps[1]["arguments"] == {"order": "{item.order}"}
    assert found.steps[1]["by_hand"] == ["amount"]


@pytest.mark.parametrize("offered", [(*READS, *WRITES), shopify.actions("s"), stripe.actions("s")])
def test_what_a_list_gives_is_what_a_deed_takes(offered: tuple[Action, ...]) -> None:
    """A column that no list has would leave a field to people for ever."""
    columns = {name for each in offered for name in each.rows}
    for each in offered:
        for field in each.fields:
            assert not field.column or field.column in columns, f"{each.name}.{field.name}"
            assert field.narrows is None or field.kind is Kind.INTEGER


def test_words_are_kept_as_they_are_compared() -> None:
    forms = {*lexicon.MEANINGS, *lexicon.DEEDS, *lexicon.SMALL}
    assert {form for form in forms if fold(form) != form} == set()
    for phrase in (*lexicon.LOOK, *lexicon.TELL, *lexicon.PROPOSE, *lexicon.ABOVE, *lexicon.BELOW):
        assert " ".join(token.word for token in tokens(phrase)) == phrase
