"""What the store on PostgreSQL promises beyond the contract: many processes, one chain, and a server that comes back."""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import Connection, Engine, text

from bot import ledger
from bot.errors import Misconfigured, Refused, SchemaTooNew, Stale, Unreachable
from bot.events import Message
from bot.journal import Line
from bot.store import Tx
from memory import migrate, server
from memory.postgres import READERS, PostgresStore
from memory.sql.tx import SqlTx
from tests.contracts.stores import ANN, NOON, PLACE, event, note, person, tally
from tests.memory import child
from tests.peers import databases
from tests.peers.servers import Cluster, cluster

pytestmark = pytest.mark.peer("postgresql")


@pytest.fixture
def url() -> str:
    return databases.fresh()


@pytest.fixture
async def store(url: str) -> AsyncGenerator[PostgresStore]:
    opened = PostgresStore.open(url)
    yield opened
    await opened.close()


def schema(engine: Engine) -> set[tuple[str, ...]]:
    """Every column and index, as the server describes them."""
    columns = (
        "SELECT table_name, column_name, data_type, is_nullable, coalesce(collation_name, '') "
        "FROM information_schema.columns WHERE table_schema = 'public'"
    )
    with engine.connect() as connection:
        found = {tuple(map(str, row)) for row in connection.execute(text(columns))}
        indexes = connection.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'")
        )
        return found | {tuple(map(str, row)) for row in indexes}


def raw(tx: Tx) -> Connection:
    """The connection under a transaction."""
    assert isinstance(tx, SqlTx)
    return tx.connection


# Tables.


def test_a_new_database_and_one_that_climbed_every_step_are_alike() -> None:
    made, climbed = (server.engine(databases.bare()) for _ in range(2))
    migrate.upgrade(made)
    with climbed.begin() as connection:
        migrate.climb(connection, None)
    assert schema(climbed) == schema(made)
    assert migrate.current(climbed) == migrate.current(made) == migrate.head()


def test_many_that_start_together_make_the_tables_once() -> None:
    url = databases.bare()
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(PostgresStore.open, [url] * 6))
    assert migrate.current(server.engine(url)) == migrate.head()
    for store in stores:
        asyncio.run(store.close())


def test_a_database_from_a_newer_version_is_refused_and_left_alone(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaTooNew, match="run the newer Vigie, or restore a backup"):
        PostgresStore.open(url)
    assert migrate.current(server.engine(url)) == "9999"


def test_a_database_of_something_else_is_refused_and_left_alone() -> None:
    url = databases.bare()
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE recipes (name text)")
    with pytest.raises(Misconfigured, match="something else"):
        PostgresStore.open(url)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("postgresql://vigie@{host}/nothing", "does not exist; make it first"),
        ("postgresql://vigie@{host}", "names no database"),
        ("postgresql://vigie@{host}:x/y", "cannot be read"),
    ],
)
def test_a_url_that_cannot_serve_is_said_in_a_line(url: str, wrong: str, said: str) -> None:
    host = url.partition("@")[2].partition("/")[0]
    with pytest.raises(Misconfigured, match=said):
        PostgresStore.open(wrong.format(host=host))


def test_a_server_that_does_not_answer_is_said_and_not_waited_for() -> None:
    with pytest.raises(Unreachable, match="cannot be reached"):
        PostgresStore.open("postgresql://vigie:secret@127.0.0.1:9/vigie", patience=0.2)


# Many processes.


async def test_many_processes_write_one_chain(url: str, store: PostgresStore) -> None:
    """Each entry once, none lost, every promise kept."""
    writers = [child.start("write", url, f"w{n}", "40") for n in range(3)]
    told = await asyncio.gather(*(asyncio.to_thread(each.communicate) for each in writers))
    promised = [int(line.split()[0]) for said, _ in told for line in said.splitlines()]
    entries = await store.read(lambda tx: tx.ledger.read())
    assert ledger.verify(entries).holds
    assert sorted(promised) == [entry.seq for entry in entries] == list(range(1, 121))


