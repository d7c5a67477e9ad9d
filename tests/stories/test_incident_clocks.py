"""Incidents and who is told next when the clock is set, and when nobody was there: no escalation too many, none lost."""

from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.attempts import MOST_NOES
from bot.events import Verb
from bot.incidents import Stage as How
from tests.adapters.signals.posting import Post, bearer, group, posting
from tests.clocks import SetClock
from tests.stage import MARK, Stage, stage
from tests.stories.team import place_of
from tests.stories.test_incidents import NIGHT, fire, incidents, press, question, rows
from tests.twins.chat import TwinChat

MINUTE = timedelta(minutes=1)
THREE_DAYS = timedelta(days=3)


async def minutes(s: Stage, number: int) -> None:
    """Time as it passes where somebody looks all the time."""
    for _ in range(number):
        await s.forward(MINUTE)


async def told(s: Stage) -> int:
    return len(await rows(s, "incident_escalated"))


async def begun(post: Post, *, after: int = 15) -> str:
    """Mark hears of what nobody answers."""
    await post.s.say("status", who=MARK, place=place_of(MARK))
    secret = await post.hook("prom", "alertmanager")
    await post.s.say(f"escalate prom to Mark after {after} minutes")
    return secret


async def many(post: Post, secret: str, number: int) -> None:
    for each in range(number):
        await post.alert("prom", secret, group((f"queue{each}", "firing"), name=f"Queue{each}"))


async def test_minutes_that_pass_count_whatever_the_clock_did_before(tmp_path: Path) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        await fire(post, await begun(post), ("orders", "firing"))
        await minutes(s, 14)
        assert await told(s) == 0
        await minutes(s, 1)
        assert await told(s) == 1
        for jump in (timedelta(hours=5), -THREE_DAYS, THREE_DAYS):
            await s.forward(jump)
            await minutes(s, 20)
        assert await told(s) == 1, "once, and never again"


@pytest.mark.parametrize("jump", [timedelta(hours=5), timedelta(days=400)])
async def test_a_clock_that_leaps_forward_tells_nobody_at_once(tmp_path: Path, jump: timedelta) -> None:
    """Nobody let these hours pass. When it is set right again, it is as if nothing had been."""
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        await many(post, await begun(post), 8)
        await minutes(s, 2)
        await s.forward(jump)
        assert await told(s) == 0
        await minutes(s, 2)
        await s.forward(-jump)
        await minutes(s, 10)
        assert await told(s) == 0
        await minutes(s, 1)
        assert await told(s) == 8, "two minutes, two, and eleven"
        await minutes(s, 30)
        assert await told(s) == 8


async def test_minutes_in_which_nobody_could_press_do_not_count_and_many_are_one_message(
    tmp_path: Path,
) -> None:
    chat = TwinChat()
    async with posting(tmp_path, clock=SetClock(NIGHT), chat=chat) as post:
        s, clock = post.s, post.s.clock
        await many(post, await begun(post), 40)
    clock.forward(THREE_DAYS)
    async with posting(tmp_path, clock=clock, chat=chat) as post:
        s = post.s
        await s.forward(timedelta(0))
        before = len(s.chat.messages)
        assert await told(s) == 0
        await press(s, question(s, "Queue3"), "acknowledge")
        await minutes(s, 14)
        assert await told(s) == 0, "they have their fifteen minutes, now that they can press"
        await minutes(s, 1)
        assert await told(s) == 39, "but the one that somebody took"
        assert len(s.chat.messages) - before == 6, "five by themselves, and the rest in one message"
        assert "34 more incidents" in s.last
        assert s.last.count("• ") == 34
        await minutes(s, 30)
        assert await told(s) == 39


@pytest.mark.parametrize("back", [timedelta(minutes=37), THREE_DAYS, timedelta(days=400)])
async def test_a_clock_that_is_set_back_loses_no_escalation(tmp_path: Path, back: timedelta) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        await fire(post, await begun(post), ("orders", "firing"))
        await minutes(s, 10)
        await s.forward(-back)
        await minutes(s, 4)
        assert await told(s) == 0
        await minutes(s, 2)
        assert await told(s) == 1, "the ten minutes before count"
        await minutes(s, 40)
        assert await told(s) == 1


