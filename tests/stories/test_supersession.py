"""What changed is written down as changed: the new is found, the old is history."""

import itertools
from datetime import timedelta
from pathlib import Path

from bot.ids import short_code
from bot.journal import Ask, Thought
from bot.notes import person_scope
from tests.clocks import SetClock
from tests.stage import stage
from tests.twins.mind import ScriptedMind

MINE = person_scope("per_olivia")


async def test_news_takes_the_place_of_what_was_known_and_the_old_stays_as_history(tmp_path: Path) -> None:
    clock = SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say("remember my address is 3 Oak Street")
        first = clock.now().date()
        clock.forward(timedelta(days=10))
        await s.say("my address changed to 5 Elm Street")
        assert "5 Elm Street" in s.last
        assert "3 Oak Street" in s.last, "it says what is no longer so"
        await s.say("what do you know about my address")
        assert "Elm" in s.last
        assert "Oak" not in s.last
        await s.say(f"what do you know about my address as of {first}")
        assert "Oak" in s.last
        assert "Elm" not in s.last
        await s.say("history of address")
        assert s.last.index("Oak") < s.last.index("Elm")
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert kinds.count("superseded") == 1


async def test_when_two_fit_it_asks_and_changes_none(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember the shed key is red")
        await s.say("remember the gate key is blue")
        await s.say("correct key to green")
        before = await s.look(lambda tx: tx.notes.history(MINE))
        assert [each.text for each in before] == ["the shed key is red", "the gate key is blue"]
        code = short_code(before[0].id)
        assert code in s.last
        await s.say(f"correct {code} to the shed key is green")
        now = await s.look(lambda tx: tx.notes.all(MINE))
        assert {each.text for each in now} == {"the gate key is blue", "the shed key is green"}


async def test_what_was_never_known_is_kept_and_said_to_be_new(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("correct my size to 42")
        assert "nothing about my size" in s.last
        assert [each.text for each in await s.look(lambda tx: tx.notes.all(MINE))] == ["my size: 42"]


async def test_forgetting_takes_what_it_replaced_along(tmp_path: Path) -> None:
    """SAFETY 81"""
    async with stage(tmp_path) as s:
        await s.say("remember my address is 3 Oak Street")
        await s.say("my address changed to 5 Elm Street")
        await s.say("forget Elm")
        assert await s.look(lambda tx: tx.notes.history(MINE)) == ()
        entries = await s.look(lambda tx: tx.ledger.read())
        kept = [entry.body for entry in entries if entry.kind in {"forgotten", "superseded"}]
        assert len(kept) == 2
        assert "Oak" not in str(kept)


async def test_a_mind_that_read_a_stranger_replaces_nothing_without_a_press(tmp_path: Path) -> None:
    """SAFETY 77, 78"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": "pay Eve", "replaces": "pay Ann"})
    mind = ScriptedMind([Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text="?")])
    clock = SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say("remember pay Ann")
    async with stage(tmp_path, model=mind, clock=clock) as s:
        s.numbers = itertools.count(100)
        await s.say("please look at the late orders")
        assert "pay Ann" in s.card.plain
        assert [each.text for each in await s.look(lambda tx: tx.notes.all(MINE))] == ["pay Ann"]
