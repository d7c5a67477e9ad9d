"""What exactly one process may do at a time (ring the clock, poll a platform), and who is alive.

A lease is an advisory lock on a connection that does nothing else. It is let go by the server the moment the process
dies, and within seconds when it hangs or its machine vanishes: the server ends a connection that is silent for `SILENT`
seconds, and a holder speaks every `BEAT`. A holder that cannot speak stops before that time is over.
"""

import asyncio
import hashlib
import logging
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg import sql

from adapters.engine.lines import called, line

log = logging.getLogger(__name__)

BEAT = 2.0
SILENT = 8
"""Seconds. Another process has the lease at the latest SILENT + BEAT after its holder was last heard."""
SETTLED = 6.0
"""Seconds that our own line must have held before a process without one counts as ended: after a restart of the server
nobody has one for a moment."""

Step = Callable[[], Awaitable[None]]


def key(name: str) -> int:
    """The number under which a lease is held."""
    return int.from_bytes(
        hashlib.blake2b(f"vigie:lease:{name}".encode(), digest_size=8).digest(), "big", signed=True
    )


@dataclass(slots=True, kw_only=True)
class Lease:
    """What is to be held. `begin` when it is ours, `end` when it is not any more."""

    name: str
    begin: Step
    end: Step
    held: bool = False


class Leases:
    """The leases that this process would take, in one loop over one connection. Always holds the one of its own name."""

    def __init__(self, url: str, *, run: str) -> None:
        self._url, self._run = url, run
        self._wanted: list[Lease] = []
        self._connection: psycopg.AsyncConnection[Any] | None = None
        self._task: asyncio.Task[None] | None = None
        self._alive = False
        self._since = 0.0
        self.up = asyncio.Event()

    def want(self, name: str, begin: Step, end: Step) -> None:
        self._wanted.append(Lease(name=name, begin=begin, end=end))

    def holds(self, name: str) -> bool:
        return any(each.held for each in self._wanted if each.name == name)

    async def start(self) -> None:
        """Returns once this process counts as alive."""
        self._task = asyncio.create_task(self._go())
        async with asyncio.timeout(15):
            await self.up.wait()

    async def stop(self) -> None:
        """Lets go of everything; others may begin at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._lose()

    async def dead(self, runs: Collection[str]) -> list[str]:
        """Those of these processes that are not alive."""
        if not runs or self._connection is None:
            return []
        query = "SELECT (classid::bigint << 32) | objid::bigint FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1"
        rows = await (await self._connection.execute(query)).fetchall()
        alive = {row[0] for row in rows}
        return [run for run in runs if key(f"run:{run}") not in alive]

    async def ended(self, runs: Collection[str]) -> list[str]:
        """Those of these processes that are no more: their locks are let go and the server has no connection of theirs,
        which one that hangs, or that lost a single line, still has."""
        if not runs or self._connection is None or time.monotonic() - self._since < SETTLED:
            return []
        dead = await self.dead(runs)
        query = "SELECT application_name FROM pg_stat_activity WHERE datname = current_database()"
        rows = await (await self._connection.execute(query)).fetchall()
        there = {row[0] for row in rows}
        return [run for run in dead if called(run) not in there]

    async def _go(self) -> None:
        while True:
            try:
                async with asyncio.timeout(BEAT * 2):
                    await self._beat()
            except (psycopg.Error, TimeoutError) as error:
                log.warning("leases_lost", extra={"action": "leases_lost", "why": type(error).__name__})
                await self._lose()
            await asyncio.sleep(BEAT)

    async def _beat(self) -> None:
        if self._connection is None:
            self._connection = await line(self._url, run=self._run, patience=3)
            self._since = time.monotonic()
            setting = sql.SQL("SET idle_session_timeout = {}").format(f"{SILENT}s")
            await self._connection.execute(setting)
        if not self._alive:
            # The server may hold it a little longer for a line of ours that broke.
            self._alive = await self._take(f"run:{self._run}")
        if self._alive:
            self.up.set()
        for lease in self._wanted:
            if not lease.held and await self._take(lease.name):
                lease.held = True
                log.info("lease_taken", extra={"action": "lease_taken", "lease": lease.name})
                await self._step(lease, lease.begin)
        await self._connection.execute("SELECT 1")

    async def _take(self, name: str) -> bool:
        assert self._connection is not None
        cursor = await self._connection.execute("SELECT pg_try_advisory_lock(%s)", (key(name),))
        row = await cursor.fetchone()
        return row is not None and row[0]

    async def _lose(self) -> None:
        gone, self._connection, self._alive = self._connection, None, False
        for lease in self._wanted:
            if lease.held:
                lease.held = False
                await self._step(lease, lease.end)
        if gone is not None:
            await gone.close()

    async def _step(self, lease: Lease, step: Step) -> None:
        try:
            await step()
        except Exception:
            log.exception("lease_step_broke", extra={"action": "lease_step_broke", "lease": lease.name})
