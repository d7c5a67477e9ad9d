"""Quiet hours of one person: what can wait comes in one message afterwards, and nothing is lost or called delivered."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot import quiets, resting, signals
from bot.errors import BadInput
from bot.events import Condition, Signal
from bot.inbox import Arrival
from bot.missions import OnSignal, Step
from bot.people import Person, Role
from bot.places import Place
from tests.clocks import SetClock
from tests.stage import HERE, Stage, stage
from tests.stories.test_pulse import Line, looks
from tests.stories.test_runs import begin

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


DISK = Signal(
    source="hook:prom",
    name="DiskFull",
    what="alert",
    summary="disk at 91 %",
    severity="warning",
    group="disk",
    condition=Condition.FIRING,
)
REFUND = Step(action="demo.refund", arguments={"order": "1007", "amount": "5 EUR"})


async def test_a_card_that_can_wait_stands_there_in_the_morning(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await begin(s, REFUND, cron="0 2 * * *")
        await asleep(s, 9)
        assert not s.asked(), "nobody is asked at night"
        (proposal,) = await s.look(lambda tx: tx.proposals.pending())
        assert proposal.call.action == "demo.refund"
    async with stage(tmp_path, clock=s.clock, chat=s.chat) as s:
        await asleep(s, 4.5)
        assert len(s.asked()) == 1
        assert "Expires: Sat 21 Nov 2026, 11:00" in s.card.plain, "four hours from the moment it can be seen"
        assert not [words for words in s.chat.words() if words.startswith("While it was quiet")]
        await s.press(s.card)
        assert "✓ Done" in s.card.plain


async def test_a_card_that_somebody_finds_in_the_night_is_not_put_again(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await begin(s, REFUND, cron="0 2 * * *")
        await asleep(s, 8)
        await s.say("pending")
        await asleep(s, 6)
        assert len(s.asked()) == 1


async def test_a_card_of_something_critical_comes_at_once(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        mission = await begin(s, REFUND, cron="0 2 * * *")
        heard = OnSignal(id="s", name="DiskFull")
        await s.store.write(lambda tx: tx.missions.put(replace(mission, triggers=(heard,), next_due=None)))
        await asleep(s, 4)
        await arrive(s, replace(DISK, severity="critical"))
        assert len(s.asked()) == 1


async def test_an_incident_that_is_not_critical_stands_there_in_the_morning_as_it_is_then(
    tmp_path: Path,
) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await asleep(s, 5)
        before = len(s.chat.words())
        await arrive(s, DISK, key="d1")
        await arrive(s, replace(DISK, group="net", name="NetDown"), key="n1")
        await arrive(s, replace(DISK, summary="disk at 95 %"), key="d2")
        await arrive(s, replace(DISK, group="net", condition=Condition.RESOLVED), key="n2")
        assert s.chat.words()[before:] == []
        await asleep(s, 8)
        told = s.chat.words()[before:]
        assert len(told) == 2
        assert "While it was quiet, 1 report:" in told[0]
        assert "incident 2 · resolved · NetDown" in told[0]
        assert "Incident 1 · firing · warning" in told[1]
        assert "disk at 95 %" in told[1]


async def test_an_incident_that_becomes_critical_waits_no_longer(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await asleep(s, 5)
        before = len(s.chat.words())
        await arrive(s, DISK, key="d1")
        assert s.chat.words()[before:] == []
        await arrive(s, replace(DISK, severity="critical"), key="d2")
        assert "Incident 1 · firing · critical" in s.chat.words()[before]
        await asleep(s, 9)
        assert len(s.chat.words()) == before + 1, "what stands there is not put again"


async def test_the_digest_and_what_we_say_of_ourselves_wait_too(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING), digest_at=time(6)) as s:
        await s.say("quiet 22:00-8:00")
        await arrive(s, DISK)
        await asleep(s, 4)
        before, line = len(s.chat.words()), Line()
        line.well = False
        await looks(s, line, 3)
        await asleep(s, 8)
        assert s.chat.words()[before:] == []
        await asleep(s, 3)
        told = s.chat.words()[before:]
        assert sum("the token was revoked" in each for each in told) == 1
        assert sum("since yesterday" in each for each in told) == 1


async def test_a_mission_that_fails_all_night_is_paused_quietly(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await begin(s, Step(action="demo.get_order", arguments={"order": "none"}), cron="0 1-6 * * *")
        await asleep(s, 5)
        before = len(s.chat.words())
        await asleep(s, 6.5)
        assert s.chat.words()[before:] == []
        await asleep(s, 2)
        (told,) = s.chat.words()[before:]
        assert "so I paused it" in told


async def test_what_is_forgotten_is_not_told_in_the_morning(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await begin(s, Step(text="The tulips are marigold."), cron="0 1,2 * * *")
        await asleep(s, 8)
        await s.say("forget marigold tulips")
        assert "Forgotten" in s.last
        assert not await s.look(lambda tx: resting.kept(tx, "per_olivia")[1:])
        await asleep(s, 7)
        assert not [words for words in s.chat.words() if "marigold" in words]


async def test_what_was_told_in_the_morning_can_still_be_forgotten(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock(EVENING)) as s:
        await s.say("quiet 22:00-7:00")
        await begin(s, Step(text="The tulips are marigold."), cron="0 1,2 * * *")
        await asleep(s, 14)
        assert [words for words in s.chat.words() if "marigold" in words]
        await s.say("forget marigold tulips")
        assert not [words for words in s.chat.words() if "marigold" in words]
        place = HERE.key
        assert not await s.look(lambda tx: tx.traces.lines(place, {"marigold"}))


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


async def test_several_reports_are_told_apart_in_the_language_of_who_slept(tmp_path: Path) -> None:
    """What a report says in several lines is set back behind its first, and a French colon has its space."""
    async with stage(tmp_path) as s:
        await s.say("langue fr")
        await s.begin("toutes les heures, do demo.late_orders days=3")
        await s.say("heures calmes 00:00-23:59")
        await asleep(s, 2)
        await s.say("heures calmes off")
        await asleep(s, 0.5)
        (told,) = [words for words in s.chat.words() if words.startswith("Pendant tes heures calmes")]
        lines = told.splitlines()
        begins = [line for line in lines[1:] if not line.startswith("  ")]
        assert len(begins) == 2
        assert all("· mission 1\u00a0: 3 commandes" in line for line in begins)
        assert any(line.startswith("  • 1007") for line in lines)
