"""The engine of many processes: procrastinate carries the rings, and who holds a place's job drains it alone.

Rows are the truth. A ring is a job, deferred on the connection of the transaction that rang, under a lock named after the
place: one worker at a time has the place, with all four lanes, and finishes the job when there is nothing left to do.
What is rung meanwhile reaches it by NOTIFY, so that a press does not wait for the turn under way. A ring that is lost
costs time: a sweeper rings what is open, and gives the jobs of workers that are silent to others.

A process that was stopped and goes on must not act on places that others have taken: it begins anew.
"""

import asyncio
import json
import logging
import selectors
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import procrastinate
import psycopg
from procrastinate import exceptions
from procrastinate.jobs import Job
from procrastinate.schema import SchemaManager
from psycopg_pool import AsyncConnectionPool

from adapters.engine.lanes import Key, seconds_until
from adapters.engine.leases import Leases
from adapters.engine.lines import called
from adapters.engine.order import Order
from adapters.engine.ownjobs import TABLE, OwnJobs
from adapters.engine.places import Places
from adapters.engine.wire import CHANNEL, Told, Wire, packed
from bot import dispatch, spending
from bot.events import Event
from bot.house import House
from bot.people import HOME
from bot.store import Tx

log = logging.getLogger(__name__)

QUEUE = "places"
HEARTBEAT = 2.0
STALLED = 12.0
"""Seconds of silence after which a worker's places are given to others."""
QUIET = 2 * HEARTBEAT
"""The same, of a worker whose process the server has no connection of any more."""
LOOKS = 1.0
"""Seconds between two looks of a place's holder, should a notification be lost."""
AGED = 150.0
"""Seconds after which a deed or message that is under way was left behind: longer than any may take."""
ROUND = 2.0
"""Seconds between two rounds of the sweeper."""

_STANDING = """
SELECT EXISTS (SELECT 1 FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'doing'),
       (SELECT id FROM procrastinate_jobs WHERE lock = %(lock)s AND status = 'todo' LIMIT 1 FOR SHARE)
"""
"""Whether somebody has the place, and a job for it that waits: held until we commit, so that whoever takes it sees
what we wrote."""


def make_tables(url: str) -> None:
    """The queue's own tables, once, however many processes begin together."""
    with psycopg.connect(url) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(7239574)")
        found = connection.execute("SELECT to_regclass('procrastinate_jobs')").fetchone()
        if found is not None and found[0] is None:
            connection.execute(SchemaManager.get_schema().encode())
        connection.execute(TABLE)


class Doorbell:
    """Puts rings into the queue. For every process, also those that drain nothing."""

    def __init__(self, *, run: str) -> None:
        self._run = run
        self._order = Order()
        app: Any = _app(procrastinate.SyncPsycopgConnector())
        self._task: Any = app.tasks["drain"]
        self.holding: Callable[[Key], bool] = lambda key: False

    def knock(self, connection: Any, rings: Sequence[tuple[str, str, int]]) -> None:
        """Inside the transaction that rang, in a thread: (space, place, rank)."""
        now = datetime.now(UTC)
        for space, place, rank in rings:
            if self.holding((space, place)):
                continue
            lock = lock_of(space, place)
            held, waiting = connection.execute(_STANDING, {"lock": lock}).fetchone()
            if waiting is None:
                job = self._task.configure(
                    lock=lock,
                    queue=QUEUE,
                    priority=self._order.priority(space, rank, now),
                    connection=connection,
                )
                job.defer(space=space, place=place)
            if held and (text := packed("ring", self._run, space=space, place=place)):
                connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, text))


def lock_of(space: str, place: str) -> str:
    """The name of a place's lock."""
    return json.dumps([space, place], ensure_ascii=False)


class LeftBehind(Exception):
    """The store failed in the middle of something in this place; heard by the queue alone."""


