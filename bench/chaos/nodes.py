"""The processes of one installation, their logs in files, and their clocks, which may differ."""

import asyncio
import random
import subprocess
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from tests.running import Program

_SKEW = Path(__file__).with_name("skew.c")


def skewed(seconds: float, folder: Path) -> dict[str, str]:
    """The environment of a process whose wall clock is off by so much; its timers run as ever. Needs a C compiler."""
    if not seconds:
        return {}
    library = folder / "skew.so"
    if not library.exists():
        command = ["cc", "-shared", "-fPIC", "-O1", "-o", str(library), str(_SKEW), "-ldl"]
        subprocess.run(command, check=True)
    return {"LD_PRELOAD": str(library), "CHAOS_SKEW": f"{seconds:.3f}"}


@dataclass(slots=True, kw_only=True)
class Node:
    """One process, which is started again whenever it ended. `down` while it is not to be."""

    name: str
    program: Program
    log: Path
    skew: float = 0.0
    stopped: bool = False
    starts: int = 0
    _written: int = 0

    async def up(self) -> None:
        """Starts it and does not wait."""
        self.starts += 1
        self.program.printed.append(f"--- start {self.starts}")
        await self.program.spawn()

    def flush(self) -> None:
        """What it printed since is in its file."""
        new, self._written = self.program.printed[self._written :], len(self.program.printed)
        if new:
            with self.log.open("a") as file:
                file.write("\n".join(new) + "\n")


@dataclass(slots=True, kw_only=True)
class Fleet:
    """All of them."""

    nodes: Sequence[Node]
    session: aiohttp.ClientSession

    @property
    def web(self) -> list[Node]:
        """Those that Slack is told of."""
        return [each for each in self.nodes if each.program.command == "web"] or list(self.nodes)

    async def start(self) -> None:
        """All at once: one of them makes the tables, and the others find them."""
        for each in self.nodes:
            await each.up()
        await asyncio.gather(*(each.program.ready() for each in self.nodes))

    async def stop(self) -> None:
        """Asks all to end; whoever does not is killed."""
        await asyncio.gather(*(self._stop(each) for each in self.nodes))

    async def kill(self) -> None:
        """Ends all that still run."""
        for node in self.nodes:
            if node.program.alive:
                await node.program.kill()
            node.flush()

    async def _stop(self, node: Node) -> None:
        if node.program.alive:
            try:
                await node.program.stop()
            except TimeoutError:
                await node.program.kill()
        node.flush()

    @asynccontextmanager
    async def kept_up(self, chance: random.Random) -> AsyncGenerator[None]:
        """While the block runs, whoever ended is started again, at once or a little later; nobody is once it is left,
        however that comes about."""
        keeping = asyncio.create_task(self._keep_up(chance))
        try:
            yield
        finally:
            keeping.cancel()
            await asyncio.gather(keeping, return_exceptions=True)

    async def _keep_up(self, chance: random.Random) -> None:
        while True:
            await asyncio.sleep(0.1)
            for node in self.nodes:
                node.flush()
                if not node.program.alive:
                    await asyncio.sleep(chance.choice((0.0, chance.uniform(0, 2))))
                    await node.up()

    async def resting(self) -> bool:
        """Whether nothing is under way or waits, by what each says of itself."""
        found = [await self._numbers(each) for each in self.nodes]
        signs = ("vigie_events_open", "vigie_workers_busy", "vigie_places_busy", "vigie_places_postponed")
        return all(numbers and not any(numbers.get(name, 1) for name in signs) for numbers in found)

    async def _numbers(self, node: Node) -> Mapping[str, float]:
        with suppress(aiohttp.ClientError, TimeoutError):
            patience = aiohttp.ClientTimeout(total=10)
            async with self.session.get(f"{node.program.url}/metrics", timeout=patience) as answer:
                if answer.ok:
                    text = await answer.text()
                    lines = [line.rpartition(" ") for line in text.splitlines() if line and line[0] != "#"]
                    return {name: float(value) for name, _, value in lines}
        return {}
