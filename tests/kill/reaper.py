"""Kills the program at random moments, and starts it again at once on the same data."""

import asyncio
import random
import signal
from contextlib import suppress
from dataclasses import dataclass

from tests.kill.workspace import Workspace
from tests.running import Program
from tests.twins.slack import FaultKind, SlackTwin

# Not a 503, which makes everybody wait for half a minute.
_FAULTS: tuple[FaultKind, ...] = ("429", "500", "drop", "drop_after")


@dataclass(slots=True, kw_only=True)
class Reaper:
    """`kills` were without warning, `stops` asked first, `deaths` the program's own."""

    program: Program
    twin: SlackTwin
    workspace: Workspace
    chance: random.Random
    kills: int = 0
    stops: int = 0
    deaths: int = 0
    faults: int = 0

    async def reap(self) -> None:
        """Until everything that was to be said was delivered; leaves a program that is ready."""
        while not self.workspace.delivered.is_set():
            await self._one_life()
        if not self.program.alive:
            await self.program.spawn()
        await self.program.ready()

    async def _one_life(self) -> None:
        if not self.program.alive:
            await self.program.spawn()
        if self.chance.random() < 0.15:
            # While it is starting: before the database is open, while it takes stock, before it listens.
            await asyncio.sleep(self.chance.uniform(0.0, 1.5))
        else:
            await self.program.ready()
            await self._a_while()
        if not self.workspace.delivered.is_set():
            await self._end()

    async def _a_while(self) -> None:
        """So many calls of the Web API, and then a moment: between a call, its answer, and its record."""
        if self.chance.random() < 0.3:
            self.faults += 1
            self.twin.fail("chat.postMessage", self.chance.choice(_FAULTS), retry_after="1")
        wanted = len(self.twin.calls) + self.chance.randint(1, 25)
        with suppress(TimeoutError):
            await self.twin.until(
                lambda: len(self.twin.calls) >= wanted or self.workspace.delivered.is_set(), seconds=4
            )
        await asyncio.sleep(self.chance.choice((0.0, self.chance.uniform(0.0, 0.02))))

    async def _end(self) -> None:
        if not self.program.alive:
            self.deaths += 1
        elif self.chance.random() < 0.15:
            self.stops += 1
            await self.program.stop()
        else:
            self.kills += 1
            self.program.send(signal.SIGKILL)
        await self.program.ended()
