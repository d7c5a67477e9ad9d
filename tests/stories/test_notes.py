"""Notes: where each comes from, how sure it is, how long it holds; shown as they are, changed by a person alone."""

import itertools
from datetime import timedelta
from pathlib import Path

import pytest

from bot.ids import short_code
from bot.journal import Ask, Outcome, Thought
from bot.notes import DOUBTFUL, FADED, HEARD, INFERRED, OWN_WORDS, Note, NoteKind, person_scope
from bot.people import HOME
from bot.store import Tx
from tests.clocks import SetClock
from tests.stage import HERE, Stage, stage
from tests.twins.mind import ScriptedMind

MINE = person_scope("per_olivia")
CLOCK = SetClock()


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
        assert "24 Dec 2026)" in s.last or "24 déc. 2026)" in s.last, "a day, and no hour of it"
        clock.forward(timedelta(seconds=2))
        await s.say(asked)
        assert note.text not in s.last
        await s.say("remember until 2026-01-01: too late")
        assert "over already" in s.last


async def test_what_changed_on_a_day_before_is_told_as_of_that_day(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("my address changed to 5 Elm Street on 2026-10-01")
        await s.say("my address changed to 9 Pine Avenue on 2026-11-02")
        assert "9 Pine Avenue" in s.last
        for day, held in (
            *(("2026-09-30", ""), ("2026-10-01", "Elm"), ("2026-11-01", "Elm")),
            *(("2026-11-02", "Pine"), ("2026-11-20", "Pine"), ("2026-12-20", "Pine")),
        ):
            await s.say(f"what do you know about my address as of {day}")
            assert [street for street in ("Elm", "Pine") if street in s.last] == ([held] if held else [])
        await s.say("what is my address?")
        assert "Elm" not in s.last
        assert "9 Pine Avenue" in s.last
        assert "true since Mon 2 Nov 2026)" in s.last
        await s.say("my address changed to 1 Oak Road on 2027-01-01")
        assert "2027-01-01 is still to come" in s.last


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


async def test_news_of_ones_own_takes_the_place_of_nothing_else(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("remember the address of Bob is 4 Oak Road")
        await s.say("remember Ann wrote her address on the wall")
        await s.say("my address changed to 5 Elm Street")
        assert "I remembered nothing about my address before." in s.last
        await s.say("my address changed to 9 Pine Avenue")
        assert "It takes the place of: address: 5 Elm Street" in s.last
        await s.say("correct the closing hour to 9")
        await s.say("correct the opening hour to 7")
        assert "takes the place" not in s.last, "one word in common is not the same matter"
        await s.say("remember les factures sont payées")
        await s.say("pin facture")
        assert s.last == "Pinned: les factures sont payées"
        await s.say("pin nothing at all")
        assert "nothing like that" in s.last
        assert [note.text for note in await mine(s)] == [
            "the address of Bob is 4 Oak Road",
            "Ann wrote her address on the wall",
            "address: 9 Pine Avenue",
            "the closing hour: 9",
            "the opening hour: 7",
            "les factures sont payées",
        ]


async def test_a_code_that_no_note_has_replaces_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("correct K7Q2 to the shop is closed")
        assert "no note here has the code K7Q2" in s.last
        assert await mine(s) == ()
        await s.say("my IBAN changed to FR76")
        assert [note.text for note in await mine(s)] == ["IBAN: FR76"]


async def test_what_does_not_agree_is_found_among_much_that_is_alike(tmp_path: Path) -> None:
    def many(tx: Tx) -> None:
        for n in range(400):
            tx.notes.put(
                Note(
                    id=f"n{n}",
                    space=tx.space,
                    scope=MINE,
                    text=f"the gate code of house {n} is {n + 4000}",
                    learned=CLOCK.now(),
                )
            )

    async with stage(tmp_path) as s:
        await s.store.write(many)
        await s.say("remember the gate code of house 57 is 1207")
        assert "4057" in s.last
        assert "4058" not in s.last


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
        await s.say("rule invoices in EUR")
        await s.say("remember the warehouse closes at six")
        await s.say("list add parcels: a lamp")
    async with stage(tmp_path, clock=clock, model=mind) as s:
        s.numbers = itertools.count(100)
        await s.say("when does the warehouse close, my friend?")
        turn = (await s.look(lambda tx: tx.lines.last(HERE.key, 1)))[0].turn
        await s.say("briefing")
        assert "2 standing rules:\n   • always answer briefly\n   • invoices in EUR" in s.last
        assert "1 list:\n   • parcels (list)" in s.last
        assert "since " in s.last.splitlines()[-2]
        assert "the warehouse closes at six" in s.last
        assert "Olivia said so" in s.last
        await s.say(f"why {turn}")
        assert "the warehouse closes at six" in s.last
        row = next(e for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "briefed")
        assert not {"warehouse", "briefly", "parcels"} & set(str(row.body).split("'")), "by ids alone"
        assert "warehouse" not in str(row.body)
    async with stage(tmp_path, clock=clock) as s:
        s.numbers = itertools.count(200)
        await s.say("forget warehouse")
        await s.say("rule 2 drop")
        await s.say(f"why {turn}")
        assert "forgotten since" in s.last
        assert "always answer briefly\n   • one that was dropped since" in s.last


async def test_what_was_carried_over_is_shown_with_the_briefing_it_was_told_in(tmp_path: Path) -> None:
    mind = ScriptedMind([Thought(text="I see") for _ in range(60)])
    async with stage(tmp_path, model=mind) as s:
        await s.say("my friend, we decided to ship lamps on Friday")
        for n in range(30):
            await s.say(f"my friend, this is small talk{'x' * (n % 7)}")
        await s.say("briefing")
        head = "1 decision, open question or number from lines that are not shown any more:"
        assert f"{head}\n   • Olivia: my friend, we decided to ship lamps on Friday (" in s.last


async def test_what_was_said_in_passing_is_told_with_who_said_it_and_when(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("my sister Zoé moves to Ghent on Friday, so I will be away")
        await s.say("the weather is fine")
        await s.say("remember the sister of Mark lives in Porto")
        for _ in range(2):
            await s.say("what do you know about my sister")
            notes, _, said = s.last.partition("Said here:")
            assert "the sister of Mark lives in Porto" in notes
            assert said.strip().splitlines() == [
                "• “my sister Zoé moves to Ghent on Friday, so I will be away” (Olivia, Sat 21 Nov 2026, 13:00)"
            ], "neither what was noted anyway, nor the question itself, nor what merely stands beside it"
        await s.say("que sais-tu de ma sœur Zoe")
        assert "moves to Ghent" in s.last
        await s.say("what do you know about the moon")
        assert "nothing about the moon" in s.last


@pytest.mark.parametrize(
    ("news", "pin", "told"),
    [
        ("my address changed to 5 Elm Street", "pin my address", "Pinned: address: 5 Elm Street"),
        ("mon adresse est désormais 5 rue X", "épingle mon adresse", "Pinned: adresse : 5 rue X"),
    ],
)
async def test_a_note_is_meant_by_whoever_says_whose_it_is(
    tmp_path: Path, news: str, pin: str, told: str
) -> None:
    async with stage(tmp_path) as s:
        await s.say("well, my address stays at 12, mon adresse reste au 12")
        for n in range(45):
            await s.say(f"thanks {'a' * (n % 5)}")
        await s.say(news)
        await s.say(pin)
        assert s.last == told
        await s.say(f"forget {pin.split(maxsplit=1)[1]}")
        await s.say("what do you know about me")
        assert "5 " not in s.last


async def test_what_is_said_in_a_private_conversation_is_not_told(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("private mode")
        await s.say("my sister Zoé moves to Ghent on Friday")
        await s.say("what do you know about my sister")
        assert "Ghent" not in s.last


async def test_what_is_not_listed_is_counted(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("what do you know about me")
        assert s.last == "I remember nothing about me."
        for n in range(23):
            await s.say(f"remember box {n * 7919} is on shelf {n}")
        await s.say("rule always answer briefly")
        await s.say("count visitors +1")
        await s.say("what do you know about me")
        assert s.last.splitlines()[-3:] == [
            "3 older notes are not shown here: ask for them by a word, or see “dashboard”, Memory.",
            "And 1 standing rule: “rules”.",
            "And 1 list, counter or total: “lists”.",
        ]


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
