"""The real program as a child process: started, waited for, told to stop, or killed. Knows no platform."""

import asyncio
import os
import re
import shutil
import signal
import socket
import sys
import time
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STARTS_WITHIN = 60.0
"""Seconds a start may take on a machine that does much else."""
STOPS_WITHIN = 20.0
_LINK = re.compile(r"http://\S+/sign-in\?token=\S+")
_KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
_WITH_US = ("setpriv", "--pdeathsig", "KILL") if shutil.which("setpriv") else ()
"""On Linux the system itself ends a child whose parent is gone, whatever the parent died of."""


def free_port() -> int:
    """A port that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """A child's environment: nothing that is set on this machine, but what it takes to run."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {**kept, "PYTHONPATH": str(ROOT), "VIGIE_HOME": str(home), **settings}


async def vigie(home: Path, *arguments: str, settings: Mapping[str, str] | None = None) -> tuple[int, str]:
    """Runs one command to its end, such as `ledger verify`. Its exit status, and all that it printed."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "vigie", *arguments),
        env=environment(home, settings or {}),
        cwd=home,
        stdout=PIPE,
        stderr=STDOUT,
    )
    async with asyncio.timeout(STARTS_WITHIN):
        printed, _ = await process.communicate()
    assert process.returncode is not None
    return process.returncode, printed.decode()


@dataclass(slots=True, kw_only=True)
class Program:
    """`vigie up` or `vigie demo` over one data folder, on one port. May be started again after it ended.

    `module` is what runs; `settings` are its environment variables; `link` is the sign-in link that the last start printed;
    `printed` holds every line of every start, for when a test fails.
    """

    home: Path
    command: str = "up"
    module: str = "vigie"
    settings: Mapping[str, str] = field(default_factory=dict[str, str])
    port: int = field(default_factory=free_port)
    link: str = ""
    printed: list[str] = field(default_factory=list[str])
    seconds_to_ready: float = 0.0
    _process: Process | None = None
    _reading: asyncio.Task[None] | None = None
    _ready: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of the running process."""
        assert self._process is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def spawn(self) -> None:
        """Starts the process and does not wait for it to be ready. Cancelled meanwhile, it is started all the same and
        is ours to end: `alive` says so."""
        assert not self.alive
        await self._finished_reading()
        starting = asyncio.create_task(self._start())
        try:
            await asyncio.shield(starting)
        except asyncio.CancelledError:
            await starting
            raise

    async def _start(self) -> None:
        self._ready.clear()
        self.link = ""
        began = time.perf_counter()
        self._process = await asyncio.create_subprocess_exec(
            *(*_WITH_US, sys.executable, "-m", self.module, self.command),
            env=environment(self.home, {"PORT": str(self.port), **self.settings}),
            cwd=self.home,
            stdout=PIPE,
            stderr=STDOUT,
            start_new_session=True,
        )
        self._reading = asyncio.create_task(self._read(self._process, began))

    async def ready(self) -> None:
        """Waits until it answers HTTP. Fails with what it printed when it ends before, or takes too long."""
        try:
            async with asyncio.timeout(STARTS_WITHIN):
                await self._ready.wait()
        except TimeoutError:
            raise AssertionError(f"not ready after {STARTS_WITHIN:.0f} s:\n{self.said()}") from None
        assert self.link, f"the program ended before it was ready:\n{self.said()}"

    async def start(self) -> None:
        """Starts the process and waits until it is ready."""
        await self.spawn()
        await self.ready()

    async def kill(self) -> None:
        """Ends it as a power cut would."""
        self.send(signal.SIGKILL)
        await self.ended()

    async def stop(self) -> int:
        """Asks it to end and waits until it has. Its exit status."""
        self.send(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Waits until the process has ended, for whatever reason. Its exit status."""
        assert self._process is not None
        async with asyncio.timeout(STOPS_WITHIN):
            status = await self._process.wait()
        await self._finished_reading()
        return status

    def send(self, number: signal.Signals) -> None:
        """A signal to the process, if it still runs."""
        if self.alive and self._process is not None:
            self._process.send_signal(number)

    def said(self) -> str:
        """The end of what it printed."""
        return "\n".join(self.printed[-60:])

    async def _read(self, process: Process, began: float) -> None:
        assert process.stdout is not None
        try:
            async for raw in process.stdout:
                line = raw.decode(errors="replace").rstrip("\n")
                self.printed.append(line)
                if not self.link and (found := _LINK.search(line)):
                    self.link = found.group()
                    self.seconds_to_ready = time.perf_counter() - began
                    self._ready.set()
        finally:
            # Whoever waits for it to be ready must hear that it never will be.
            self._ready.set()

    async def _finished_reading(self) -> None:
        if self._reading is not None:
            await self._reading
            self._reading = None


@asynccontextmanager
async def running(
    home: Path,
    command: str = "up",
    *,
    settings: Mapping[str, str] | None = None,
    port: int | None = None,
    module: str = "vigie",
) -> AsyncGenerator[Program]:
    """A program that is ready, over the folder `home`. Killed when the block ends."""
    port = free_port() if port is None else port
    program = Program(home=home, command=command, module=module, settings=settings or {}, port=port)
    try:
        await program.start()
        yield program
    finally:
        if program.alive:
            await program.kill()
