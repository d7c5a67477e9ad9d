"""Told to stop at any moment of its start, the real program ends by itself, in order, and says nothing of it."""

import asyncio
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tests.running import Program, environment, free_port, vigie

SIGNS = ("Traceback", "ERROR", "WARNING", "KeyboardInterrupt", "never retrieved")


async def until(true: Callable[[], bool], program: Program) -> None:
    async with asyncio.timeout(60):
        while not true() and program.alive:  # noqa: ASYNC110 (another process: nobody tells)
            await asyncio.sleep(0.001)


def _listens(program: Program) -> bool:
    return any("on watch" in line for line in program.printed)


@pytest.mark.parametrize("moment", ["the database is there", "the first rows are there", "it is on watch"])
async def test_a_stop_is_graceful_from_the_first_moment(tmp_path: Path, moment: str) -> None:
    program = Program(home=tmp_path, command="demo")
    signs: dict[str, Callable[[], bool]] = {
        "the database is there": (tmp_path / "vigie.db").exists,
        "the first rows are there": (tmp_path / "demo-shop.db").exists,
        "it is on watch": lambda: _listens(program),
    }
    await program.spawn()
    await until(signs[moment], program)
    status = await program.stop()
    assert status in (0, 130), program.said()
    assert not [sign for sign in SIGNS if sign in program.said()], program.said()
    code, said = await vigie(tmp_path, "ledger", "verify")
    assert code == 0, said


CHILD = """
import os, signal, sys
from adapters.clock.wall import WallClock
left, now = int(sys.argv.pop()), WallClock.now
def told(self):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGTERM)
    return now(self)
WallClock.now = told
import vigie
sys.exit(vigie.main(["demo"]))
"""


@pytest.mark.parametrize("look", [1, 2, 3, 4, 6, 9, 13, 18])
async def test_a_stop_interrupts_no_line(tmp_path: Path, look: int) -> None:
    """Told exactly when it looks at the clock for the nth time, wherever that is: in the start, in a lane, in a
    sweep. Nothing is thrown into that line; all of it ends in order."""
    port = free_port()
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, str(look)),
        env=environment(tmp_path, {"PORT": str(port)}),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        said = (await child.communicate())[0].decode()
    assert child.returncode in (0, 130), said
    assert not [sign for sign in SIGNS if sign in said], said


@pytest.mark.parametrize("taken", [False, True])
@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
async def test_a_link_that_the_terminal_was_given_opens_and_a_stop_ends_both(
    tmp_path: Path, sign: signal.Signals, taken: bool
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1] if taken else free_port()
        chat = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "vigie", "chat"),
            env=environment(tmp_path, {"PORT": str(port)}),
            cwd=tmp_path,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
        )
        assert chat.stdin
        assert chat.stdout
        try:
            async with asyncio.timeout(60):
                chat.stdin.write(b"export my memory\n")
                while b"sign-in" not in (line := await chat.stdout.readline()):
                    assert line, "it ended without a link"
                link = urlsplit(line.decode().split()[-1])
                assert (link.port == port) is not taken
                origin = f"{link.scheme}://{link.netloc}"
                asked = {name: values[0] for name, values in parse_qs(link.query).items()}
                async with httpx.AsyncClient(trust_env=False, headers={"Origin": origin}) as http:
                    answer = await http.post(f"{origin}/sign-in", data=asked)
                    assert (answer.status_code, answer.headers["location"]) == (303, "/memory")
                    assert (await http.get(f"{origin}/memory")).status_code == 200
                chat.send_signal(sign)
                assert await chat.wait() in (0, 130, -sign)
        finally:
            if chat.returncode is None:
                chat.kill()
                await chat.wait()
    code, said = await vigie(tmp_path, "ledger", "verify")
    assert code == 0, said
