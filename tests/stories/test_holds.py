"""What was allowed to leave the house waits a moment, says when it goes, and can be stopped."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.systems.demo import Fault
from bot import ledger
from bot.effects import EffectState, Question, Run, Text
from bot.events import Press, Verb
from bot.inbox import Arrival
from bot.journal import Ask, Outcome, Thought
from bot.people import Identity, Role, Standing
from bot.places import Place
from bot.values import Json
from tests.clocks import SetClock
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.team import Amended, place_of, role, ruled, told
from tests.stories.test_grants import EARN, TO, earn, grants
from tests.twins.chat import TwinChat
from tests.twins.crash import Fuse, PowerCut
from tests.twins.mind import ScriptedMind

MAIL = f"do demo.message_customer recipient={TO} subject=Parcel body="
HELD = """
[[rule]]
name = "mail-goes"
effect = "allow"
action = "demo.*"
max_risk = "R2"
hold = "30s"
reason = "mail goes"
author = "Olivia"
"""
CLOSED = HELD + HELD.replace("mail-goes", "shut").replace('"allow"', '"deny"').replace('hold = "30s"\n', "")
ASKS = HELD + HELD.replace("mail-goes", "asks").replace('"allow"', '"ask"').replace('hold = "30s"\n', "")


def sent(s: Stage) -> list[str]:
    return [letter.body for letter in s.shop.messages()]


def question(s: Stage) -> Question:
    """The newest message with buttons that is no card."""
    found = [each.content for each in s.chat.messages.values() if isinstance(each.content, Question)]
    return found[-1]


async def stop(
    s: Stage, asked: Question, *, who: Identity = OLIVIA, place: Place = HERE, message: str = ""
) -> None:
    [(value, _)] = asked.choices
    body = Press(
        who=who,
        ref=asked.ref,
        revision=asked.revision,
        verb=Verb.CHOOSE,
        value=value,
        message=message,
        standing=Standing.MEMBER,
    )
    await s.arrive(Arrival(key=f"stop:{next(s.numbers)}", place=place, body=body))


async def rows(s: Stage, kind: str) -> list[Mapping[str, Json]]:
    return [entry.body for entry in await s.look(lambda tx: tx.ledger.read()) if entry.kind == kind]


async def test_it_says_when_it_goes_and_becomes_the_receipt(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say(MAIL + "hello")
        assert sent(s) == []
        asked = question(s)
        assert "It goes out at 13:00:30 unless somebody stops it." in asked.text  # 12:00 UTC in Paris
        assert [label for _, label in asked.choices] == ["Stop it"]
        await s.forward(timedelta(seconds=29.9))
        assert sent(s) == []
        await s.forward(timedelta(seconds=0.1))
        assert sent(s) == ["hello"]
        held = [each for each in s.chat.messages.values() if each.slot.startswith("hold:")]
        assert [isinstance(each.content, Text) and "✓ Done" in each.content.text for each in held] == [True]
        assert [(each["rule"], each["until"]) for each in await rows(s, "held")] == [
            ("mail-goes", "2026-11-21T12:00:30+00:00")
        ]
        assert len(await rows(s, "confirmed")) == 1
        assert ledger.verify(await s.look(lambda tx: tx.ledger.read())).holds


async def test_stopped_in_time_nothing_is_sent(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say(MAIL + "hello")
        asked = question(s)
        await s.forward(timedelta(seconds=29))
        await stop(s, asked, who=MARK)
        await s.forward(timedelta(minutes=5))
        assert sent(s) == []
        assert [each for each in s.chat.words() if "Mark stopped it." in each]
        [body] = await rows(s, "stopped")
        assert (body["stopped_by"], body["why"]) == ("per_mark", "stop")


async def test_too_late_says_so_and_changes_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say(MAIL + "hello")
        asked = question(s)
        await s.forward(timedelta(seconds=30))
        await stop(s, asked)
        assert told(s) == "too late: it went out already, or was stopped before"
        assert sent(s) == ["hello"]
        await stop(s, asked)
        assert len(await rows(s, "press_refused")) == 2


async def test_only_who_may_act_and_sees_it_stops_it(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say(MAIL + "hello")
        asked = question(s)
        await stop(s, asked, who=Identity(platform="twin", user="nobody"))
        await stop(s, asked, who=MARK, place=place_of(MARK))
        await role(s, "per_mark", Role.GUEST)
        await stop(s, asked, who=MARK)
        assert "not for you" in told(s)
        await s.forward(timedelta(seconds=30))
        assert sent(s) == ["hello"]


@pytest.mark.parametrize("stops", [False, True])
async def test_it_survives_a_restart(tmp_path: Path, stops: bool) -> None:
    clock, chat = SetClock(), TwinChat()
    async with stage(tmp_path, policy=ruled(HELD), clock=clock, chat=chat) as s:
        await s.say(MAIL + "hello")
        asked = question(s)
    clock.forward(timedelta(seconds=10))
    async with stage(tmp_path, policy=ruled(HELD), clock=clock, chat=chat) as s:
        assert sent(s) == []
        if stops:
            await stop(s, asked)
        await s.forward(timedelta(seconds=20))
        assert sent(s) == ([] if stops else ["hello"])


async def test_what_should_have_gone_long_ago_is_not_sent_late(tmp_path: Path) -> None:
    clock = SetClock()
    async with stage(tmp_path, policy=ruled(HELD), clock=clock) as s:
        await s.say(MAIL + "hello")
    clock.forward(timedelta(hours=2))
    async with stage(tmp_path, policy=ruled(HELD), clock=clock) as s:
        await s.forward(timedelta(0))
        assert sent(s) == []
        assert [each["result"] for each in await rows(s, "refused")] == [
            "it should have gone out long ago; ask for it again."
        ]


async def test_whenever_the_power_fails_it_is_sent_once(tmp_path: Path) -> None:
    """SAFETY 25"""
    at, blown = 0, True
    while blown:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        clock, chat, fuse = SetClock(), TwinChat(), Fuse()
        async with stage(folder, policy=ruled(HELD), clock=clock, chat=chat) as s:
            await s.say(MAIL + "hello")
        fuse = Fuse(at=at)
        try:
            async with stage(folder, policy=ruled(HELD), clock=clock, chat=chat, fuse=fuse) as s:
                await s.forward(timedelta(seconds=30))
        except PowerCut:
            pass
        blown = fuse.blown
        async with stage(folder, policy=ruled(HELD), clock=clock, chat=chat) as s:
            await s.forward(timedelta(seconds=31))
            assert sent(s) == ["hello"], f"point {at}"
            for state in (EffectState.PENDING, EffectState.STARTED, EffectState.UNKNOWN):
                assert not await s.look(lambda tx, wanted=state: tx.effects.in_state(wanted)), f"point {at}"
    assert at > 3


async def test_a_freeze_stops_what_is_held(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say(MAIL + "hello")
        await s.say("freeze demo")
        await s.forward(timedelta(seconds=30))
        await s.say("unfreeze")
        await s.forward(timedelta(minutes=1))
        assert sent(s) == []
        assert [each for each in s.chat.words() if "it was frozen before it began" in each]


@pytest.mark.parametrize("stricter", [CLOSED, ASKS])
async def test_a_rule_that_became_stricter_meanwhile_stops_it(tmp_path: Path, stricter: str) -> None:
    """SAFETY 69"""
    policy = Amended(ruled(HELD))
    async with stage(tmp_path, policy=policy) as s:
        await s.say(MAIL + "hello")
        policy.now = ruled(stricter)
        await s.forward(timedelta(seconds=30))
        assert sent(s) == []
        assert len(await rows(s, "refused")) == 1


async def test_what_is_private_is_not_held(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say("do demo.note_order order=1007 note=late")
        assert s.shop.notes() == {"1007": "late"}


async def test_a_target_that_changed_meanwhile_is_not_touched(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say("do demo.ship_order order=1011 tracking=T1")
        s.clock.forward(timedelta(seconds=1))
        await s.say("do demo.ship_order order=1011 tracking=T2")
        await s.forward(timedelta(seconds=29))
        await s.forward(timedelta(seconds=1))
        assert [each["arguments"]["tracking"] for each in await rows(s, "confirmed")] == ["T1"]
        assert not await s.look(lambda tx: tx.effects.in_state(EffectState.PENDING))


LETTER = Ask(
    id="mail",
    action="demo.message_customer",
    arguments={"recipient": TO, "subject": "Parcel", "body": "hello"},
)
LOOK = Ask(id="look", action="demo.late_orders", arguments={"days": 3})


async def test_a_mind_waits_at_no_cost_and_hears_what_really_happened(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(asks=(LETTER, LOOK)), Thought(text="It went out.")])
    async with stage(tmp_path, policy=ruled(HELD), model=mind) as s:
        await s.say("write to Gigi, and look at the late orders")
        assert mind.asked == 1
        assert len(await s.look(lambda tx: tx.turns.parked())) == 1
        await s.forward(timedelta(seconds=30))
        assert sent(s) == ["hello"], "what was read beside it changes nothing about it"
        assert [answer.outcome for answer in mind.answers] == [Outcome.DONE, Outcome.DONE]
        assert s.last == "It went out."


async def test_a_mind_hears_that_it_was_stopped(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(asks=(LETTER,)), Thought(text="I leave it.")])
    async with stage(tmp_path, policy=ruled(HELD), model=mind) as s:
        await s.say("write to Gigi")
        await stop(s, question(s))
        assert [(answer.outcome, answer.text) for answer in mind.answers] == [
            (Outcome.FAILED, "Olivia stopped it.")
        ]


async def test_a_lost_answer_is_looked_up_and_never_sent_twice(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(HELD)) as s:
        await s.say(MAIL + "hello")
        s.shop.misbehave(Fault.LOST, times=1)
        await s.forward(timedelta(seconds=30))
        assert sent(s) == ["hello"]


async def test_what_is_sent_under_a_permission_can_be_held_and_uses_it_only_when_it_goes(
    tmp_path: Path,
) -> None:
    """SAFETY 70"""
    policy = ruled(EARN + 'hold = "30s"\n')
    async with stage(tmp_path, policy=policy) as s:
        await earn(s)
        await s.say(MAIL + "stopped")
        await stop(s, question(s))
        assert (await grants(s))[0].used == 0
        await s.say(MAIL + "goes")
        assert (await grants(s))[0].used == 0
        await s.forward(timedelta(seconds=30))
        assert sent(s)[3:] == ["goes"]
        assert (await grants(s))[0].used == 1


async def test_a_permission_withdrawn_while_it_is_held_does_not_count(tmp_path: Path) -> None:
    """SAFETY 70"""
    policy = ruled(EARN + 'hold = "30s"\n')
    async with stage(tmp_path, policy=policy) as s:
        await earn(s)
        await s.say(MAIL + "held")
        await s.say("withdraw 1")
        await s.forward(timedelta(seconds=30))
        assert len(sent(s)) == 3
        assert "the rules ask for a press now." in [each["result"] for each in await rows(s, "refused")]


async def test_held_together_no_more_go_than_the_permission_has_uses(tmp_path: Path) -> None:
    """SAFETY 70: consumed with the deed, by compare-and-set."""
    policy = ruled(EARN.replace("uses = 4", "uses = 2") + 'hold = "30s"\n')
    async with stage(tmp_path, policy=policy) as s:
        await earn(s)
        for body in ("a", "b", "c", "d"):
            await s.say(MAIL + body)
        await s.forward(timedelta(seconds=30))
        assert len(sent(s)) == 5
        assert (await grants(s))[0].used == 2


async def test_a_forged_hold_without_a_rule_that_allows_runs_nothing(tmp_path: Path) -> None:
    """SAFETY 70: a row that claims a permission nobody gave."""
    policy = Amended(ruled(HELD))
    async with stage(tmp_path, policy=policy) as s:
        await s.say(MAIL + "hello")
        [effect] = [
            each
            for each in await s.look(lambda tx: tx.effects.in_state(EffectState.PENDING))
            if isinstance(each.deed, Run)
        ]
        assert isinstance(effect.deed, Run)
        assert effect.deed.hold is not None
        policy.now = ruled(EARN)
        await s.forward(timedelta(seconds=30))
        assert sent(s) == []
