"""Who fills a field: set in words by an owner; by the mind, by a person who types or picks, or fixed."""

import itertools
from datetime import date
from pathlib import Path

import pytest

from adapters.systems.demo.shop import DemoShop
from bot.actions import Action, Option
from bot.effects import Question
from bot.events import Verb
from bot.journal import Ask, Thought
from bot.proposals import Proposal
from bot.values import Json
from bot.world import Context
from tests.stage import MARK, OLIVIA, Stage, stage
from tests.stories.team import told
from tests.twins.mind import ScriptedMind

FULL = {"order": "1007", "amount": "5 EUR", "reason": "late"}


def refund(**arguments: str) -> ScriptedMind:
    ask = Ask(id="a1", action="demo.refund", arguments={**FULL, **arguments})
    return ScriptedMind(script=(Thought(asks=(ask,)), Thought(text="There you are.")))


def rows(s: Stage) -> dict[str, str]:
    return {row.label: row.value for row in s.card.rows}


def verbs(s: Stage) -> list[Verb]:
    return [button.verb for button in s.card.buttons]


async def ledger(s: Stage, kind: str) -> list[Json]:
    return [entry.body for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == kind]


async def waiting(s: Stage) -> Proposal:
    return (await s.look(lambda tx: tx.proposals.pending()))[0]


async def test_a_field_a_mind_filled_although_a_person_types_it_is_dropped_and_the_card_waits(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, model=refund(amount="49.90 EUR")) as s:
        await s.say("set demo.refund amount manual")
        assert s.last.startswith("demo.refund amount: manual (a person types)")
        await s.say("Please refund order 1007.")
        assert rows(s)["To approve"] == "A person fills in first: Amount"
        assert Verb.APPROVE not in verbs(s)
        assert "49.90" not in s.card.plain
        assert [(row["action"], row["fields"]) for row in await ledger(s, "fields_dropped")] == [
            ("demo.refund", ["amount"])
        ]
        await s.press(s.card, Verb.APPROVE)
        assert s.shop.refunds() == ()
        await s.fill(s.card, {"amount": "5 EUR"})
        assert Verb.APPROVE in verbs(s)
        assert s.shop.refunds() == ()
        await s.press(s.card)
        assert [made.amount.minor for made in s.shop.refunds()] == [500]
        revised = (await ledger(s, "revised"))[0]["set_by"]
        assert (revised["amount"], revised["order"]) == ("person", "mind")


async def test_a_press_on_what_waits_approves_nothing_even_when_it_is_forged(tmp_path: Path) -> None:
    async with stage(tmp_path, model=refund()) as s:
        await s.say("set demo.refund amount manual")
        await s.say("Please refund order 1007.")
        await s.press(s.card, Verb.APPROVE)
        assert (await waiting(s)).waits == ("amount",)
        assert s.shop.refunds() == ()


async def test_what_is_fixed_is_fixed_for_minds_and_persons(tmp_path: Path) -> None:
    async with stage(tmp_path, model=refund(reason="because I say so")) as s:
        await s.say("set demo.refund reason fixed “late delivery”")
        await s.say("Please refund order 1007.")
        assert (await waiting(s)).call.arguments["reason"] == "late delivery"
        assert "fixed by an administrator" in s.card.plain
        sheet = await s.sheet(s.card)
        assert [entry.name for entry in sheet.entries] == ["order", "amount"]
        await s.fill(s.card, {"amount": "6 EUR", "reason": "another"})
        assert "reason is fixed by an administrator" in told(s)
        await s.fill(s.card, {"amount": "6 EUR"})
        now = await waiting(s)
        assert (now.call.arguments["reason"], now.origins["reason"]) == ("late delivery", "fixed")
        await s.press(s.card)
        assert s.shop.refunds()[0].reason == "late delivery"


