"""No program that a test or a benchmark starts outlives it, however that ends."""

import asyncio
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import aiohttp
import psutil
import pytest

from bench.chaos.nodes import Fleet, Node
from tests.running import ROOT, Program, free_port

T = TypeVar("T")


class Ended(Exception):
    """The run is over, or broke down."""


class AtOnce(random.Random):
    """Always the first: whoever ended is started again without a pause."""

    def choice(self, seq: Sequence[T]) -> T:  # pyright: ignore[reportIncompatibleMethodOverride]
        return seq[0]


def endless(folder: Path) -> Program:
    """Something that runs until it is ended."""
    return Program(home=folder, module="http.server", command=str(free_port()))


def children() -> set[int]:
    return {each.pid for each in psutil.Process().children() if each.status() != psutil.STATUS_ZOMBIE}


@pytest.mark.parametrize("broken", [False, True])
async def test_who_is_being_started_when_a_run_ends_does_not_outlive_it(tmp_path: Path, broken: bool) -> None:
    """However far the start has come, and whether the run comes to its end or breaks down."""
    before = children()
    async with aiohttp.ClientSession() as session:
        for turns in range(12):
            node = Node(name="only", program=endless(tmp_path), log=tmp_path / "only.log")
            fleet = Fleet(nodes=[node], session=session)
            with suppress(Ended):
                async with fleet.kept_up(AtOnce()):
                    while not node.starts:  # noqa: ASYNC110 (it is about each single step)
                        await asyncio.sleep(0)
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    if broken:
                        raise Ended
            await fleet.kill()
            starts = node.starts
            await asyncio.sleep(0.15)  # longer than between two looks at who ended
            assert (children() - before, node.starts) == (set(), starts)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends children with their parent")
def test_a_program_ends_with_who_started_it_even_when_that_is_killed(tmp_path: Path) -> None:
    assert shutil.which("setpriv"), "util-linux has it"
    code = (
        "import asyncio, pathlib, sys\n"
        "from tests.kill.test_outliving import endless\n"
        "async def go():\n"
        "    program = endless(pathlib.Path(sys.argv[1]))\n"
        "    await program.spawn()\n"
        "    print(program.pid, flush=True)\n"
        "    await asyncio.sleep(600)\n"
        "asyncio.run(go())\n"
    )
    starter = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    assert starter.stdout is not None
    program = psutil.Process(int(starter.stdout.readline()))
    while "http.server" not in program.cmdline():
        assert starter.poll() is None
    starter.send_signal(signal.SIGKILL)
    starter.communicate()
    program.wait(timeout=30)
