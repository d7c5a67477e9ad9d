"""The flood limits: bursts go at once, more is waited for, long waits are given back."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.chat.telegram.pace import Pace
from bot.errors import Unreachable
from tests.clocks import SetClock


async def sent(pace: Pace, clock: SetClock, chat: int, tries: int, every: float) -> int:
    """How many of `tries` messages went out, one tried every so many seconds."""
    count = 0
    for _ in range(tries):
        try:
            await pace.turn(chat)
        except Unreachable:
            pass
        else:
            count += 1
        clock.forward(timedelta(seconds=every))
    return count


async def test_a_group_gets_20_at_once_and_20_a_minute() -> None:
    clock = SetClock()
    pace = Pace(clock=clock)
    assert await sent(pace, clock, -1001, 20, 0) == 20
    with pytest.raises(Unreachable) as found:
        await pace.turn(-1001)
    assert found.value.retry_after == pytest.approx(3.0)
    clock.forward(timedelta(seconds=60))
    assert await sent(pace, clock, -1001, 20, 0) == 20


async def test_one_chat_does_not_hold_up_another() -> None:
    clock = SetClock()
    pace = Pace(clock=clock)
    pace.close(5, 30)
    with pytest.raises(Unreachable) as found:
        await pace.turn(5)
    assert found.value.retry_after == pytest.approx(30)
    await pace.turn(6)
    clock.forward(timedelta(seconds=30))
    await pace.turn(5)


@given(st.floats(1.0, 20.0), st.integers(1, 60))
async def test_in_one_chat_never_more_than_a_burst_and_one_a_second(every: float, tries: int) -> None:
    """SAFETY 29"""
    clock = SetClock()
    count = await sent(Pace(clock=clock), clock, 789, tries, every)
    assert count <= 5 + tries * every
    assert count == tries


async def test_a_clock_that_goes_back_stops_nothing() -> None:
    clock = SetClock()
    pace = Pace(clock=clock)
    await pace.turn(5)
    clock.forward(timedelta(days=-1))
    await pace.turn(5)
