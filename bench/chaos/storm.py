"""Everything that goes wrong while people talk: processes are killed, told to stop, or stopped and let go on; the
database is restarted; the platforms answer 429 or 500, hang, or break the line; the disk is full.
"""

import asyncio
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

from bench.chaos.nodes import Fleet, Node
from bench.chaos.sights import SlackSeen, TelegramSeen
from tests.peers.servers import Cluster

FROZEN = (3.0, 20.0)
"""Seconds that a process is stopped for: less than others wait, and more."""
_SLACK_FAULTS = ("429", "500", "drop", "drop_after", "hang", "garbage")
_SLACK_WEIGHTS = (6, 4, 4, 4, 1, 1)


@dataclass(kw_only=True)
class Storm:
    """`longest` is how many seconds the database is away at most: more than others wait for a silent worker, unless it is
    said otherwise. `did` counts what was done; `died` holds (moment, name of the node) of each end."""

    fleet: Fleet
    slack: SlackSeen
    telegram: TelegramSeen
    chance: random.Random
    every: float
    seconds: float
    outages: int = 0
    longest: float = 25.0
    cluster: Cluster | None = None
    full_disk: Callable[[], AbstractContextManager[None]] | None = None
    did: Counter[str] = field(default_factory=Counter[str])
    died: list[tuple[float, str]] = field(default_factory=list[tuple[float, str]])
    _jobs: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def blow(self) -> None:
        """For so many seconds. When it returns nothing is broken any more."""
        ends = time.monotonic() + self.seconds
        parts = [self._kills(ends), self._faults(ends)]
        parts += [self._outage(at) for at in self._moments()] if self.cluster is not None else []
        parts += [self._full(at) for at in self._moments()] if self.full_disk is not None else []
        try:
            await asyncio.gather(*parts)
            await asyncio.gather(*self._jobs)
        finally:
            for task in self._jobs:
                task.cancel()
            self.slack.faults.clear()
            self.telegram.faults.clear()

    def _moments(self) -> list[float]:
        """When, in seconds from now: spread over the run, none at its very end."""
        each = self.seconds / (self.outages + 1)
        return [each * (n + self.chance.uniform(0.7, 1.2)) for n in range(self.outages)]

    async def _kills(self, ends: float) -> None:
        while True:
            await asyncio.sleep(self.chance.expovariate(1 / self.every))
            if time.monotonic() > ends:
                return
            node = self.chance.choice(self.fleet.nodes)
            if not node.program.alive or node.stopped:
                continue
            match self.chance.random():
                case low if low < 0.1:
                    self.did["asked to stop"] += 1
                    node.program.send(signal.SIGTERM)
                case low if low < 0.2 and len(self.fleet.nodes) > 1:
                    self._begin(self._freeze(node))
                case _:
                    self.did["killed"] += 1
                    self.died.append((time.time(), node.name))
                    node.program.send(signal.SIGKILL)

    async def _freeze(self, node: Node) -> None:
        self.did["stopped and let go on"] += 1
        node.stopped = True
        self.died.append((time.time(), node.name))
        node.program.send(signal.SIGSTOP)
        try:
            await asyncio.sleep(self.chance.uniform(*FROZEN))
        finally:
            node.program.send(signal.SIGCONT)
            node.stopped = False

    async def _faults(self, ends: float) -> None:
        while time.monotonic() < ends:
            await asyncio.sleep(self.chance.expovariate(1 / 2.0))
            if self.chance.random() < 0.7:
                kind = self.chance.choices(_SLACK_FAULTS, _SLACK_WEIGHTS)[0]
                method = self.chance.choice(("chat.postMessage", "chat.postMessage", "chat.update", "*"))
                self.slack.fail(method, kind, retry_after="1")
                self.did[f"Slack: {kind}"] += 1
            else:
                wrong = self.chance.choices(("429", "500", "drop", "hang"), (5, 3, 3, 1))[0]
                method = self.chance.choice(("sendMessage", "editMessageText", "getUpdates"))
                self.telegram.fail(method, wrong)
                self.did[f"Telegram: {wrong}"] += 1

    async def _outage(self, at: float) -> None:
        assert self.cluster is not None
        await asyncio.sleep(at)
        self.did["PostgreSQL restarted"] += 1
        await asyncio.to_thread(self.cluster.stop)
        await asyncio.sleep(self.chance.uniform(0, self.longest))
        await asyncio.to_thread(self.cluster.start)

    async def _full(self, at: float) -> None:
        assert self.full_disk is not None
        await asyncio.sleep(at)
        node = self.fleet.nodes[0]
        if node.program.alive:
            self.did["disk full"] += 1
            with self.full_disk():
                await asyncio.sleep(self.chance.uniform(2, 8))

    def _begin(self, doing: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(doing)
        self._jobs.add(task)
        task.add_done_callback(self._jobs.discard)
