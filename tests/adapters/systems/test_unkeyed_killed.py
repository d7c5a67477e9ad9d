"""The process is killed right after a mail server or a web address did the deed, and started again. Neither can be asked what
it did under a key: so it is done once, called unknown, and a person is asked. Tools are in tests/kill: their server is
plugged in by the program itself.
"""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path

from bot.effects import EffectState
from tests.adapters.mcp.connecting import eventually
from tests.adapters.net.hostile import Seen, hostile
from tests.adapters.systems.posts import post
from tests.adapters.systems.test_crm_killed import only
from tests.adapters.systems.unkeyed_child import assistant
from tests.running import ROOT


async def killed(folder: Path, name: str, port: int, text: str, *, done: Callable[[], bool]) -> None:
    """Runs the child until the deed is done over there, whose answer never comes, and kills it."""
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.adapters.systems.unkeyed_child", str(folder), name, str(port), text),
        cwd=ROOT,
    )
    try:
        await eventually(done)
    finally:
        child.kill()
        await child.wait()


async def doubted(folder: Path, name: str, port: int, *, says: str) -> None:
    """The next start over the same folder: unknown, with a question."""
    async with assistant(folder, name, port) as s:
        deed = await only(s, EffectState.UNKNOWN)
        assert says in deed.error
        assert any(says in each for each in (*s.chat.words(), *(card.plain for card in s.chat.cards())))


async def test_a_mail_is_sent_once_wherever_the_process_dies(tmp_path: Path) -> None:
    """SAFETY 25"""
    with post() as server:
        server.silent = True
        text = 'do email.send to=gigi@example.com subject="Your lamp" body=hello'
        await killed(tmp_path, "email", server.port, text, done=lambda: bool(server.kept))
        server.silent = False
        await doubted(tmp_path, "email", server.port, says="whether the mail went out")
        assert len(server.kept) == 1


async def test_a_web_address_is_called_once_wherever_the_process_dies(tmp_path: Path) -> None:
    """SAFETY 25"""
    over = asyncio.Event()

    async def silent(_: Seen, writer: asyncio.StreamWriter) -> None:
        await over.wait()

    async with hostile() as server:
        server.answers["/new"] = silent
        text = "do http.send url=https://hooks.example.com/new body=hello"
        await killed(tmp_path, "http", server.port, text, done=lambda: bool(server.seen))
        await doubted(tmp_path, "http", server.port, says="hooks.example.com")
        over.set()
        assert [each.body for each in server.seen] == [b"hello"]
