"""Vectors in a database: owed from the start, made once, thrown away with their model, and forgotten with what they mean."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.journal import Line
from bot.store import Tx
from memory import files
from memory.embedding import Embedding
from memory.sqlite import SqliteStore
from tests.twins.embedder import TableEmbedder

HERE = "slack/T1/C1/"
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigie.db"


Change = Callable[[Tx], object]


def line(text: str, slot: str = "") -> Line:
    return Line(place=HERE, who="per_ann", text=text, at=NOON, slot=slot)


async def say(store: SqliteStore, *texts: str) -> None:
    for each in texts:
        await store.write(lambda tx, each=each: tx.lines.put(line(each)))


def count(path: Path, table: str) -> int:
    with files.engine(path).connect() as connection:
        return connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()


async def test_what_was_said_before_the_extra_was_there_gets_its_vectors_later(path: Path) -> None:
    store = SqliteStore.open(path)
    await say(store, "the car", "the doctor", "the money")
    assert await store.embed(9) == 0, "nothing here can tell"
    await store.close()
    store = SqliteStore.open(path, embedder=TableEmbedder())
    assert [await store.embed(2) for _ in range(3)] == [2, 1, 0]
    await store.close()
    assert (count(path, "recall_vectors"), count(path, "recall_owed")) == (3, 0)


async def test_nothing_is_made_twice_by_a_start(path: Path) -> None:
    embedder = TableEmbedder()
    for _ in range(2):
        store = SqliteStore.open(path, embedder=embedder)
        if not embedder.seen:
            await say(store, "the car")
        while await store.embed(9):
            pass
        await store.close()
    assert embedder.seen == ["the car"]


async def test_another_model_makes_every_vector_again(path: Path) -> None:
    store = SqliteStore.open(path, embedder=TableEmbedder("table/1"))
    await say(store, "the car", "the doctor")
    await store.embed(9)
    await store.close()
    other = TableEmbedder("table/2")
    store = SqliteStore.open(path, embedder=other)
    assert count(path, "recall_vectors") == 0, "what another model meant is not compared with this one"
    await store.embed(9)
    assert sorted(other.seen) == ["the car", "the doctor"]
    await store.close()


def nothing(tx: Tx) -> None:
    """Nobody writes."""


def forget(tx: Tx) -> None:
    tx.traces.unsay(HERE, 1)


def change(tx: Tx) -> None:
    tx.lines.put(line("the doctor", slot="turn:1"))


class Slow(TableEmbedder):
    """While it thinks, others write."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self.meanwhile: Change = nothing

    def embed(self, text: str) -> bytes:
        async def write() -> None:
            store = SqliteStore.open(self._path)
            await store.write(self.meanwhile)
            await store.close()

        asyncio.run(write())
        return super().embed(text)


@pytest.mark.parametrize(
    ("done", "owed"),
    [
        (forget, 0),
        (change, 1),
    ],
    ids=["forgotten", "changed"],
)
async def test_a_vector_of_words_that_are_gone_is_not_kept(path: Path, done: Change, owed: int) -> None:
    slow = Slow(path)
    store = SqliteStore.open(path, embedder=slow)
    await store.write(lambda tx: tx.lines.put(line("the car", slot="turn:1")))
    slow.meanwhile = done
    await store.embed(9)
    assert (count(path, "recall_vectors"), count(path, "recall_owed")) == (0, owed)
    await store.close()


async def test_forgetting_leaves_no_byte_of_a_vector_in_the_files(path: Path) -> None:
    """SAFETY 81"""

    class Canary(TableEmbedder):
        """Vectors that can be looked for."""

        def asked(self, text: str) -> bytes:
            return b"canary" if "money" in text else b"others"

        def alike(self, question: bytes, things: Sequence[bytes]) -> list[float]:
            return []

    store = SqliteStore.open(path, embedder=Canary())
    await say(store, "the car", "the money")
    await store.embed(9)
    assert b"canary" in _bytes(path)
    await store.write(lambda tx: tx.traces.unsay(HERE, 2))
    assert b"canary" not in _bytes(path)
    assert b"others" in _bytes(path)
    await store.close()


async def test_the_work_goes_on_beside_everything_and_ends_when_told(path: Path) -> None:
    store = SqliteStore.open(path, embedder=TableEmbedder())
    work = Embedding(store)
    await say(store, "the car")
    work.start()
    async with asyncio.timeout(60):
        while not await store.read(lambda tx: tx.recall.find("automobile", (f"place:{HERE}",), 1)):
            pass
    await work.stop()
    await store.close()


def _bytes(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.iterdir())
