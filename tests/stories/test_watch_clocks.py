"""A watch through restarts, kills and clocks that are set: what lasts goes on, nothing is told twice and nothing is lost."""

import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.thresholds import Mode
from bot.watches import Watch
from tests.clocks import SetClock
from tests.stage import Stage
from tests.stories.test_incidents import incidents, rows
from tests.stories.test_watches import MINUTE, WATCH, measured, minutes, wakes
from tests.twins.chat import TwinChat
from tests.twins.crash import Fuse, PowerCut
from tests.twins.meter import Meter

BACK = timedelta(minutes=37, seconds=13)


async def watch(s: Stage) -> Watch:
    return (await s.look(lambda tx: tx.watches.all()))[0]


async def counted(s: Stage) -> tuple[int, int, int]:
    """How many incidents began, how many ended, and how many wakes there were."""
    began, ended = [len(await rows(s, kind)) for kind in ("incident_opened", "incident_resolved")]
    return began, ended, len(await wakes(s))


async def test_restarts_between_any_two_readings_change_nothing(tmp_path: Path) -> None:
    """Three minutes beyond its limit, then a restart, and it fires when the five are over."""
    meter, clock, chat = Meter(value=50), SetClock(), TwinChat()

    async def after(minutes_: int, value: float) -> tuple[Mode, tuple[int, int, int]]:
        meter.value = value
        async with measured(tmp_path, meter, clock=clock, chat=chat) as s:
            await minutes(s, minutes_)
            return (await watch(s)).standing.mode, await counted(s)

    async with measured(tmp_path, meter, clock=clock, chat=chat) as s:
        await s.begin("watch meter.heat above 90 for 5 minutes clear below 80 cooldown 20 minutes, tell me")
    assert await after(1, 95) == (Mode.PENDING, (0, 0, 0))
    for _ in range(4):
        assert await after(1, 95) == (Mode.PENDING, (0, 0, 0))
    assert await after(1, 95) == (Mode.FIRING, (1, 0, 1))
    for value in (85, 95, 81, 95):
        assert await after(1, value) == (Mode.FIRING, (1, 0, 1)), "not below where it clears"
    assert await after(1, 79) == (Mode.CALM, (1, 1, 1))
    # From the first firing on it rests for twenty minutes; five of them went by.
    for _ in range(14):
        assert await after(1, 95) == (Mode.PENDING, (1, 1, 1))
    assert await after(1, 95) == (Mode.FIRING, (2, 1, 2))
    assert await after(5, 95) == (Mode.FIRING, (2, 1, 2))


async def test_a_clock_that_is_set_back_neither_stops_a_watch_nor_tells_anything_twice(
    tmp_path: Path,
) -> None:
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        await minutes(s, 4)
        asked = meter.asked
        await s.forward(-BACK)
        assert meter.asked == asked + 1, "read at once, and not when the clock comes to that time again"
        assert (await watch(s)).standing.mode is Mode.PENDING
        await minutes(s, 1)
        assert await counted(s) == (0, 0, 0)
        await minutes(s, 1)
        assert await counted(s) == (1, 0, 1), "the minutes before count"
        await s.forward(-BACK)
        await minutes(s, 50)
        assert await counted(s) == (1, 0, 1)
        meter.value = 70
        await s.forward(-timedelta(days=3))
        assert await counted(s) == (1, 1, 1)
        meter.value = 95
        await minutes(s, 6)
        assert await counted(s) == (2, 1, 2)


async def test_a_clock_that_is_set_back_does_not_shorten_the_cooldown(tmp_path: Path) -> None:
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        await s.begin("watch meter.heat above 90 cooldown 30 minutes, tell me")
        await minutes(s, 1)
        assert await counted(s) == (1, 0, 1)
        meter.value = 50
        await minutes(s, 10)
        meter.value = 95
        await s.forward(-BACK)
        await minutes(s, 19)
        assert await counted(s) == (1, 1, 1)
        await minutes(s, 1)
        assert await counted(s) == (2, 1, 2)


async def test_a_clock_that_jumps_forward_is_not_so_long_beyond_the_limit(tmp_path: Path) -> None:
    """Nobody looked meanwhile: it is unknown what was."""
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        await minutes(s, 2)
        asked = meter.asked
        await s.forward(timedelta(hours=5))
        assert await counted(s) == (0, 0, 0)
        assert meter.asked == asked + 1, "nothing that was missed is made up for"
        await minutes(s, 4)
        assert await counted(s) == (0, 0, 0)
        await minutes(s, 1)
        assert await counted(s) == (1, 0, 1)
        await s.forward(timedelta(hours=5))
        assert await counted(s) == (1, 0, 1), "what fires goes on"


