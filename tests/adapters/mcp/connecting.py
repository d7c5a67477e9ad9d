"""Connecting a server in a test: the files as people write them, and the system they make on a stage."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from adapters.systems.mcp import ClassFile, McpServer, ServerFile
from tests.stage import Stage

WITHIN = 60.0


def written(folder: Path, servers: Mapping[str, Mapping[str, Any]], classes: str = "") -> Path:
    file = folder / "mcp.json"
    file.write_text(json.dumps({"mcpServers": servers}))
    (folder / "mcp-tools.toml").write_text(classes)
    return file


@asynccontextmanager
async def connected(
    s: Stage, folder: Path, servers: Mapping[str, Mapping[str, Any]], classes: str = "", *, ready: bool = True
) -> AsyncGenerator[dict[str, McpServer]]:
    """The servers of the file, plugged into the house of the stage."""
    file = ServerFile(written(folder, servers, classes))
    found = {
        entry.name: McpServer(entry, file=file, classes=ClassFile(folder / "mcp-tools.toml"), house=s.house)
        for entry in file.read()
    }
    assert isinstance(s.house.systems, dict)
    s.house.systems.update(found)
    try:
        for server in found.values():
            await server.open()
            if ready:
                await server.link.ready(WITHIN)
        await s.rest()
        yield found
    finally:
        for server in found.values():
            await server.close()


async def listed_again(server: McpServer) -> None:
    """Returns once the server was asked for its tools once more."""
    async with asyncio.timeout(WITHIN):
        await server.link.refresh(WITHIN)


async def eventually(holds: Callable[[], bool]) -> None:
    """Waits, for as long as a slow machine may take, until it holds."""
    async with asyncio.timeout(WITHIN):
        while not holds():  # noqa: ASYNC110 (what is waited for is another program's doing)
            await asyncio.sleep(0.01)
