"""What recall promises, over every store (`bot.store.Recall`)."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.journal import OURSELVES, Line
from bot.notes import Note
from bot.people import Person, Role
from bot.store import Store, Tx
from memory.recall import search
from memory.twin.store import MemoryStore

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HERE, ELSEWHERE = "slack/T1/C1/", "slack/T1/C2/"


def said(text: str, *, who: str = "per_ann", after: int = 0, place: str = HERE, slot: str = "") -> Line:
    return Line(place=place, who=who, text=text, at=NOON + timedelta(minutes=after), slot=slot)


def person(name: str) -> Person:
    return Person(id=f"per_{name.casefold()}", name=name, role=Role.MEMBER)


async def tell(store: Store, *lines: Line) -> None:
    def fill(tx: Tx) -> None:
        for line in lines:
            tx.lines.put(line)

    await store.write(fill)


async def found(store: Store, words: str, *places: str, limit: int = 9) -> list[str]:
    scopes = [f"place:{place}" for place in places or (HERE,)]
    return [each.text for each in await store.read(lambda tx: tx.recall.find(words, scopes, limit))]


async def test_what_was_said_is_found_by_the_form_the_question_uses(store: Store) -> None:
    await tell(store, said("We bought a red bicycle in Lyon"), said("Nothing of the sort", after=600))
    assert (await found(store, "When did we buy the bicycles?"))[0] == "We bought a red bicycle in Lyon"


@pytest.mark.parametrize(
    ("line", "question"),
    [
        ("J'ai déménagé à Besançon en mars", "Où as-tu déménagé ?"),
        ("J'ai déménagé à Besançon en mars", "quand est-ce que j'ai demenage"),
        ("Les chevaux sont arrivés hier", "Quel cheval est arrivé ?"),
        ("Nous préférons les factures en euros", "Préfères-tu une facture en euro ?"),
        ("L'adresse de l'entrepôt a changé", "Quelle est l’adresse des entrepôts ?"),
    ],
)
async def test_french_is_found_through_its_forms_and_accents(store: Store, line: str, question: str) -> None:
    await tell(store, said("Il fait beau"), said("Bonjour", after=300), said(line, after=900))
    assert (await found(store, question))[0] == line


async def test_the_answer_stands_above_the_question_it_answers(store: Store) -> None:
    await tell(
        store,
        said("What colour is the front door?", who="per_bob"),
        said("Green, since last spring", after=1),
        said("The window is open", after=400),
    )
    assert "Green, since last spring" in (await found(store, "the colour of the front door"))[:2]


async def test_who_is_named_is_listened_to(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.people.put(person("Ann"))
        tx.people.put(person("Bob"))
        tx.lines.put(said("I paint sunsets"))
        tx.lines.put(said("I paint fences", who="per_bob", after=600))

    await store.write(fill)
    assert (await found(store, "what does Bob paint"))[0] == "I paint fences"
    assert (await found(store, "what does Ann paint"))[0] == "I paint sunsets"


async def test_who_tells_something_is_listened_to_and_not_who_is_told(store: Store) -> None:
    def fill(tx: Tx) -> None:
        for name in ("Ann", "Bob"):
            tx.people.put(person(name))
        tx.lines.put(said("you could visit Porto"))
        tx.lines.put(said("you could visit Ghent", who="per_bob", after=600))

    await store.write(fill)
    assert (await found(store, "which city could Bob visit as Ann told him"))[0] == "you could visit Ghent"
    assert (await found(store, "what did Ann tell Bob to visit"))[0] == "you could visit Porto"
    assert len(await found(store, "what could Ann and Bob visit")) == 2


async def test_a_persons_words_stand_above_ours_about_them(store: Store) -> None:
    await tell(
        store,
        said("My deadline is Friday"),
        said("Your deadline, the deadline you named: deadlines matter", who=OURSELVES, after=600),
    )
    assert (await found(store, "which deadline did I name"))[0] == "My deadline is Friday"


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("which ferry did you recommend?", "Take the early ferry to Ghent"),
        ("quel ferry m'as-tu conseillé ?", "Take the early ferry to Ghent"),
        ("which ferry did I take?", "I took the late ferry to Ghent"),
        ("do you remember which ferry I take?", "I took the late ferry to Ghent"),
    ],
)
async def test_who_asks_what_we_said_is_told_what_we_said(store: Store, question: str, first: str) -> None:
    await tell(
        store,
        said("I took the late ferry to Ghent"),
        said("Take the early ferry to Ghent", who=OURSELVES, after=1),
    )
    assert (await found(store, question))[0] == first


async def test_whoever_asks_about_themselves_is_told_what_they_said_of_themselves(store: Store) -> None:
    await tell(
        store,
        said("I keep my licence in the drawer"),
        said("Good to know", who=OURSELVES, after=1),
        said("They keep the licence in the drawer", after=900),
    )
    assert (await found(store, "where do I keep my licence"))[0] == "I keep my licence in the drawer"


@pytest.mark.parametrize("tail", [1, 64], ids=["among the postings", "waiting"])
async def test_a_line_that_changes_is_found_by_its_last_words_alone(
    store: Store, tail: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory.sql.lines.TOGETHER", tail)
    await tell(store, said("…", who=OURSELVES, slot="turn:1"))
    assert await found(store, "…") == []
    await tell(store, said("the crane is late", who=OURSELVES, slot="turn:1"))
    await tell(store, said("the ferry is late", who=OURSELVES, slot="turn:1"))
    assert await found(store, "crane") == []
    assert await found(store, "ferry") == ["the ferry is late"]


@given(data=st.data())
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_words_that_stand_nearly_everywhere_are_ranked_the_same(
    store: Store, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where so much is remembered that not all of it can be read, every store leaves the same out."""
    monkeypatch.setattr(search, "RARE", 3)
    monkeypatch.setattr(search, "POOL", 4)
    monkeypatch.setattr("memory.sql.lines.TOGETHER", data.draw(st.integers(1, 50)))
    word = st.sampled_from(["ferry", "harbour", "lantern", "orchard", "violin"])
    texts = data.draw(st.lists(st.lists(word, min_size=1, max_size=4).map(" ".join), min_size=1, max_size=40))
    place = f"slack/T1/{uuid4().hex}/"
    lines = [said(f"{text} {n}", after=n * 40, place=place) for n, text in enumerate(texts)]
    twin = MemoryStore()
    for each in (twin, store):
        await tell(each, *lines)
    question = " ".join(data.draw(st.lists(word, min_size=1, max_size=3)))
    assert await found(store, question, place) == await found(twin, question, place)


