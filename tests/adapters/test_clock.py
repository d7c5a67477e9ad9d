"""The calendar's reading of cron fields, and the alarm that rings in time, once, and goes on after a fault."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.clock.alarm import HORIZON, Alarm
from adapters.clock.calendar import CronCalendar
from adapters.clock.wall import WallClock
from bot.errors import BadInput

SATURDAY = datetime(2026, 11, 21, 12, 30, 30)  # noqa: DTZ001 (wall times have no zone)
PATIENCE = 10


def walls(expression: str, n: int = 3, after: datetime = SATURDAY) -> list[str]:
    return [f"{wall:%a %Y-%m-%d %H:%M}" for wall in islice(CronCalendar().walls(expression, after), n)]


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("* * * * *", ["Sat 2026-11-21 12:31", "Sat 2026-11-21 12:32", "Sat 2026-11-21 12:33"]),
        ("*/20 * * * *", ["Sat 2026-11-21 12:40", "Sat 2026-11-21 13:00", "Sat 2026-11-21 13:20"]),
        ("0 9 * * 1", ["Mon 2026-11-23 09:00", "Mon 2026-11-30 09:00", "Mon 2026-12-07 09:00"]),
        ("0 9 * * 1-5", ["Mon 2026-11-23 09:00", "Tue 2026-11-24 09:00", "Wed 2026-11-25 09:00"]),
        ("0 9 * * mon,thu", ["Mon 2026-11-23 09:00", "Thu 2026-11-26 09:00", "Mon 2026-11-30 09:00"]),
        ("0 9 * * 0", ["Sun 2026-11-22 09:00", "Sun 2026-11-29 09:00", "Sun 2026-12-06 09:00"]),
        ("0 9 * * 7", ["Sun 2026-11-22 09:00", "Sun 2026-11-29 09:00", "Sun 2026-12-06 09:00"]),
        ("0 9 L * *", ["Mon 2026-11-30 09:00", "Thu 2026-12-31 09:00", "Sun 2027-01-31 09:00"]),
        ("0 9 * * 5L", ["Fri 2026-11-27 09:00", "Fri 2026-12-25 09:00", "Fri 2027-01-29 09:00"]),
        ("0 9 * * 1#1", ["Mon 2026-12-07 09:00", "Mon 2027-01-04 09:00", "Mon 2027-02-01 09:00"]),
        ("0 0 29 2 *", ["Tue 2028-02-29 00:00", "Sun 2032-02-29 00:00", "Fri 2036-02-29 00:00"]),
        ("30 12 21 NOV *", ["Sun 2027-11-21 12:30", "Tue 2028-11-21 12:30", "Wed 2029-11-21 12:30"]),
        # Either day field will do when neither starts with a star.
        ("0 9 13 * 5", ["Fri 2026-11-27 09:00", "Fri 2026-12-04 09:00", "Fri 2026-12-11 09:00"]),
    ],
)
def test_the_five_fields_mean_what_cron_says(expression: str, found: list[str]) -> None:
    assert walls(expression) == found


@pytest.mark.parametrize(
    "expression",
    [
        "",
        "9",
        "0 9 * *",
        "0 0 9 * * *",  # six fields would have seconds first
        "@daily",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * * 13 *",
        "* * * * 8",
        "* * * * FOO",
        "*/0 * * * *",
        "5-1 * * * *",
        "a b c d e",
        "0 0 30 2 *",
        "* * * * 5L/2",
        "*" * 300 + " * * * *",
        "9" * 150 + " * * * *",
        "٩ * * * *",
        "-1 * * * *",
    ],
)
def test_what_cannot_be_read_is_bad_input_at_once(expression: str) -> None:
    with pytest.raises(BadInput):
        CronCalendar().walls(expression, SATURDAY)


@settings(max_examples=300, deadline=None)
@given(st.text(st.sampled_from("0123456789*/-,#LW MONJANsun"), max_size=24))
def test_any_text_is_a_schedule_or_bad_input(text: str) -> None:
    try:
        found = [*islice(CronCalendar().walls(text, SATURDAY), 3)]
    except BadInput:
        return
    assert all(earlier < later for earlier, later in pairwise([SATURDAY, *found]))


def test_a_calendar_knows_no_daylight_saving() -> None:
    found = walls("0 * * * *", 5, datetime(2026, 3, 29))  # noqa: DTZ001 (wall times have no zone)
    assert [wall[-5:] for wall in found] == ["01:00", "02:00", "03:00", "04:00", "05:00"]


def test_the_wall_clock_tells_aware_utc() -> None:
    now = WallClock().now()
    assert now.tzinfo is UTC
    assert abs(now - datetime.now(UTC)) < timedelta(seconds=10)


class Bell:
    """Counts the sweeps; `held` keeps one from ending."""

    def __init__(self) -> None:
        self.rung: list[datetime] = []
        self.at_once = 0
        self.most_at_once = 0
        self.errors: list[Exception] = []
        self.held = asyncio.Event()
        self.held.set()
        self._changed = asyncio.Condition()

    async def sweep(self) -> None:
        self.at_once += 1
        self.most_at_once = max(self.at_once, self.most_at_once)
        self.rung.append(datetime.now(UTC))
        async with self._changed:
            self._changed.notify_all()
        try:
            await self.held.wait()
            if self.errors:
                raise self.errors.pop()
        finally:
            self.at_once -= 1

    async def rings(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: len(self.rung) >= times)


async def nothing(until: datetime) -> Sequence[datetime]:
    assert until
    return ()


@asynccontextmanager
async def ringing(
    bell: Bell, upcoming: Callable[[datetime], Awaitable[Sequence[datetime]]] = nothing
) -> AsyncGenerator[Alarm]:
    alarm = Alarm(bell.sweep, upcoming, WallClock())
    alarm.start()
    try:
        yield alarm
    finally:
        bell.held.set()
        await alarm.stop()


async def test_everything_overdue_is_one_ring_at_the_start() -> None:
    bell, asked = Bell(), list[datetime]()

    async def upcoming(until: datetime) -> Sequence[datetime]:
        asked.append(until)
        return [until - timedelta(days=day) for day in range(1, 4)]

    async with ringing(bell, upcoming):
        await bell.rings(1)
    assert len(bell.rung) == 1
    assert abs(asked[0] - datetime.now(UTC) - HORIZON) < timedelta(seconds=PATIENCE)


async def test_it_rings_at_the_due_second_and_not_before() -> None:
    bell, due = Bell(), datetime.now(UTC) + timedelta(milliseconds=300)

    async def upcoming(until: datetime) -> Sequence[datetime]:
        assert until
        return [due, due, due]

    async with ringing(bell, upcoming):
        await bell.rings(1)
    assert len(bell.rung) == 1
    assert bell.rung[0] >= due


async def test_a_nudge_rings_for_what_was_made_after_the_load() -> None:
    bell = Bell()
    async with ringing(bell) as alarm:
        alarm.nudge(datetime.now(UTC) + timedelta(days=1))
        alarm.nudge(datetime.now(UTC) - timedelta(seconds=1))
        await bell.rings(1)
    assert len(bell.rung) == 1


async def test_sweeps_never_overlap_and_never_pile_up() -> None:
    bell = Bell()
    bell.held.clear()
    async with ringing(bell) as alarm:
        past = datetime.now(UTC) - timedelta(hours=1)
        alarm.nudge(past)
        await bell.rings(1)
        for second in range(20):
            alarm.nudge(past + timedelta(seconds=second))
        # Each of the twenty rings in its own job; give all of them their turn of the event loop.
        for _ in range(100):
            await asyncio.sleep(0)
        assert len(bell.rung) == 1
        bell.held.set()
        await bell.rings(2)
    assert len(bell.rung) == 2
    assert bell.most_at_once == 1


async def test_after_a_failed_sweep_the_next_one_is_made(caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell()
    bell.errors.append(RuntimeError("on purpose"))
    async with ringing(bell) as alarm:
        alarm.nudge(datetime.now(UTC))
        await bell.rings(1)
        alarm.nudge(datetime.now(UTC))
        await bell.rings(2)
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert record.__dict__["action"] == "sweep_failed"


async def test_after_a_failed_load_nudges_still_ring(caplog: pytest.LogCaptureFixture) -> None:
    bell = Bell()

    async def broken(until: datetime) -> Sequence[datetime]:
        raise OSError(f"nothing is known until {until}")

    async with ringing(bell, broken) as alarm:
        alarm.nudge(datetime.now(UTC))
        await bell.rings(1)
    assert [record.__dict__["action"] for record in caplog.records if record.levelno >= logging.ERROR] == [
        "alarm_load_failed"
    ]


async def test_stopping_waits_for_the_sweep_under_way() -> None:
    bell, ended = Bell(), asyncio.Event()
    bell.held.clear()

    async def sweep() -> None:
        await bell.sweep()
        ended.set()

    alarm = Alarm(sweep, nothing, WallClock())
    alarm.start()
    alarm.nudge(datetime.now(UTC))
    await bell.rings(1)
    stopping = asyncio.create_task(alarm.stop())
    await asyncio.sleep(0)
    assert not stopping.done()
    bell.held.set()
    async with asyncio.timeout(PATIENCE):
        await stopping
    assert ended.is_set()
    await alarm.stop()  # a second time changes nothing