async def test_a_clock_that_is_set_back_while_we_were_away_keeps_nobody_waiting_for_longer_than_was_said(
    tmp_path: Path,
) -> None:
    chat = TwinChat()
    async with posting(tmp_path, clock=SetClock(NIGHT), chat=chat) as post:
        clock = post.s.clock
        await fire(post, await begun(post), ("orders", "firing"))
    clock.forward(-THREE_DAYS)
    async with posting(tmp_path, clock=clock, chat=chat) as post:
        await minutes(post.s, 16)
        assert await told(post.s) == 1


@pytest.mark.parametrize("jump", [timedelta(hours=5), -THREE_DAYS])
async def test_what_somebody_looks_after_stays_so(tmp_path: Path, jump: timedelta) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        secret = await begun(post)
        await fire(post, secret, ("orders", "firing"))
        await press(s, question(s), "acknowledge")
        await s.forward(jump)
        await minutes(s, 30)
        await fire(post, secret, ("orders", "firing"))
        assert await told(s) == 0
        (incident,) = await s.look(lambda tx: tx.incidents.open())
        assert incident.stage is How.ACKNOWLEDGED
        assert len(incidents(s)) == 1
        await fire(post, secret, ("orders", "resolved"), status="resolved")
        assert await s.look(lambda tx: tx.incidents.open()) == ()
        assert "Incident 1 · resolved" in incidents(s)[0]


async def test_a_digest_told_by_a_clock_that_was_wrong_is_not_the_last(tmp_path: Path) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        object.__setattr__(s.house, "digest_at", time(8))
        secret = await post.hook("prom", "alertmanager")
        await fire(post, secret, ("orders", "firing"))
        for jump in (timedelta(days=400), -timedelta(days=400), timedelta(days=1), timedelta(days=1)):
            await s.forward(jump)
        assert len([text for text in s.chat.words() if "since yesterday" in text]) == 3


async def test_a_no_given_under_a_clock_that_was_wrong_holds_a_day_and_not_a_year(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        s.clock.forward(timedelta(days=400))
        for _ in range(MOST_NOES):
            await s.say("do demo.refund order=1007 amount=5")
            await s.press(s.card, Verb.DENY)
        s.clock.forward(-timedelta(days=400))
        await s.say("do demo.refund order=1007 amount=5")
        assert "not asked again before" in s.last
        s.clock.forward(timedelta(hours=25))
        await s.say("do demo.refund order=1007 amount=5")
        assert s.card.buttons


async def test_a_window_that_would_last_longer_than_any_is_closed(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s = post.s
        await s.begin("when order_late, look at the queue")
        secret = await post.hook("till", "bearer", 60)
        body = '{"name": "order_late", "summary": "%s"}'
        assert (await post.send("till", (body % "one").encode(), bearer(secret))).status_code == 200
        s.clock.forward(-THREE_DAYS)
        assert (await post.send("till", (body % "two").encode(), bearer(secret))).status_code == 200
        await minutes(s, 1)
        woke = [row for row in await rows(s, "turn") if row.body["mission"]]
        assert len(woke) == 1, "both in one wake, and not in three days"
        s.clock.forward(THREE_DAYS)
        await minutes(s, 2)
        assert len([row for row in await rows(s, "turn") if row.body["mission"]]) == 1


async def test_reminders_go_on_after_a_clock_that_was_wrong(tmp_path: Path) -> None:
    monday = datetime(2026, 11, 23, 5, tzinfo=UTC)
    async with stage(tmp_path, clock=SetClock(monday)) as s:
        await s.say("do demo.refund order=1007 amount=5")
        ahead = (monday + timedelta(days=400)).isoformat()
        await s.store.write(lambda tx: tx.marks.put("reminded:per_olivia", {"at": ahead}))
        await s.forward(timedelta(hours=3, minutes=30))
        assert len(await rows(s, "reminded")) == 1
