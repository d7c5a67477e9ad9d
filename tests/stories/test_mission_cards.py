"""A mission is shown before it starts, keeps a log, looks again later, and is changed and handed over by a press."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from adapters.speech.languages import tongues
from bot.desk import patterns
from bot.events import Verb
from bot.missions import Mission, Phase, Step, Wrote
from bot.occurrences import Fate
from bot.people import Person, Role
from tests.stage import MARK, OLIVIA, Stage, stage
from tests.stories.test_runs import begin, runs


async def mission(s: Stage, number: int = 1) -> Mission | None:
    return await s.look(lambda tx: tx.missions.by_number(number))


async def test_a_mission_is_a_draft_on_a_card_until_somebody_starts_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("every weekday at 9, do demo.late_orders days=3")
        for row in (
            "every weekday at 09:00 (Europe/Paris)",
            "a skipped hour: the next minute there is; a doubled hour: once",
            "one late run stands for all",
            "demo.late_orders",
            "its owner, on twin",
            "when somebody pauses or cancels it",
            "Budget a day",
        ):
            assert row in s.card.plain
        assert [button.label for button in s.card.buttons][:3] == ["Start", "No", "Edit"]
        assert await mission(s) is None
        await s.say("missions")
        assert "draft" in s.last
        await s.press(s.card)
        started = await mission(s)
        assert started is not None
        assert started.phase is Phase.ACTIVE


async def test_who_says_no_has_no_mission(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("every weekday at 9, stand up")
        await s.press(s.card, Verb.DENY)
        await s.forward(timedelta(days=3))
        assert await mission(s) is None


async def test_only_who_asked_starts_a_mission_of_their_own(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("every weekday at 9, stand up", who=MARK)
        await s.press(s.card, who=OLIVIA)
        assert await mission(s) is None
        await s.press(s.card, who=MARK)
        started = await mission(s)
        assert started is not None
        assert started.owner == "per_mark"


async def test_an_edit_shows_what_changes_and_changes_it_after_the_press(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every weekday at 9, stand up")
        await s.say("edit 1 every day at 10:00 until 2027-01-31")
        assert "every weekday at 09:00 (Europe/Paris) → every day at 10:00 (Europe/Paris)" in s.card.plain
        same = await mission(s)
        assert same is not None
        assert same.ends is None
        await s.press(s.card)
        changed = await mission(s)
        assert changed is not None
        assert changed.goal == "stand up"
        assert changed.ends is not None
        await s.say("mission 1")
        assert "every day at 10:00" in s.last


async def test_a_mission_is_handed_over_by_the_press_of_who_gets_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every weekday at 9, stand up")
        await s.say("hand over 1 to Mark")
        card = s.card
        await s.press(card, who=OLIVIA)
        before = await mission(s)
        assert before is not None
        assert before.owner == "per_olivia"
        await s.press(s.card, who=MARK)
        after = await mission(s)
        assert after is not None
        assert after.owner == "per_mark"
        await s.say("why 1")
        assert "was started by Olivia" in s.last
        assert "now Mark answers for it" in s.last
        assert "mission started · Olivia" in s.last
        assert "mission handed over · Olivia → Mark" in s.last
        await s.say("pause 1", who=MARK)
        await s.say("why 1")
        assert "mission paused · Mark" in s.last


async def test_a_mission_whose_owner_may_no_longer_act_is_paused_with_one_notice(tmp_path: Path) -> None:
    """SAFETY 74"""
    async with stage(tmp_path) as s:
        await s.begin("every hour, do demo.late_orders", who=MARK)
        await s.store.write(lambda tx: tx.people.put(_guest(tx.people.get("per_mark"))))
        for _ in range(3):
            await s.forward(timedelta(hours=1))
        paused = await mission(s)
        assert paused is not None
        assert paused.phase is Phase.PAUSED
        assert sum("nobody who may act answers for it" in words for words in s.chat.words()) == 1
        assert [run.fate for run in await runs(s)] == [Fate.SKIPPED]


def _guest(person: Person | None) -> Person:
    assert person is not None
    return replace(person, role=Role.GUEST)


async def test_a_mission_stops_after_as_many_runs_as_it_was_to_make(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every hour 2 times, stand up")
        for _ in range(5):
            await s.forward(timedelta(hours=1))
        done = await mission(s)
        assert done is not None
        assert done.phase is Phase.DONE
        assert len(await runs(s)) == 2


async def test_an_hour_after_its_deed_a_mission_looks_what_came_of_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(
            s,
            Step(action="demo.refund", arguments={"order": "1007", "amount": "5 EUR"}, save="refund"),
            Step(action="demo.order", arguments={"order": "1007"}, save="order", wait=3600),
            Step(text="order 1007 is {order.state} an hour later"),
        )
        await s.forward(timedelta(hours=1))
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1
        waits = await mission(s)
        assert waits is not None
        assert waits.log[-1].kind in (Wrote.AWAITS, Wrote.DID)
        await s.store.write(lambda tx: tx.missions.put(_without_schedule(tx.missions.by_number(1))))
        await s.forward(timedelta(hours=1))
        assert "an hour later" in s.last
        assert len(s.shop.refunds()) == 1
        over = await mission(s)
        assert over is not None
        assert over.phase is Phase.DONE


def _without_schedule(mission: Mission | None) -> Mission:
    assert mission is not None
    return replace(mission, triggers=())


async def test_what_stands_aside_goes_on_while_a_card_waits(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(
            s,
            Step(action="demo.refund", arguments={"order": "1007", "amount": "5 EUR"}),
            Step(action="demo.note_order", arguments={"order": "1008", "note": "checked"}, aside=True),
            Step(text="both are done"),
        )
        await s.forward(timedelta(hours=1))
        assert s.shop.refunds() == ()
        assert "checked" in str(s.shop.order("1008"))
        await s.press(s.card)
        assert "both are done" in s.last
        assert len(s.shop.refunds()) == 1


async def test_the_log_says_what_was_done_and_what_is_awaited(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(action="demo.refund", arguments={"order": "1007", "amount": "5 EUR"}))
        await s.forward(timedelta(hours=1))
        await s.say("mission 1")
        assert "awaits · a press on" in s.last
        await s.press(s.card)
        await s.say("mission 1")
        assert "Next wake:" in s.last
        await s.say("pause 1")
        await s.say("mission 1")
        assert "Next wake:" not in s.last, "what is paused does not wake"
        assert "did · Refund an order: €5" in s.last
        assert "awaits" not in s.last


async def test_a_template_is_shown_like_any_mission(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("templates")
        assert "late-orders" in s.last
        await s.begin("template pending")
        started = await mission(s)
        assert started is not None
        assert started.steps[0].action == "vigie.pending"


async def test_the_last_part_that_is_ticked_off_ends_a_mission(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(
            'do vigie.create_mission goal="close the year" cron="0 9 * * 1" goals=\'["count","pay"]\''
        )
        await s.press(s.card)
        await s.say("tick 1 1")
        assert "1 part is left" in s.last
        await s.say("coche 1 2")
        done = await mission(s)
        assert done is not None
        assert done.phase is Phase.DONE


async def test_times_of_any_minutes_are_one_mission(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every day at 9, 12:15 and 17:30 for 3 times, stand up")
        assert "every day at 09:00 (Europe/Paris); every day at 12:15 (Europe/Paris)" in s.card.plain
        for _ in range(30):
            await s.forward(timedelta(hours=1))
        assert sorted(run.due.strftime("%H:%M") for run in await runs(s)) == ["08:00", "11:15", "16:30"]
        done = await mission(s)
        assert done is not None
        assert done.phase is Phase.DONE


def test_a_template_is_offered_where_its_actions_are() -> None:
    ours = ("vigie.pending", "vigie.status", "vigie.agenda")
    assert patterns.listed(tongues()("en"), ours).data == ["pending", "status", "week"]
    assert "late-orders" in patterns.listed(tongues()("en"), (*ours, "demo.late_orders", "demo.refund")).text