async def test_a_source_that_fails_for_long_leaves_nothing_pending(tmp_path: Path) -> None:
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        await minutes(s, 2)
        meter.value = None
        await minutes(s, 2)
        meter.value = 95
        await minutes(s, 1)
        assert (await watch(s)).standing.mode is Mode.PENDING
        assert await counted(s) == (0, 0, 0)
        meter.value = None
        await minutes(s, 7)
        assert (await watch(s)).standing.mode is Mode.CALM
        meter.value = 95
        await minutes(s, 5)
        assert "no number for" in incidents(s)[0]
        assert (await wakes(s)) == []
        await minutes(s, 1)
        assert len(await wakes(s)) == 1


@pytest.mark.parametrize("back", [BACK, timedelta(days=400)])
async def test_what_people_said_last_stands_when_the_clock_is_set_back(
    tmp_path: Path, back: timedelta
) -> None:
    async with measured(tmp_path, Meter()) as s:
        await s.begin("watch number visitors above 100 silent after 1 hour, tell me")
        await s.say("number visitors 90")
        await minutes(s, 1)
        await s.forward(-back)
        await minutes(s, 1)
        s.clock.forward(timedelta(seconds=1))
        await s.say("number visitors 120")
        assert "120" in incidents(s)[0]
        await minutes(s, 30)
        assert await counted(s) == (1, 0, 1), "what was said before the clock was set back stands no more"
        await minutes(s, 30)
        assert await counted(s) == (2, 0, 1), "nobody said anything for an hour"


# Whatever happens ------------------------------------------------------------------------------------------------

GOOD, BETWEEN, BEYOND = 50.0, 85.0, 95.0


@dataclass(kw_only=True)
class Walk:
    """What is read, minute by minute, and what happens to the process and its clock between two readings."""

    folder: Path
    meter: Meter = field(default_factory=lambda: Meter(value=GOOD))
    clock: SetClock = field(default_factory=SetClock)
    chat: TwinChat = field(default_factory=TwinChat)

    async def begin(self, words: str) -> None:
        async with measured(self.folder, self.meter, clock=self.clock, chat=self.chat) as s:
            await s.begin(words)
            await minutes(s, 1)

    async def go(self, value: float, *, fuse: int = 0) -> tuple[int, int, int]:
        """One minute, with the light going out after so many steps where `fuse` says so; then what stands."""
        self.meter.value = value
        self.clock.forward(MINUTE)
        if fuse:
            with suppress(PowerCut, BaseExceptionGroup):
                async with measured(
                    self.folder, self.meter, clock=self.clock, chat=self.chat, fuse=Fuse(at=fuse)
                ) as s:
                    await s.forward(timedelta(0))
        async with measured(self.folder, self.meter, clock=self.clock, chat=self.chat) as s:
            await s.forward(timedelta(0))
            return await counted(s)


steps = st.lists(
    st.tuples(
        st.sampled_from((GOOD, BETWEEN, BEYOND, BEYOND)),
        st.sampled_from((0, 0, 1, 2, 3, 5, 8, 13, 21)),
        st.sampled_from((0, 0, 0, -3_607, 7_213)),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps)
async def test_wherever_the_light_goes_out_and_however_the_clock_is_set(
    walked: Sequence[tuple[float, int, int]],
) -> None:
    """Each reading without a kill is the measure: kills change nothing of what is told. And each wake is one
    incident, which ends before the next one begins."""
    with tempfile.TemporaryDirectory() as folder:
        calm, killed = Path(folder) / "calm", Path(folder) / "killed"
        calm.mkdir()
        killed.mkdir()
        one, other = Walk(folder=calm), Walk(folder=killed)
        for each in (one, other):
            await each.begin(
                "watch meter.heat above 90 for 2 minutes clear below 80 cooldown 3 minutes, tell me"
            )
        for value, fuse, jump in walked:
            for each in (one, other):
                each.clock.forward(timedelta(seconds=jump))
            told = await one.go(value)
            assert await other.go(value, fuse=fuse) == told
            began, ended, woken = told
            assert woken == began
            assert began - ended in (0, 1)
        # Wherever that left it: long enough good, long enough beyond, and it is told once more.
        for value, count in ((GOOD, 4), (BEYOND, 7)):
            for _ in range(count):
                await other.go(value)
        began, ended, woken = await other.go(BEYOND)
        assert began - ended == 1
        assert woken == began
