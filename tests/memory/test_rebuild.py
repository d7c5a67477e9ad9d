"""The recall index is derived: a database that was indexed by another version is indexed again when it is opened."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.journal import Line
from bot.notes import Note
from bot.store import Tx
from memory import files
from memory.postgres import PostgresStore
from memory.recall import terms
from memory.sql import rebuild
from memory.sql.hands import Hands
from memory.sql.marks import Marks
from memory.sql.tx import SqlTx
from memory.sqlite import SqliteStore
from tests.contracts.stores import KINDS, STORES

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HERE, ELSEWHERE = "slack/T1/C1/", "slack/T1/C2/"


async def test_an_index_of_another_version_is_built_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "vigie.db"
    store = SqliteStore.open(path)

    def fill(tx: Tx) -> None:
        tx.lines.put(Line(place=HERE, who="per_ann", text="the ferry is late", at=NOON))
        for name, closed in (("n1", ""), ("n2", "n1")):
            tx.notes.put(
                Note(
                    id=name,
                    space=tx.space,
                    scope="person:ann",
                    text=f"ferry {name}",
                    learned=NOON,
                    superseded_by=closed,
                )
            )

    await store.write(fill)
    await store.close()
    with files.engine(path).begin() as connection:
        connection.execute(text("DELETE FROM recall_terms"))
    another = terms.VERSION + 1
    monkeypatch.setattr(terms, "VERSION", another)
    monkeypatch.setattr("memory.sql.rebuild.VERSION", another)
    store = SqliteStore.open(path)
    found = await store.read(lambda tx: tx.recall.find("ferry", (f"place:{HERE}", "person:ann"), 9))
    assert sorted(each.text for each in found) == ["ferry n1", "the ferry is late"]
    await store.close()


@pytest.mark.parametrize("kind", KINDS[1:])
async def test_what_is_indexed_in_bulk_is_found_as_what_was_indexed_one_by_one(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("memory.sql.recall.AT_ONCE", 7)
    monkeypatch.setattr("memory.sql.rebuild.PAGE", 5)
    store = STORES[kind](tmp_path)
    assert isinstance(store, SqliteStore | PostgresStore)

    def fill(tx: Tx) -> None:
        for n in range(60):
            text = f"ferry {n} {'to the harbour' if n % 3 else 'of lanterns'}"
            where = HERE if n % 2 else ELSEWHERE
            tx.lines.put(
                Line(place=where, who=f"per_{n % 4}", text=text, at=NOON + timedelta(minutes=50 * n))
            )
            tx.notes.put(Note(id=f"n{n}", space=tx.space, scope="person:ann", text=text, learned=NOON))

    await store.write(fill)
    scopes = (f"place:{HERE}", f"place:{ELSEWHERE}", "person:ann")
    questions = ("which ferry", "lanterns of the harbour", "ferry 31")
    one_by_one = [await store.read(lambda tx, q=each: tx.recall.find(q, scopes, 40)) for each in questions]
    await store.write(lambda tx: Marks(hands(tx), "").put("recall:version", 0))
    await store.write(lambda tx: rebuild.if_stale(hands(tx)))
    assert [
        await store.read(lambda tx, q=each: tx.recall.find(q, scopes, 40)) for each in questions
    ] == one_by_one
    await store.write(lambda tx: tx.lines.put(Line(place=HERE, who="per_1", text="later", at=NOON)))
    assert [each.text for each in await store.read(lambda tx: tx.recall.find("later", scopes, 1))] == [
        "later"
    ]
    await store.close()


def hands(tx: Tx) -> Hands:
    assert isinstance(tx, SqlTx)
    return tx.hands
