"""Procedures and a language model: what it is told of them, what it may do with them, and what is a person's alone."""

from itertools import count
from pathlib import Path

import pytest

from adapters.minds.llm import prompts
from bot.errors import Failed
from bot.events import Verb
from bot.journal import Ask, Thought
from bot.values import Json
from tests.stage import MARK, Stage, stage
from tests.stories.team import ruled
from tests.stories.test_procedures import TWO, procedure
from tests.twins.mind import ScriptedMind
from tests.twins.office import Office

BELL = 'procedure bell: when I say "ring the bell", do office.note record="bell" text="rung"'


def asks(what: str, **arguments: Json) -> Ask:
    return Ask(id=what, action=f"vigie.{what}", arguments=arguments)


def told(model: ScriptedMind) -> str:
    """What it reads of procedures, "" for nothing."""
    _, head, rest = prompts.opening(model.briefings[0]).partition("Procedures in force")
    return head + rest.partition("\n\n")[0]


async def test_a_model_is_told_which_procedures_there_are_and_runs_one_by_its_tool(tmp_path: Path) -> None:
    office = Office()
    go = asks("run_procedure", name="two", inputs={"who": "A"})
    model = ScriptedMind([Thought(asks=(go,)), Thought(text="so be it")])
    async with stage(tmp_path, systems={"office": office}, model=model) as s:
        await s.begin(TWO)
        await s.begin(BELL)
        await s.say("switch off bell")
        await s.say("please do the two for A, as ever")
        assert "- two: with who (text): do office.note record=" in told(model)
        assert "bell:" not in told(model), "what is off is not offered"
        await s.press(s.card)
        assert [arguments["text"] for _, arguments in office.did] == ["one", "two"]


TYPED = 'procedure typed: with text: do office.read record="A" as seen; then do office.note record="A" text={text}'


async def test_beside_a_model_the_exact_words_that_run_one_are_a_persons_own(tmp_path: Path) -> None:
    """Its inputs are typed: they need no press where content from outside was read before. What a model makes of other
    words is its own choice, as ever."""
    office = Office(records={"A": {"status": "won"}})
    model = ScriptedMind([Thought(text="I think so too")])
    async with stage(tmp_path, systems={"office": office}, model=model) as s:
        await s.begin(TYPED)
        await s.say("run typed text=mine")
        assert office.did == [("office.note", {"record": "A", "text": "mine"})]
        await s.say("essaie typed text=mine")
        assert "Nothing was done." in s.last
        office.faults.append(Failed("the record is locked"))
        await s.say("run typed text=again")
        await s.say("continue typed")
        assert office.did[1:] == [("office.note", {"record": "A", "text": "again"})]
        assert model.asked == 0


async def test_beside_a_model_the_very_words_of_a_phrase_begin_it(tmp_path: Path) -> None:
    model, office = ScriptedMind([Thought(text="so be it")]), Office()
    async with stage(tmp_path, systems={"office": office}, model=model) as s:
        await s.begin(BELL)
        await s.say("Ring the bell!")
        assert len(office.did) == 1
        assert model.asked == 0


@pytest.mark.parametrize("words", ["run it by me again", "run late", "try typed as I told you", "continue"])
async def test_other_words_that_only_sound_like_it_are_for_the_model(tmp_path: Path, words: str) -> None:
    model = ScriptedMind([Thought(text="I think so too")])
    async with stage(tmp_path, systems={"office": Office()}, model=model) as s:
        await s.begin(TYPED)
        await s.say(words)
        assert s.last == "I think so too"


async def test_a_model_tries_one_and_takes_up_one_that_stopped(tmp_path: Path) -> None:
    office = Office(faults=[Failed("the record is locked")])
    async with stage(tmp_path, systems={"office": office}) as s:
        await s.begin(TWO)
        await s.say("run two who=A")
        assert office.did == []
    first, then = (
        asks("try_procedure", name="two", inputs={"who": "A"}),
        asks("continue_procedure", name="two"),
    )
    model = ScriptedMind([Thought(asks=(first,)), Thought(asks=(then,)), Thought(text="so be it")])
    async with stage(tmp_path, systems={"office": office}, model=model) as s:
        s.numbers = count(100)
        await s.say("please see what two would do, and go on with it")
        assert "Nothing was done." in model.answers[0].text
        assert s.card.title == "Go on with a procedure that stopped"
        await s.press(s.card)
        assert [arguments["text"] for _, arguments in office.did] == ["one", "two"]


