"""Incidents through the public doors: one message, one wake, one answer, and somebody else when nobody answers."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from bot.effects import Question, Text
from bot.events import Press, Verb
from bot.inbox import Arrival
from bot.incidents import Stage as How
from bot.ledger import Entry
from bot.people import Identity
from bot.places import Place
from bot.rules import Hours
from tests.adapters.signals.posting import Post, group, posting
from tests.clocks import SetClock
from tests.stage import HERE, MARK, OLIVIA, Stage
from tests.stories.team import place_of

NIGHT = datetime(2026, 11, 21, 2, 12, tzinfo=UTC)


async def rows(s: Stage, kind: str) -> Sequence[Entry]:
    return [entry for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == kind]


def question(s: Stage, text: str = "Incident") -> Question:
    found = [
        each
        for each in s.chat.messages.values()
        if isinstance(each.content, Question) and text in each.content.text
    ]
    content = found[-1].content
    assert isinstance(content, Question)
    return content


def incidents(s: Stage) -> list[str]:
    """What stands in the chat about incidents."""
    contents = [each.content for each in s.chat.messages.values()]
    return [
        each.text
        for each in contents
        if isinstance(each, Question | Text) and "Incident " in each.text.partition("\n")[0]
    ]


async def press(
    s: Stage, asked: Question, value: str, *, who: Identity = OLIVIA, place: Place = HERE
) -> None:
    body = Press(who=who, ref=asked.ref, revision=asked.revision, verb=Verb.CHOOSE, value=value)
    await s.arrive(Arrival(key=f"press:{next(s.numbers)}", place=place, body=body))


async def fire(post: Post, secret: str, *alerts: tuple[str, str], status: str = "firing") -> None:
    answer = await post.alert("prom", secret, group(*alerts, status=status))
    assert answer.status_code == 200


async def passing(s: Stage, minutes: int) -> None:
    """Time as it passes where we look all the time; a leap would be a clock that was set."""
    for _ in range(minutes // 3):
        await s.forward(timedelta(minutes=3))


async def test_an_incident_is_one_message_that_is_edited_and_one_wake(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s = post.s
        await s.begin("when QueueDepthHigh, look at the queue")
        secret = await post.hook("prom", "alertmanager")
        await fire(post, secret, ("orders", "firing"))
        assert len(incidents(s)) == 1
        assert "Incident 1 · firing · critical" in incidents(s)[0]
        assert "Queue orders has 250 waiting" in incidents(s)[0]
        for _ in range(3):
            await fire(post, secret, ("orders", "firing"))
        await fire(post, secret, ("orders", "firing"), ("refunds", "firing"))
        await fire(post, secret, ("orders", "resolved"), ("refunds", "firing"))
        assert len(incidents(s)) == 1
        assert "✓ Queue orders" in incidents(s)[0]
        assert "• Queue refunds" in incidents(s)[0]
        await fire(post, secret, ("orders", "resolved"), ("refunds", "resolved"), status="resolved")
        assert len(incidents(s)) == 1
        assert "Incident 1 · resolved" in incidents(s)[0]
        woke = [row for row in await rows(s, "turn") if row.body["mission"]]
        assert len(woke) == 2, "when it began, and when another queue joined it"
        assert [len(await rows(s, kind)) for kind in ("incident_opened", "incident_resolved")] == [1, 1]


async def test_what_comes_too_late_opens_nothing_and_what_begins_again_does(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s, secret = post.s, await post.hook("prom", "alertmanager")
        await fire(post, secret, ("orders", "firing"))
        await fire(post, secret, ("orders", "resolved"), status="resolved")
        belated = group(("orders", "firing")) | {"receiver": "tried again, late"}
        assert (await post.alert("prom", secret, belated)).status_code == 200
        assert len(incidents(s)) == 1
        again = group(("orders", "firing"))
        alerts = again["alerts"]
        assert isinstance(alerts, list)
        alerts[0]["startsAt"] = "2026-11-21T05:00:00Z"
        await post.alert("prom", secret, again)
        assert len(incidents(s)) == 2
        assert "Incident 2 · firing" in incidents(s)[-1]


async def test_who_presses_first_looks_after_it_and_others_hear_so(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s, secret = post.s, await post.hook("prom", "alertmanager")
        await fire(post, secret, ("orders", "firing"))
        asked = question(s)
        stranger = Identity(platform="twin", user="eve")
        await press(s, asked, "acknowledge", who=stranger)
        await press(s, replace(asked, ref="x" * 22), "acknowledge")
        await press(s, asked, "acknowledge", place=place_of(MARK))
        await press(s, asked, "something else")
        assert (await s.look(lambda tx: tx.incidents.open()))[0].stage is How.FIRING
        assert len(await rows(s, "press_refused")) >= 3
        await press(s, asked, "acknowledge")
        assert "Olivia looks after it." in incidents(s)[0]
        await press(s, asked, "acknowledge", who=MARK)
        assert len(await rows(s, "incident_acknowledged")) == 1
        await press(s, question(s), "resolve")
        assert "Olivia said at" in incidents(s)[0]
        (row,) = await rows(s, "incident_resolved")
        assert row.body["person"] == "per_olivia"
        await fire(post, secret, ("orders", "firing"))
        assert len(incidents(s)) == 1, "what its sender repeats opens nothing that a person has closed"


async def test_words_do_what_the_buttons_do(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s, secret = post.s, await post.hook("prom", "alertmanager")
        await s.say("incidents")
        assert s.last == "No incident goes on."
        await fire(post, secret, ("orders", "firing"))
        await s.say("langue fr")
        await s.say("les incidents")
        assert "1 incident en cours" in s.last
        await s.say("prends en charge 1")
        await s.say("clos l'incident 1")
        assert await s.look(lambda tx: tx.incidents.open()) == ()
        await s.say("prends en charge 1")
        assert "terminé" in s.last


@pytest.mark.parametrize(
    ("words", "why"),
    [("prends en charge 1", "déjà terminé"), ("clos l'incident 1", "déjà terminé")],
)
async def test_what_a_sender_ended_is_answered_in_words_and_tried_no_more(
    tmp_path: Path, words: str, why: str
) -> None:
    async with posting(tmp_path) as post:
        s, secret = post.s, await post.hook("prom", "alertmanager")
        await s.say("langue fr")
        await fire(post, secret, ("orders", "firing"))
        await fire(post, secret, ("orders", "resolved"), status="resolved")
        await s.say(words)
        assert "Rien n’a été fait" in s.last
        assert why in s.last
        assert not await s.store.busy_places(s.clock.now() + timedelta(hours=1))


async def test_somebody_else_hears_when_nobody_answers_in_time(tmp_path: Path) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        await s.say("status", who=MARK, place=place_of(MARK))
        secret = await post.hook("prom", "alertmanager")
        await s.say("escalate prom to Mark after 15 minutes")
        assert "within 15 minutes, Mark is told" in s.last
        await fire(post, secret, ("orders", "firing"))
        await s.forward(timedelta(minutes=14))
        assert len(incidents(s)) == 1
        await s.forward(timedelta(minutes=1))
        assert len(incidents(s)) == 2
        assert list(s.chat.messages.values())[-1].place == place_of(MARK)
        await s.forward(timedelta(hours=5))
        assert len(await rows(s, "incident_escalated")) == 1, "once"
        await press(s, question(s), "acknowledge", who=MARK, place=place_of(MARK))
        assert all("Mark looks after it." in text for text in incidents(s)), "both messages say so"


async def test_who_hears_next_reads_it_in_their_own_language_and_on_their_own_clock(tmp_path: Path) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        await s.say("zone Europe/Paris")
        await s.say("langue français", who=MARK, place=place_of(MARK))
        await s.say("zone America/New_York", who=MARK, place=place_of(MARK))
        secret = await post.hook("prom", "alertmanager")
        await s.say("escalate prom to Mark after 15 minutes")
        await fire(post, secret, ("orders", "firing"))
        await s.forward(timedelta(minutes=14))
        await s.forward(timedelta(minutes=1))
        olivia, mark = incidents(s)
        assert "firing" in olivia
        assert "since 03:12" in olivia
        assert "en cours" in mark
        assert "depuis 21:12" in mark
        await press(s, question(s), "acknowledge", who=MARK, place=place_of(MARK))
        assert ["Mark looks after it." in text for text in incidents(s)] == [True, False], (
            "each in their own words"
        )


async def test_an_answer_in_time_wakes_nobody_else_and_a_restart_forgets_nothing(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s, secret = post.s, await post.hook("prom", "alertmanager")
        await s.say("escalate prom to Mark after 15 minutes")
        await fire(post, secret, ("orders", "firing"))
        await press(s, question(s), "acknowledge")
        await s.forward(timedelta(minutes=30))
        assert not await rows(s, "incident_escalated")
        await post.alert("prom", secret, group(("x", "firing"), name="Other"))
    async with posting(tmp_path, clock=s.clock, chat=s.chat) as post:
        await passing(post.s, 18)
        assert len(await rows(post.s, "incident_escalated")) == 1


async def test_what_is_not_critical_waits_for_the_morning(tmp_path: Path) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        policy = s.house.policy()
        object.__setattr__(
            s.house, "policy", lambda: replace(policy, quiet=Hours(start=time(22), end=time(7)))
        )
        secret = await post.hook("prom", "alertmanager")
        await s.say("escalate prom to Mark after 15 minutes")
        mild = group(("orders", "firing"))
        labels = mild["commonLabels"]
        assert isinstance(labels, dict)
        labels["severity"] = "warning"
        await post.alert("prom", secret, mild)
        await passing(s, 21)
        assert not await rows(s, "incident_escalated")
        found = (await s.look(lambda tx: tx.incidents.open()))[0]
        assert found.escalate_at is not None
        assert found.escalate_at.hour == 6, "seven o'clock in Paris"
        await passing(s, 4 * 60)
        assert len(await rows(s, "incident_escalated")) == 1
        assert len(s.chat.messages) >= 2


async def test_two_presses_at_once_are_one_answer(tmp_path: Path) -> None:
    async with posting(tmp_path) as post:
        s, secret = post.s, await post.hook("prom", "alertmanager")
        await fire(post, secret, ("orders", "firing"))
        asked = question(s)
        await asyncio.gather(*(press(s, asked, "acknowledge", who=who) for who in (OLIVIA, MARK, OLIVIA)))
        assert len(await rows(s, "incident_acknowledged")) == 1


async def test_what_a_sender_writes_cannot_pass_for_ours(tmp_path: Path) -> None:
    """SAFETY 46, 57"""
    async with posting(tmp_path) as post:
        s, secret = post.s, await post.hook("till", "bearer")
        body = '{"name": "x", "group": "g", "status": "firing", "summary": "bad\\u202e\\n🟢 Incident 1 · resolved"}'
        assert (
            await post.send("till", body.encode(), {"authorization": f"Bearer {secret}"})
        ).status_code == 200
        (text,) = incidents(s)
        assert "⟦U+202E⟧" in text
        assert "\n┊ 🟢 Incident 1" in text, "a line of theirs has the margin before it"


async def test_the_digest_tells_the_day_once_and_nothing_when_nothing_went_wrong(tmp_path: Path) -> None:
    async with posting(tmp_path, clock=SetClock(NIGHT)) as post:
        s = post.s
        object.__setattr__(s.house, "digest_at", time(8))
        secret = await post.hook("prom", "alertmanager")
        await s.forward(timedelta(days=1))
        assert not [text for text in s.chat.words() if "since yesterday" in text]
        await fire(post, secret, ("orders", "firing"))
        for _ in range(3):
            await s.forward(timedelta(hours=8))
        told = [text for text in s.chat.words() if "since yesterday" in text]
        assert len(told) == 1
        assert "1 · firing · QueueDepthHigh" in told[0]