async def test_fixed_after_the_card_was_shown_it_no_longer_runs(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=5 reason=late")
        card = s.card
        await s.say("set demo.refund reason fixed other")
        await s.press(card)
        assert "fixed by an administrator" in s.card.status
        assert s.shop.refunds() == ()


async def test_a_default_is_used_where_nobody_says_and_may_be_changed(tmp_path: Path) -> None:
    async with stage(tmp_path, model=refund(reason="")) as s:
        await s.say("set demo.refund reason default late")
        await s.say("Please refund order 1007.")
        now = await waiting(s)
        assert (now.call.arguments["reason"], now.origins["reason"]) == ("late", "default")
        assert (await ledger(s, "proposed"))[0]["set_by"]["reason"] == "default"
        await s.fill(s.card, {"reason": "very late"})
        assert (await waiting(s)).origins["reason"] == "person"


async def test_what_is_picked_is_among_the_options_as_they_are_when_it_is_saved(tmp_path: Path) -> None:
    async with stage(tmp_path, model=refund()) as s:
        await s.say("set demo.refund order selector")
        await s.say("Please refund order 1007.")
        assert rows(s)["To approve"] == "A person fills in first: Order"
        entry = (await s.sheet(s.card)).entries[0]
        assert "1007" in [option.value for option in entry.options]
        assert all(option.label for option in entry.options)
        await s.fill(s.card, {"order": "9999"})
        assert "is not among them now" in told(s)
        assert (await waiting(s)).waits == ("order",)
        await s.fill(s.card, {"order": "1007"})
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1


class InDozens(DemoShop):
    """A shop whose stock is counted in dozens: what can be picked is a number."""

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        if field == "count":
            return (Option(value="12", label="one dozen"), Option(value="24", label="two dozen"))
        return await super().options(action, field, query, context)


async def test_what_is_picked_may_be_a_number(tmp_path: Path) -> None:
    """An option is held as its field reads it, not as text."""
    shop = InDozens(tmp_path / "dozens.db", today=date(2026, 11, 21))
    async with stage(tmp_path, systems={"demo": shop}) as s:
        await s.say("set demo.set_stock count selector")
        await s.say("do demo.set_stock product=MUG-BLUE count=13")
        assert "“13” is not among them now" in s.last
        await s.say("do demo.set_stock product=MUG-BLUE count=24")
        assert "is not among" not in s.last
        assert "24" in s.last


async def test_step_by_step_only_what_is_missing_is_asked_and_options_are_buttons(tmp_path: Path) -> None:
    async with stage(tmp_path, model=refund()) as s:
        await s.say("set demo.refund order selector")
        await s.say("Please refund order 1007.")
        await s.press(s.card, Verb.EDIT)
        question = list(s.chat.messages.values())[-1].content
        assert isinstance(question, Question)
        assert "(1 of 1)" in question.text
        value, label = next(each for each in question.choices if "1007" in each[1])
        assert value.startswith("0:#")
        assert label
        await s.press(s.card, Verb.CHOOSE, value=value)
        assert (await waiting(s)).call.arguments["order"] == "1007"
        assert s.shop.refunds() == ()


async def test_without_a_model_what_is_missing_is_filled_in_by_hand(tmp_path: Path) -> None:
    """Auto without a model is Manual."""
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007")
        assert rows(s)["To approve"] == "A person fills in first: Amount"
        await s.fill(s.card, {"amount": "5 EUR"})
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1


async def test_a_persons_exact_words_count_as_typed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("set demo.refund amount manual")
        await s.say("do demo.refund order=1007 amount=5")
        assert Verb.APPROVE in verbs(s)
        assert (await waiting(s)).origins["amount"] == "person"


async def test_whoever_asked_may_fill_in_what_is_missing_and_nothing_else(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007", who=MARK)
        card = s.card
        await s.fill(card, {"amount": "5 EUR", "order": "1008"}, who=MARK)
        assert (await waiting(s)).waits == ("amount",)
        await s.fill(card, {"amount": "5 EUR"}, who=MARK)
        assert (await waiting(s)).waits == ()
        await s.press(s.card, who=MARK)
        assert s.shop.refunds() == ()
        await s.press(s.card, who=OLIVIA)
        assert len(s.shop.refunds()) == 1


async def test_what_would_run_at_once_asks_while_something_is_missing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.set_stock product=MUG-BLUE", who=MARK)
        assert rows(s)["Rule"].startswith("field-modes")
        await s.fill(s.card, {"count": "7"}, who=MARK)
        await s.press(s.card, who=MARK)
        assert "Done" in s.card.status


async def test_only_an_owner_sets_and_everybody_sees(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("set demo.refund amount manual", who=MARK)
        assert "only an owner says who fills a field" in s.last
        await s.say("set demo.refund amount manual")
        await s.say("fields demo.refund", who=MARK)
        assert "• amount: manual (a person types)" in s.last
        assert "• order: auto (the mind)" in s.last
        await s.say("fields", who=MARK)
        assert s.last == "• demo.refund amount: manual (a person types)"
        row = (await ledger(s, "field_set"))[0]
        assert (row["action"], row["field"], row["after"]["mode"], row["person"]) == (
            *("demo.refund", "amount", "manual"),
            "per_olivia",
        )
        await s.say("set demo.refund amount auto")
        await s.say("fields")
        assert "Nobody has set a field" in s.last


async def test_a_model_sets_no_field(tmp_path: Path) -> None:
    ask = Ask(
        id="a1",
        action="vigie.set_field",
        arguments={"action": "demo.refund", "field": "amount", "how": "fixed", "value": "1 EUR"},
    )
    mind = ScriptedMind(script=(Thought(asks=(ask,)), Thought(text="Tried.")))
    async with stage(tmp_path, model=mind) as s:
        await s.say("Please be careful with refunds.")
        assert mind.answers[0].outcome == "denied"
        assert await s.look(lambda tx: tx.marks.get("fields")) is None


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("set demo.refund amount fixed", "I did not understand"),
        ("set demo.refund amount often", "I did not understand"),
        ("set demo.refund amount fixed lots", "is not one amount"),
        ("set demo.refund colour manual", "has no field"),
        ("set demo.nothing amount manual", "no connected system offers"),
        ("set vigie.remember text manual", "have no field modes"),
        ("set demo.refund amount selector", "offers nothing to pick"),
        ("set demo.refund amount manual 5", "write for example"),
    ],
)
async def test_what_makes_no_sense_is_said_and_sets_nothing(tmp_path: Path, words: str, why: str) -> None:
    async with stage(tmp_path) as s:
        await s.say(words)
        assert why in s.last
        assert await s.look(lambda tx: tx.marks.get("fields")) is None


async def test_in_french(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("language fr")
        await s.say("règle demo.refund reason fixé à « retard de livraison »")
        assert "demo.refund reason" in s.last
        assert "retard de livraison" in s.last
        await s.say("règle demo.refund amount manuel")
        await s.say("champs demo.refund")
        assert "une personne" in s.last


async def test_a_model_is_told_what_a_person_fills_and_not_of_what_is_fixed(tmp_path: Path) -> None:
    mind = refund()
    async with stage(tmp_path, model=mind) as s:
        await s.say("set demo.refund amount manual")
        await s.say("set demo.refund reason fixed late")
        await s.say("Please refund order 1007.")
        shown = {field.name: field for field in mind.briefings[0].actions["demo.refund"].fields}
        assert set(shown) == {"order", "amount"}
        assert not shown["amount"].required


async def test_rules_outlive_a_restart_and_an_undo_is_not_changed_by_them(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        before = s.shop.products()
        await s.say("do demo.set_stock product=MUG-BLUE count=7")
        assert s.shop.products() != before
        code = s.last.rsplit("undo ", 1)[1].rstrip(")")
        await s.say("set demo.set_stock count fixed 9")
        await s.say(f"undo {code}")
        assert "Undone" in s.last
        assert s.shop.products() == before
    async with stage(tmp_path) as s:
        s.numbers = itertools.count(100)
        await s.say("fields")
        assert "demo.set_stock count: fixed: 9" in s.last
