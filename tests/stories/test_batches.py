"""Neighbouring writes stand on one card, and each keeps its own digest, effect and receipt."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from adapters.systems.demo import Fault
from bot.actions import Call, Preview, Receipt
from bot.errors import OutcomeUnknown, Unreachable
from bot.events import Verb
from bot.journal import Ask, Outcome, Thought
from bot.world import Context
from tests.stage import MARK, Stage, stage
from tests.stories.test_power_cut import Platform, books, message, press
from tests.twins.crash import Fuse, FusedSystem, PowerCut
from tests.twins.mind import ScriptedMind


def refund(order: str, amount: str) -> Ask:
    arguments = {"order": order, "amount": amount}
    return Ask(id=f"{order}-{amount}", action="demo.refund", arguments=arguments)


THREE = (refund("1007", "5 EUR"), refund("1011", "30 EUR"), refund("1013", "7 EUR"))


def mind(*asks: Ask) -> ScriptedMind:
    return ScriptedMind([Thought(asks=asks or THREE), Thought(text="That is all.")])


def paid(s: Stage) -> list[tuple[str, int]]:
    return [(refund.order, refund.amount.minor) for refund in s.shop.refunds()]


async def test_three_refunds_are_one_card_with_the_largest_first_and_the_total(tmp_path: Path) -> None:
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        assert len(s.chat.cards()) == 1
        plain = s.card.plain
        assert plain.index("1011") < plain.index("1013") < plain.index("1007")
        assert "In all: €42.00" in plain
        assert paid(s) == []


async def test_one_press_does_all_in_the_order_of_the_card_and_the_mind_hears_of_each(tmp_path: Path) -> None:
    thinking = mind()
    async with stage(tmp_path, model=thinking) as s:
        await s.say("pay the late ones back")
        await s.press(s.card)
        assert paid(s) == [("1011", 3000), ("1013", 700), ("1007", 500)]
        assert "3 of 3 done" in s.card.status
        assert s.card.buttons == ()
        assert [answer.outcome for answer in thinking.answers] == [Outcome.DONE] * 3
        assert s.last == "That is all."


async def test_deny_denies_all(tmp_path: Path) -> None:
    thinking = mind()
    async with stage(tmp_path, model=thinking) as s:
        await s.say("pay the late ones back")
        await s.press(s.card, Verb.DENY)
        assert paid(s) == []
        assert [answer.outcome for answer in thinking.answers] == [Outcome.DENIED] * 3


async def test_what_was_left_out_is_not_done_and_the_old_card_is_stale(tmp_path: Path) -> None:
    """SAFETY 72"""
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        old = s.card
        sheet = await s.sheet(old)
        assert [entry.value for entry in sheet.entries] == ["yes", "yes", "yes"]
        await s.fill(old, {"item1": "no", "item2": "yes", "item3": "yes"})
        assert "left out" in s.card.plain
        assert "In all: €12.00" in s.card.plain
        await s.press(old)
        assert paid(s) == [], "it showed another list"
        await s.press(s.card)
        assert paid(s) == [("1013", 700), ("1007", 500)]


async def test_with_nothing_chosen_there_is_nothing_to_approve(tmp_path: Path) -> None:
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        await s.fill(s.card, {"item1": "no", "item2": "no", "item3": "no"})
        await s.press(s.card)
        assert paid(s) == []
        assert s.card.buttons


async def test_the_first_failure_stops_the_rest_and_they_are_asked_for_again(tmp_path: Path) -> None:
    """SAFETY 72"""
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        s.shop.misbehave(Fault.FAIL, times=1)
        await s.press(s.card)
        assert paid(s) == []
        first = s.chat.cards()[0]
        assert "0 of 3 done" in first.status
        assert first.plain.count("stopped: the one before it did not succeed") == 2
        (again,) = s.chat.cards()[1:]
        assert "In all: €12.00" in again.plain
        assert again.plain.index("1013") < again.plain.index("1007")
        await s.press(again)
        assert paid(s) == [("1013", 700), ("1007", 500)]
        assert "2 of 2 done" in s.card.status


async def test_what_is_left_is_asked_for_although_nothing_answers_just_then(tmp_path: Path) -> None:
    """An outcome that nobody knows stops the rest, too, and the rest is not lost with it."""
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        shop = Falling(s.shop, Fuse())
        assert isinstance(s.house.systems, dict)
        s.house.systems["demo"] = shop
        await s.press(s.card)
        assert "Outcome unknown" in s.chat.cards()[0].plain
        (again,) = s.chat.cards()[1:]
        shop.down = False
        await s.press(again)
        assert paid(s) == [("1011", 3000), ("1013", 700), ("1007", 500)]


class Falling(FusedSystem):
    """A shop that answers nothing any more once it did the first deed."""

    down: bool | None = None

    async def preview(self, call: Call, context: Context) -> Preview:
        self._answer()
        return await super().preview(call, context)

    async def run(self, call: Call, context: Context) -> Receipt:
        receipt = await super().run(call, context)
        if self.down is None:
            self.down = True
            raise OutcomeUnknown("the answer was lost")
        return receipt

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        self._answer()
        return await super().look_up(call, context)

    def _answer(self) -> None:
        if self.down:
            raise Unreachable("the shop does not answer")


async def test_a_failure_stops_the_rest_whenever_the_power_fails(tmp_path: Path) -> None:
    """SAFETY 72: also where the process ends between the failure and the rest."""
    at, blown, stopped = 0, True, 0
    while blown:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        thinking, platform, fuse = mind(*THREE[:2]), Platform(), Fuse(at=at)
        async with stage(folder, chat=platform.chat, model=thinking) as s:
            await s.arrive(message("pay back", "m1"))
            s.shop.misbehave(Fault.FAIL, times=1)
        arrival = press(platform.chat.cards()[0], "p1")
        try:
            async with stage(folder, chat=platform.chat, fuse=fuse, model=thinking) as s:
                await s.arrive(arrival)
        except PowerCut:
            async with stage(folder, chat=platform.chat, model=thinking) as s:
                await s.arrive(arrival)
        blown = fuse.blown
        async with stage(folder, chat=platform.chat, model=thinking) as s:
            await books(s)
            # Where the failure itself was not written down, the shop was asked, had not done it, and did it now.
            assert sorted(paid(s)) in ([], [("1007", 500), ("1011", 3000)]), f"point {at}"
            stopped += not paid(s)
            if not paid(s):
                (_, again) = s.chat.cards()
                await s.press(again)
                assert paid(s) == [("1007", 500)], f"point {at}"
    assert stopped > 3


async def test_one_by_one_gives_each_a_card_and_the_batch_is_worth_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        batch = s.card
        await s.press(batch, Verb.SPLIT)
        assert len(s.chat.cards()) == 4
        await s.press(batch)
        assert paid(s) == []
        await s.press(s.chat.cards()[1])
        assert paid(s) == [("1011", 3000)]


async def test_only_an_approver_may_press_a_batch(tmp_path: Path) -> None:
    """SAFETY 12"""
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        for verb in (Verb.APPROVE, Verb.DENY, Verb.SPLIT, Verb.DETAILS, Verb.EDIT):
            await s.press(s.card, verb, who=MARK)
        await s.press(replace(s.card, revision=9))
        assert paid(s) == []
        assert s.card.buttons


async def test_a_batch_expires_as_a_no(tmp_path: Path) -> None:
    """SAFETY 76"""
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        card = s.card
        s.clock.forward(timedelta(hours=5))
        await s.press(card)
        assert paid(s) == []
        await s.forward(timedelta(seconds=1))
        assert s.card.buttons == ()
        assert s.card.plain.count("Expired") == 3


async def test_pending_puts_the_batch_back_at_the_end_and_both_copies_work(tmp_path: Path) -> None:
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        first = next(iter(s.chat.messages))
        await s.say("pending")
        assert len(s.chat.cards()) == 2
        await s.press(s.chat.cards()[0], message=first)
        assert len(paid(s)) == 3


async def test_every_member_is_paid_once_whenever_the_power_fails(tmp_path: Path) -> None:
    """SAFETY 72"""
    at, blown = 0, True
    while blown:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        thinking, platform, fuse = mind(*THREE[:2]), Platform(), Fuse(at=at)
        for step in ("say", "press"):
            arrival = message("pay back", "m1") if step == "say" else press(platform.chat.cards()[0], "p1")
            try:
                async with stage(folder, chat=platform.chat, fuse=fuse, model=thinking) as s:
                    await s.arrive(arrival)
            except PowerCut:
                async with stage(folder, chat=platform.chat, model=thinking) as s:
                    await s.arrive(arrival)
        blown = fuse.blown
        async with stage(folder, chat=platform.chat, model=thinking) as s:
            await books(s)
            assert sorted(paid(s)) == [("1007", 500), ("1011", 3000)], f"point {at}"
            assert len(s.chat.cards()) == 1, f"point {at}"
            assert "2 of 2 done" in s.card.status, f"point {at}"
    assert at > 20


async def test_why_answers_the_three_questions_for_all_of_a_card(tmp_path: Path) -> None:
    """SAFETY 98"""
    async with stage(tmp_path, model=mind()) as s:
        await s.say("pay the late ones back")
        code = s.card.code
        await s.fill(s.card, {"item1": "no", "item2": "yes", "item3": "yes"})
        await s.press(s.card)
        await s.say(f"why {code}")
        assert "3 requests on one card: the limit was set by the rule R3-always-asks." in s.last
        assert "controlled by Olivia: 2 approved, 1 denied, 0 neither." in s.last
        assert "Olivia answers for it." in s.last
        assert s.last.count("•") == 3
