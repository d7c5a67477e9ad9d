"""Quiet hours of one person: what can wait comes in one message afterwards, and nothing is lost or called delivered."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot import quiets, signals
from bot.errors import BadInput
from bot.events import Signal
from bot.inbox import Arrival
from bot.people import Person, Role
from bot.places import Place
from tests.clocks import SetClock
from tests.stage import Stage, stage

EVENING = datetime(2026, 11, 20, 18, tzinfo=UTC)
"""Seven in the evening in Paris."""
LOW = Signal(source="hook:shop", name="stock_low", summary="3 mugs left")


async def arrive(s: Stage, signal: Signal = LOW, key: str = "d1") -> None:
    await s.arrive(Arrival(key=f"{signal.source}:{key}", place=signals.lane(signal.source), body=signal))


async def asleep(s: Stage, hours: float) -> None:
    for _ in range(int(hours * 2)):
        await s.forward(timedelta(minutes=30))


async def test_reports_of_the_night_come_in_one_message_in_the_morning(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        assert "From 22:00 to 07:00" in s.last
        await s.begin("when stock_low, order mugs")
        await s.begin("every hour, look at the mugs")
        await asleep(s, 4)
        before = len(s.chat.words())
        await arrive(s)
        await asleep(s, 5)
        assert len(s.chat.words()) == before, "nothing is said at night"
        await s.say("runs 1")
        assert "waits for the end of the quiet hours" in s.last
        before = len(s.chat.words())
        await asleep(s, 3)
        said = s.chat.words()[before:]
        bundles = [words for words in said if words.startswith("While it was quiet")]
        assert len(bundles) == 1
        assert "mission 1: order mugs" in bundles[0]
        assert bundles[0].count("mission 2: ") >= 5
        await s.say("runs 1")
        assert "report delivered" in s.last


async def test_what_is_critical_and_what_was_asked_for_comes_at_once(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await s.begin("when stock_low, order mugs")
        await asleep(s, 4)
        await arrive(s, replace(LOW, severity="critical"))
        assert "order mugs" in s.last
        await s.say("in 10 minutes, take the cake out")
        await s.forward(timedelta(minutes=11))
        assert "take the cake out" in s.last
        await s.say("status")
        assert "On watch" in s.last
        await s.say("quiet off")
        await arrive(s, key="d2")
        assert "order mugs" in s.last


async def test_a_shared_place_is_nobodys_bedroom(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await s.begin("when stock_low, order mugs", place=Place(platform="twin", channel="ops"))
        await asleep(s, 4)
        await arrive(s)
        assert "order mugs" in s.last


async def test_what_is_held_outlives_a_restart(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await s.begin("when stock_low, order mugs")
        await asleep(s, 4)
        await arrive(s)
    async with stage(tmp_path, clock=s.clock, chat=s.chat) as s:
        await asleep(s, 9)
        assert sum(words.startswith("While it was quiet") for words in s.chat.words()) == 1


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("22:00-7:00", "22:00-07:00"),
        ("22h-7h30", "22:00-07:30"),
        ("9-17", "09:00-17:00"),
        ("off", ""),
        ("OFF", ""),
    ],
)
def test_hours_are_read_as_people_write_them(said: str, kept: str) -> None:
    assert quiets.read(said) == kept


@pytest.mark.parametrize(
    "said", ["25:00-7:00", "22:00", "22:61-7:00", "night", "8:00-8:00", "-", "22:00-7:00-9:00"]
)
def test_hours_that_make_no_sense_are_refused(said: str) -> None:
    with pytest.raises(BadInput):
        quiets.read(said)


def test_a_person_without_quiet_hours_has_none() -> None:
    person = Person(id="p", name="P", role=Role.MEMBER)
    assert quiets.hours(person) is None
    hours = quiets.hours(replace(person, quiet="22:00-07:00"))
    assert hours is not None
    assert hours.hold(datetime(2026, 11, 20, 23, tzinfo=UTC), "UTC")
    assert not hours.hold(datetime(2026, 11, 20, 7, tzinfo=UTC), "UTC")
