"""Words reach their place in order, once, or it is said that they did not."""

from datetime import timedelta
from pathlib import Path

from bot.effects import EffectState
from bot.errors import Failed, OutcomeUnknown, Unknowable, Unreachable
from bot.events import Message
from bot.inbox import Arrival
from bot.people import Standing
from bot.sayings import adopt
from bot.world import Sending
from tests.stage import HERE, OLIVIA, stage
from tests.twins.chat import TwinChat


class Forgetful(TwinChat):
    """A platform that offers no look-up."""

    async def look_up(self, sending: Sending) -> str | None:
        raise Unknowable("no look-up here")


async def test_one_delivery_repeated_is_one_message(tmp_path: Path) -> None:
    """SAFETY 5, 32"""
    async with stage(tmp_path) as s:
        body = Message(who=OLIVIA, text="status", ref="1", standing=Standing.MEMBER)
        arrival = Arrival(key="twin:same", place=HERE, body=body)
        assert await s.arrive(arrival)
        assert not await s.arrive(arrival)
        assert len(s.chat.messages) == 1


async def test_a_chat_over_its_limit_is_given_the_time_it_asks_for_and_order_is_kept(tmp_path: Path) -> None:
    """SAFETY 29"""
    async with stage(tmp_path) as s:
        s.chat.faults.append(Unreachable("slow down", retry_after=30))
        await s.say("hello one")
        await s.say("hello two")
        assert s.chat.messages == {}
        await s.forward(timedelta(seconds=29))
        assert s.chat.messages == {}
        await s.forward(timedelta(seconds=2))
        assert ["one" in s.chat.words()[0], "two" in s.chat.words()[1]] == [True, True]


async def test_a_lost_answer_is_looked_up_before_it_is_said_again(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        s.chat.lost.append(OutcomeUnknown("the line dropped"))
        await s.say("hello")
        await s.forward(timedelta(minutes=1))
        assert len(s.chat.messages) == 1
        assert not any(sent.doubtful for sent in s.chat.messages.values())
        assert not await s.look(lambda tx: tx.effects.in_state(EffectState.PENDING))


async def test_what_was_never_sent_is_sent_without_a_mark(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        s.chat.faults.append(OutcomeUnknown("the line dropped before it left"))
        await s.say("hello")
        await s.forward(timedelta(minutes=1))
        assert [sent.doubtful for sent in s.chat.messages.values()] == [False]


async def test_where_nobody_can_look_the_repetition_is_marked(tmp_path: Path) -> None:
    async with stage(tmp_path, chat=Forgetful()) as s:
        s.chat.lost.append(OutcomeUnknown("the line dropped"))
        await s.say("hello")
        await s.forward(timedelta(minutes=1))
        assert [sent.doubtful for sent in s.chat.messages.values()] == [False, True]


async def test_a_message_that_certainly_was_not_sent_is_said_again_without_a_mark(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        s.chat.faults.append(OutcomeUnknown("the line dropped"))
        await s.say("hello")
        await s.forward(timedelta(minutes=1))
        assert [sent.doubtful for sent in s.chat.messages.values()] == [False]


async def test_of_a_card_that_had_to_be_sent_twice_each_copy_counts_and_becomes_the_receipt(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, chat=Forgetful()) as s:
        s.chat.lost.append(OutcomeUnknown("the line dropped"))
        await s.say("do demo.refund order=1007 amount=5")
        await s.forward(timedelta(minutes=1))
        first, second = s.chat.messages
        card = s.card
        await s.press(card, message=first)
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.chat.cards()[0].status
        await s.press(card, message=second)
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.chat.cards()[1].status


async def test_a_card_pressed_before_it_is_known_to_be_sent_becomes_the_receipt_and_is_not_sent_again(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, chat=Forgetful()) as s:
        s.chat.lost.append(OutcomeUnknown("the line dropped"))
        await s.say("do demo.refund order=1007 amount=5")
        await s.press(s.card, message=next(iter(s.chat.messages)))
        await s.forward(timedelta(minutes=1))
        (card,) = s.chat.cards()
        assert "Done" in card.status
        assert len(s.shop.refunds()) == 1


async def test_a_copy_pressed_while_the_card_is_sent_again_stays_the_one_that_becomes_the_receipt(
    tmp_path: Path,
) -> None:
    class Slow(Forgetful):
        """Somebody presses the first copy before the platform has answered for the second."""

        async def send(self, sending: Sending) -> str:
            ref = await super().send(sending)
            if ref == "2":
                await s.house.store.write(
                    lambda tx: adopt(tx, place=sending.place.key, slot=sending.slot, message="1")
                )
            return ref

    async with stage(tmp_path, chat=Slow()) as s:
        s.chat.lost.append(OutcomeUnknown("the line dropped"))
        await s.say("do demo.refund order=1007 amount=5")
        await s.forward(timedelta(minutes=1))
        assert list(s.chat.messages) == ["1", "2"]
        await s.press(s.card, message="")
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.chat.cards()[0].status


async def test_what_a_platform_refuses_for_good_is_in_the_ledger_and_does_not_stop_the_rest(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as s:
        s.chat.faults.append(Failed("channel_not_found"))
        await s.say("hello one")
        await s.say("hello two")
        assert len(s.chat.messages) == 1
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert "undelivered" in kinds


async def test_a_flood_of_edits_shows_the_last_state(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=5")
        s.chat.faults.append(Unreachable("slow down", retry_after=30))
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1, "the deed does not wait for the chat"
        calls = s.chat.calls
        await s.forward(timedelta(minutes=1))
        assert "Done" in s.card.status
        assert s.chat.calls == calls + 1


async def test_a_card_whose_sending_was_in_doubt_is_found_before_its_next_version_is_shown(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path) as s:
        s.chat.lost.append(OutcomeUnknown("the line dropped"))
        await s.say("do demo.refund order=1007 amount=1.00 reason=late")
        await s.press(s.card)
        await s.forward(timedelta(minutes=1))
        assert [len(s.chat.cards()), len(s.shop.refunds())] == [1, 1]
        assert "R0001" in s.card.status
