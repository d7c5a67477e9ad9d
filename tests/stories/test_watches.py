"""Watched numbers through the public doors: one incident, one wake, told when it is over and when no number comes."""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from copy import deepcopy
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters.signals.watchers.pages import Pages
from bot import watching
from bot.effects import Text
from bot.errors import Unreachable
from bot.ledger import Entry
from bot.store import Tx
from bot.thresholds import Mode, Sample
from tests.adapters.signals.test_gauges import Web
from tests.clocks import SetClock
from tests.stage import MARK, Stage, stage
from tests.stories.team import place_of
from tests.stories.test_incidents import incidents, press, question, rows
from tests.twins.chat import TwinChat
from tests.twins.crash import Fuse, PowerCut
from tests.twins.meter import Meter

MINUTE = timedelta(minutes=1)
WATCH = "watch meter.heat above 90 for 5 minutes clear below 80, tell me"


@asynccontextmanager
async def measured(
    folder: Path,
    meter: Meter,
    *,
    clock: SetClock | None = None,
    chat: TwinChat | None = None,
    fuse: Fuse | None = None,
) -> AsyncGenerator[Stage]:
    async with stage(folder, clock=clock, chat=chat, fuse=fuse, systems={"meter": meter}) as s:
        yield s


async def minutes(s: Stage, number: int) -> None:
    for _ in range(number):
        await s.forward(MINUTE)


async def wakes(s: Stage) -> Sequence[Entry]:
    return [row for row in await rows(s, "turn") if row.body["mission"]]


