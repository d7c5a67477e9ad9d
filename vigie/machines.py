"""What an installation on PostgreSQL has beside the rest, so that any number of processes are one assistant: rings for
each other, leases for what one alone may do, and a wire on which they tell each other what is new.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from adapters.clock.alarm import Alarm
from adapters.engine.distributed import Distributed, Doorbell, make_tables
from adapters.engine.leases import Leases
from adapters.engine.wire import Wire
from bot import ids
from bot.house import House
from memory import server
from memory.postgres import PostgresStore
from memory.recall.meaning import Embedder

log = logging.getLogger("vigie")

SHARED_EVERY = 2.0
"""Seconds between two looks at what others changed."""

Step = Callable[[], Awaitable[None]]


def begin_anew() -> None:
    """This process was stopped and goes on: others have taken its work, and nothing of what it was at may go on."""
    logging.shutdown()
    os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606  ourselves, as we were called


class Machines:
    """This process's part in it."""

    def __init__(
        self,
        database: str,
        *,
        lapsed: Callable[[], object] = begin_anew,
        embedder: Embedder | None = None,
    ) -> None:
        """Opens the database. `lapsed` is called when this process was stopped for long and goes on. Raises
        Misconfigured, Unreachable."""
        self._lapsed = lapsed
        self.store = PostgresStore.open(database, embedder=embedder)
        self.run = ids.new("run")
        self._url = server.plain(database)
        make_tables(self._url)
        self.bell = Doorbell(run=self.run)
        self.store.knock(self.bell.knock)
        self.wire = Wire(self._url, run=self.run)
        self.leases = Leases(self._url, run=self.run)
        self._tasks: list[asyncio.Task[None]] = []
        self._alarms: Sequence[Alarm] = ()

    def engine(
        self, *, house: House, sweep: Callable[[], Awaitable[object]], drain_within: float
    ) -> Distributed:
        """What drains places here."""
        return Distributed(
            house=house,
            url=self._url,
            bell=self.bell,
            wire=self.wire,
            leases=self.leases,
            sweep=sweep,
            lapsed=self._lapsed,
            drain_within=drain_within,
        )

    def nudge(self, at: datetime) -> None:
        """Something new is due: whoever rings the clock must know."""
        self._ring(at)
        self.wire.tell("nudge", at=at.isoformat())

    def _ring(self, at: datetime) -> None:
        for alarm in self._alarms:
            if alarm.running:
                alarm.nudge(at)

    async def start(self, alarms: Sequence[Alarm], *shared: Step) -> None:
        """Takes part. The alarms ring where the watch is; `shared` is looked at every few seconds, for what others
        changed."""
        self._alarms = alarms
        self.wire.hear("nudge", lambda told: self._ring(datetime.fromisoformat(str(told["at"]))))
        self.wire.start()
        await self.leases.start()
        for step in shared:
            await step()
        self._tasks = [asyncio.create_task(_again(step)) for step in shared]

    async def stop(self) -> None:
        """Others take over what was held here."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.leases.stop()
        await self.wire.stop()


async def _again(step: Step) -> None:
    while True:
        await asyncio.sleep(SHARED_EVERY)
        try:
            await step()
        except Exception:
            log.exception("shared_look_broke", extra={"action": "shared_look_broke"})
