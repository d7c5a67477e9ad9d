"""What every store promises of traces: words are found wherever they stand, and gone once they are taken away."""

from dataclasses import replace

from bot.events import Form, Message
from bot.journal import Answer, Ask, Outcome, Thought
from bot.store import Store, Tx
from tests.contracts.stores import ANN, ELSEWHERE, NOON, PLACE, effect, event, later, line, proposal, turn

SOUGHT = frozenset({"cle", "rouge"})


async def test_lines_are_found_by_whole_words_whatever_their_case_and_accents(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for text in ("La CLÉ est rouge", "la clé est bleue", "clés rouges", "rouge, la cle"):
            tx.lines.put(line(text))
        tx.lines.put(line("la clé rouge", place=ELSEWHERE))
        tx.lines.put(replace(line("…"), content={"kind": "text", "text": "une clé\nrouge"}))

    await store.write(fill)
    found = await store.read(lambda tx: tx.traces.lines(PLACE, SOUGHT))
    assert [each.seq for each in found] == [1, 4, 5]
    assert await store.read(lambda tx: tx.traces.lines(PLACE, ())) == ()
    assert await store.read(lambda tx: tx.traces.lines(PLACE, SOUGHT), space="other") == ()


async def test_a_line_taken_away_is_gone_from_the_index_too(store: Store) -> None:
    await store.write(lambda tx: tx.lines.put(line("the key is red")))
    await store.write(lambda tx: tx.traces.unsay(PLACE, 1))
    assert await store.read(lambda tx: tx.lines.since(PLACE, 0)) == ()
    assert await store.read(lambda tx: tx.recall.find("red key", (f"place:{PLACE}",), 9)) == ()
    await store.write(lambda tx: tx.lines.put(line("the key is blue")))
    assert len(await store.read(lambda tx: tx.lines.since(PLACE, 0))) == 1


async def test_a_journal_is_found_by_what_was_thought_asked_and_answered(store: Store) -> None:
    asked = Ask(id="a", action="demo.note", arguments={"text": ["la clé", {"x": "rouge"}]})
    rows = {
        "said": Thought(text="la clé rouge"),
        "asked": Thought(asks=(asked,)),
        "kept": Thought(state='[{"text": "la clé\\nrouge"}]'),
        "heard": Answer(ask="a", outcome=Outcome.DONE, text="la clé", data={"couleur": "rouge"}),
        "other": Thought(text="une clef bleue"),
    }

    def fill(tx: Tx) -> None:
        for name, row in rows.items():
            tx.turns.put(turn(name))
            tx.turns.append(name, row)

    await store.write(fill)
    assert await store.read(lambda tx: tx.traces.turns(SOUGHT)) == ("said", "asked", "kept", "heard")
    await store.write(lambda tx: tx.traces.unload("kept"))
    assert await store.read(lambda tx: tx.turns.rows("kept")) == (Thought(),)
    await store.write(lambda tx: tx.traces.unthink("said"))
    assert await store.read(lambda tx: tx.turns.rows("said")) == ()
    assert await store.read(lambda tx: tx.traces.turns(SOUGHT)) == ("asked", "heard")


async def test_a_turn_leads_to_what_it_said_did_and_asked_for(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for name in ("e1", "e2"):
            tx.effects.add(replace(effect(name), turn="t1"))
        tx.effects.add(effect("e3"))
        tx.proposals.add(proposal("p1"))

    await store.write(fill)
    assert [each.id for each in await store.read(lambda tx: tx.traces.effects("t1"))] == ["e1", "e2"]
    assert await store.read(lambda tx: tx.traces.effects("")) == ()
    assert [each.id for each in await store.read(lambda tx: tx.traces.proposals("t1"))] == ["p1"]


async def test_a_message_keeps_its_key_and_loses_its_words(store: Store) -> None:
    heard = event("e1", body=Message(who=ANN, text="la clé est rouge", name="Ann"))
    await store.write(lambda tx: tx.events.add(heard))
    await store.write(lambda tx: tx.traces.unhear("e1"))
    left = await store.read(lambda tx: tx.events.get("e1"))
    assert left is not None
    assert left.body == Message(who=ANN, text="")
    assert not await store.write(lambda tx: tx.events.add(replace(heard, id="e2")))


async def test_what_was_typed_into_a_form_goes_by_its_card(store: Store) -> None:
    def form(ref: str, text: str) -> Form:
        return Form(who=ANN, ref=ref, revision=1, values={"text": text})

    def fill(tx: Tx) -> None:
        tx.events.add(event("e1", body=form("c_1", "la clé est rouge")))
        tx.events.add(event("e2", body=Message(who=ANN, text="red")))
        tx.events.add(event("e3", body=form("cx1", "green")))
        tx.traces.fill("e2", form("c_1", "red"))
        tx.traces.unfill("c_1")

    await store.write(fill)
    left = await store.read(lambda tx: [tx.events.get(each) for each in ("e1", "e2", "e3")])
    bodies = [each.body for each in left if each is not None]
    assert bodies == [replace(form("c_1", ""), values={})] * 2 + [form("cx1", "green")]


async def test_turns_are_listed_by_when_they_began(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for n in (3, 1, 2):
            tx.turns.put(replace(turn(f"t{n}"), started=later(n)))

    await store.write(fill)
    found = await store.read(lambda tx: tx.traces.between(NOON, later(3), 9))
    assert [each.id for each in found] == ["t1", "t2"]
    assert len(await store.read(lambda tx: tx.traces.between(NOON, later(9), 2))) == 2