async def test_a_number_beyond_its_limit_for_long_enough_is_one_incident_and_one_wake(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        assert "Watches" in s.card.plain or "meter" in s.card.plain
        await minutes(s, 3)
        assert not incidents(s)
        meter.value = 95
        await minutes(s, 5)
        assert not incidents(s), "not for five minutes yet"
        await minutes(s, 1)
        (told,) = incidents(s)
        assert "Incident 1 · firing · warning" in told
        assert "meter: heat: 95 · above 90 for 5 minutes" in told
        meter.value = 85
        await minutes(s, 10)
        meter.value = 95
        await minutes(s, 10)
        assert len(incidents(s)) == 1, "between the limit and where it clears nothing changes"
        assert len(await wakes(s)) == 1
        meter.value = 79
        await minutes(s, 1)
        (told,) = incidents(s)
        assert "Incident 1 · resolved" in told
        assert [len(await rows(s, kind)) for kind in ("incident_opened", "incident_resolved")] == [1, 1]
        assert len(await wakes(s)) == 1


async def test_what_it_is_to_do_is_done_when_it_fires(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.begin("watch meter.heat above 90, do demo.late_orders")
        meter.value = 91
        await minutes(s, 1)
        assert any("late" in words for words in s.chat.words())
        assert len(await wakes(s)) == 1


async def test_a_source_that_fails_is_one_notice_and_never_a_flood(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        await minutes(s, 1)
        meter.value = None
        await minutes(s, 4)
        assert not incidents(s)
        await minutes(s, 60)
        (told,) = incidents(s)
        assert "no number for 5 minutes: the meter does not answer" in told
        assert not await wakes(s), "no number is no reason to do what a bad number is a reason for"
        meter.value = 50
        await minutes(s, 1)
        (told,) = incidents(s)
        assert "resolved" in told


async def test_a_source_that_never_answers_is_given_up_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watching, "PATIENCE", 0.01)
    meter, other = Meter(value=1, stuck=asyncio.Event()), Meter(name="other", value=1)
    async with stage(tmp_path, systems={"meter": meter, "other": other}) as s:
        await s.begin(WATCH)
        await s.begin("watch other.heat above 0, tell me")
        await minutes(s, 1)
        assert "other: heat" in incidents(s)[0]
        await s.say("watches")
        assert "not read: no answer in time" in s.last


async def test_a_number_that_people_say_is_judged_at_once(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("watch number visitors above 100 cooldown 1 hour, tell me")
        await s.say("number visitors 120")
        assert "visitors is 120." in s.chat.words()
        assert len(incidents(s)) == 1
        s.clock.forward(timedelta(seconds=1))
        await s.say("number visitors 90")
        assert "resolved" in incidents(s)[0]
        s.clock.forward(timedelta(seconds=1))
        await s.say("number visitors 130")
        assert len(incidents(s)) == 1, "not twice in one hour"
        await minutes(s, 61)
        assert len(incidents(s)) == 2, "what was said last stands"


async def test_that_nobody_says_a_number_can_be_watched(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("watch number visitors silent for 1 day, remind them")
        await s.say("number visitors 1 200,5")
        await s.forward(timedelta(hours=23))
        assert not incidents(s)
        await s.forward(timedelta(hours=2))
        assert "no number for 1 day" in incidents(s)[0]
        assert len(await wakes(s)) == 1
        assert any("remind them" in words for words in s.chat.words())
        s.clock.forward(timedelta(seconds=1))
        await s.say("number visitors 3")
        assert "resolved" in incidents(s)[0]


async def test_in_french(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.say("langue fr")
        await s.begin("surveille meter.heat au-dessus de 90 pendant 5 minutes rétabli sous 80, préviens-moi")
        meter.value = 95
        await minutes(s, 6)
        assert "au-dessus de 90 pendant 5 minutes" in incidents(s)[0]
        meter.value = 95.25
        await minutes(s, 1)
        await s.say("surveillances")
        assert "meter\u00a0: heat · maintenant 95,25 · au-dessus de 90" in s.last
        await s.say("pourquoi 1")
        assert "échange terminé · meter\u00a0: heat\u00a0: 95 · au-dessus de 90 pendant 5 minutes" in s.last
        meter.value = None
        await minutes(s, 1)
        await s.say("surveillances")
        assert "pas lu\u00a0: the meter ne répond pas" in s.last
        await s.say("passages 1")
        assert "terminée · son incident le dit" in s.last
        await s.say("que feras-tu")
        assert s.last == "Quand cela arrivera\u00a0: la mission 1 attend un signal."
        await s.say("courbe 1")
        assert any("le dernier 95,25" in each for each in s.chat.words())
        await s.say("nombre visiteurs 12")
        assert "visiteurs\u00a0: 12." in s.last


async def test_an_address_that_does_not_answer_says_why(tmp_path: Path) -> None:
    clock, web = SetClock(), Web(answers={"/": (200, "well")})
    async with stage(tmp_path, clock=clock, pages=Pages(now=clock.now, transport=web.transport())) as s:
        await s.begin("watch https://shop.example/ is down, tell me")
        assert "Now: answers" in s.card.plain
        await minutes(s, 2)
        assert not incidents(s)
        web.answers["/"] = (503, "busy")
        await minutes(s, 1)
        (told,) = incidents(s)
        assert "https://shop.example/: does not answer (shop.example answered 503)" in told
        await s.say("langue fr")
        await s.say("surveillances")
        assert "maintenant ne répond pas (shop.example answered 503) · en cours" in s.last
        await s.say("courbe 1")
        assert any("interrogée 3 fois" in each and "1 fois sans réponse" in each for each in s.chat.words())
        web.answers["/"] = (200, "well")
        await minutes(s, 1)
        (told,) = incidents(s)
        assert "terminé" in told
        await s.say("surveillances")
        assert "maintenant répond · calme" in s.last


async def test_a_power_cut_at_every_point_of_a_reading_fires_once(tmp_path: Path) -> None:
    """The whole way is walked again and again, the light going out one step later each time, until it does not go out
    any more."""
    before, chat, clock = tmp_path / "before", TwinChat(), SetClock()
    before.mkdir()
    async with measured(before, Meter(value=50), chat=chat, clock=clock) as s:
        await s.begin(WATCH)
        await minutes(s, 1)
    for point in range(1, 80):
        folder = tmp_path / str(point)
        shutil.copytree(before, folder)
        meter, told, then, fuse = (
            Meter(value=95),
            deepcopy(chat.messages),
            SetClock(clock.now()),
            Fuse(at=point),
        )
        twin = TwinChat(messages=told)
        with suppress(PowerCut, BaseExceptionGroup):
            async with measured(folder, meter, chat=twin, clock=then, fuse=fuse) as s:
                await s.forward(MINUTE)
                await s.forward(5 * MINUTE)
        async with measured(folder, meter, chat=twin, clock=then) as s:
            await s.forward(MINUTE)
            await s.forward(5 * MINUTE)
            assert len(await rows(s, "incident_opened")) == 1, point
            assert len(await wakes(s)) == 1, point
            assert len(incidents(s)) == 1, point
        if not fuse.blown:
            return
    raise AssertionError("the light went out every time")


async def test_two_who_sweep_at_once_make_one_reading(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        s.clock.forward(MINUTE)
        asked = meter.asked
        await asyncio.gather(watching.sweep(house=s.house), watching.sweep(house=s.house))
        assert meter.asked == asked + 1


async def test_pausing_reads_nothing_and_resuming_goes_on(tmp_path: Path) -> None:
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        await minutes(s, 3)
        await s.say("pause 1")
        asked = meter.asked
        await minutes(s, 10)
        assert meter.asked == asked
        await s.say("resume 1")
        await minutes(s, 4)
        assert not incidents(s), "it begins anew"
        await minutes(s, 3)
        assert len(incidents(s)) == 1


async def test_an_edit_changes_the_limit_from_then_on(tmp_path: Path) -> None:
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        await s.begin(WATCH)
        await minutes(s, 6)
        assert len(incidents(s)) == 1
        await s.begin("edit 1 watch meter.heat above 99")
        await minutes(s, 1)
        assert "resolved" in incidents(s)[0]
        mission = await s.look(lambda tx: tx.missions.by_number(1))
        assert mission is not None
        assert mission.threshold is not None
        assert mission.threshold.rule.limit == 99
        meter.value = 100
        await minutes(s, 2)
        assert len(incidents(s)) == 2


async def test_its_incident_stands_where_the_mission_is_and_has_the_buttons(tmp_path: Path) -> None:
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        place = place_of(MARK)
        await s.begin("watch meter.heat above 90, tell me", who=MARK, place=place)
        await minutes(s, 1)
        stands = [each for each in s.chat.messages.values() if each.slot.startswith("incident:")]
        assert [each.place for each in stands] == [place]
        await press(s, question(s), "resolve", who=MARK, place=place)
        await minutes(s, 5)
        assert len(incidents(s)) == 1, "a person said that it is over; it has to be good again first"


async def test_somebody_else_hears_of_a_watch_when_nobody_answers_in_time(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.say("status", who=MARK, place=place_of(MARK))
        await s.begin("watch meter.heat above 90 critical, tell me")
        await s.begin("every day at 9, look")
        await s.say("escalate 1 to Mark after 15 minutes", who=MARK, place=place_of(MARK))
        assert "only an owner" in s.last
        await s.say("escalate 2 to Mark after 15 minutes")
        assert "mission 2 watches no number" in s.last
        await s.say("escalate 1 to Mark after 15 minutes")
        assert "an incident of the watch of mission 1 within 15 minutes, Mark is told" in s.last
        await s.say("watches")
        assert "after 15 min: Mark" in s.last
        meter.value = 95
        await minutes(s, 15)
        assert len(incidents(s)) == 1
        await minutes(s, 2)
        assert len(incidents(s)) == 2
        assert all("Mark was told too." in text for text in incidents(s))
        meter.value = 50
        await minutes(s, 1)
        assert all("resolved" in text for text in incidents(s)), "both are edited"
        await s.say("escalade 1 à personne")
        meter.value = 95
        await minutes(s, 30)
        assert len(incidents(s)) == 3


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ("watch meter.heat", "say when it is bad"),
        ("watch meter.heat above 80 clear below 90", "good side of the limit"),
        ("watch meter.heat above 80 every 2 seconds", "every 30 seconds"),
        ("watch meter.heat above 80 sometimes", "I do not understand “sometimes”"),
        ("watch nothing.heat above 80", "has no numbers to watch; these have: demo, meter"),
        ("watch demo.colour above 80", "it has: late_orders"),
        ("watch disk /no/such/folder above 80", "is no folder of this machine"),
    ],
)
async def test_a_watch_that_makes_no_sense_is_answered_with_what_to_write(
    tmp_path: Path, words: str, why: str
) -> None:
    async with measured(tmp_path, Meter()) as s:
        await s.say(words)
        assert why in s.last
        assert not await s.look(lambda tx: tx.watches.all())


async def test_a_watch_is_shown_in_the_lists_and_in_its_mission(tmp_path: Path) -> None:
    meter = Meter(value=95)
    async with measured(tmp_path, meter) as s:
        await s.say("watches")
        assert "No number is watched" in s.last
        await s.begin(WATCH)
        await minutes(s, 1)
        await s.say("watches")
        assert "1 · meter: heat · now 95 · above 90 · beyond its limit, not for long enough yet" in s.last
        await s.say("missions")
        assert "meter: heat above 90 for 5 minutes, clears at 80, read every 1 minute" in s.last
        watch = (await s.look(lambda tx: tx.watches.all()))[0]
        assert watch.standing.mode is Mode.PENDING


# Looking back --------------------------------------------------------------------------------------------------


def month(clock: SetClock, *, peaks: int) -> list[Sample]:
    """What a source remembers of thirty days: calm, with so many peaks of an hour."""
    start = clock.now() - timedelta(days=30)
    places = {round((n + 1) * 720 / (peaks + 1)) for n in range(peaks)}
    return [Sample(at=start + timedelta(hours=n), value=95 if n in places else 50) for n in range(720)]


async def test_the_card_says_how_often_it_would_have_woken_somebody(tmp_path: Path) -> None:
    clock = SetClock()
    meter = Meter(value=50, past=month(clock, peaks=4))
    async with measured(tmp_path, meter, clock=clock) as s:
        await s.say("watch meter.heat above 90, tell me")
        assert "in the last 30 days this would have woken you 4 times, last on" in s.card.plain
        assert "█" in s.card.plain
        await s.say("watch meter.heat above 99, tell me")
        assert "in the last 30 days this would have woken you 0 times" in s.card.plain


async def test_without_a_past_the_card_says_so_and_a_later_one_tells_what_was_read_since(
    tmp_path: Path,
) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.begin("watch meter.heat above 90, tell me")
        assert "no history yet: nothing to test against" in s.card.plain
        await minutes(s, 3)
        meter.value = 95
        await minutes(s, 1)
        await s.say("watch meter.heat above 93, tell me")
        assert "this would have woken you 1 time since" in s.card.plain
        assert await s.look(lambda tx: tx.missions.by_number(2)) is None


async def test_what_is_read_between_card_and_press_does_not_void_the_card(tmp_path: Path) -> None:
    clock = SetClock()
    meter = Meter(value=50, past=month(clock, peaks=1))
    async with measured(tmp_path, meter, clock=clock) as s:
        await s.say("watch meter.heat above 90, tell me")
        card = s.card
        meter.past += [Sample(at=clock.now(), value=99.0)]
        await s.forward(MINUTE)
        await s.press(card)
        assert await s.look(lambda tx: tx.missions.by_number(1)) is not None


async def test_a_source_that_does_not_tell_its_past_keeps_nobody_from_watching_it(tmp_path: Path) -> None:
    class Forgetful(Meter):
        async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
            raise Unreachable("not now")

    async with measured(tmp_path, Forgetful(value=50)) as s:
        await s.begin("watch meter.heat above 90, tell me")
        assert "no history yet" in s.card.plain
        assert await s.look(lambda tx: tx.missions.by_number(1)) is not None


async def test_a_chart_is_words_and_a_line_of_bars_and_a_picture_for_chats_that_show_one(
    tmp_path: Path,
) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.say("chart 1")
        assert "there is no mission 1" in s.last
        await s.begin("watch meter.heat above 90 clear below 80, tell me")
        await s.say("chart 1")
        assert "nothing to draw" in s.last
        await minutes(s, 3)
        meter.value = 95
        await minutes(s, 3)
        await s.say("courbe 1")
        (content,) = [
            each.content
            for each in s.chat.messages.values()
            if isinstance(each.content, Text) and each.content.chart
        ]
        assert "meter: heat: 6 numbers from" in content.text
        assert "▁▁▁" in content.text
        assert content.chart is not None
        assert (content.chart.limit, content.chart.clear) == (90, 80)
        await s.begin("every day at 9, look")
        await s.say("chart 2")
        assert "mission 2 watches no number" in s.last


async def test_what_is_kept_is_bounded(tmp_path: Path) -> None:
    meter = Meter(value=50)
    async with measured(tmp_path, meter) as s:
        await s.begin("watch meter.heat above 90 every 1 hour, tell me")
        start = s.clock.now()
        series = (await s.look(lambda tx: tx.watches.all()))[0].source.series

        def fill(tx: Tx) -> None:
            for n in range(4 * 1440):
                tx.samples.add(
                    series, Sample(at=start - timedelta(days=4) + n * MINUTE, value=float(n % 100))
                )
            tx.samples.add(series, Sample(at=start - timedelta(days=60), value=1.0))

        await s.store.write(fill)
        await s.forward(timedelta(hours=1))
        left = await s.look(lambda tx: tx.samples.between(series, start - timedelta(days=90), s.clock.now()))
        old = [each for each in left if each.at < start - timedelta(days=2)]
        assert not [each for each in old if each.at < start - timedelta(days=35)]
        assert len(old) <= 2 * 2 * 144 + 60
        assert len(left) - len(old) >= 2 * 1440 - 60, "the last two days are whole"
