"""Missions wake with nobody there, once per due time, and stop when they are told to."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import wakes
from bot.events import Verb
from bot.missions import Phase
from tests.clocks import SetClock
from tests.stage import MARK, Stage, stage

WATCH = "every hour, do demo.refund order=1007 amount=5"


async def wakes_of(s: Stage) -> int:
    entries = await s.look(lambda tx: tx.ledger.read())
    return sum(1 for entry in entries if entry.kind == "turn" and entry.body["mission"])


async def test_a_reminder_comes_when_it_is_due_and_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("in 10 minutes, drink water")
        assert "Mission 1" in s.last
        before = len(s.chat.messages)
        await s.forward(timedelta(minutes=9))
        assert len(s.chat.messages) == before
        await s.forward(timedelta(minutes=1))
        assert "drink water" in s.last
        await s.forward(timedelta(days=1))
        assert len(s.chat.messages) == before + 1
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert mission.phase is Phase.DONE


async def test_every_weekday_follows_the_wall_clock_of_the_person(tmp_path: Path) -> None:
    friday = SetClock(datetime(2026, 3, 27, 12, tzinfo=UTC))
    async with stage(tmp_path, clock=friday) as s:
        await s.begin("every weekday at 9:00, stand up")
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        # Paris moves to summer time on Sunday the 29th: nine o'clock is an hour earlier in UTC.
        assert mission.next_due == datetime(2026, 3, 30, 7, tzinfo=UTC)


async def test_three_missed_days_are_one_late_wake(tmp_path: Path) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        await s.begin("every day at 9:00, count the till")
        clock, chat = s.clock, s.chat
    clock.forward(timedelta(days=3))
    async with stage(tmp_path, clock=clock, chat=chat) as s:
        await s.forward(timedelta(0))
        told = [words for words in chat.words() if "count the till" in words and "Mission" not in words]
        assert len(told) == 1
        assert "late" in told[0]
        assert await wakes_of(s) == 1


async def test_two_sweepers_at_the_same_minute_make_one_wake(tmp_path: Path) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        await s.say("in 10 minutes, drink water")
        s.clock.forward(timedelta(minutes=10))
        made = [await wakes.sweep(house=s.house, calendar=s.calendar) for _ in range(3)]
        await s.rest()
        assert made == [1, 0, 0]
        assert await wakes_of(s) == 1


async def test_a_mission_asks_before_it_acts_and_goes_on_after_the_press(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin(WATCH)
        await s.forward(timedelta(hours=1))
        assert s.shop.refunds() == ()
        assert "Mission" in s.card.plain
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1


async def test_what_waits_already_is_not_asked_twice(tmp_path: Path) -> None:
    """SAFETY 73"""
    async with stage(tmp_path) as s:
        await s.begin(WATCH)
        for _ in range(3):
            await s.forward(timedelta(hours=1))
        assert len(s.asked()) == 1
        assert await wakes_of(s) == 2, "the first still waits for its press; two woke and found it waiting"


async def test_a_mission_does_not_repeat_what_was_denied_a_short_while_ago(tmp_path: Path) -> None:
    """SAFETY 73"""
    async with stage(tmp_path) as s:
        await s.begin(WATCH)
        await s.forward(timedelta(hours=1))
        await s.press(s.card, Verb.DENY)
        await s.forward(timedelta(hours=1))
        assert len(s.asked()) == 1
        await s.forward(timedelta(hours=25))
        assert len(s.asked()) == 2


async def test_a_person_may_ask_again_for_what_was_denied(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=5")
        await s.press(s.card, Verb.DENY)
        await s.say("do demo.refund order=1007 amount=5")
        assert len(s.asked()) == 2


async def test_pause_resume_and_cancel(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every hour, drink water")
        await s.say("pause 1")
        await s.forward(timedelta(hours=3))
        assert await wakes_of(s) == 0
        await s.say("resume 1")
        await s.forward(timedelta(minutes=1))
        assert await wakes_of(s) == 0, "what fell due while it was paused is not owed"
        await s.forward(timedelta(hours=1))
        assert await wakes_of(s) == 1
        await s.say("cancel 1")
        await s.forward(timedelta(hours=2))
        assert await wakes_of(s) == 1
        await s.say("resume 1")
        assert "stays so" in s.last


async def test_a_cancelled_mission_takes_its_card_along(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin(WATCH)
        await s.forward(timedelta(hours=1))
        card = s.card
        await s.say("cancel 1")
        assert "Cancelled" in s.card.status
        await s.press(card)
        assert s.shop.refunds() == ()


async def test_only_its_owner_or_an_approver_may_stop_a_mission(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every hour, drink water")
        await s.say("cancel 1", who=MARK)
        assert "only its owner" in s.last


async def test_a_mission_may_only_do_what_it_was_given(tmp_path: Path) -> None:
    """SAFETY 74"""
    async with stage(tmp_path) as s:
        await s.begin("every hour, do demo.find_orders")
        await s.store.write(lambda tx: tx.marks.put("x", 1))
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert mission.may == ("demo.find_orders",)


async def test_why_answers_who_set_it_and_who_answers_for_it(tmp_path: Path) -> None:
    """SAFETY 98"""
    async with stage(tmp_path) as s:
        await s.begin(WATCH)
        await s.say("why 1")
        assert "started by Olivia" in s.last
        assert "answers for it" in s.last


async def test_a_time_that_cannot_be_is_refused_in_words(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        for text in ("every 0 minutes, x", "every day at 25:00, x", "every 5 seconds, x"):
            await s.say(text)
            assert "Mission 1" not in s.last, text
        assert not await s.look(lambda tx: tx.missions.all())
