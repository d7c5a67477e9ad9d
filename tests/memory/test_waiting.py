"""The newest lines of a place wait to be indexed, in a file, and are found all the same."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.journal import Line
from memory import files
from memory.sqlite import SqliteStore
from tests.twins.embedder import TableEmbedder

HERE = "slack/T1/C1/"
NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "vigie.db"


@pytest.fixture(autouse=True)
def by_eights(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memory.sql.lines.TOGETHER", 8)


async def say(store: SqliteStore, *texts: str, asking: bool = True) -> None:
    """As a turn does, that looks at the newest line `asking`, or as what knows nothing of the place."""
    for n, each in enumerate(texts):
        line = Line(place=HERE, who="per_ann", text=each, at=NOON + timedelta(minutes=n))
        await store.write(lambda tx, line=line: (asking and tx.lines.last(HERE, 1), tx.lines.put(line)))


async def found(store: SqliteStore, words: str) -> list[str]:
    hits = await store.read(lambda tx: tx.recall.find(words, (f"place:{HERE}",), 50))
    return sorted(each.text for each in hits if words in each.text)


def indexed(path: Path) -> int:
    with files.engine(path).connect() as connection:
        return connection.execute(text("SELECT count(*) FROM recall_docs")).scalar_one()


@pytest.mark.parametrize("asking", [True, False], ids=["as a turn", "unasked"])
async def test_they_wait_until_there_are_enough_and_no_longer(path: Path, asking: bool) -> None:
    store = SqliteStore.open(path)
    said = [f"ferry {n:02}" for n in range(21)]
    for n, each in enumerate(said, start=1):
        await say(store, each, asking=asking)
        assert indexed(path) == n // 8 * 8
        assert await found(store, "ferry") == said[:n]
    await store.close()


async def test_a_number_that_is_given_again_is_found_again(path: Path) -> None:
    """Whatever is forgotten, what is said next takes the next number after what is left."""
    store = SqliteStore.open(path)
    await say(store, *(f"ferry {n}" for n in range(1, 9)))
    for seq in (8, 7, 6):
        await store.write(lambda tx, seq=seq: tx.traces.unsay(HERE, seq))
    await say(store, "crane 6", "crane 7")
    assert await found(store, "crane") == ["crane 6", "crane 7"]
    assert await found(store, "ferry") == [f"ferry {n}" for n in range(1, 6)]
    await say(store, "crane 8", "crane 9")
    assert indexed(path) == 8
    assert await found(store, "crane") == ["crane 6", "crane 7", "crane 8", "crane 9"]
    await store.close()


async def test_also_where_one_that_waited_was_forgotten_last(path: Path) -> None:
    store = SqliteStore.open(path)
    await say(store, *(f"ferry {n}" for n in range(1, 10)))
    for seq in (8, 9):
        await store.write(lambda tx, seq=seq: tx.traces.unsay(HERE, seq))
    await say(store, "crane 8")
    assert await found(store, "crane") == ["crane 8"]
    await store.close()


async def test_what_waits_is_owed_a_meaning_once_something_can_tell_and_from_then_on_none_waits(
    path: Path,
) -> None:
    store = SqliteStore.open(path)
    await say(store, "the car", "the doctor")
    assert indexed(path) == 0
    await store.close()
    for spoken in ("the money", "the boat"):
        store = SqliteStore.open(path, embedder=TableEmbedder())
        while await store.embed(9):
            pass
        await say(store, spoken)
        assert await store.embed(9) == 1
        await store.close()
    # And without it again: what was said then has its meaning when it is back.
    store = SqliteStore.open(path)
    await say(store, "the train")
    assert indexed(path) == 4
    await store.close()
    store = SqliteStore.open(path, embedder=TableEmbedder())
    assert await store.embed(9) == 1
    await store.close()
