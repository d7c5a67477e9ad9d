"""The Store on one SQLite file: a writer thread with group commit and a reader thread beside it.

Writer: everything that waits is done in one transaction (BEGIN IMMEDIATE, at most 64 functions), each
function inside a savepoint of its own, and one COMMIT makes them durable together. Then the results go back
to the event loops, and then the bells ring. A commit that fails keeps nothing of any of them.
Reader: its own connection; what waits is answered from one snapshot, taken after it was asked for, so it
sees every write that returned before.

A store belongs to no event loop and may be opened outside of one: every call binds to the loop it is made
on. Above it: the flow. Not its business: what the rows mean.
"""

import logging
import sqlite3
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from bot.errors import StoreAway, StoreDamaged, VigieError
from bot.people import HOME
from bot.store import Bell, Tx
from memory import embedding, files, migrate
from memory.bells import Bells
from memory.lanes import Job, Lane
from memory.recall.meaning import Embedder
from memory.sql import rebuild, sweeps
from memory.sql.hands import Hands, Spelled
from memory.sql.tx import SqlTx
from memory.sql.vectors import Vectors
from memory.troubles import DISK, translated

T = TypeVar("T")

MOST = 64
"""How many functions share a commit at most: the first of them waits for the last."""

_log = logging.getLogger(__name__)