async def test_a_model_is_told_of_no_procedure_that_the_person_may_not_run(tmp_path: Path) -> None:
    go = asks("run_procedure", name="two", inputs={"who": "A"})
    model, office = ScriptedMind([Thought(asks=(go,)), Thought(text="well")]), Office()
    async with stage(tmp_path, systems={"office": office}, model=model) as s:
        await s.begin(TWO)
        await s.say("please do the two for A, as ever", who=MARK)
        assert not told(model)
        await s.press(s.card)
        assert "only its owner or an approver may use procedure two" in model.answers[0].text
        assert office.did == []


async def test_the_briefing_has_room_for_so_many_procedures_and_says_how_many_are_left_out(
    tmp_path: Path,
) -> None:
    model = ScriptedMind([Thought(text="well")])
    async with stage(tmp_path, systems={"office": Office()}, model=model) as s:
        for n in range(8):
            await s.begin(f'procedure p{n}: do office.note record="A" text="{"word " * 80}"')
        await s.say("what can you do the way we always do it?")
        shown = told(model)
        lines = [line for line in shown.splitlines() if line.startswith("- p")]
        assert 0 < len(lines) < 8
        assert f"[{8 - len(lines)} more: see vigie__procedures]" in shown
        assert sum(len(line) for line in lines) <= prompts.LONGEST_PROCEDURES


async def test_what_a_stranger_had_a_hand_in_is_not_in_the_briefing(tmp_path: Path) -> None:
    recipe = 'do office.note record="A" text="from the letter"'
    read = Ask(id="a0", action="office.read", arguments={"record": "A"})
    put = asks("put_procedure", name="letter", recipe=recipe)
    office = Office(records={"A": {"status": "make a procedure"}})
    first = ScriptedMind([Thought(asks=(read,)), Thought(asks=(put,)), Thought(text="done")])
    async with stage(tmp_path, systems={"office": office}, model=first) as s:
        await s.say("read A for me and do what it takes")
        await s.press(s.card)
        assert await procedure(s, "letter") is not None
    then = ScriptedMind([Thought(text="well")])
    async with stage(tmp_path, systems={"office": office}, model=then) as s:
        s.numbers = count(100)
        await s.say("what do we have by now?")
        assert "letter" not in told(then)
        assert "[1 more: see vigie__procedures]" in told(then)


ALLOWED = """
[[rule]]
name = "all-goes"
effect = "allow"
action = ["vigie.put_procedure"]
reason = "whatever it is"
author = "the tests"
"""


@pytest.mark.parametrize("verb", [Verb.APPROVE, Verb.DENY])
async def test_no_policy_lets_a_model_put_a_procedure_in_force(tmp_path: Path, verb: Verb) -> None:
    """It proposes; whoever it works for presses, and nobody else."""
    put = asks("put_procedure", name="spy", recipe='do office.send to="eve" text="hello"')
    model = ScriptedMind([Thought(asks=(put,)), Thought(text="done")])
    async with stage(tmp_path, systems={"office": Office()}, model=model, policy=ruled(ALLOWED)) as s:
        await s.say("please set something up for me, whatever you like", who=MARK)
        assert await _waits(s)
        await s.press(s.card)
        assert await _waits(s), "an owner of the space does not answer for Mark"
        await s.press(s.card, verb, who=MARK)
        kept = await procedure(s, "spy")
        assert (kept is not None) is (verb is Verb.APPROVE)
        assert kept is None or kept.person == "per_mark"


async def _waits(s: Stage) -> bool:
    return s.card.title == "Put a procedure in force" and await procedure(s, "spy") is None
