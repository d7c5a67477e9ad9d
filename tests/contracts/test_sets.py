"""The annotated cases of `bench/memory`, as far as they need no conversation: every one of them, over every store."""

from datetime import timedelta

import pytest

from bench.memory import passing
from bench.memory.cases import rows as cases
from bench.recall import plug
from bot.notes import Note, held, plain
from bot.store import Store, Tx
from tests.contracts.stores import NOON

MINE = "person:ann"


@pytest.mark.parametrize("name", ["french.txt", "updates.txt"])
def test_a_set_has_at_least_a_hundred_cases(name: str) -> None:
    assert len({tuple(row) for row in cases(name)}) >= 100


async def test_every_french_question_finds_its_note_first(store: Store) -> None:
    rows = cases("french.txt")

    def fill(tx: Tx) -> None:
        for n, (text, _) in enumerate(rows):
            tx.notes.put(Note(id=f"n{n}", space=tx.space, scope=MINE, text=text, learned=NOON))

    await store.write(fill)
    wrong = {
        question: told[:1]
        for text, question in rows
        if (told := await found(store, question, 5))[:1] != [text]
    }
    assert wrong == {}


async def test_every_fact_that_changed_is_told_as_it_is_now_and_kept_as_it_was(store: Store) -> None:
    rows = cases("updates.txt")

    def fill(tx: Tx) -> None:
        for n, (lang, subject, was, now) in enumerate(rows):
            verb = "is" if lang == "en" else "est"
            old, new = (
                Note(
                    id=f"{name}{n}",
                    space=tx.space,
                    scope=f"{MINE}{n}",
                    text=f"{subject} {verb} {value}",
                    learned=NOON + timedelta(days=day),
                )
                for name, value, day in (("old", was, 0), ("new", now, 9))
            )
            tx.notes.put(new)
            tx.notes.put(old)
            tx.notes.put(old.supersede(new))

    await store.write(fill)
    for n, (_, subject, was, now) in enumerate(rows):
        [told] = await found(store, subject, 5, f"{MINE}{n}")
        assert plain(now) in plain(told)
        history = await store.read(lambda tx, n=n: tx.notes.history(f"{MINE}{n}"))
        [then] = held(history, NOON + timedelta(days=1))
        assert plain(was) in plain(then.text)


async def found(store: Store, words: str, limit: int, scope: str = MINE) -> list[str]:
    return [each.text for each in await store.read(lambda tx: tx.recall.find(words, (scope,), limit))]


@pytest.mark.parametrize(
    ("file", "lost", "mean"),
    [
        ("passing.txt", {"What am I saving money for?"}, 0.88),
        (
            "passing_more.txt",
            {"What is my new position?", "What can I not eat?", "Où est-ce que je travaille ?"},
            0.78,
        ),
    ],
)
async def test_what_a_person_said_in_passing_is_found_above_what_was_answered_about_the_matter(
    store: Store, file: str, lost: set[str], mean: float
) -> None:
    """Most at the first place, all but those that share no word with their question among the first five."""
    said, questions = passing.conversations(file)
    await store.write(lambda tx: plug.fill(tx, said))

    async def place(question: str, gold: str) -> int:
        scope = f"place:{plug.PLACE}"
        hits = await store.read(lambda tx: tx.recall.find(question, (scope,), 10))
        told = [each.line.ref for each in hits if each.line is not None]
        return told.index(gold) + 1 if gold in told else 99

    places = {question: await place(question, gold) for question, gold in questions}
    assert {question for question, at in places.items() if at > 5} == lost
    assert sum(1 / at for at in places.values()) / len(places) > mean