class SqliteStore:
    """See `bot.store.Store`. Made with `SqliteStore.open`."""

    def __init__(self, engine: Engine, *, embedder: Embedder | None = None) -> None:
        self._engine, self._embedder = engine, embedder
        self._bells = Bells()
        self._log_holds_forgotten = False
        self._damage: StoreDamaged | None = None
        self._spelled: dict[int, Spelled] = {}
        self._writing = engine.connect()
        self._writes = Hands(self._writing, self._spelled)
        self._reading = files.looking(engine)
        self._reads = Hands(self._reading, self._spelled)
        self._writer = Lane[SqlTx]("vigie-writer", self._keep, bells=self._bells, most=MOST)
        self._reader = Lane[SqlTx]("vigie-reader", self._look, bells=self._bells, most=MOST)

    @classmethod
    def open(
        cls,
        database: str | Path,
        *,
        patience: float = files.PATIENCE,
        embedder: Embedder | None = None,
    ) -> "SqliteStore":
        """Opens the file, a path or a `sqlite:///` URL: makes it (0600, in a folder 0700) when it is not there,
        and upgrades an older schema. Blocks for some milliseconds.

        With an `embedder` recall goes by meaning too. `patience` is how many seconds another program may hold the lock
        before a write is given up. Raises SchemaTooNew, Misconfigured for a file that cannot serve, StoreAway when it
        stays locked.
        """
        engine = files.engine(database, patience=patience)
        try:
            migrate.upgrade(engine)
            with engine.begin() as connection:
                hands = Hands(connection, {})
                rebuild.if_stale(hands)
                if embedder is not None:
                    rebuild.catch_up(hands)
                    Vectors(hands).adopt(embedder.name)
            return cls(engine, embedder=embedder)
        except DBAPIError as error:
            raise _ours(error) from error

    async def write(self, change: Callable[[Tx], T], *, space: str = HOME) -> T:
        """Runs `change` in the writer thread; durable when it returns. Raises what `change` raised;
        StoreAway when the disk is full or locked, and then nothing of it was kept."""
        return await self._writer.run(change, space)

    async def read(self, look: Callable[[Tx], T], *, space: str = HOME) -> T:
        """Runs `look` in the reader thread over one snapshot. Raises Refused when it tries to write."""
        return await self._reader.run(look, space)

    @property
    def wipes(self) -> bool:
        return True

    def listen(self, bell: Bell) -> None:
        """Rings go to every listener, on the event loop whose write rang."""
        self._bells.add(bell)

    async def busy_places(self, now: datetime) -> tuple[tuple[str, str], ...]:
        return await self._reader.run(lambda tx: sweeps.busy_places(tx.hands, now))

    async def due_missions(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        return await self._reader.run(lambda tx: sweeps.due_missions(tx.hands, until, limit))

    async def overdue_proposals(self, now: datetime, *, limit: int) -> tuple[tuple[str, str], ...]:
        return await self._reader.run(lambda tx: sweeps.overdue_proposals(tx.hands, now, limit))

    async def due_watches(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        return await self._reader.run(lambda tx: sweeps.due_watches(tx.hands, until, limit))

    async def retry_at(self, now: datetime) -> datetime | None:
        return await self._reader.run(lambda tx: sweeps.retry_at(tx.hands, now))

    async def embed(self, most: int) -> int:
        """See `memory.embedding.Owing`."""
        return await embedding.step(self._embedder, most, read=self._reader.run, write=self._writer.run)

    async def revision(self) -> str | None:
        """Of the tables as they are now: another version may have changed them since. Raises StoreDamaged once a page of
        the file could not be read: this one may well be whole."""
        if self._damage is not None:
            raise StoreDamaged(self._damage.message)
        return await self._reader.run(lambda tx: migrate.revision(tx.hands))

    async def close(self) -> None:
        """Finishes every call made before, then closes the file. May be called again."""
        await self._writer.close()
        await self._reader.close()
        self._reading.close()
        self._writing.close()
        self._engine.dispose()

    # In the writer thread.

    def _keep(self, jobs: Sequence[Job[SqlTx]]) -> None:
        """One batch: kept together, each function standing or falling alone."""
        try:
            forgot = self._commit(jobs)
        except (DBAPIError, sqlite3.Error, _TransactionGone) as error:
            self._start_over()
            ours = self._met(error, committing=True)
            _log.error(
                "commit_failed",
                extra={"action": "commit_failed", "functions": len(jobs), "why": type(ours).__name__},
            )
            for job in jobs:
                job.fail(job.error or ours)
            return
        self._log_holds_forgotten |= forgot
        if self._log_holds_forgotten:
            self._log_holds_forgotten = not self._empty_log()

    def _commit(self, jobs: Sequence[Job[SqlTx]]) -> bool:
        """True when a function that was kept removed words for good."""
        files.begin(self._writing)
        forgot = False
        for job in jobs:
            forgot |= self._run(job, alone=len(jobs) == 1)
        if all(job.error is not None for job in jobs):
            files.rollback(self._writing)
        else:
            files.commit(self._writing)
        return forgot

    def _run(self, job: Job[SqlTx], *, alone: bool) -> bool:
        """One function of a batch. A function alone in its transaction needs no savepoint. One that stood keeps its own until
        the commit, which lets go of them all: to go back to one goes back to the newest."""
        tx = SqlTx(self._writes, job.space, self._embedder)
        if not alone:
            self._writes.say("SAVEPOINT job")
        try:
            job.value = job.run(tx)
            job.rings = tx.rung
        except BaseException as error:  # whatever it is, it belongs to the caller
            job.fail(self._met(error))
        if not files.in_transaction(self._writing):
            # SQLite itself rolls everything back on some errors: what ran before in this batch is gone too.
            raise _TransactionGone from job.error
        if job.error is not None and not alone:
            self._writes.say("ROLLBACK TO job")
        return tx.forgot and job.error is None

    def _start_over(self) -> None:
        """After a failed commit: out of the transaction, with a new connection if this one cannot."""
        try:
            files.rollback(self._writing)
        except (DBAPIError, sqlite3.Error):
            _log.exception("connection_lost", extra={"action": "connection_lost"})
            self._writing.invalidate()
            self._writing.close()
            self._writing = self._engine.connect()
            self._writes = Hands(self._writing, self._spelled)

    def _empty_log(self) -> bool:
        """Writes the file anew, moves the write-ahead log into it and cuts that: a forgotten text was still in both."""
        try:
            files.rewrite(self._writing)
            done = files.empty_log(self._writing)
        except sqlite3.Error:
            done = False
        if not done:
            _log.warning("forgotten_text_lingers", extra={"action": "forgotten_text_lingers"})
        return done

    # In the reader thread.

    def _look(self, jobs: Sequence[Job[SqlTx]]) -> None:
        """One batch of looks at one snapshot."""
        try:
            files.begin(self._reading)
            try:
                for job in jobs:
                    self._answer(job)
            finally:
                files.rollback(self._reading)
        except (DBAPIError, sqlite3.Error) as error:
            ours = self._met(error)
            for job in jobs:
                job.fail(job.error or ours)

    def _answer(self, job: Job[SqlTx]) -> None:
        try:
            job.value = job.run(SqlTx(self._reads, job.space, self._embedder))
        except BaseException as error:  # whatever it is, it belongs to the caller
            job.fail(self._met(error))

    # In either.

    def _met(self, error: BaseException, *, committing: bool = False) -> BaseException:
        """The error as callers should see it. Damage is remembered: it does not heal."""
        ours = _ours(error, committing=committing)
        if isinstance(ours, StoreDamaged):
            self._damage = ours
        return ours


class _TransactionGone(Exception):
    """SQLite ended the transaction by itself."""


def _ours(error: BaseException, *, committing: bool = False) -> BaseException:
    """The error as callers should see it: the driver's become ours, everything else stays."""
    match error:
        case DBAPIError(orig=sqlite3.Error() as driver):
            return translated(driver, committing=committing)
        case sqlite3.Error():
            return translated(error, committing=committing)
        case _TransactionGone():
            cause = error.__cause__
            return cause if isinstance(cause, VigieError) else StoreAway(DISK)
        case _:
            return error