_WORD = st.sampled_from(["ferry", "harbour", "lantern", "orchard", "violin"])
_TEXT = st.lists(_WORD, min_size=1, max_size=4).map(" ".join)


@given(data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_said_anew_or_forgotten_at_any_time_it_is_found_the_same(
    store: Store, data: st.DataObject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many things wait to be put among the postings: the terms of what is changed, or gone, go with it."""
    monkeypatch.setattr("memory.sql.lines.TOGETHER", data.draw(st.integers(1, 12), "tail"))
    place, twin = f"slack/T1/{uuid4().hex}/", MemoryStore()
    for step in range(data.draw(st.integers(1, 30), "steps")):
        slot = f"turn:{data.draw(st.integers(0, 9), 'slot')}"
        text = data.draw(st.one_of(_TEXT, st.just(""), st.just("…")), "text")

        def write(tx: Tx, slot: str = slot, text: str = text, step: int = step) -> None:
            standing = tx.lines.by_slot(place, slot)
            if text or standing is None:
                tx.lines.put(said(text or "…", after=step, place=place, slot=slot))
            else:
                tx.traces.unsay(place, standing.seq)

        for each in (twin, store):
            await each.write(write)
    for word in ("ferry", "harbour", "lantern", "orchard", "violin"):
        holding = [
            sorted(each for each in await found(here, word, place, limit=50) if word in each)
            for here in (store, twin)
        ]
        assert holding[0] == holding[1], word


async def test_notes_and_lines_answer_together(store: Store) -> None:
    def fill(tx: Tx) -> None:
        tx.lines.put(said("the ferry leaves at nine"))
        tx.notes.put(
            Note(id="n1", space=tx.space, scope=f"place:{HERE}", text="the ferry costs 12 EUR", learned=NOON)
        )

    await store.write(fill)
    assert set(await found(store, "ferry")) == {"the ferry leaves at nine", "the ferry costs 12 EUR"}


async def test_nobody_elses_words_change_a_ranking(store: Store) -> None:
    """SAFETY 80"""
    await tell(store, said("the red key opens the shed"), said("the blue key is lost", after=500))
    alone = await found(store, "the red key")
    flood = [said("red red red key shed", place=ELSEWHERE, after=n) for n in range(50)]
    await tell(store, *flood)
    assert await found(store, "the red key") == alone


WORDS = st.lists(st.sampled_from("red key door shed blue ferry".split()), min_size=1, max_size=4).map(
    " ".join
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kept=st.lists(st.tuples(st.sampled_from("abc"), WORDS), max_size=12),
    readable=st.sets(st.sampled_from("abc"), max_size=3),
    words=WORDS,
)
async def test_nothing_is_found_outside_of_the_scopes(
    kept: list[tuple[str, str]], readable: set[str], words: str
) -> None:
    """SAFETY 80"""
    store: Store = MemoryStore()
    await tell(
        store, *(said(text, place=f"slack/T1/{name}/", after=n) for n, (name, text) in enumerate(kept))
    )
    scopes = [f"place:slack/T1/{name}/" for name in readable]
    for each in await store.read(lambda tx: tx.recall.find(words, scopes, 50)):
        assert each.line is not None
        assert each.line.place in {f"slack/T1/{name}/" for name in readable}