class Distributed(Places):
    """Drains the places whose jobs it gets."""

    def __init__(
        self,
        *,
        house: House,
        url: str,
        bell: Doorbell,
        wire: Wire,
        leases: Leases,
        sweep: Callable[[], Awaitable[object]],
        lapsed: Callable[[], object],
        at_once: int = 64,
        drain_within: float = 10.0,
    ) -> None:
        """`sweep` wakes due missions; `lapsed` is called when this process was stopped for so long that others may
        have taken its places, and must not return to what was under way."""
        super().__init__(house=house, at_once=at_once)
        self._wire, self._leases, self._sweep, self._lapsed = wire, leases, sweep, lapsed
        self._at_once, self._drain_within = at_once, drain_within
        self._held: set[Key] = set()
        self._late: set[Key] = set()
        self._broken: set[Key] = set()
        self._beaten = time.monotonic()
        self._tasks: list[asyncio.Task[None]] = []
        self._rounds_tasks: list[asyncio.Task[None]] = []
        self._working: asyncio.Task[None] | None = None
        self._stopping = False
        self._found_left = 0.0
        connector = procrastinate.PsycopgConnector(
            pool_factory=_pool,
            conninfo=url,
            min_size=1,
            max_size=4,
            kwargs={"application_name": called(wire.run)},
        )
        self._app = _app(connector, self._drain)
        self._jobs = self._app.job_manager = OwnJobs(self._app.connector, run=wire.run)
        bell.holding = self._passes_by
        wire.hear("ring", self._heard)

    async def start(self) -> None:
        """Begins to take jobs. The sweeper begins where the lease is."""
        self._house.store.listen(self._rang)
        self._leases.want("sweep", self._begin_rounds, self._end_rounds)
        self._beaten = time.monotonic()
        self._tasks = [asyncio.create_task(self._beats())]
        self._working = asyncio.create_task(self._works())

    async def stop(self) -> None:
        """Takes no more jobs and lets what is under way come to its end; what does not is for others."""
        self._stopping = True
        await self._end_rounds()
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        for lane in self._lanes:
            await lane.close()

    def trouble(self) -> str:
        """Why no work is taken, "" when it is."""
        if self._working is None or self._working.done():
            return "it takes no work: it was not started, or is stopped"
        return ""

    def awake(self) -> bool:
        """Whether this process was heard of so lately that nobody can have taken over what it does."""
        return time.monotonic() - self._beaten < STALLED - HEARTBEAT

    # What is rung while the place is ours.

    def ahead(self, tx: Tx, event: Event) -> None:
        """Whoever is rung looks: that may be another process."""

    def hurry(self, space: str, place: str) -> None:
        """Nothing more: the ring was kept with the event."""

    def _passes_by(self, key: Key) -> bool:
        """In a writer's thread: whether a ring of ours needs no job, because this process is at work there and looks
        again when the transaction is committed."""
        if key not in self._held:
            return False
        self._late.add(key)
        return True

    def _rang(self, space: str, place: str) -> None:
        key = (space, place)
        passed = key in self._late
        self._late.discard(key)
        if key in self._held:
            self._ring_all_lanes(key)
        elif passed:
            # The job ended between the two: the ring goes into the queue after all.
            self._spawn(self._house.store.write(lambda tx: tx.ring(place), space=space))

    def _heard(self, told: Told) -> None:
        key = (str(told["space"]), str(told["place"]))
        if key in self._held:
            self._ring_all_lanes(key)

    def _ring_all_lanes(self, key: Key) -> None:
        self.ring(*key)
        self._urgent.ring(key)

    def _spawn(self, step: Awaitable[object]) -> None:
        async def go() -> None:
            with suppress(Exception):
                await step

        task = asyncio.create_task(go())
        self._tasks.append(task)
        task.add_done_callback(lambda done: self._tasks.remove(done) if done in self._tasks else None)

    # The job.

    async def _drain(self, space: str, place: str, again: bool) -> None:
        key = (space, place)
        self._held.add(key)
        try:
            if again:
                # Who had the place is silent: what is under way here was begun by them.
                await dispatch.take_over(space, place, house=self._house)
            self._ring_all_lanes(key)
            while not await self.rested(key, LOOKS):
                self._ring_all_lanes(key)
            if key in self._broken:
                # The job is tried again, and whoever gets it takes over what was left behind here.
                raise LeftBehind
        finally:
            self._broken.discard(key)
            self._held.discard(key)
            self.leave(key)

    def _broke(self, key: Key) -> None:
        self._broken.add(key)

    async def _works(self) -> None:
        """The worker, again whenever the database was away."""
        while not self._stopping:
            try:
                async with self._app.open_async():
                    await self._app.run_worker_async(
                        queues=[QUEUE],
                        concurrency=self._at_once,
                        install_signal_handlers=False,
                        fetch_job_polling_interval=0.5,
                        delete_jobs="always",
                        update_heartbeat_interval=HEARTBEAT,
                        stalled_worker_timeout=STALLED,
                        shutdown_graceful_timeout=self._drain_within,
                    )
            except (psycopg.Error, exceptions.ProcrastinateException, OSError) as error:
                log.warning("queue_lost", extra={"action": "queue_lost", "why": type(error).__name__})
            except Exception:
                # Whatever the queue's library raises: a process that takes no work any more must not look alive.
                log.exception("queue_broke", extra={"action": "queue_broke"})
            await asyncio.sleep(1)

    async def _beats(self) -> None:
        while True:
            now = time.monotonic()
            if not self.awake() and self._held:
                log.error(
                    "was_stopped", extra={"action": "was_stopped", "seconds": round(now - self._beaten)}
                )
                self._lapsed()
            self._beaten = now
            await asyncio.sleep(0.5)

    # The sweeper, where its lease is.

    async def _begin_rounds(self) -> None:
        """In three: a place that nobody has waits neither for the rest, nor for other systems, which are slow to say what
        became of deeds."""
        self._rounds_tasks = [
            asyncio.create_task(self._rounds(self._retake, pause=_soon)),
            asyncio.create_task(self._rounds(self._ring_open, self._sweep, pause=self._pause)),
            asyncio.create_task(self._rounds(self._look_again, self._find_left, pause=self._pause)),
        ]

    async def _end_rounds(self) -> None:
        for task in self._rounds_tasks:
            task.cancel()
        await asyncio.gather(*self._rounds_tasks, return_exceptions=True)
        self._rounds_tasks = []

    async def _rounds(
        self, *steps: Callable[[], Awaitable[object]], pause: Callable[[], Awaitable[float]]
    ) -> None:
        while True:
            for step in steps:
                try:
                    await step()
                except Exception:
                    log.exception("round_broke", extra={"action": "round"})
            await asyncio.sleep(await pause())

    async def _retake(self) -> None:
        """Jobs of workers that are silent, or whose process is no more, wait again."""
        for job in await self._lost():
            log.warning("place_taken_over", extra={"action": "place_taken_over", "job": job.id})
            await self._jobs.retry_job(job)
        await self._jobs.prune_stalled_workers(STALLED * 4)

    async def _lost(self) -> list[Job]:
        silent = [*await self._jobs.get_stalled_jobs(seconds_since_heartbeat=STALLED)]
        known = {job.id for job in silent}
        quiet = [
            (job, job.worker_id)
            for job in await self._jobs.get_stalled_jobs(seconds_since_heartbeat=QUIET)
            if job.id not in known and job.worker_id is not None
        ]
        if not quiet:
            return silent
        runs = await self._jobs.runs({worker for _, worker in quiet})
        ended = await self._leases.ended(set(runs.values()))
        return [*silent, *(job for job, worker in quiet if runs.get(worker) in ended)]

    async def _ring_open(self) -> None:
        found: dict[str, list[str]] = {}
        for space, place in await self._house.store.busy_places(self._house.clock.now()):
            if (space, place) not in self._held:
                found.setdefault(space, []).append(place)
        for space, places in found.items():
            await self._house.store.write(lambda tx, p=places: [tx.ring(each) for each in p], space=space)

    async def _look_again(self) -> None:
        await dispatch.look_again(HOME, house=self._house)
        reserved = await self._house.store.read(lambda tx: tx.spending.reserved(), space=HOME)
        dead = await self._leases.dead({each.run for each in reserved if each.run})
        if dead:
            await self._house.store.write(lambda tx: spending.settle_runs(tx, dead), space=HOME)

    async def _find_left(self) -> None:
        """What a dead process had begun for a place that it did not hold is found by its age."""
        loop, now = asyncio.get_running_loop(), self._house.clock.now()
        if loop.time() - self._found_left < AGED / 4:
            return
        self._found_left = loop.time()
        before = now - timedelta(seconds=AGED)
        for space, place in await self._house.store.busy_places(now):
            await dispatch.take_over(space, place, house=self._house, before=before)

    async def _pause(self) -> float:
        now = self._house.clock.now()
        try:
            until = seconds_until(await self._house.store.retry_at(now), now)
        except Exception:
            log.exception("pause_unknown", extra={"action": "pause"})
            until = None
        return ROUND if until is None else min(max(until, 0.2), ROUND)


