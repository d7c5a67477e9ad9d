"""An installation moves from SQLite to PostgreSQL whole and proved, or not at all."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from adapters.engine.alone import Alone
from bot.effects import EffectState
from bot.errors import Failed, Misconfigured
from bot.events import Message
from bot.journal import Line
from bot.missions import Phase
from bot.store import Store, Tx
from memory import files, moving, server
from memory.postgres import PostgresStore
from memory.sqlite import SqliteStore
from tests.contracts.stores import ANN, NOON, PLACE, event
from tests.contracts.test_store_same import SPACES, everything, take
from tests.peers import databases

pytestmark = pytest.mark.peer("postgresql")

STEPS: list[tuple[Any, ...]] = [
    *(("event", name, name, PLACE) for name in ("n1", "n2")),
    ("close", "n1"),
    ("person", "n1", ("slack:T:U",)),
    ("mission", "n1", 3, Phase.ACTIVE, 2),
    ("proposal", "n1", "n2", 4),
    ("effect", "n1", PLACE, EffectState.UNKNOWN, 1),
    *(("line", PLACE, words, slot, "r1") for words, slot in (("the key is red", ""), ("café refunds", "s1"))),
    ("note", "n1", "person:ann", "red key", "", 1),
    ("append", "did", "n1"),
    ("append", "did", "n2"),
    ("mark", "n1", ["a", 1]),
    ("grant", "n1", 2),
]


async def filled(folder: Path) -> Path:
    """An installation with something of everything in two spaces."""
    path = folder / "vigie.db"
    store = SqliteStore.open(path)
    for space in SPACES:
        await store.write(lambda tx: [take(tx, step) for step in STEPS], space=space)
    odd = event("odd", key="odd\x00key", body=Message(who=ANN, text="a\x00b \U0001f680"))
    await store.write(lambda tx: tx.events.add(odd))
    await store.close()
    return path


async def seen(store: Store) -> list[object]:
    return [await store.read(everything, space=space) for space in SPACES]


async def test_all_that_can_be_seen_is_the_same_on_the_other_side(tmp_path: Path) -> None:
    path, url = await filled(tmp_path), databases.fresh()
    moved = await asyncio.to_thread(moving.move, files.engine(path), server.engine(url))
    before, after = SqliteStore.open(path), PostgresStore.open(url)
    assert await seen(after) == await seen(before)
    assert await after.read(lambda tx: tx.events.get("odd")) == await before.read(
        lambda tx: tx.events.get("odd")
    )
    assert moved.entries == {"home": 2, "other": 2}
    assert moved.rows["events"] == 5

    def goes_on(tx: Tx) -> int:
        tx.events.add(event("new"))
        return tx.ledger.append("did", {}, NOON).seq

    assert await after.write(goes_on) == 3
    await before.close()
    await after.close()


async def test_a_copy_that_differs_is_not_kept(tmp_path: Path) -> None:
    """What the other side does to the rows is found out before they count."""
    path, url = await filled(tmp_path), databases.fresh()
    goal = server.engine(url)
    with goal.begin() as connection:
        connection.execute(
            text(
                "CREATE FUNCTION spoil() RETURNS trigger AS $$ BEGIN NEW.body := '{}'; RETURN NEW; END $$ LANGUAGE plpgsql"
            )
        )
        connection.execute(
            text("CREATE TRIGGER spoil BEFORE INSERT ON ledger FOR EACH ROW EXECUTE FUNCTION spoil()")
        )
    with pytest.raises(Failed, match="does not hold on the other side"):
        moving.move(files.engine(path), goal)
    with goal.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar_one() == 0


async def test_rows_that_do_not_arrive_are_missed(tmp_path: Path) -> None:
    path, url = await filled(tmp_path), databases.fresh()
    goal = server.engine(url)
    with goal.begin() as connection:
        connection.execute(text("CREATE RULE lose AS ON INSERT TO marks DO INSTEAD NOTHING"))
    with pytest.raises(Failed, match=r"marks: \d+ rows were sent and 0 arrived"):
        moving.move(files.engine(path), goal)
    with goal.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM events")).scalar_one() == 0


async def test_a_database_that_holds_something_is_not_written_to(tmp_path: Path) -> None:
    path, url = await filled(tmp_path), databases.fresh()
    store = PostgresStore.open(url)
    await store.write(lambda tx: tx.marks.put("mine", 1))
    with pytest.raises(Misconfigured, match="name an empty one"):
        moving.move(files.engine(path), server.engine(url))
    assert await store.read(lambda tx: (tx.marks.get("mine"), tx.events.get("n1"))) == (1, None)
    await store.close()


def command(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "vigie", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "error"},
    )


async def test_the_command_refuses_while_it_runs_and_then_moves(tmp_path: Path) -> None:
    path, url = await filled(tmp_path), databases.bare()
    alone = Alone(path)
    refused = await asyncio.to_thread(command, "move", f"sqlite:///{path}", url)
    assert refused.returncode == 2
    assert "must not write while it is being copied" in refused.stderr
    alone.let_go()
    moved = await asyncio.to_thread(command, "move", f"sqlite:///{path}", url)
    assert moved.returncode == 0, moved.stderr
    assert "The ledger holds there (entries by space: home: 2, other: 2)." in moved.stdout
    verified = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "vigie", "ledger", "verify"],
        capture_output=True,
        text=True,
        env={**os.environ, "DATABASE_URL": url, "VIGIE_HOME": str(tmp_path)},
    )
    assert "The ledger holds: 2 rows" in str(verified.stdout)


async def test_what_waits_for_the_postings_of_its_shelf_is_found_on_the_other_side(tmp_path: Path) -> None:
    """Before more is said there, and after."""
    path, url = tmp_path / "vigie.db", databases.fresh()

    def say(tx: Tx, *texts: str) -> None:
        for text_ in texts:
            tx.lines.put(Line(place=PLACE, who="per_ann", text=text_, at=NOON))

    before = SqliteStore.open(path)
    await before.write(lambda tx: say(tx, "the ferry is late", "a lantern burns"))
    await before.close()
    await asyncio.to_thread(moving.move, files.engine(path), server.engine(url))
    after = PostgresStore.open(url)

    async def found(word: str) -> str:
        return (await after.read(lambda tx: tx.recall.find(word, (f"place:{PLACE}",), 1)))[0].text

    assert await found("ferry") == "the ferry is late"
    await after.write(lambda tx: say(tx, "an orchard blooms"))
    assert [await found(word) for word in ("orchard", "ferry", "lantern")] == [
        *("an orchard blooms", "the ferry is late", "a lantern burns")
    ]
    await after.close()
