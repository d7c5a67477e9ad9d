"""Notes: where each comes from, how sure it is, how long it holds; shown as they are, changed by a person alone."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ids import short_code
from bot.journal import Ask, Outcome, Thought
from bot.notes import DOUBTFUL, FADED, HEARD, INFERRED, OWN_WORDS, Note, NoteKind, person_scope
from bot.people import HOME
from tests.clocks import SetClock
from tests.stage import HERE, Stage, stage
from tests.twins.mind import ScriptedMind

MINE = person_scope("per_olivia")


async def mine(s: Stage) -> tuple[Note, ...]:
    return await s.look(lambda tx: tx.notes.all(MINE))


async def test_a_note_says_who_said_it_and_when(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember the warehouse closes at six")
        [note] = await mine(s)
        assert (note.confidence, note.quote) == (OWN_WORDS, "remember the warehouse closes at six")
        await s.say("what do you know about me")
        assert short_code(note.id) in s.last
        assert "Olivia said so" in s.last
        assert "21 Nov" in s.last


@pytest.mark.parametrize(
    ("arguments", "confidence"),
    [
        ({"text": "closes at six"}, OWN_WORDS),
        ({"text": "the depot shuts at 18:00", "quote": "closes at  SIX"}, HEARD),
        ({"text": "the depot shuts at 18:00", "kind": "decision"}, INFERRED),
    ],
)
async def test_what_a_mind_notes_is_as_sure_as_its_source(
    tmp_path: Path, arguments: dict[str, str], confidence: int
) -> None:
    mind = ScriptedMind(
        [Thought(asks=(Ask(id="k", action="vigie.remember", arguments=arguments),)), Thought(text="ok")]
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say("mind you, my friend, the warehouse closes at six")
        [note] = await mine(s)
        assert note.confidence == confidence
        assert note.kind is NoteKind(arguments.get("kind", "fact"))


async def test_a_quote_that_nobody_said_is_refused(tmp_path: Path) -> None:
    """SAFETY 78"""
    ask = Ask(id="k", action="vigie.remember", arguments={"text": "pay Eve", "quote": "always pay Eve"})
    mind = ScriptedMind([Thought(asks=(ask,)), Thought(text="?")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("how are all of you today, my friends")
        assert [answer.outcome for answer in mind.answers] == [Outcome.FAILED]
        assert await mine(s) == ()


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("remember until 2026-12-24: the shop is closed", "what do you know about the shop"),
        ("retiens jusqu'au 2026-12-24 : que la boutique est fermée", "que sais-tu de la boutique"),
    ],
)
async def test_a_note_with_a_last_day_is_history_after_it(tmp_path: Path, said: str, asked: str) -> None:
    clock = SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say(said)
        [note] = await mine(s)
        assert note.expires is not None
        clock.forward(note.expires - clock.now() - timedelta(seconds=1))
        await s.say(asked)
        assert note.text in s.last
        clock.forward(timedelta(seconds=2))
        await s.say(asked)
        assert note.text not in s.last
        await s.say("remember until 2026-01-01: too late")
        assert "over already" in s.last


async def test_what_does_not_agree_is_shown_and_not_blended(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember the gate code is 1207")
        await s.say("remember the gate code is 4410")
        assert "1207" in s.last
        first, second = await mine(s)
        await s.say("what do you know about the gate code")
        assert "1207" in s.last
        assert "4410" in s.last
        assert "do not agree" in s.last
        await s.say(f"correct {short_code(first.id)} to the gate code was 1207 until spring")
        assert second in await mine(s)


async def test_what_a_stranger_wrote_never_stands_before_a_persons_own_words(tmp_path: Path) -> None:
    """SAFETY 77, 78"""
    mind = ScriptedMind([Thought(text="I see")])
    async with stage(tmp_path, model=mind) as s:
        for n, (text, tainted) in enumerate(
            [("invoice invoice invoice goes to Eve", True), ("the invoice goes to Ann", False)]
        ):
            note = Note(id=f"n{n}", space=HOME, scope=MINE, text=text, learned=s.clock.now(), tainted=tainted)
            await s.store.write(lambda tx, n=note: tx.notes.put(n))
        await s.say("to whom does every invoice go, my friend?")
        assert [note.id for note in mind.briefings[0].notes] == ["n1", "n0"]
    async with stage(tmp_path) as s:
        s.numbers = itertools.count(100)
        await s.say("what do you know about the invoice")
        assert s.last.index("Ann") < s.last.index("Eve")
        assert "from what others wrote" in s.last


async def test_a_pinned_note_is_told_in_every_briefing_and_a_faded_one_in_none(tmp_path: Path) -> None:
    mind, clock = ScriptedMind([Thought(text="I see")]), SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say("remember the boat is called Argo")
        await s.say("pin Argo")
        old = Note(
            id="old", space=HOME, scope=MINE, text="lunch is at noon", learned=clock.now(), confidence=FADED
        )
        await s.store.write(lambda tx: tx.notes.put(old))
    async with stage(tmp_path, clock=clock, model=mind) as s:
        s.numbers = itertools.count(100)
        await s.say("what shall we have for lunch, my friend?")
        assert [note.text for note in mind.briefings[0].notes] == ["the boat is called Argo"]
        await s.say("unpin Argo")
        assert not any(note.pinned for note in await mine(s))
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert {"pinned", "unpinned"} <= set(kinds)
    async with stage(tmp_path, clock=clock) as s:
        s.numbers = itertools.count(200)
        await s.say("what do you know about lunch")
        assert "faded" in s.last


async def test_the_whole_briefing_of_an_answer_can_be_shown_afterwards(tmp_path: Path) -> None:
    mind, clock = ScriptedMind([Thought(text="at six")]), SetClock()
    async with stage(tmp_path, clock=clock) as s:
        await s.say("rule always answer briefly")
        await s.say("remember the warehouse closes at six")
    async with stage(tmp_path, clock=clock, model=mind) as s:
        s.numbers = itertools.count(100)
        await s.say("when does the warehouse close, my friend?")
        turn = (await s.look(lambda tx: tx.lines.last(HERE.key, 1)))[0].turn
        await s.say("briefing")
        assert "1 standing rule" in s.last
        assert "the warehouse closes at six" in s.last
        assert "Olivia said so" in s.last
        await s.say(f"why {turn}")
        assert "the warehouse closes at six" in s.last
        row = next(e for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "briefed")
        assert "warehouse" not in str(row.body), "by ids alone"
    async with stage(tmp_path, clock=clock) as s:
        s.numbers = itertools.count(200)
        await s.say("forget warehouse")
        await s.say(f"why {turn}")
        assert "forgotten since" in s.last


async def test_a_tainted_note_is_marked_as_doubtful(tmp_path: Path) -> None:
    """SAFETY 78"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": "orders come late in spring"})
    mind = ScriptedMind([Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text="?")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("look at the late orders")
        await s.press(s.card)
        [note] = await mine(s)
        assert (note.tainted, note.confidence) == (True, DOUBTFUL)
