"""A process is killed, or its disk is full: what it was promised is there, and nothing is damaged."""

import json
import signal
import sqlite3
from pathlib import Path

import pytest

from bot import ledger
from bot.store import Tx
from memory.sqlite import SqliteStore
from tests.memory import child


def sound(path: Path) -> bool:
    """What SQLite itself says of the file."""
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


@pytest.mark.parametrize("promises", [1, 37, 150, 400])
async def test_what_a_killed_process_was_promised_is_there(tmp_path: Path, promises: int) -> None:
    path = tmp_path / "vigie.db"
    process = child.start("write", str(path), "one", "100000")
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(promises)]
    process.send_signal(signal.SIGKILL)
    # What it still printed before it died was promised too; a line cut in half was not.
    lines += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    assert process.wait(timeout=30) == -signal.SIGKILL
    promised = {int(line.split()[1]) for line in lines if line.endswith("\n")}

    store = SqliteStore.open(path)

    def look(tx: Tx) -> tuple[tuple[ledger.Entry, ...], int]:
        return tx.ledger.read(limit=1_000_000), tx.events.count_open()

    entries, events = await store.read(look)
    assert promised
    assert promised <= {entry.body["n"] for entry in entries}
    assert ledger.verify(entries).holds
    assert events == len(entries)
    await store.close()
    assert sound(path)


async def test_a_full_disk_loses_nothing_that_was_promised(tmp_path: Path) -> None:
    path = tmp_path / "vigie.db"
    process = child.start("fill", str(path), str(1_000_000))
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    told = json.loads(out)
    assert told["refused"]
    assert told["lost"] == []
    assert 1_000_000 in told["kept"], "it went on once there was room again"
    store = SqliteStore.open(path)
    there = await store.read(lambda tx: [tx.marks.get(f"m{n}") == "x" * 3000 for n in told["kept"]])
    assert all(there)
    await store.close()
    assert sound(path)
