"""Each due time has one row, and the row says what became of it and of its report."""

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import agendas, wakes
from bot.errors import Failed
from bot.missions import Cron, Missed, Mission, Phase, Step, Timing
from bot.occurrences import Fate, Occurrence
from bot.people import HOME
from bot.store import Tx
from bot.triggers import armed
from tests.clocks import SetClock
from tests.stage import HERE, Stage, stage


async def runs(s: Stage, number: int = 1) -> tuple[Occurrence, ...]:
    """Oldest first."""

    def look(tx: Tx) -> tuple[Occurrence, ...]:
        mission = tx.missions.by_number(number)
        assert mission is not None
        return tuple(reversed(tx.occurrences.last(mission.id, 1000)))

    return await s.look(look)


async def report(s: Stage, run: Occurrence) -> str:
    return await s.look(lambda tx: agendas.delivered(tx, run))


async def begin(s: Stage, *steps: Step, timing: Timing | None = None, cron: str = "0 * * * *") -> Mission:
    """A mission that is on watch, of declared steps."""
    mission = Mission(
        id="mis_story",
        number=1,
        space=HOME,
        owner="per_olivia",
        place=HERE.key,
        goal="look after the shop",
        triggers=(Cron(id="cron", expression=cron, zone="Europe/Paris"),),
        steps=steps,
        may=tuple(step.action for step in steps if step.action),
        zone="Europe/Paris",
        created=s.clock.now(),
        timing=timing or Timing(),
    )
    mission = armed(mission, s.clock.now(), calendar=s.calendar)
    await s.store.write(lambda tx: tx.missions.put(mission))
    return mission


async def test_a_run_is_done_and_its_report_delivered_when_the_chat_took_it(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("in 10 minutes, drink water")
        await s.forward(timedelta(minutes=10))
        [run] = await runs(s)
        assert (run.fate, await report(s, run)) == (Fate.DONE, "delivered")
        await s.say("runs 1")
        assert "done · report delivered" in s.last


async def test_each_of_many_runs_stands_for_its_own_due_time_alone(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(text="count the till"))
        for _ in range(3):
            await s.forward(timedelta(hours=1))
        found = await runs(s)
        assert [(run.fate, run.late, run.missed) for run in found] == [(Fate.DONE, False, 0)] * 3


async def test_a_report_that_did_not_arrive_is_never_called_delivered(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("in 10 minutes, drink water")
        s.chat.faults.append(Failed("the channel is archived"))
        await s.forward(timedelta(minutes=10))
        [run] = await runs(s)
        assert (run.fate, await report(s, run)) == (Fate.DONE, "undelivered")
        await s.say("runs 1")
        assert "report NOT delivered" in s.last


async def test_who_has_nothing_to_say_is_silent_and_the_run_says_so(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(action="demo.late_orders", arguments={"days": 365}))
        before = len(s.chat.messages)
        await s.forward(timedelta(hours=1))
        assert len(s.chat.messages) == before
        [run] = await runs(s)
        assert (run.fate, await report(s, run)) == (Fate.DONE, "silent")


async def test_a_run_that_waits_for_a_press_says_so_until_it_is_over(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(action="demo.refund", arguments={"order": "1007", "amount": "5 EUR"}))
        await s.forward(timedelta(hours=1))
        assert [run.fate for run in await runs(s)] == [Fate.WAITING]
        await s.press(s.card)
        assert [run.fate for run in await runs(s)] == [Fate.DONE]


async def test_three_failures_in_a_row_pause_a_mission_with_one_notice(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await begin(s, Step(action="demo.note_order", arguments={"order": "9999", "note": "late"}))
        for _ in range(5):
            await s.forward(timedelta(hours=1))
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert mission.phase is Phase.PAUSED
        assert [run.fate for run in await runs(s)] == [Fate.FAILED] * 3
        assert sum("failed 3 times" in words for words in s.chat.words()) == 1


async def test_of_three_missed_days_each_has_its_row_and_one_stands_for_all(tmp_path: Path) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        await begin(s, Step(text="count the till"), cron="0 9 * * *")
        await s.forward(timedelta(days=3))
        found = await runs(s)
        assert [run.fate for run in found] == [Fate.SKIPPED, Fate.SKIPPED, Fate.DONE]
        assert (found[-1].late, found[-1].missed) == (True, 2)


async def test_what_is_skipped_by_its_rule_says_nothing_when_it_is_too_late(tmp_path: Path) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        timing = Timing(missed=Missed.SKIP, grace=3600)
        await begin(s, Step(text="stand up"), cron="0 9 * * *", timing=timing)
        before = len(s.chat.messages)
        await s.forward(timedelta(days=3))
        assert [run.fate for run in await runs(s)] == [Fate.SKIPPED] * 3
        assert len(s.chat.messages) == before
        await s.say("runs 1")
        assert "missed, and skipped by its rule" in s.last


async def test_what_is_caught_up_is_made_up_for_one_by_one_and_no_further_than_its_bound(
    tmp_path: Path,
) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        timing = Timing(missed=Missed.CATCH_UP, most=2)
        await begin(s, Step(text="write the day's page"), cron="0 9 * * *", timing=timing)
        await s.forward(timedelta(days=4))
        fates = [run.fate for run in await runs(s)]
        assert fates == [Fate.SKIPPED, Fate.SKIPPED, Fate.DONE, Fate.DONE]


async def test_two_schedulers_that_ring_the_same_minute_make_one_run(tmp_path: Path) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        await begin(s, Step(text="count the till"))
        s.clock.forward(timedelta(hours=1))
        made = await asyncio.gather(*(wakes.sweep(house=s.house, calendar=s.calendar) for _ in range(8)))
        await s.rest()
        assert sum(made) == 1
        assert [run.fate for run in await runs(s)] == [Fate.DONE]
        assert sum("count the till" in words for words in s.chat.words()) == 1


async def test_what_comes_next_week_is_told_in_both_languages(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(datetime(2026, 11, 18, 12, tzinfo=UTC))) as s:
        await begin(s, Step(text="count the till"), cron="0 9 * * 1,4")
        await s.say("what will you do next week?")
        assert s.last.count("look after the shop") == 2
        assert "23 Nov" in s.last
        assert "26 Nov" in s.last
        await s.say("que feras-tu demain ?")
        assert s.last.count("look after the shop") == 1
        await s.begin("toutes les 15 minutes, compte la caisse")
        await s.say("que feras-tu la semaine prochaine ?")
        assert s.last.count("compte la caisse") == 7, "a busy one hides no other"
        assert "and so on: every 15 minutes" in s.last


async def test_a_clock_that_is_set_back_rings_nothing_twice(tmp_path: Path) -> None:
    """SAFETY 95"""
    async with stage(tmp_path) as s:
        await begin(s, Step(text="count the till"))
        await s.forward(timedelta(hours=2))
        s.clock.forward(-timedelta(hours=2))
        for _ in range(8):
            await s.forward(timedelta(minutes=30))
        due = [run.due for run in await runs(s)]
        assert len(due) == len(set(due))
        assert sum("count the till" in words for words in s.chat.words()) == len(
            [run for run in await runs(s) if run.fate is Fate.DONE]
        )