async def test_of_two_processes_one_changes_what_both_have_read(url: str, store: PostgresStore) -> None:
    other = PostgresStore.open(url)

    def count(tx: Tx) -> None:
        had: Any = tx.marks.get("n") or 0
        tx.marks.put("n", had + 1)

    await asyncio.gather(*(each.write(count) for _ in range(50) for each in (store, other)))
    assert await other.read(lambda tx: tx.marks.get("n")) == 100
    await other.close()


async def test_what_is_rung_is_kept_with_the_change_or_not_at_all(url: str, store: PostgresStore) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE rings (place text)")

    def knock(connection: Any, rings: Sequence[tuple[str, str, int]]) -> None:
        for _, place, _ in rings:
            connection.execute("INSERT INTO rings VALUES (%s)", (place,))

    def refuse(tx: Tx) -> None:
        tx.ring("refused")
        raise Refused("no")

    def ring(tx: Tx) -> None:
        tx.events.add(event("e1"))
        tx.ring("kept")

    store.knock(knock)
    refused, kept = await asyncio.gather(store.write(refuse), store.write(ring), return_exceptions=True)
    assert isinstance(refused, Refused)
    assert kept is None
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT place FROM rings").fetchall() == [("kept",)]


async def test_a_process_that_hangs_in_a_transaction_holds_nobody_up_for_long(
    url: str, store: PostgresStore
) -> None:
    holder = child.start("hang", url)
    try:
        assert await asyncio.to_thread(holder.stdout.readline) == "holding\n"  # pyright: ignore[reportOptionalMemberAccess]
        os.kill(holder.pid, signal.SIGSTOP)
        async with asyncio.timeout(12):
            await store.write(lambda tx: tx.marks.put("free", True))
    finally:
        holder.kill()
        holder.communicate()


# Errors.


async def test_one_that_fails_takes_nobody_with_it(store: PostgresStore) -> None:
    def twice(tx: Tx) -> None:
        tx.people.put(person("p1", "slack:T:U"))
        tx.ledger.append("did", {}, NOON)
        raw(tx).exec_driver_sql("INSERT INTO marks SELECT * FROM marks")

    await store.write(lambda tx: tx.marks.put("a", 1))
    some = [store.write(lambda tx, n=n: tx.marks.put(f"m{n}", n)) for n in range(3)]
    failed, *kept = await asyncio.gather(store.write(twice), *some, return_exceptions=True)
    assert isinstance(failed, Stale)
    assert kept == [None, None, None]
    assert await store.read(lambda tx: (tx.people.get("p1"), tx.ledger.read(), tx.marks.get("m2"))) == (
        None,
        (),
        2,
    )


async def test_what_is_asked_often_is_prepared_once(store: PostgresStore) -> None:
    """A driver that prepares anew after every look costs the server as much as the looks."""

    def prepared(tx: Tx) -> int:
        tx.marks.get("a")
        return raw(tx).exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()

    # More than the driver waits for before it prepares, for each of the readers.
    counts = [await store.read(prepared) for _ in range(READERS * 12)]
    assert all(counts[-READERS:])


async def test_a_look_that_writes_is_refused_and_the_others_are_answered(store: PostgresStore) -> None:
    looks = [
        store.read(lambda tx: tx.marks.put("a", 1)),
        *(store.read(lambda tx: tx.marks.get("a")) for _ in range(9)),
    ]
    refused, *answered = await asyncio.gather(*looks, return_exceptions=True)
    assert isinstance(refused, Refused)
    assert answered == [None] * 9


async def test_a_server_that_was_restarted_is_found_again_and_loses_nothing(tmp_path: Path) -> None:
    with cluster() as own:
        store = PostgresStore.open(own.url)
        await store.write(lambda tx: tx.marks.put("before", 1))
        await restarted(own)
        await asyncio.gather(
            store.write(lambda tx: tx.marks.put("after", 2)), store.read(lambda tx: tx.marks.get("before"))
        )
        own.stop()
        waiting = asyncio.ensure_future(store.write(lambda tx: tx.marks.put("meanwhile", 3)))
        await asyncio.to_thread(own.start)
        await waiting
        assert await store.read(lambda tx: [tx.marks.get(n) for n in ("before", "after", "meanwhile")]) == [
            1,
            2,
            3,
        ]
        await store.close()


