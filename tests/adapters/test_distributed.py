"""What makes many processes one: rings in a shared queue, leases, the wire, and whose turn it is."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import procrastinate
import psycopg
import pytest
from procrastinate.jobs import Status

from adapters.engine import distributed, leases
from adapters.engine.distributed import QUEUE, Doorbell, lock_of, make_tables
from adapters.engine.leases import BEAT, SILENT, Leases, key
from adapters.engine.lines import line
from adapters.engine.order import Order
from adapters.engine.ownjobs import OwnJobs
from adapters.engine.wire import Told, Wire
from bot.errors import Refused
from bot.events import Press, Verb
from bot.store import Tx
from memory.postgres import PostgresStore
from tests.contracts.stores import ANN, ELSEWHERE, PLACE, event
from tests.peers import databases
from tests.stage import HERE, stage

peer = pytest.mark.peer("postgresql")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


# Whose turn it is.


def test_a_press_comes_before_a_chat_and_a_chat_before_a_mission() -> None:
    order = Order()
    press, chat, mission = (order.priority("home", rank, NOW) for rank in (2, 1, 0))
    assert press > chat > mission


def test_who_came_first_is_served_first_and_nobody_is_passed_over_for_ever() -> None:
    order = Order()
    mission = order.priority("home", 0, NOW)
    later = [order.priority("home", 2, NOW + timedelta(minutes=n)) for n in range(4)]
    assert later[0] > mission
    assert later[3] < mission
    assert later == sorted(later, reverse=True)


def test_a_space_that_floods_does_not_hold_up_another() -> None:
    order = Order()
    flood = [order.priority("loud", 1, NOW) for _ in range(1000)]
    quiet = order.priority("quiet", 1, NOW + timedelta(seconds=1))
    assert sum(each > quiet for each in flood) < 100


def test_priorities_fit_into_the_queues_column_for_years() -> None:
    far = Order().priority("home", 0, datetime(2039, 1, 1, tzinfo=UTC))
    near = Order().priority("home", 2, datetime(2026, 1, 1, tzinfo=UTC))
    assert -(2**31) < far < near < 2**31


# Rings.


@pytest.fixture
async def ringing() -> AsyncGenerator[tuple[PostgresStore, str]]:
    url = databases.fresh()
    make_tables(url)
    make_tables(url)  # whoever comes second finds them
    store = PostgresStore.open(url)
    store.knock(Doorbell(run="run_1").knock)
    yield store, url
    await store.close()


def jobs(url: str) -> list[tuple[str, str, int]]:
    with psycopg.connect(url) as connection:
        query = "SELECT lock, status::text, priority FROM procrastinate_jobs ORDER BY priority DESC, id"
        return [
            (str(lock), str(status), int(priority)) for lock, status, priority in connection.execute(query)
        ]


@peer
async def test_a_ring_is_kept_with_what_it_is_about_or_not_at_all(ringing: tuple[PostgresStore, str]) -> None:
    store, url = ringing

    def refused(tx: Tx) -> None:
        tx.events.add(event("e0"))
        tx.ring(PLACE)
        raise Refused("no")

    with pytest.raises(Refused):
        await store.write(refused)
    assert jobs(url) == []

    def kept(tx: Tx) -> None:
        tx.events.add(event("e1"))
        tx.ring(PLACE)

    await store.write(kept)
    assert [each[:2] for each in jobs(url)] == [(lock_of("home", PLACE), "todo")]


@peer
async def test_however_often_a_place_is_rung_one_job_waits(ringing: tuple[PostgresStore, str]) -> None:
    store, url = ringing
    other = PostgresStore.open(url)
    other.knock(Doorbell(run="run_2").knock)
    await asyncio.gather(
        *(each.write(lambda tx: tx.ring(PLACE)) for _ in range(20) for each in (store, other))
    )
    await store.write(lambda tx: tx.ring(ELSEWHERE))
    assert sorted(lock for lock, _, _ in jobs(url)) == sorted(lock_of("home", p) for p in (PLACE, ELSEWHERE))
    await other.close()


@peer
async def test_a_press_rings_by_itself_and_first(ringing: tuple[PostgresStore, str]) -> None:
    store, url = ringing

    def said(tx: Tx) -> None:
        tx.events.add(event("e1"))
        tx.ring(PLACE)

    def pressed(tx: Tx) -> None:
        body = Press(who=ANN, ref="r", revision=1, verb=Verb.APPROVE)
        tx.events.add(replace(event("e2", place=ELSEWHERE, body=body), urgent=True))

    await store.write(said)
    await store.write(pressed)
    assert [lock for lock, _, _ in jobs(url)] == [lock_of("home", ELSEWHERE), lock_of("home", PLACE)]


@peer
async def test_what_was_kept_without_a_ring_is_found(tmp_path: Path) -> None:
    """The row is the truth; the sweeper rings what is open."""
    url = databases.fresh()
    async with stage(tmp_path, database=url) as s:
        found = event("e1", place=HERE.key)
        await s.store.write(lambda tx: tx.events.add(found))
        async with asyncio.timeout(30):
            while await s.look(lambda tx: tx.events.count_open()):  # noqa: ASYNC110 (rows tell nobody)
                await asyncio.sleep(0.05)


def left_by_a_worker(connection: "psycopg.Connection[Any]", *, silent: str) -> int:
    """A worker that was heard of last so long ago, and has the job of our place in its hands."""
    added = "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - %s::interval) RETURNING id"
    row = connection.execute(added, (silent,)).fetchone()
    assert row is not None
    connection.execute(
        "INSERT INTO procrastinate_jobs (queue_name, task_name, lock, args, status, worker_id) "
        "VALUES ('places', 'drain', %s, %s::jsonb, 'doing', %s)",
        (lock_of("home", HERE.key), f'{{"space": "home", "place": "{HERE.key}"}}', row[0]),
    )
    return int(row[0])


@peer
async def test_the_place_of_a_worker_that_is_silent_is_given_to_another(tmp_path: Path) -> None:
    url = databases.fresh()
    make_tables(url)
    with psycopg.connect(url) as connection:
        left_by_a_worker(connection, silent="1 hour")
    async with stage(tmp_path, database=url) as s:
        async with asyncio.timeout(60):
            await s.say("unheard-of words")
        assert "unheard-of words" in s.last


@peer
async def test_the_place_of_a_worker_whose_process_ended_is_given_to_another_much_sooner(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its silence alone it would be waited for."""
    monkeypatch.setattr(distributed, "STALLED", 3600.0)
    monkeypatch.setattr(leases, "SETTLED", 0.0)
    url = databases.fresh()
    make_tables(url)
    with psycopg.connect(url) as connection:
        worker = left_by_a_worker(connection, silent="10 seconds")
        connection.execute("INSERT INTO vigie_workers (worker, run) VALUES (%s, 'run_gone')", (worker,))
    async with stage(tmp_path, database=url) as s:
        async with asyncio.timeout(60):
            await s.say("unheard-of words")
        assert "unheard-of words" in s.last


