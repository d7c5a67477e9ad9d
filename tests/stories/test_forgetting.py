"""What is forgotten is nowhere: no table, no index, no file holds a word of it, and the ledger's chain still holds."""

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from bot import cards, ledger
from bot.effects import EffectState, Run
from bot.events import Verb
from bot.journal import Answer, Ask, Thought
from bot.mind import Briefing, Stream
from bot.notes import NoteKind, person_scope
from bot.places import Place
from tests.clocks import SetClock
from tests.stage import HERE, MARK, stage
from tests.twins.mind import ScriptedMind

MINE = person_scope("per_olivia")
CANARY = "marigold"
GROUP = Place(platform="twin", channel="everybody")


class Minds:
    """One script for each first word of a message."""

    name, costly = "scripted", True

    def __init__(self, scripts: Mapping[str, Sequence[Thought]]) -> None:
        self.minds = {word: ScriptedMind(script) for word, script in scripts.items()}

    async def think(
        self, briefing: Briefing, *, state: str, answers: tuple[Answer, ...], stream: Stream
    ) -> Thought:
        mind = self.minds[briefing.text.split()[0]]
        return await mind.think(briefing, state=state, answers=answers, stream=stream)


def holding(folder: Path, canary: str) -> Mapping[str, int]:
    """Every table and every file of the folder that holds the canary, in whatever case, with how often."""
    found: dict[str, int] = {}
    connection = sqlite3.connect(folder / "vigie.db")
    try:
        for (table,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = connection.execute(f"SELECT * FROM {table}").fetchall()
            count = sum(canary in str(row).lower() for row in rows)
            if count:
                found[table] = count
    finally:
        connection.close()
    for file in sorted(folder.iterdir()):
        count = file.read_bytes().lower().count(canary.encode()) if file.is_file() else 0
        if count:
            found[file.name] = count
    return found


async def test_what_is_forgotten_is_in_no_table_no_index_and_no_file(tmp_path: Path) -> None:
    """SAFETY 81"""
    async with stage(tmp_path) as s:
        for n in range(30):
            await s.say(f"remember the {n}th shelf holds box {n * 7919}")
        await s.say(f"remember the shed opens with {CANARY}")
        await s.say("what do you know about the shed?")
        assert CANARY in s.last
        await s.say(f"I really like {CANARY.upper()}S and {CANARY}")
        assert {"lines", "recall_docs"} <= set(holding(tmp_path, CANARY))
        await s.say(f"forget {CANARY}")
        assert CANARY not in s.last
        assert "1 note" in s.last
        assert "What stays" in s.last
        entries = await s.look(lambda tx: tx.ledger.read())
        assert ledger.verify(entries).holds
        assert [entry.kind for entry in entries].count("forgotten") == 1
        assert len(await s.look(lambda tx: tx.notes.all(MINE))) == 30
        await s.say("what do you know about the shed?")
        assert CANARY not in s.last
        assert not holding(tmp_path, CANARY + " ")
    assert not holding(tmp_path, f"with {CANARY}")
    assert not holding(tmp_path, CANARY)


async def test_the_ledger_never_holds_what_was_remembered(tmp_path: Path) -> None:
    """What it holds is a digest of the call and how many characters there were. SAFETY 81"""
    async with stage(tmp_path) as s:
        await s.say(f"remember the shed opens with {CANARY}")
        await s.say(f"correct shed to the shed opens with {CANARY} and a key")
        for entry in await s.look(lambda tx: tx.ledger.read()):
            assert CANARY not in str(entry.body)
            if entry.kind == "started":
                assert len(entry.body["digest"]) == 64
                assert "not kept here" in entry.body["arguments"]["text"]
        rows = sqlite3.connect(tmp_path / "vigie.db").execute("SELECT subject FROM subjects").fetchall()
        assert CANARY not in str(rows)


async def test_few_words_that_are_forgotten_cannot_be_guessed_from_what_stays(tmp_path: Path) -> None:
    """Who tries every word finds no digest that fits: neither of what ran nor of what was denied. SAFETY 81"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": CANARY})
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    mind = Minds(
        {
            "mind": [Thought(asks=(keep,)), Thought(text="kept")],
            "look": [Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text="then not")],
            "please": [Thought(asks=(gone,)), Thought(text="gone")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say(f"mind the {CANARY}, my friend")
        await s.say("look at the late orders, please")
        shown = cards.face(s.card)
        await s.press(s.card, Verb.DENY)
        [ran] = await s.look(
            lambda tx: [e for e in tx.effects.in_state(EffectState.CONFIRMED) if isinstance(e.deed, Run)]
        )
        assert isinstance(ran.deed, Run)
        guessed = ran.deed.call.digest
        assert guessed == replace(ran.deed.call, salt="").digest, "who knows the word knows the digest"
        assert {"effects", "marks"} <= set(holding(tmp_path, guessed))
        await s.say(f"please drop everything on {CANARY}, my friend")
        await s.press(s.card)
        entries = await s.look(lambda tx: tx.ledger.read())
        its = {entry.body["digest"] for entry in entries if entry.body.get("effect") == ran.id}
        assert its == {ran.deed.call.sealed}, "what happened is bound together all the same"
    assert not holding(tmp_path, guessed)
    assert not holding(tmp_path, shown)


async def test_a_mind_forgets_nothing_for_good_by_itself(tmp_path: Path) -> None:
    """Before anything was read from outside, too: nothing brings it back. SAFETY 81"""
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": CANARY})
    mind = Minds(
        {
            "mind": [Thought(asks=(keep,)), Thought(text="kept")],
            "hello": [Thought(asks=(gone,)), Thought(text="gone")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say(f"mind the {CANARY}, my friend")
        await s.say("hello there, my friend")
        assert await s.look(lambda tx: tx.notes.all(MINE))
        shown = {row.label: row.value for row in s.card.rows}
        assert shown["Risk"] == "R1 · private, and for good"
        assert shown["Afterwards"] == "cannot be undone"
        await s.press(s.card)
        assert not await s.look(lambda tx: tx.notes.all(MINE))
    assert not holding(tmp_path, CANARY)


async def test_what_a_card_was_changed_to_stays_out_of_the_ledger(tmp_path: Path) -> None:
    """SAFETY 81"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": f"pay with {CANARY}"})
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    mind = Minds(
        {
            "look": [Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text="kept")],
            "please": [Thought(asks=(gone,)), Thought(text="gone")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say("look at the late orders, please")
        await s.fill(s.card, {"text": f"pay with a {CANARY}"})
        await s.press(s.card, Verb.EDIT)
        while "Send the new value" in s.last:
            await s.say(f"pay with two of {CANARY}" if "Text (" in s.last else ".")
        entries = await s.look(lambda tx: tx.ledger.read())
        assert "revised" in {entry.kind for entry in entries}
        assert CANARY not in str([entry.body for entry in entries])
        await s.press(s.card)
        await s.say(f"please drop everything on {CANARY}, my friend")
        await s.press(s.card)
    assert not holding(tmp_path, CANARY)


async def test_what_a_mind_remembered_and_a_person_pressed_is_forgotten_with_its_card(tmp_path: Path) -> None:
    """SAFETY 81"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": f"pay with {CANARY}"}, reason=CANARY)
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    mind = Minds(
        {
            "look": [Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text=f"kept {CANARY}")],
            "and": [Thought(asks=(replace(keep, reason=""),)), Thought(text=f"you refused {CANARY}")],
            "please": [Thought(asks=(gone,)), Thought(text=f"Done: I forgot {CANARY}.")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say("look at the late orders, please, and keep what matters")
        await s.press(s.card)
        await s.say(f"and keep {CANARY} once more, please, my friend")
        await s.press(s.card, Verb.DENY)
        await s.say(f"please drop everything on {CANARY}, my friend")
        await s.press(s.card)
        assert CANARY not in s.last
        assert "Forgotten" in s.last, "the receipt speaks, not the mind"
        assert all(CANARY not in card.plain for card in s.chat.cards())
    assert not holding(tmp_path, CANARY)


async def test_what_still_waits_for_a_press_is_forgotten_when_it_is_settled(tmp_path: Path) -> None:
    """SAFETY 81"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": f"pay with {CANARY}"})
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    mind = Minds(
        {
            "look": [Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text=f"then not {CANARY}")],
            "please": [Thought(asks=(gone,)), Thought(text=f"{CANARY} is gone")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say(f"look at the late orders, please, and keep {CANARY}")
        card = s.card
        await s.say(f"please drop everything on {CANARY}, my friend")
        await s.press(s.card)
        assert "waits for a press" in s.last
        await s.press(card, Verb.DENY)
        assert s.last == "(forgotten)"
    assert not holding(tmp_path, CANARY)


async def test_what_was_typed_into_a_form_that_was_left_goes_with_its_card(tmp_path: Path) -> None:
    """Answers that were never handed in, and a form that was refused, leave no word either. SAFETY 81"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": "pay later"})
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    mind = Minds(
        {
            "look": [Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text="then not")],
            "please": [Thought(asks=(gone,)), Thought(text="gone")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say("look at the late orders, please")
        card = s.card
        await s.press(card, Verb.EDIT)
        for _ in range(20):
            if "Text (" in s.last:
                break
            await s.say(".")
        await s.say(f"pay with a {CANARY}")
        await s.say("cancel")
        assert "goes on where you stopped" in s.last
        assert "marks" in holding(tmp_path, CANARY)
        await s.fill(card, {"text": "pay", "kind": CANARY})
        await s.say(f"please drop everything on {CANARY}, my friend")
        await s.press(s.card)
        await s.press(card, Verb.DENY)
        refused = [e.body for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "form_refused"]
        assert [(body["field"], body["why"]) for body in refused] == [("kind", "BadInput")]
    assert not holding(tmp_path, CANARY)


async def test_the_reason_of_a_refusal_goes_with_its_card(tmp_path: Path) -> None:
    """Where the card's words may have to be forgotten, the ledger keeps no word of why it was refused. SAFETY 81"""
    look = Ask(id="look", action="demo.late_orders", arguments={"days": 3})
    keep = Ask(id="keep", action="vigie.remember", arguments={"text": "pay later"})
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    mind = Minds(
        {
            "look": [Thought(asks=(look,)), Thought(asks=(keep,)), Thought(text="then not")],
            "please": [Thought(asks=(gone,)), Thought(text="gone")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say("look at the late orders, please")
        await s.press(s.card, Verb.REASON)
        await s.say(f"the {CANARY} is a secret of mine")
        [denied] = [e.body for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "denied"]
        assert "not kept here" in denied["why"]
        await s.say(f"please drop everything on {CANARY}, my friend")
        await s.press(s.card)
    assert not holding(tmp_path, CANARY)


async def test_what_was_done_elsewhere_stays_in_the_ledger_and_the_answer_says_so(tmp_path: Path) -> None:
    """SAFETY 81"""
    note = Ask(id="note", action="demo.note_order", arguments={"order": "1007", "note": CANARY})
    gone = Ask(id="gone", action="vigie.forget", arguments={"about": CANARY})
    mind = Minds(
        {
            "mark": [Thought(asks=(note,)), Thought(text="done")],
            "please": [Thought(asks=(gone,)), Thought(text=f"{CANARY} is gone")],
        }
    )
    async with stage(tmp_path, model=mind) as s:
        await s.say(f"mark order 1007 with {CANARY}")
        await s.say(f"please drop everything on {CANARY}, my friend")
        await s.press(s.card)
        done = [e.body for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "confirmed"]
        assert any(CANARY in str(body["arguments"]) for body in done)
        assert "what the ledger says of it, words included" in s.last


async def test_what_stands_in_a_list_goes_too_and_the_others_stay(tmp_path: Path) -> None:
    """SAFETY 81"""
    async with stage(tmp_path) as s:
        await s.say(f"list add seeds: {CANARY}")
        await s.say("list add seeds: rose")
        await s.say(f"forget {CANARY}")
        await s.say("show list seeds")
        assert "rose" in s.last
    assert not holding(tmp_path, CANARY)


async def test_of_many_numbers_that_were_carried_over_only_the_forgotten_one_goes(tmp_path: Path) -> None:
    """SAFETY 81"""
    async with stage(tmp_path) as s:
        for thing in ("lamp", CANARY, "chair"):
            await s.say(f"I counted 12 times a {thing} today")
        for _ in range(25):
            await s.say("the weather is fine")
        [bundle] = await s.look(lambda tx: tx.notes.all(f"place:{HERE.key}"))
        assert len(bundle.text.splitlines()) == 3
        await s.say(f"forget {CANARY}")
        [rest] = await s.look(lambda tx: tx.notes.all(f"place:{HERE.key}"))
        assert [line.rpartition(" a ")[2] for line in rest.text.splitlines()] == ["lamp today", "chair today"]
        lines = [line.text for line in await s.look(lambda tx: tx.lines.last(HERE.key, 100))]
        assert "I counted 12 times a chair today" in lines
    assert not holding(tmp_path, CANARY)


async def test_a_rule_in_force_that_holds_the_words_is_named_and_stays(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("rule always answer briefly")
        await s.say(f"rule call me {CANARY}")
        await s.say(f"forget {CANARY}")
        assert "standing rule 2 holds these words and stays in force" in s.last
        assert CANARY not in s.last
        await s.say("rule 2 drop")
        await s.say(f"forget {CANARY}")
        assert "standing rule" not in s.last
    assert not holding(tmp_path, CANARY)


async def test_where_others_talk_a_member_takes_back_their_own_words_and_nobody_elses(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(f"I planted {CANARY} here", place=GROUP)
        await s.say(f"so did I, {CANARY} everywhere", who=MARK, place=GROUP)
        await s.say(f"forget {CANARY}", who=MARK, place=GROUP)
        lines = [line.text for line in await s.look(lambda tx: tx.lines.last(GROUP.key, 50))]
        assert f"I planted {CANARY} here" in lines
        assert not any("so did I" in line for line in lines)
        await s.say(f"forget {CANARY}", place=GROUP)
    assert not holding(tmp_path, CANARY)


@pytest.mark.parametrize(
    ("kept", "asked"),
    [
        ("retiens que le code de l'entrepôt est étincelle", "oublie étincelle"),
        ("retiens que le code de l'entrepôt est Étincelle", "oublie ETINCELLE"),
        ("retiens que la sœur de Zoé s'appelle Cœline", "oublie coeline"),
    ],
)
async def test_forgetting_in_french_knows_accents(tmp_path: Path, kept: str, asked: str) -> None:
    async with stage(tmp_path) as s:
        await s.say(kept)
        await s.say(asked)
        assert await s.look(lambda tx: tx.notes.history(MINE)) == ()
    for word in ("étincelle", "Étincelle", "tincelle", "Cœline", "coeline", "œline"):
        assert not holding(tmp_path, word.lower())


async def test_forgetting_nothing_says_so_and_keeps_no_word_of_it(tmp_path: Path) -> None:
    async with stage(tmp_path, clock=SetClock()) as s:
        await s.say(f"forget {CANARY}")
        assert "nothing to forget" in s.last
        assert CANARY not in s.last
        kinds = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert "forgotten" not in kinds
    assert not holding(tmp_path, CANARY)


async def test_a_note_is_of_a_kind(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember the shed is red")
        [note] = await s.look(lambda tx: tx.notes.all(MINE))
        assert note.kind is NoteKind.FACT
