"""Budgets through the public doors: held back before, settled after, asked about once at the limit."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot import rulebook
from bot.budgets import Account, Budgets, Holder, Limit, Measure
from bot.errors import Unreachable
from bot.events import Verb
from bot.journal import Ask, Cost, Thought
from bot.ledger import Entry
from tests.stage import MARK, Stage, stage
from tests.twins.mind import ScriptedMind

NOTE = "do demo.note_order order=1007 note=late"
NOTES = "every hour, do demo.note_order order=1007 note=late"
REFUNDS = "every hour, do demo.refund order=1007 amount=5"


def limited(*limits: Limit, thought: Cost | None = None) -> Budgets:
    """These limits and no other."""
    default = Budgets()
    return replace(default, limits=limits, thought=thought or default.thought, author="Olivia")


def of(holder: Holder, measure: Measure, most: int, currency: str = "") -> Limit:
    return Limit(holder=holder, measure=measure, most=most, currency=currency)


async def used(s: Stage, holder: Holder, measure: Measure, id: str = "", currency: str = "") -> int:
    account = Account(
        holder=holder, id=id, measure=measure, day=s.clock.now().date().isoformat(), currency=currency
    )
    return (await s.look(lambda tx: tx.spending.used([account.key]))).get(account.key, 0)


async def rows(s: Stage, kind: str) -> Sequence[Entry]:
    return [entry for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == kind]


# Deeds of a person -----------------------------------------------------------------------------------------


async def test_a_person_at_the_limit_is_told_plainly_and_how_to_get_more(tmp_path: Path) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.PERSON, Measure.EFFECTS, 1))) as s:
        await s.say(NOTE)
        await s.say("do demo.note_order order=1008 note=late")
        assert s.shop.notes() == {"1007": "late"}
        assert "limit of 1 deed a day for Olivia is reached" in s.last
        assert "“raise Olivia deeds by 1”" in s.last
        assert not s.chat.cards()
        (row,) = await rows(s, "over_budget")
        assert (row.body["action"], row.body["most"], row.body["used"]) == ("demo.note_order", 1, 1)


async def test_an_approved_deed_at_the_limit_is_not_done_and_its_card_says_so(tmp_path: Path) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.SPACE, Measure.MONEY, 500, "EUR"))) as s:
        await s.say("do demo.refund order=1007 amount=4")
        await s.press(s.card)
        await s.say("do demo.refund order=1008 amount=2")
        await s.press(s.card)
        assert [str(refund.amount) for refund in s.shop.refunds()] == ["4.00 EUR"]
        assert "limit of €5.00 a day" in s.card.status
        assert await used(s, Holder.SPACE, Measure.MONEY, currency="EUR") == 400


async def test_what_certainly_was_not_done_is_given_back(tmp_path: Path) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.SPACE, Measure.EFFECTS, 5))) as s:
        await s.say("do demo.note_order order=9999 note=late")
        assert await used(s, Holder.SPACE, Measure.EFFECTS) == 0


async def test_the_next_day_begins_at_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, budgets=limited(of(Holder.PERSON, Measure.EFFECTS, 1))) as s:
        await s.say(NOTE)
        await s.forward(timedelta(days=1))
        await s.say("do demo.note_order order=1008 note=late")
        assert "1008" in s.shop.notes()


# Missions --------------------------------------------------------------------------------------------------


async def test_a_mission_at_the_limit_asks_for_more_and_goes_on_after_the_press(tmp_path: Path) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.MISSION, Measure.EFFECTS, 0))) as s:
        await s.begin(NOTES)
        await s.forward(timedelta(hours=1))
        assert s.shop.notes() == {}
        assert "Raise a limit for today" in s.card.plain
        assert "mission 1" in s.card.plain
        assert "0 deeds → 1 deed" in s.card.plain
        assert "limit of 0 deeds a day for mission 1 is reached" in s.card.reason
        await s.press(s.card)
        assert s.shop.notes() == {"1007": "late"}
        (raised,) = await rows(s, "budget_raised")
        assert (raised.body["before"], raised.body["most"], raised.body["approver"]) == (0, 1, "per_olivia")
        await s.say("budget")
        assert "mission 1: 1 of 1 deed, 0 left" in s.last
        assert "Raised for mission 1 by 1 deed, approved by Olivia." in s.last


async def test_what_was_denied_at_the_limit_does_not_nag(tmp_path: Path) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.MISSION, Measure.EFFECTS, 0))) as s:
        await s.begin(NOTES)
        await s.forward(timedelta(hours=1))
        await s.press(s.card, Verb.DENY)
        said = len(s.chat.messages)
        for _ in range(3):
            await s.forward(timedelta(hours=1))
        assert len(s.chat.messages) == said
        assert s.shop.notes() == {}
        assert len(await rows(s, "over_budget")) == 5, "the ledger has every time, and the people none"


async def test_a_limit_is_asked_about_once_while_the_card_waits(tmp_path: Path) -> None:
    async with stage(tmp_path, budgets=limited(of(Holder.MISSION, Measure.EFFECTS, 0))) as s:
        await s.begin(NOTES)
        for _ in range(3):
            await s.forward(timedelta(hours=1))
        assert len(s.asked()) == 1
        await s.press(s.card)
        assert s.shop.notes() == {"1007": "late"}


async def test_a_member_cannot_raise_a_limit_and_a_stale_day_is_not_raised(tmp_path: Path) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.SPACE, Measure.EFFECTS, 1))) as s:
        await s.say("raise everyone deeds by 5", who=MARK)
        await s.press(s.card, who=MARK)
        assert not await rows(s, "budget_raised")
        await s.forward(timedelta(hours=12))
        await s.press(s.card)
        assert not await rows(s, "budget_raised")


async def test_a_rule_that_lets_everything_through_raises_no_limit(tmp_path: Path) -> None:
    """SAFETY 94"""
    rules = rulebook.parse('[[rule]]\nname = "all"\neffect = "allow"\n', source="p")
    async with stage(
        tmp_path, policy=lambda: rules, budgets=limited(of(Holder.SPACE, Measure.EFFECTS, 1))
    ) as s:
        await s.say("raise everyone deeds by 5")
        assert s.card.buttons
        assert not await rows(s, "budget_raised")
        await s.press(s.card)
        assert len(await rows(s, "budget_raised")) == 1


async def test_an_approved_deed_of_a_mission_waits_for_more_and_is_done_after_the_press(
    tmp_path: Path,
) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.MISSION, Measure.MONEY, 100, "EUR"))) as s:
        await s.begin(REFUNDS)
        await s.forward(timedelta(hours=1))
        refund = s.card
        await s.press(refund)
        assert s.shop.refunds() == ()
        assert "€1.00 → €5.00" in s.card.plain
        await s.press(s.card)
        assert [str(each.amount) for each in s.shop.refunds()] == ["5.00 EUR"]


async def test_an_approved_deed_of_a_mission_ends_when_more_is_denied(tmp_path: Path) -> None:
    """SAFETY 94"""
    async with stage(tmp_path, budgets=limited(of(Holder.MISSION, Measure.MONEY, 100, "EUR"))) as s:
        await s.begin(REFUNDS)
        await s.forward(timedelta(hours=1))
        await s.press(s.card)
        await s.press(s.card, Verb.DENY)
        assert s.shop.refunds() == ()
        assert any("limit of €1.00 a day" in card.status for card in s.chat.cards())
        assert not await s.look(lambda tx: tx.turns.parked())


# Thoughts --------------------------------------------------------------------------------------------------

THOUGHT = Cost(calls=1, tokens_in=400, tokens_out=100)


async def test_a_thought_is_settled_by_what_it_really_cost(tmp_path: Path) -> None:
    """SAFETY 94"""
    mind = ScriptedMind([Thought(text="hello")])
    many = limited(of(Holder.SPACE, Measure.TOKENS, 600), thought=THOUGHT)
    async with stage(tmp_path, model=mind, budgets=many) as s:
        await s.say("tell me something")
        assert await used(s, Holder.SPACE, Measure.TOKENS) == 110
        assert not await s.look(lambda tx: tx.spending.reserved())


async def test_a_person_whose_tokens_are_used_up_is_told_and_the_model_is_not_asked(tmp_path: Path) -> None:
    """SAFETY 94"""
    mind = ScriptedMind([Thought(text="hello")])
    few = limited(of(Holder.PERSON, Measure.TOKENS, 600), thought=THOUGHT)
    async with stage(tmp_path, model=mind, budgets=few) as s:
        await s.say("tell me something")
        await s.say("tell me more")
        assert mind.asked == 1
        assert "I did not think about this: the limit of 600 tokens a day for Olivia is reached" in s.last
        await s.say("status")
        assert "A limit is reached: the limit of 600 tokens a day for Olivia" in s.last
        await s.say("raise me tokens by 1000")
        await s.press(s.card)
        await s.say("tell me more")
        assert mind.asked == 2


async def test_a_thinking_mission_at_the_limit_asks_and_goes_on_after_the_press(tmp_path: Path) -> None:
    """SAFETY 94"""
    arguments = {"goal": "look at the shop", "every_seconds": 3600}
    create = Ask(id="m", action="vigie.create_mission", arguments=arguments)
    mind = ScriptedMind([Thought(asks=(create,)), Thought(text="I will.")])
    none = limited(of(Holder.MISSION, Measure.TOKENS, 0), thought=THOUGHT)
    async with stage(tmp_path, model=mind, budgets=none) as s:
        await s.begin("please look at the shop every hour")
        mind.script, mind.asked = [Thought(text="All is well.")], 0
        await s.forward(timedelta(hours=1))
        assert mind.asked == 0
        assert len(await s.look(lambda tx: tx.turns.parked())) == 1
        await s.press(s.card)
        assert mind.asked == 1
        assert s.last == "All is well."


async def test_a_model_that_could_not_be_reached_costs_nothing_and_one_that_was_late_may_have(
    tmp_path: Path,
) -> None:
    """SAFETY 94"""
    mind = ScriptedMind([Thought(text="hello")])
    late = Unreachable("the model did not answer in time")
    late.spent = True
    many = limited(of(Holder.SPACE, Measure.TOKENS, 10_000), thought=THOUGHT)
    async with stage(tmp_path, model=mind, budgets=many) as s:
        mind.failures = [Unreachable("no connection")]
        await s.say("tell me something")
        assert await used(s, Holder.SPACE, Measure.TOKENS) == 0
        mind.failures = [late]
        await s.forward(timedelta(minutes=1))
        assert await used(s, Holder.SPACE, Measure.TOKENS) == 500
        await s.forward(timedelta(minutes=10))
        assert await used(s, Holder.SPACE, Measure.TOKENS) == 610


# Words -----------------------------------------------------------------------------------------------------


async def test_budget_says_what_is_used_what_is_left_and_who_set_it(tmp_path: Path) -> None:
    both = limited(of(Holder.SPACE, Measure.EFFECTS, 5), of(Holder.SPACE, Measure.MONEY, 100))
    async with stage(tmp_path, budgets=both) as s:
        await s.say(NOTE)
        await s.say("do demo.refund order=1007 amount=5")
        await s.press(s.card)
        for words in ("budget", "budgets"):
            await s.say(words)
            assert "everyone together: 2 of 5 deeds, 3 left · €5.00 of €100.00, €95.00 left" in s.last
            assert "Set by Olivia, in policy.toml." in s.last
        await s.say("langue français")
        await s.say("budget")
        assert "tout le monde ensemble" in s.last
        await s.say("relève tous actes de 7")
        assert "5 actes → 12 actes" in s.card.plain
