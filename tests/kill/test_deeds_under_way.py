"""A deed is under way at a server of tools or at a vendor when the program is told to stop, or dies. The real program, on
the web chat.
"""

import asyncio
import json
import threading
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import mcp_types as types
import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from bot import rulebook
from tests.contracts.systems import hubspot as hubspots
from tests.running import Program, running, vigie
from tests.stories.founding.accounts import ASKS
from tests.stories.founding.talks import OnTheWeb
from tests.stories.peers.record import until
from tests.twins import hubspot, mcp, published
from tests.twins.mcp import ToolServer

CLASSES = """
[[tool]]
server = "post"
tool = "send"
risk = "R2"
idempotent = {idempotent}
"""
KEPT = types.ToolAnnotations(idempotent_hint=True)


@asynccontextmanager
async def page(home: Path, settings: Mapping[str, str]) -> AsyncGenerator[OnTheWeb]:
    """Its owner in front of the running program."""
    (home / "policy.toml").write_text(ASKS + rulebook.shipped_text())
    async with (
        running(home, settings=settings) as program,
        httpx.AsyncClient(base_url=program.url, timeout=20) as http,
    ):
        there = OnTheWeb(program, http)
        await there.enter()
        yield there


@asynccontextmanager
async def tools(
    home: Path, twin: ToolServer, *, idempotent: bool = False
) -> AsyncGenerator[Mapping[str, str]]:
    """The twin at an address, and the settings that connect it as “post”."""
    async with mcp.serving(twin):
        (home / "mcp.json").write_text(json.dumps({"mcpServers": {"post": {"url": twin.url}}}))
        (home / "mcp-tools.toml").write_text(CLASSES.format(idempotent=str(idempotent).lower()))
        yield {"VIGIE_MCP_SERVERS": str(home / "mcp.json")}


async def approve(there: OnTheWeb, command: str, *words: str) -> None:
    async def offered() -> bool:
        await there.say("actions post")
        return "post.send" in await there.hears("post")

    if "post.send" in command:
        await until(offered, "the tools did not come")
    await there.say(command)
    await there.card(*words)
    await there.approve()


async def kinds(home: Path, settings: Mapping[str, str]) -> set[str]:
    """What the ledger speaks of."""
    _, told = await vigie(home, "ledger", "export", settings=settings)
    return {json.loads(line)["kind"] for line in told.splitlines()}


async def silent(program: Program) -> None:
    """Once it takes no connections any more: it closes those of its own next."""

    async def closed() -> bool:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", program.port)
        except OSError:
            return True
        writer.close()
        return False

    await until(closed, "it goes on answering")
    await asyncio.sleep(0.5)  # longer than closing takes: the deed is slow, and nobody may wait less for it


async def test_a_stop_waits_for_a_tool_that_is_at_it(tmp_path: Path) -> None:
    begun, over = asyncio.Event(), asyncio.Event()

    async def slowly(context: Any, arguments: dict[str, Any]) -> types.CallToolResult:
        begun.set()
        await over.wait()
        return mcp.said("posted as number 7")

    twin = ToolServer(tools=[mcp.tool("send")], doing={"send": slowly})
    async with tools(tmp_path, twin) as settings, page(tmp_path, settings) as there:
        await approve(there, "do post.send", "post")
        await begun.wait()
        stopping = asyncio.create_task(there.program.stop())
        await silent(there.program)
        over.set()
        assert await stopping == 0, there.program.said()
        await there.program.start()
        await there.becomes("✓ Done", "posted as number 7")
        assert twin.calls == [("send", {})]


class Slow:
    """A vendor that takes its time over whatever changes something."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.begun, self.over = app, threading.Event(), threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "PATCH":
            self.begun.set()
            await asyncio.to_thread(self.over.wait, 30)
        await self.app(scope, receive, send)


async def test_a_stop_waits_for_a_vendor_that_is_at_it(tmp_path: Path) -> None:
    twin = hubspots.twin()
    slow = Slow(twin.app)
    with published.served(slow) as url:
        settings = {"HUBSPOT_ACCESS_TOKEN": hubspot.TOKEN, "HUBSPOT_API_URL": url}
        async with page(tmp_path, settings) as there:
            await approve(there, "do hubspot.update_deal deal=103 properties=amount=1300", "1300")
            assert await asyncio.to_thread(slow.begun.wait, 30)
            stopping = asyncio.create_task(there.program.stop())
            await silent(there.program)
            slow.over.set()
            assert await stopping == 0, there.program.said()
            assert await kinds(tmp_path, settings) >= {"started", "confirmed"}
            assert "unknown" not in await kinds(tmp_path, settings)
    assert twin.objects["103"].held["amount"] == "1300"


@pytest.mark.parametrize("kept", [False, True])
async def test_a_tool_that_was_at_it_when_the_program_died(tmp_path: Path, *, kept: bool) -> None:
    """Whether it did it nobody can ask: a person is, and it is not done again. But for a tool that keeps what it did, by
    its own word and by ours: that one is called again. SAFETY 25"""
    begun, over = asyncio.Event(), asyncio.Event()

    async def never(context: Any, arguments: dict[str, Any]) -> types.CallToolResult:
        begun.set()
        await over.wait()
        raise AssertionError("nobody hears it")

    twin = ToolServer(tools=[mcp.tool("send", annotations=KEPT)], doing={"send": never})
    async with tools(tmp_path, twin, idempotent=kept) as settings, page(tmp_path, settings) as there:
        await approve(there, "do post.send", "post")
        await begun.wait()
        await there.program.kill()
        over.set()
        del twin.doing["send"]
        await there.program.start()
        if kept:
            await there.becomes("✓ Done")
        else:
            await there.becomes("? Outcome unknown", "keeps no record that could be asked", "Please check")
        assert twin.calls == [("send", {})] * (2 if kept else 1)
