"""The recall index is derived: a database that was indexed by another version is indexed again when it is opened."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.journal import Line
from bot.notes import Note
from bot.store import Tx
from memory import files
from memory.recall import terms
from memory.sqlite import SqliteStore

NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)
HERE = "slack/T1/C1/"


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
    monkeypatch.setattr(terms, "VERSION", 2)
    monkeypatch.setattr("memory.sql.rebuild.VERSION", 2)
    store = SqliteStore.open(path)
    found = await store.read(lambda tx: tx.recall.find("ferry", (f"place:{HERE}", "person:ann"), 9))
    assert sorted(each.text for each in found) == ["ferry n1", "the ferry is late"]
    await store.close()
