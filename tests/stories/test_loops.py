"""Loops through the public doors: what wakes itself, or is woken by another bot, stops with one notice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import waking
from bot.budgets import Budgets
from bot.events import Event, Message, Wake
from bot.inbox import Arrival
from bot.journal import Ask, Thought
from bot.ledger import Entry
from bot.missions import Mission, Phase
from bot.people import Identity, Standing
from bot.places import Place
from bot.store import Tx
from tests.clocks import SetClock
from tests.stage import OLIVIA, Stage, stage
from tests.twins.mind import ScriptedMind

CHANNEL = Place(platform="twin", channel="general", thread="1")
OTHER_BOT = Identity(platform="twin", user="B0TT")
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


async def rows(s: Stage, kind: str) -> Sequence[Entry]:
    return [entry for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == kind]


async def woke(s: Stage) -> int:
    return sum(1 for entry in await rows(s, "turn") if entry.body["mission"])


def notices(s: Stage, words: str) -> int:
    return sum(words in text for text in s.chat.words())


# A mission by itself ---------------------------------------------------------------------------------------


async def test_a_mission_that_wakes_too_often_rests_until_the_next_hour_with_one_notice(
    tmp_path: Path,
) -> None:
    """SAFETY 93"""
    few = replace(Budgets(), clock_wakes=3)
    async with stage(tmp_path, budgets=few, clock=SetClock(NOON)) as s:
        await s.begin("every 5 minutes, drink water")
        for _ in range(11):
            await s.forward(timedelta(minutes=5))
        assert await woke(s) == 3
        assert notices(s, "Mission 1 woke 3 times in this hour") == 1
        (row,) = await rows(s, "loop_stopped")
        assert row.body["mission"]
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert mission.next_due == NOON + timedelta(hours=1)
        await s.forward(timedelta(minutes=5))
        assert await woke(s) == 4, "the next hour begins anew, and what was missed is one wake"
        for _ in range(5):
            await s.forward(timedelta(minutes=5))
        assert await woke(s) == 6
        assert notices(s, "Mission 1 woke 3 times in this hour") == 2, "one in each hour"


# Missions and each other -----------------------------------------------------------------------------------


async def test_missions_that_begin_one_another_stop_with_one_notice(tmp_path: Path) -> None:
    """Every wake begins the next mission: A begins B, B begins C, for ever if nothing stopped them. SAFETY 93"""
    create = {"goal": "go on", "every_seconds": 60, "may": ["vigie.create_mission"]}
    mind = ScriptedMind(
        [Thought(asks=(Ask(id="m", action="vigie.create_mission", arguments=create),)), Thought(text="")]
    )
    async with stage(tmp_path, model=mind, budgets=replace(Budgets(), wake_depth=2)) as s:
        await s.begin("please go on")
        for _ in range(12):
            await s.forward(timedelta(minutes=1))
        missions = await s.look(lambda tx: tx.missions.all())
        active = [each.depth for each in missions if each.phase is Phase.ACTIVE]
        assert max(active) == 2
        assert {each.phase for each in missions} == {Phase.ACTIVE, Phase.PAUSED}
        told = notices(s, "would wake one another more than 2 deep")
        causes = {each.cause for each in missions if each.depth == 2}
        assert 1 <= told <= len(causes), "one for each cause"


async def test_two_missions_that_resume_each_other_stop_with_one_notice(tmp_path: Path) -> None:
    """A wakes B wakes A. SAFETY 93"""
    async with stage(tmp_path, budgets=replace(Budgets(), wake_depth=3)) as s:
        for other, own in ((2, 1), (1, 2)):
            await s.begin(f"every 5 minutes, do vigie.resume_mission number={other}")
            await s.store.write(lambda tx, n=own, o=other: _with_pause(tx, n, o))
        await s.say("pause 2")
        for _ in range(40):
            await s.forward(timedelta(minutes=5))
            if len(await rows(s, "loop_stopped")):
                break
        first, second = await s.look(lambda tx: (tx.missions.by_number(1), tx.missions.by_number(2)))
        assert first is not None
        assert second is not None
        assert Phase.PAUSED in (first.phase, second.phase)
        assert max(first.depth, second.depth) == 3
        assert notices(s, "would wake one another more than 3 deep") == 1
        await s.say("resume 1")
        await s.say("resume 2")
        first, second = await s.look(lambda tx: (tx.missions.by_number(1), tx.missions.by_number(2)))
        assert first is not None
        assert second is not None
        assert (first.depth, second.depth) == (0, 0), "a person begins a new chain"


def _with_pause(tx: Tx, number: int, other: int) -> None:
    """After waking the other it pauses itself."""
    mission = tx.missions.by_number(number)
    assert mission is not None
    step = replace(mission.steps[0], action="vigie.pause_mission", arguments={"number": number})
    tx.missions.put(replace(mission, steps=(*mission.steps, step), may=(*mission.may, "vigie.pause_mission")))


async def test_what_wakes_from_what_happens_is_bounded_by_depth_rate_and_cause(tmp_path: Path) -> None:
    """SAFETY 93"""
    limits = replace(Budgets(), wake_depth=2, wakes=4, chain_wakes=3)
    async with stage(tmp_path, budgets=limits) as s:
        await s.begin("when stock_low, drink water")
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None

        async def happen(n: int, cause: Event | None) -> bool | None:
            wake = Wake(mission=mission.id, trigger="signal", due=s.clock.now())
            return await s.store.write(
                lambda tx: waking.by_event(tx, mission, wake, key=f"k{n}", cause=cause, house=s.house)
            )

        assert await happen(0, None) is True
        assert await happen(0, None) is False, "the same thing that happened is one wake"
        deep = caused(mission, cause="evt_first", depth=2)
        assert await happen(1, deep) is None, "two deep already"
        flat = caused(mission, cause="evt_other", depth=0)
        assert [await happen(n, flat) for n in (2, 3, 4, 5)] == [True, True, True, None]
        assert await happen(6, None) is None, "four times in this hour"
        assert len(await rows(s, "loop_stopped")) == 3
        await s.forward(timedelta(hours=1))
        assert await happen(7, flat) is True


def caused(mission: Mission, *, cause: str, depth: int) -> Event:
    wake = Wake(mission=mission.id, trigger="x", due=NOON)
    return Event(
        id="evt_c",
        space="home",
        key="c",
        place=mission.place,
        at=NOON,
        body=wake,
        cause=cause,
        depth=depth,
    )


# Another bot -----------------------------------------------------------------------------------------------


async def hear_bot(s: Stage, n: int, *, place: Place = CHANNEL) -> None:
    body = Message(
        who=OTHER_BOT, text=f"@vigie and? {n}", standing=Standing.GUEST, trusted=False, machine=True
    )
    await s.arrive(Arrival(key=f"bot:{place.key}:{n}", place=place, body=body))


async def test_two_bots_that_answer_each_other_stop_with_one_notice(tmp_path: Path) -> None:
    """SAFETY 9, 93"""
    async with stage(tmp_path, budgets=replace(Budgets(), bot_answers=3), clock=SetClock(NOON)) as s:
        for n in range(8):
            await hear_bot(s, n)
        assert len(s.chat.words()) == 4, "three answers, and one notice"
        assert "I stop listening to programs here" in s.last
        await s.say("status", place=CHANNEL, who=OLIVIA)
        assert "On watch" in s.last, "people are heard as ever"
        await hear_bot(s, 1, place=replace(CHANNEL, thread="2"))
        assert len(s.chat.words()) == 6, "another place has its own count"
        await s.forward(timedelta(hours=1))
        await hear_bot(s, 9)
        assert len(s.chat.words()) == 7
        assert len(await rows(s, "loop_stopped")) == 1
