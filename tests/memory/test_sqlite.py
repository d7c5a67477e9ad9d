"""What the store on disk promises beyond the contract: its file, its commits, and what stays in neither."""

import asyncio
import logging
import random
import sqlite3
import stat
import threading
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from bot import ledger
from bot.errors import Misconfigured, Stale, StoreAway, Unreachable
from bot.store import Store, Tx
from memory.sql.tx import SqlTx
from memory.sqlite import SqliteStore
from tests.contracts.stores import NOON, PLACE, line, note
from tests.memory import child


@pytest.fixture
async def store(tmp_path: Path) -> AsyncGenerator[SqliteStore]:
    opened = SqliteStore.open(tmp_path / "vigie.db", patience=0.1)
    yield opened
    await opened.close()


def files_of(path: Path) -> list[Path]:
    """The database, its log and its shared memory."""
    return sorted(path.parent.glob(f"{path.name}*"))


def holds(path: Path, canary: bytes) -> bool:
    """Whether the bytes are in any of the files, in any case."""
    return any(canary.lower() in each.read_bytes().lower() for each in files_of(path))


def raw(tx: Tx) -> Connection:
    """The connection under a transaction."""
    assert isinstance(tx, SqlTx)
    return tx.connection


class Holder:
    """Another program that holds the write lock."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("BEGIN IMMEDIATE")

    def let_go(self) -> None:
        self._connection.close()


# The file.


async def test_only_its_owner_may_read_the_files(tmp_path: Path) -> None:
    path = tmp_path / "home" / "vigie.db"
    store = SqliteStore.open(path)
    await store.write(lambda tx: tx.marks.put("a", 1))
    assert [each.name for each in files_of(path)] == ["vigie.db", "vigie.db-shm", "vigie.db-wal"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files_of(path)} == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await store.close()
    assert [each.name for each in files_of(path)] == ["vigie.db"]


async def test_a_url_names_the_same_file_as_its_path(tmp_path: Path) -> None:
    first = SqliteStore.open(f"sqlite:///{tmp_path}/vigie.db")
    await first.write(lambda tx: tx.marks.put("a", 1))
    await first.close()
    second = SqliteStore.open(tmp_path / "vigie.db")
    assert await second.read(lambda tx: tx.marks.get("a")) == 1
    await second.close()


@pytest.mark.parametrize(
    "database",
    [
        "sqlite://",
        ":memory:",
        "",
        "postgresql://localhost/vigie",
        "sqlite:///x.db?mode=ro",
        "http://[",
        "x://",
    ],
)
def test_what_names_no_file_is_refused(database: str) -> None:
    with pytest.raises(Misconfigured, match=r"sqlite:///path/to/vigie\.db"):
        SqliteStore.open(database)


def test_a_folder_or_a_foreign_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="cannot be opened"):
        SqliteStore.open(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear Sir or Madam, " * 100)
    with pytest.raises(Misconfigured, match="something else"):
        SqliteStore.open(tmp_path / "letter.txt")
    assert (tmp_path / "letter.txt").read_text().startswith("Dear Sir")


async def test_every_commit_is_synced_to_the_disk(store: SqliteStore, tmp_path: Path) -> None:
    def settings(tx: Tx) -> dict[str, object]:
        connection = raw(tx)
        names = ("journal_mode", "synchronous", "foreign_keys", "secure_delete", "busy_timeout")
        return {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in names}

    assert await store.write(settings) == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 100,
    }


# Commits.


async def test_what_waits_together_is_committed_together(store: SqliteStore, tmp_path: Path) -> None:
    """Counted where it counts: by how often the log changes."""
    sizes: list[int] = []
    log = tmp_path / "vigie.db-wal"

    def change(n: int) -> Callable[[Tx], None]:
        def put(tx: Tx) -> None:
            sizes.append(log.stat().st_size)
            tx.marks.put(str(n), n)

        return put

    await store.write(change(0))
    sizes.clear()
    await asyncio.gather(*(store.write(change(n)) for n in range(100)))
    assert len(set(sizes)) <= 4  # one alone, then at most 64 together


async def test_one_store_serves_several_event_loops(tmp_path: Path) -> None:
    store = SqliteStore.open(tmp_path / "vigie.db")
    rings: list[tuple[str, str]] = []
    store.listen(lambda space, place: rings.append((space, place)))

    def elsewhere() -> object:
        async def use() -> object:
            await store.write(lambda tx: tx.ring("thread"))
            return await store.write(lambda tx: tx.marks.get("a"))

        return asyncio.run(use())

    await store.write(lambda tx: tx.marks.put("a", 1))
    assert await asyncio.to_thread(elsewhere) == 1
    assert rings == [("home", "thread")]
    await store.close()


async def test_a_caller_that_gives_up_harms_nobody(store: SqliteStore) -> None:
    tasks = [asyncio.create_task(store.write(lambda tx, n=n: tx.marks.put(str(n), n))) for n in range(20)]
    await asyncio.sleep(0)
    for task in tasks[::2]:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    assert [outcome for outcome in outcomes if not isinstance(outcome, asyncio.CancelledError)] == [None] * 10
    assert await store.read(lambda tx: [tx.marks.get(str(n)) for n in range(1, 20, 2)]) == list(
        range(1, 20, 2)
    )


async def test_closing_finishes_what_waits_behind_a_slow_function(store: SqliteStore) -> None:
    begun, gate = threading.Event(), threading.Event()

    def slow(tx: Tx) -> bool:
        begun.set()
        return gate.wait(30)

    first = asyncio.create_task(store.write(slow))
    assert await asyncio.to_thread(begun.wait, 30)
    behind = [
        asyncio.create_task(store.write(lambda tx, n=n: tx.marks.put(str(n), n) or n)) for n in range(9)
    ]
    closing = asyncio.create_task(store.close())
    await asyncio.to_thread(lambda: None)  # the writes and the close are asked for by now
    gate.set()
    assert await first
    assert await asyncio.gather(*behind) == list(range(9))
    await closing


async def test_a_locked_database_is_unreachable_and_comes_back(
    store: SqliteStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """SAFETY 7"""
    rings: list[str] = []
    store.listen(lambda _, place: rings.append(place))
    await store.write(lambda tx: tx.marks.put("a", 1))

    def change(n: int) -> Callable[[Tx], None]:
        def put(tx: Tx) -> None:
            tx.marks.put(f"m{n}", n)
            tx.ring(PLACE)

        return put

    holder = Holder(tmp_path / "vigie.db")
    with caplog.at_level(logging.ERROR):
        outcomes = await asyncio.gather(*(store.write(change(n)) for n in range(5)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {StoreAway}
    assert "Close it, or try again" in str(outcomes[0])
    assert {record.message for record in caplog.records} == {"commit_failed"}
    assert await store.read(lambda tx: tx.marks.get("a")) == 1
    holder.let_go()
    assert rings == []
    assert await store.read(lambda tx: [tx.marks.get(f"m{n}") for n in range(5)]) == [None] * 5
    await store.write(change(0))
    assert rings == [PLACE]


def test_a_database_that_stays_locked_cannot_be_opened(tmp_path: Path) -> None:
    sqlite3.connect(tmp_path / "vigie.db").execute("PRAGMA journal_mode = WAL").connection.close()
    holder = Holder(tmp_path / "vigie.db")
    with pytest.raises(Unreachable, match="Close it"):
        SqliteStore.open(tmp_path / "vigie.db", patience=0.1)
    holder.let_go()


async def test_a_full_file_is_unreachable_and_comes_back(store: SqliteStore) -> None:
    def limit(pages: int) -> Callable[[Tx], None]:
        def set_(tx: Tx) -> None:
            raw(tx).exec_driver_sql(f"PRAGMA max_page_count = {pages}").all()

        return set_

    def put(n: int, size: int) -> Callable[[Tx], int]:
        def change(tx: Tx) -> int:
            tx.marks.put(f"m{n}", "x" * size)
            return n

        return change

    await store.write(put(0, 10))
    await store.write(limit(1))  # SQLite takes the size it has for the least
    changes = [put(1, 10), put(2, 1_000_000), put(3, 10)]
    outcomes = await asyncio.gather(*(store.write(change) for change in changes), return_exceptions=True)
    assert isinstance(outcomes[1], Unreachable)
    assert "Free some space" in str(outcomes[1])
    for n, outcome in ((1, outcomes[0]), (3, outcomes[2])):
        kept = await store.read(lambda tx, n=n: tx.marks.get(f"m{n}"))
        assert (outcome, kept) == (n, "x" * 10) or (isinstance(outcome, Unreachable) and kept is None)
    await store.write(limit(1_000_000))
    assert await store.write(put(2, 1_000_000)) == 2
    assert await store.read(lambda tx: len(tx.marks.get("m2"))) == 1_000_000


async def test_a_function_that_ends_the_transaction_takes_nobody_along(store: SqliteStore) -> None:
    """As SQLite itself does on some errors: nothing of the batch may be kept, and nothing half."""

    def end(tx: Tx) -> None:
        tx.marks.put("ended", 1)
        tx.ring("ended")
        raw(tx).exec_driver_sql("ROLLBACK")

    def put(n: int) -> Callable[[Tx], None]:
        def change(tx: Tx) -> None:
            tx.marks.put(f"m{n}", n)
            tx.ring(f"m{n}")

        return change

    def fail(tx: Tx) -> None:
        raise Stale("mine")

    rings: list[str] = []
    store.listen(lambda _, place: rings.append(place))
    changes = [put(0), put(1), fail, end, put(2)]
    outcomes = await asyncio.gather(*(store.write(change) for change in changes), return_exceptions=True)
    assert isinstance(outcomes[2], Stale)
    assert isinstance(outcomes[3], Unreachable)
    for n, outcome in ((0, outcomes[0]), (1, outcomes[1]), (2, outcomes[4])):
        kept = await store.read(lambda tx, n=n: tx.marks.get(f"m{n}"))
        assert kept == (n if outcome is None else None)
        assert (f"m{n}" in rings) == (outcome is None)
    assert "ended" not in rings
    assert await store.read(lambda tx: tx.marks.get("ended")) is None
    await store.write(put(9))


# Forgetting.


async def test_a_forgotten_text_is_nowhere_in_the_files(store: SqliteStore, tmp_path: Path) -> None:
    """SAFETY 81"""
    path, canary = tmp_path / "vigie.db", "xylophonequartz"

    def fill(tx: Tx) -> None:
        for n in range(200):
            tx.notes.put(note(f"n{n}", f"the {n}th door opens with key {n * 7919}"))
        tx.notes.put(note("secret", f"the password is {canary} {'long ' * 3000}{canary}"))

    await store.write(fill)
    await store.write(lambda tx: tx.notes.put(note("secret", f"the password was {canary}")))
    assert holds(path, canary.encode())
    assert await store.write(lambda tx: tx.notes.forget("secret"))
    assert not holds(path, canary.encode())
    await store.close()
    assert not holds(path, canary.encode())


async def test_words_that_moved_from_page_to_page_are_gone_too(store: SqliteStore, tmp_path: Path) -> None:
    """Pages that were split keep copies in their gaps, which deleting does not reach. SAFETY 81"""
    path, canary, rng = tmp_path / "vigie.db", "xylophonequartz", random.Random(1)

    def fill(tx: Tx) -> None:
        for n in range(300):
            text = f"{canary if n % 9 == 0 else ''} {' '.join(f'word{rng.randrange(999)}' for _ in range(rng.randrange(120)))}"
            tx.notes.put(note(f"n{n * 7919 % 300}", text))
            tx.lines.put(line(text))

    await store.write(fill)
    kept = await store.read(lambda tx: tx.notes.all("person:ann"))
    for each in kept[::2]:
        longer = replace(each, text=each.text + " more" * rng.randrange(200))
        await store.write(lambda tx, n=longer: tx.notes.put(n))

    def drop(tx: Tx) -> None:
        for each in tx.notes.all("person:ann"):
            if canary in each.text:
                tx.notes.forget(each.id)
        for said in tx.traces.lines(PLACE, {canary}):
            tx.traces.unsay(said.place, said.seq)

    await store.write(drop)
    assert not holds(path, canary.encode())


async def test_forgetting_waits_for_who_still_reads(
    store: SqliteStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path, canary = tmp_path / "vigie.db", "xylophonequartz"
    await store.write(lambda tx: tx.notes.put(note("secret", f"the password is {canary}")))
    reader = sqlite3.connect(path, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM notes").fetchall()
    with caplog.at_level(logging.WARNING):
        assert await store.write(lambda tx: tx.notes.forget("secret"))
    assert "forgotten_text_lingers" in caplog.messages
    reader.close()
    await store.write(lambda tx: tx.marks.put("next", 1))
    assert not holds(path, canary.encode())


# Two processes.


async def test_two_processes_may_write_at_the_same_time(tmp_path: Path) -> None:
    path, count = tmp_path / "vigie.db", 150
    writers = [child.start("write", str(path), name, str(count)) for name in ("one", "two")]
    for writer in writers:
        out, _ = writer.communicate(timeout=60)
        assert writer.returncode == 0
        assert len(out.splitlines()) == count
    store: Store = SqliteStore.open(path)
    entries = await store.read(lambda tx: tx.ledger.read())
    assert len(entries) == 2 * count
    assert ledger.verify(entries).holds
    assert {entry.body["who"] for entry in entries} == {"one", "two"}
    assert {entry.at for entry in entries} == {NOON}
    await store.close()
    assert sqlite3.connect(path).execute("PRAGMA integrity_check").fetchone() == ("ok",)
