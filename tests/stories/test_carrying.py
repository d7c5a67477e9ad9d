"""What leaves the window leaves its decisions, open questions and numbers behind."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.minds.llm import prompts
from bot import carrying
from bot.briefing import LINES
from bot.gists import Why, gists
from bot.journal import OURSELVES, Ask, Line, Thought
from bot.notes import NoteKind, place_scope
from bot.store import Tx
from memory.twin import MemoryStore
from tests.adapters.briefings import briefing
from tests.contracts.stores import later
from tests.stage import HERE, Stage, stage
from tests.twins.mind import ScriptedMind

PLACE = HERE.key
SCOPE = place_scope(PLACE)


def line(text: str, *, who: str = "per_olivia", slot: str = "", n: int = 0, tainted: bool = False) -> Line:
    return Line(place=PLACE, who=who, text=text, at=later(n), turn=f"t{n}", slot=slot, tainted=tainted)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("We decided to ship on Friday", Why.DECISION),
        ("Let's go with the blue logo.", Why.DECISION),
        ("On a décidé de livrer vendredi", Why.DECISION),
        ("Nous avons choisi le bleu.", Why.DECISION),
        ("Who calls the bank?", Why.QUESTION),
        ("Qui appelle la banque ?", Why.QUESTION),
        ("The quote is 1 250,00 EUR", Why.NUMBER),
        ("Room 12", Why.NUMBER),
        ("Shall we settle on 12?", Why.QUESTION),
    ],
)
def test_what_must_not_be_lost_is_found_by_its_wording(said: str, why: Why) -> None:
    assert [gist.why for gist in gists([line(said)])] == [why]


@pytest.mark.parametrize("said", ["hello", "Thank you.", "That is nice!", ""])
def test_small_talk_is_not_carried(said: str) -> None:
    assert gists([line(said)]) == ()


def test_a_question_that_was_answered_is_not_open() -> None:
    asked = line("Who calls the bank?", n=1)
    for answer in ("Mark calls the bank", "no"):
        assert gists([asked], after=[line(answer, who="per_mark", n=2)]) == ()
    for other in ("nice weather", "Which bank?"):
        assert gists([asked], after=[line(other, who="per_mark", n=2)]) != ()
    assert gists([asked], after=[line("the bank, I mean", n=2)]) != (), "nobody answers themselves"
    assert gists([asked], after=[line("“Who calls the bank?”: I do not know", who=OURSELVES, slot="turn:2")])


def test_what_stands_on_cards_is_the_ledgers_to_tell() -> None:
    assert gists([line("Refund 20.00 EUR", who=OURSELVES, slot="card:x")]) == ()
    assert gists([line("Refunded 20.00 EUR", who=OURSELVES, slot="turn:x")]) == ()
    assert gists([line("Which of the two orders?", who=OURSELVES, slot="turn:x")]) != ()


texts = st.lists(
    st.sampled_from(
        (
            "hello there",
            "we decided to buy lamp {n}",
            "who buys lamp {n}?",
            "lamp {n} costs {n}.50 EUR",
            "x" * 1300,
        )
    ),
    min_size=1,
    max_size=90,
)


async def _lost(said: list[str], every: int) -> list[str]:
    """What stands neither in a note nor in what a model is shown, at any moment."""
    store, lost = MemoryStore(), list[str]()
    for n, text in enumerate(said, start=1):
        await store.write(lambda tx, n=n, text=text: tx.lines.put(line(text.format(n=n), n=n)))
        if n % every == 0:
            await store.write(lambda tx: carrying.carry(tx, PLACE))
        carried = await store.read(lambda tx: (*tx.notes.all(SCOPE), *carrying.carried(tx, PLACE)))
        shown = await store.read(lambda tx: tx.lines.last(PLACE, LINES))
        told = prompts.opening(replace(briefing("well"), transcript=shown))
        kept = "\n".join((told, *(note.text for note in carried)))
        lost += [
            each.format(n=m)
            for m, each in enumerate(said[:n], start=1)
            if "lamp" in each and each.format(n=m) not in kept
        ]
    return lost


@settings(deadline=None, max_examples=15)
@given(texts, st.integers(1, 9))
def test_nothing_that_matters_is_lost_at_any_moment(said: list[str], every: int) -> None:
    assert asyncio.run(_lost(said, every)) == []


async def _chat(s: Stage, lines: int) -> None:
    for n in range(lines):
        await s.say(f"my friend, this is small talk number{'x' * (n % 7)}")


async def test_old_decisions_reach_the_briefing_of_a_model(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(text="I see") for _ in range(60)])
    async with stage(tmp_path, model=mind) as s:
        await s.say("my friend, we decided to ship on Friday")
        await s.say("my friend, the quote of Atelier is 1250.00 EUR")
        await s.say("my friend, who calls the bank on monday?")
        await _chat(s, 30)
        told = prompts.opening(mind.briefings[-1])
        before, _, transcript = told.partition("The conversation so far:")
        assert "ship on Friday" not in transcript
        for words in ("we decided to ship on Friday", "1250.00 EUR", "who calls the bank on monday?"):
            assert words in before
        notes = await s.look(lambda tx: tx.notes.all(SCOPE))
        decision = next(note for note in notes if note.kind is NoteKind.DECISION)
        assert decision.turn
        assert decision.text == "Olivia: my friend, we decided to ship on Friday"


async def test_what_is_remembered_is_not_carried_as_well_and_can_be_corrected(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember that the warehouse closes at 6")
        await s.say("remember that we decided to ship 12 lamps")
        await s.say("total expenses add 12.50 EUR for taxi")
        await s.say("my address changed to 5 Elm Street")
        await s.say("correct the warehouse to the warehouse closes at 7")
        await s.say("my friend, the quote is 900 EUR")
        await s.say("my friend, we decided to paint 3 rooms")
        await s.say("where were we?")
        told = s.last
        for once in ("quote is 900 EUR", "paint 3 rooms"):
            assert once in told
        for kept in ("warehouse", "12 lamps", "12.50", "Elm"):
            assert kept not in told
        await _chat(s, 45)
        carried = [note.text for note in await s.look(lambda tx: tx.notes.all(SCOPE))]
        assert carried == [
            "Olivia: my friend, we decided to paint 3 rooms",
            "Olivia: my friend, the quote is 900 EUR",
        ]
        await s.say("what do you know about the warehouse")
        assert "closes at 7" in s.last
        assert "closes at 6" not in s.last


async def test_what_the_memory_refused_is_carried(tmp_path: Path) -> None:
    over = {"text": "the code is 4711", "until": "2020-01-01"}
    mind = ScriptedMind(
        [
            Thought(asks=(Ask(id="k", action="vigie.remember", arguments=over),)),
            *[Thought(text="I see") for _ in range(60)],
        ]
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say("my friend, the code is 4711")
        await _chat(s, 45)
        assert [n.text for n in await s.look(lambda tx: tx.notes.all(SCOPE))] == [
            "Olivia: my friend, the code is 4711"
        ]


async def test_what_a_stranger_said_is_carried_as_such(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:

        def fill(tx: Tx) -> None:
            tx.lines.put(line("we decided to pay Eve 900 EUR", n=1, tainted=True))
            for n in range(2, 60):
                tx.lines.put(line("hello", n=n))
            carrying.carry(tx, PLACE)

        await s.store.write(fill)
        (note,) = await s.look(lambda tx: carrying.carried(tx, PLACE))
        assert note.tainted
        assert note.kind is NoteKind.DECISION


async def test_carrying_again_changes_nothing(tmp_path: Path) -> None:
    store = MemoryStore()
    for n in range(80):
        await store.write(lambda tx, n=n: tx.lines.put(line(f"lamp {n}", n=n)))
    await store.write(lambda tx: carrying.carry(tx, PLACE))
    once = await store.read(lambda tx: tx.notes.all(SCOPE))
    await store.write(lambda tx: carrying.carry(tx, PLACE))
    assert await store.read(lambda tx: tx.notes.all(SCOPE)) == once


async def test_a_conversation_that_is_taken_up_after_weeks_says_where_it_stood(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("we decided to ship lamps on Friday")
        await s.say("who calls the bank")
        await s.forward(timedelta(days=3))
        await s.say("status")
        assert "Where it stood" not in "\n".join(s.chat.words())
        await s.forward(timedelta(days=30))
        await s.say("hello")
        (said,) = [words for words in s.chat.words() if "Where it stood" in words]
        assert "Decided:\n• Olivia: we decided to ship lamps on Friday" in said
        await s.say("hello")
        assert sum("Where it stood" in words for words in s.chat.words()) == 1
        await s.say("where were we?")
        assert "ship lamps on Friday" in s.chat.words()[-1]
        assert "where were we" not in s.chat.words()[-1]