@peer
async def test_only_who_has_no_line_left_counts_as_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not who hangs, or has lost the one line that its locks were on; and nobody while we have just come back ourselves."""
    url = databases.fresh()
    mine = Leases(url, run="run_mine")
    await mine.start()
    asked = ["run_gone", "run_hangs", "run_mine"]
    assert await mine.ended(asked) == []
    monkeypatch.setattr(leases, "SETTLED", 0.0)
    async with await line(url, run="run_hangs", patience=5):
        assert await mine.ended(asked) == ["run_gone"]
    async with asyncio.timeout(30):
        while "run_hangs" not in await mine.ended(asked):  # noqa: ASYNC110 (the server takes a moment to see the end)
            await asyncio.sleep(0.05)
    await mine.stop()


@peer
async def test_who_lost_a_place_neither_ends_nor_gives_back_the_job_of_who_has_it(
    ringing: tuple[PostgresStore, str],
) -> None:
    """As after a failure of the database that lasted longer than others wait."""
    store, url = ringing
    await store.write(lambda tx: tx.ring(PLACE))
    async with procrastinate.App(connector=procrastinate.PsycopgConnector(conninfo=url)).open_async() as app:
        queue = OwnJobs(app.connector)
        one, other = await queue.register_worker(), await queue.register_worker()
        had = await queue.fetch_job([QUEUE], worker_id=one)
        assert had is not None
        await queue.retry_job(had)
        has = await queue.fetch_job([QUEUE], worker_id=other)
        assert has is not None
        assert (has.id, has.attempts) == (had.id, 1)
        await queue.finish_job(had, Status.SUCCEEDED, delete_job=True)
        await queue.retry_job(had)
        assert [status for _, status, _ in jobs(url)] == ["doing"]
        await queue.finish_job(has, Status.SUCCEEDED, delete_job=True)
        assert jobs(url) == []


# Leases and the wire.


async def nothing() -> None:
    return None


def holder(url: str) -> "subprocess.Popen[str]":
    """A process that takes the lease, says so, and goes on."""
    code = (
        "import asyncio, sys\n"
        "from adapters.engine.leases import Leases\n"
        "async def begin(): print('held', flush=True)\n"
        "async def end(): print('lost', flush=True)\n"
        "async def go():\n"
        f"    leases = Leases({url!r}, run='run_child')\n"
        "    leases.want('watch', begin, end)\n"
        "    await leases.start()\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(go())\n"
    )
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


@peer
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_lease_has_another_holder_within_fifteen_seconds(how: signal.Signals) -> None:
    """Whether its holder died or only hangs; and never two at once."""
    url = databases.fresh()
    child = holder(url)
    assert child.stdout is not None
    try:
        assert await asyncio.to_thread(child.stdout.readline) == "held\n"
        taken = asyncio.Event()

        async def begin() -> None:
            taken.set()

        mine = Leases(url, run="run_mine")
        mine.want("watch", begin, nothing)
        await mine.start()
        await asyncio.sleep(BEAT * 2)
        assert not taken.is_set()
        assert await mine.dead(["run_child", "run_gone", "run_mine"]) == ["run_gone"]
        os.kill(child.pid, how)
        async with asyncio.timeout(15):
            await taken.wait()
        assert SILENT + 2 * BEAT < 15
        assert await mine.dead(["run_child"]) == ["run_child"]
        if how is signal.SIGSTOP:
            os.kill(child.pid, signal.SIGCONT)
            assert await asyncio.to_thread(child.stdout.readline) == "lost\n"
        await mine.stop()
    finally:
        child.kill()
        child.communicate()


@peer
async def test_who_comes_back_counts_as_alive_although_its_old_line_was_held_a_little_longer() -> None:
    url = databases.fresh()
    with psycopg.connect(url, autocommit=True) as old:
        old.execute("SELECT pg_advisory_lock(%s)", (key("run:run_mine"),))
        mine, watcher = Leases(url, run="run_mine"), Leases(url, run="run_watcher")
        coming = asyncio.create_task(mine.start())
        await watcher.start()
        asyncio.get_running_loop().call_later(BEAT / 4, old.close)
        await coming
    assert await watcher.dead(["run_mine"]) == []
    await mine.stop()
    await watcher.stop()


@peer
async def test_others_hear_what_is_told_and_oneself_does_not() -> None:
    url = databases.fresh()
    heard: asyncio.Queue[tuple[str, Told]] = asyncio.Queue()
    wires = {run: Wire(url, run=run) for run in ("run_1", "run_2", "run_3")}
    for run, wire in wires.items():
        wire.hear("web", lambda told, run=run: heard.put_nowait((run, told)))
        wire.start()
    async with asyncio.timeout(30):
        while heard.empty():
            assert wires["run_1"].tell("web", place="here", words="déjà")
            await asyncio.sleep(0.2)
    run, told = heard.get_nowait()
    assert run in ("run_2", "run_3")
    assert (told["place"], told["words"]) == ("here", "déjà")
    assert not wires["run_1"].tell("web", words="x" * 8000)
    for wire in wires.values():
        await wire.stop()