def _pool(*, check: object, **given: Any) -> AsyncConnectionPool:
    """The queue's library would ask the server before each use of a connection whether it is still there (`check`), and
    wrap each statement, which is a transaction of its own, into one: four words on the wire instead of one."""
    return AsyncConnectionPool(check=_check, configure=_each_alone, **given)


async def _each_alone(connection: psycopg.AsyncConnection[Any]) -> None:
    await connection.set_autocommit(True)


async def _check(connection: psycopg.AsyncConnection[Any]) -> None:
    """Asks the server whether the connection is still there, if it has said anything since: a server that ended it
    has."""
    with selectors.DefaultSelector() as line:
        line.register(connection.fileno(), selectors.EVENT_READ)
        heard = line.select(0)
    if heard:
        await AsyncConnectionPool.check_connection(connection)


async def _soon() -> float:
    return ROUND / 2


def _app(
    connector: Any, drain: Callable[[str, str, bool], Awaitable[None]] | None = None
) -> procrastinate.App:
    """The queue with its one kind of job, whose name every version keeps."""
    app = procrastinate.App(connector=connector)

    async def work(context: procrastinate.JobContext, space: str, place: str) -> None:
        assert drain is not None, "this process only rings"
        await drain(space, place, context.job.attempts > 0)

    # One that raised, and one that was cut off by a stop, waits again.
    again = procrastinate.RetryStrategy(max_attempts=20, wait=1)
    app.task(name="drain", queue=QUEUE, retry=again, pass_context=True)(work)
    return app
