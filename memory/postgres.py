"""The Store on PostgreSQL, for any number of processes: writer threads with group commit, reader threads beside them.

Writer: what waits for one space is done in one transaction that begins by taking the space's lock, so that of all
machines one writes in a space at a time, as in a SQLite file: every rule that was right there is right here. Each
function runs inside a savepoint of its own, and one COMMIT makes them durable together. A space always has the same
writer, so that its functions keep their order; other spaces go on beside it.
Reader: what waits is answered from one snapshot, taken after it was asked for.

A connection that broke is replaced before the next batch, and what waits is not lost with it. Above it: the flow. Not
its business: what the rows mean.
"""

import itertools
import logging
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreAway
from bot.events import Event, Message
from bot.people import HOME
from bot.store import Bell, Tx
from memory import embedding, migrate, server
from memory.bells import Bells, Ring
from memory.lanes import Job, Lane
from memory.outages import lost, ours
from memory.recall.meaning import Embedder
from memory.sql import rebuild, sweeps
from memory.sql.hands import Hands, Spelled
from memory.sql.tx import SqlTx
from memory.sql.vectors import Vectors

T = TypeVar("T")

Knock = Callable[[Any, Sequence[tuple[str, str, int]]], None]
"""Told of the rings (space, place, rank) inside the transaction that rang them, on the driver's own connection: whoever
keeps them for other processes keeps them with the change or not at all. What is urgent ranks 2 and rings by itself, what
a person said 1."""

MOST = 64
"""How many functions share a commit at most: the first of them waits for the last."""
WRITERS, READERS = 3, 3
"""Threads, and connections, of each kind."""

_log = logging.getLogger(__name__)


