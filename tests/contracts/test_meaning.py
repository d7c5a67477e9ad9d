"""What recall promises where it is known what things mean, over every store (`memory.recall.meaning`)."""

from collections.abc import AsyncGenerator, Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.journal import OURSELVES, Line
from bot.notes import Note
from bot.people import HOME
from memory.postgres import PostgresStore
from memory.sqlite import SqliteStore
from memory.twin import MemoryStore
from tests.contracts.stores import KINDS
from tests.peers import databases
from tests.twins.embedder import TableEmbedder

Meaning = MemoryStore | SqliteStore | PostgresStore
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HERE, ELSEWHERE = "slack/T1/C1/", "slack/T1/C2/"

OPEN: Mapping[str, Callable[[Path, TableEmbedder], Meaning]] = {
    "memory": lambda _, embedder: MemoryStore(embedder=embedder),
    "sqlite": lambda folder, embedder: SqliteStore.open(folder / "vigie.db", embedder=embedder),
    "postgresql": lambda _, embedder: PostgresStore.open(databases.fresh(), embedder=embedder),
}


@pytest.fixture
def embedder() -> TableEmbedder:
    return TableEmbedder()


@pytest.fixture(params=KINDS)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, embedder: TableEmbedder
) -> AsyncGenerator[Meaning]:
    opened = OPEN[request.param](tmp_path, embedder)
    yield opened
    await opened.close()


async def tell(store: Meaning, *texts: str, place: str = HERE, slot: str = "", who: str = "per_ann") -> None:
    for n, text in enumerate(texts):
        line = Line(place=place, who=who, text=text, at=NOON + timedelta(hours=9 * n), slot=slot)
        await store.write(lambda tx, line=line: tx.lines.put(line))


async def settle(store: Meaning) -> int:
    """Everything that is owed is made; how much that was."""
    total = 0
    while made := await store.embed(2):
        total += made
    return total


async def found(store: Meaning, words: str, *places: str) -> list[str]:
    scopes = [f"place:{place}" for place in places or (HERE,)]
    return [each.text for each in await store.read(lambda tx: tx.recall.find(words, scopes, 9))]


async def test_what_means_the_same_in_other_words_is_found(store: Meaning) -> None:
    await tell(store, "the automobile is in the workshop", "the weather is fine", "lunch at noon")
    await settle(store)
    assert await found(store, "where is the car?") == ["the automobile is in the workshop"]


async def test_words_lead_until_a_meaning_is_known(store: Meaning) -> None:
    """Nothing waits for a vector: what was just said is found by its words, beside older things that have theirs."""
    await tell(store, "the automobile is in the workshop")
    await settle(store)
    await tell(store, "the car is red")
    assert set(await found(store, "the car")) == {"the car is red", "the automobile is in the workshop"}


async def test_meaning_is_read_within_the_scopes_and_nowhere_else(store: Meaning) -> None:
    """SAFETY 80"""
    await tell(store, "the automobile is in the workshop", place=ELSEWHERE)
    await tell(store, "the weather is fine")
    await settle(store)
    assert await found(store, "where is the car?") == []
    assert await found(store, "where is the car?", ELSEWHERE) == ["the automobile is in the workshop"]


async def test_notes_are_found_by_meaning_too(store: Meaning) -> None:
    note = Note(id="n1", space=HOME, scope=f"place:{HERE}", text="my physician is Dr Roux", learned=NOON)
    await store.write(lambda tx: tx.notes.put(note))
    await settle(store)
    assert await found(store, "who is the doctor") == ["my physician is Dr Roux"]
    await store.write(lambda tx: tx.notes.forget("n1"))
    assert await found(store, "who is the doctor") == []


async def test_a_line_that_changes_means_what_it_says_last(store: Meaning) -> None:
    await tell(store, "the automobile is late", slot="turn:1", who=OURSELVES)
    await settle(store)
    await tell(store, "the physician is late", slot="turn:1", who=OURSELVES)
    assert await found(store, "car") == []
    await settle(store)
    assert await found(store, "car") == []
    assert await found(store, "doctor") == ["the physician is late"]


async def test_what_is_forgotten_means_nothing_any_more(store: Meaning) -> None:
    await tell(store, "the automobile is in the workshop")
    await settle(store)
    await store.write(lambda tx: tx.traces.unsay(HERE, 1))
    assert await found(store, "car") == []