async def restarted(own: Cluster) -> None:
    own.stop()
    await asyncio.to_thread(own.start)


async def test_a_server_that_stays_away_is_told_as_such(tmp_path: Path) -> None:
    with cluster() as own:
        store = PostgresStore.open(own.url, patience=0.3)
        await store.write(lambda tx: tx.marks.put("before", 1))
        own.stop()
        with pytest.raises(Unreachable, match="cannot be reached"):
            await store.write(lambda tx: tx.marks.put("lost", 1))
        with pytest.raises(Unreachable, match="cannot be reached"):
            await store.read(lambda tx: tx.marks.get("before"))
        await asyncio.to_thread(own.start)
        assert await store.read(lambda tx: (tx.marks.get("before"), tx.marks.get("lost"))) == (1, None)
        await store.close()


async def test_what_is_forgotten_is_in_no_row_at_once_and_in_no_file_once_the_server_tidied_up() -> None:
    """Its bytes stay in the server's files until then, which the answer says. SAFETY 81"""
    canary = "marigold"
    with cluster() as own:
        store = PostgresStore.open(own.url)
        assert not store.wipes

        def fill(tx: Tx) -> None:
            for n in range(50):
                text = f"the {n}th shed holds {canary}" if n == 7 else f"the {n}th shed is empty"
                tx.notes.put(note(f"n{n}", text, scope="person:ann"))
                tx.lines.put(Line(place=PLACE, who="per_ann", text=text, at=NOON, turn=f"t{n}"))

        await store.write(fill)
        seq = (await store.read(lambda tx: tx.traces.lines(PLACE, {canary})))[0].seq
        await store.write(lambda tx: (tx.notes.forget("n7"), tx.traces.unsay(PLACE, seq)))
        await store.close()
        with psycopg.connect(own.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
            assert own.holding(canary), "the bytes are still there: if not, the answer says too much"
            tables = connection.execute(
                "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
            ).fetchall()
            for (table,) in tables:
                rows = connection.execute(
                    sql.SQL("SELECT * FROM {}").format(sql.Identifier(table))
                ).fetchall()
                assert canary not in str(rows), table
            connection.execute("VACUUM FULL")
            connection.execute("CHECKPOINT")
            assert [each for each in own.holding(canary) if "pg_wal" not in each.parts] == []


async def test_no_statistic_of_the_planner_holds_what_people_said() -> None:
    """Samples that ANALYZE takes outlive what is forgotten: of words it takes none. SAFETY 81"""
    url, canary = databases.fresh(), "marigold"
    store = PostgresStore.open(url)

    def fill(tx: Tx) -> None:
        for n in range(50):
            text = f"{canary} {n}"
            tx.notes.put(note(f"n{n}", text, scope="person:ann"))
            tx.lines.put(Line(place=PLACE, who="per_ann", text=text, at=NOON, turn=f"t{n}"))
            tx.events.add(event(f"e{n}", body=Message(who=ANN, text=text)))
            tx.marks.put(f"m{n}", {"said": text})
            tx.tallies.put(tally(f"{text} list", id=f"tal{n}"))

    await store.write(fill)
    await store.close()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        kept = connection.execute("SELECT * FROM pg_stats WHERE schemaname = 'public'").fetchall()
    assert any("recall_terms" in row for row in map(str, kept)), "of keys there are some"
    assert [row for row in map(str, kept) if canary in row] == []


def test_whatever_column_holds_nouns_has_no_statistics() -> None:
    """Those of tables that are added later too."""
    with psycopg.connect(databases.fresh()) as connection:
        sampled = connection.execute(
            "SELECT c.relname, a.attname FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
            " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = ANY(%s)"
            " AND coalesce(a.attstattarget, -1) <> 0 AND c.relname NOT LIKE 'procrastinate%%'",
            ([*migrate.WORDS],),
        ).fetchall()
    assert sampled == []