class PostgresStore:
    """See `bot.store.Store`. Made with `PostgresStore.open`."""

    def __init__(
        self, engine: Engine, *, patience: float = server.PATIENCE, embedder: Embedder | None = None
    ) -> None:
        self._engine, self._embedder = engine, embedder
        self._bells = Bells()
        self._knock: Knock | None = None
        spelled: dict[int, Spelled] = {}
        self._writers = [
            _Worker(f"vigie-writer-{n}", engine, self._keep, spelled, self._bells, patience)
            for n in range(WRITERS)
        ]
        self._readers = [
            _Worker(f"vigie-reader-{n}", engine, self._look, spelled, self._bells, patience)
            for n in range(READERS)
        ]
        self._next_reader = itertools.cycle(self._readers)

    @classmethod
    def open(
        cls, database: str, *, patience: float = server.PATIENCE, embedder: Embedder | None = None
    ) -> "PostgresStore":
        """Connects, makes the tables when there are none, and upgrades an older schema: once, however many processes
        begin together. Blocks for some tens of milliseconds.

        Raises SchemaTooNew, Misconfigured for a database that cannot serve, StoreAway when it does not answer
        within `patience` seconds.
        """
        engine = server.engine(database)
        try:
            _within(patience, lambda: _prepare(engine, embedder))
        except DBAPIError as error:
            raise ours(error) from error
        return cls(engine, patience=patience, embedder=embedder)

    def knock(self, knock: Knock) -> None:
        """Who keeps rings for other processes."""
        self._knock = knock

    async def write(self, change: Callable[[Tx], T], *, space: str = HOME) -> T:
        """Runs `change` in the space's writer thread; durable when it returns. Raises what `change` raised;
        StoreAway when the database is away, and then nothing of it was kept; StoreUnknown when it went away
        during the commit."""
        return await self._writers[server.key(space) % WRITERS].lane.run(change, space)

    async def read(self, look: Callable[[Tx], T], *, space: str = HOME) -> T:
        """Runs `look` in a reader thread over one snapshot. Raises Refused when it tries to write."""
        return await next(self._next_reader).lane.run(look, space)

    @property
    def wipes(self) -> bool:
        return False

    def listen(self, bell: Bell) -> None:
        """Rings of this process go to every listener, on the event loop whose write rang."""
        self._bells.add(bell)

    async def busy_places(self, now: datetime) -> tuple[tuple[str, str], ...]:
        return await self._ask(lambda tx: sweeps.busy_places(tx.hands, now))

    async def due_missions(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        return await self._ask(lambda tx: sweeps.due_missions(tx.hands, until, limit))

    async def due_watches(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        return await self._ask(lambda tx: sweeps.due_watches(tx.hands, until, limit))

    async def overdue_proposals(self, now: datetime, *, limit: int) -> tuple[tuple[str, str], ...]:
        return await self._ask(lambda tx: sweeps.overdue_proposals(tx.hands, now, limit))

    async def retry_at(self, now: datetime) -> datetime | None:
        return await self._ask(lambda tx: sweeps.retry_at(tx.hands, now))

    async def embed(self, most: int) -> int:
        """See `memory.embedding.Owing`."""
        return await embedding.step(self._embedder, most, read=self._ask_in, write=self._write_in)

    async def revision(self) -> str | None:
        """Of the tables as they are now: another version may have changed them since."""
        return await self._ask(lambda tx: migrate.revision(tx.hands))

    async def close(self) -> None:
        """Finishes every call made before, then closes the connections. May be called again."""
        for worker in (*self._writers, *self._readers):
            await worker.close()
        self._engine.dispose()

    async def _ask_in(self, look: Callable[[SqlTx], T], space: str) -> T:
        return await next(self._next_reader).lane.run(look, space)

    async def _write_in(self, change: Callable[[SqlTx], T], space: str) -> T:
        return await self._writers[server.key(space) % WRITERS].lane.run(change, space)

    async def _ask(self, look: Callable[[SqlTx], T]) -> T:
        return await next(self._next_reader).lane.run(look)

    # In a writer thread.

    def _keep(self, worker: "_Worker", jobs: Sequence[Job[SqlTx]]) -> None:
        for space, mine in _by_space(jobs):
            self._keep_of(worker, space, mine)

    def _keep_of(self, worker: "_Worker", space: str, jobs: Sequence[Job[SqlTx]]) -> None:
        """One batch of one space: kept together, each function standing or falling alone."""
        committing = False
        try:
            connection = worker.begin(lambda found: server.begin(found, space))
            rings: dict[Ring, int] = {}
            for job in jobs:
                for ring, rank in _run(worker.hands, job, alone=len(jobs) == 1):
                    rings[ring] = max(rings.get(ring, 0), rank)
            if rings and self._knock is not None:
                knocks = [(*ring, rank) for ring, rank in rings.items()]
                self._knock(connection.connection.driver_connection, knocks)
            if all(job.error is not None for job in jobs):
                server.rollback(connection)
            else:
                committing = True
                server.commit(connection)
        except BaseException as error:
            worker.start_over()
            meant = ours(error, committing=committing and lost(error))
            _log.error(
                "commit_failed",
                extra={"action": "commit_failed", "functions": len(jobs), "why": type(meant).__name__},
            )
            for job in jobs:
                job.fail(job.error or meant)

    # In a reader thread.

    def _look(self, worker: "_Worker", jobs: Sequence[Job[SqlTx]]) -> None:
        """One batch of looks at one snapshot; one that fails ends it, and those after it get another."""
        answered = 0
        try:
            connection = worker.begin(server.look)
            for job in jobs:
                try:
                    job.value = job.run(SqlTx(worker.hands, job.space, self._embedder))
                except BaseException as error:
                    if lost(error):
                        raise
                    job.fail(ours(error))
                answered += 1
                if server.broken(connection):
                    server.rollback(connection)
                    connection = worker.begin(server.look)
            server.commit(connection)
        except BaseException as error:
            worker.start_over()
            for job in jobs[answered:]:
                job.fail(ours(error))


class _Worker:
    """A thread with a connection of its own, which is made again when it broke."""

    def __init__(
        self,
        name: str,
        engine: Engine,
        work: Callable[["_Worker", Sequence[Job[SqlTx]]], None],
        spelled: dict[int, Spelled],
        bells: Bells,
        patience: float,
    ) -> None:
        self._engine, self._spelled, self._patience = engine, spelled, patience
        self._connection: Connection | None = None
        self._hands: Hands | None = None
        self.lane = Lane[SqlTx](name, lambda jobs: work(self, jobs), bells=bells, most=MOST)

    @property
    def hands(self) -> Hands:
        assert self._hands is not None
        return self._hands

    def begin(self, begin: Callable[[Connection], object]) -> Connection:
        """Begins a transaction, on a new connection when the old one is gone: nothing was done in it yet, so it may be
        tried again until the server is there."""

        def attempt() -> Connection:
            if self._connection is None:
                self._connection = server.by_hand(self._engine.connect())
                self._hands = Hands(self._connection, self._spelled)
            try:
                begin(self._connection)
            except BaseException:
                self.start_over()
                raise
            return self._connection

        return _within(self._patience, attempt)

    def start_over(self) -> None:
        """Away with the connection, and with the transaction on it."""
        gone, self._connection, self._hands = self._connection, None, None
        if gone is not None:
            with suppress(Exception):
                gone.invalidate()
            with suppress(Exception):
                gone.close()

    async def close(self) -> None:
        await self.lane.close()
        gone, self._connection, self._hands = self._connection, None, None
        if gone is not None:
            gone.close()


def _run(hands: Hands, job: Job[SqlTx], *, alone: bool) -> Sequence[tuple[Ring, int]]:
    """One function of a batch, and what it rings with its rank. A function alone in its transaction needs no
    savepoint."""
    tx = SqlTx(hands, job.space)
    if not alone:
        hands.say("SAVEPOINT job")
    try:
        job.value = job.run(tx)
    except BaseException as error:
        if lost(error):
            raise
        job.fail(ours(error))
        if not alone:
            hands.say("ROLLBACK TO SAVEPOINT job")
    if not alone:
        hands.say("RELEASE SAVEPOINT job")
    if job.error is not None:
        return ()
    arrived = [((job.space, event.place), _rank(event)) for event in tx.events.arrived]
    ranks = dict.fromkeys(tx.rung, 0)
    for ring, rank in arrived:
        if ring in ranks or rank == URGENT:
            ranks[ring] = max(ranks.get(ring, 0), rank)
    job.rings = tuple(ranks)
    return tuple(ranks.items())


URGENT = 2


def _rank(event: Event) -> int:
    if event.urgent:
        return URGENT
    return 1 if isinstance(event.body, Message) else 0


def _by_space(jobs: Sequence[Job[SqlTx]]) -> Iterator[tuple[str, list[Job[SqlTx]]]]:
    """The jobs of each space in their order."""
    spaces: dict[str, list[Job[SqlTx]]] = {}
    for job in jobs:
        spaces.setdefault(job.space, []).append(job)
    yield from spaces.items()


def _prepare(engine: Engine, embedder: Embedder | None) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        migrate.alone(connection)
        hands = Hands(connection, {})
        rebuild.if_stale(hands)
        if embedder is not None:
            Vectors(hands).adopt(embedder.name)


def _within(patience: float, attempt: Callable[[], T]) -> T:
    """Tries again while the server cannot be reached: it may just be starting."""
    ends, pause = time.monotonic() + patience, 0.05
    while True:
        try:
            return attempt()
        except BaseException as error:
            if not isinstance(ours(error), StoreAway) or not lost(error) or time.monotonic() + pause > ends:
                raise
        time.sleep(pause)
        pause = min(pause * 2, 1.0)
