"""A server of tools, held to the contract of systems: over the protocol's own library, in memory."""

import asyncio
from pathlib import Path
from threading import Thread
from typing import Any

import mcp_types as mcp
from mcp.client._memory import InMemoryTransport

from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues
from adapters.systems.mcp import ClassFile, McpServer, ServerFile
from adapters.systems.mcp.server import definition
from adapters.systems.mcp.servers import Entry, Http
from bot import pinning
from bot.house import House
from bot.world import System
from memory.twin.store import MemoryStore
from tests.clocks import SetClock
from tests.contracts.systems.sample import Recovery, Sample
from tests.twins.mcp import ToolServer, said, tool

CLASSES = """
[[tool]]
server = "post"
tool = "find"
risk = "R0"

[[tool]]
server = "post"
tool = "send"
risk = "R2"
recipient = "to"
content = "body"
"""
_TEXT = {"type": "string"}
_SEND = {
    "type": "object",
    "properties": {
        "to": {"type": "string", "format": "email"},
        "body": {**_TEXT, "description": "What to write."},
        "how": {"enum": ["letter", "card"]},
        "copies": {"type": "integer", "minimum": 1},
    },
    "required": ["to", "body"],
    "additionalProperties": False,
}
_TWINS: dict[Path, ToolServer] = {}
_OF: dict[int, ToolServer] = {}


class Post(ToolServer):
    """Keeps what is sent and shredded."""

    @property
    def kept(self) -> tuple[object, ...]:
        return tuple(call for call in self.calls if call[0] != "find")


def _twin() -> ToolServer:
    async def found(context: Any, arguments: dict[str, Any]) -> mcp.CallToolResult:
        return said("nothing", structured_content={"found": []})

    tools = [
        tool("find", schema={"type": "object", "properties": {"words": _TEXT}}),
        tool("send", schema=_SEND),
        tool("shredAll"),
    ]
    return Post(tools=tools, doing={"find": found})


def make(folder: Path) -> System:
    twin = _TWINS.setdefault(folder, _twin())
    folder.mkdir(exist_ok=True)
    (folder / "mcp-tools.toml").write_text(CLASSES)
    house = House(
        store=MemoryStore(),
        clock=SetClock(),
        minds=Choice(builtin=BuiltinMind(), understands=understands, model=None),
        chats={},
        systems={},
        tongues=tongues(),
    )
    system = McpServer(
        Entry(key="post", name="post", way=Http(url="http://post.example/mcp")),
        file=ServerFile(folder / "mcp.json"),
        classes=ClassFile(folder / "mcp-tools.toml"),
        house=house,
        streams=lambda: InMemoryTransport(twin.server()),
    )

    async def known() -> None:
        definitions = [definition(each) for each in twin.tools]
        await pinning.observe(system.name, system.entry.identity, definitions, house=house)
        await system.recall()

    # What was listed before is known before it is connected; a sample is made outside of any event loop.
    before = Thread(target=lambda: asyncio.run(known()))
    before.start()
    before.join()
    _OF[id(system)] = twin
    return system


def _state(system: System) -> object:
    twin = _OF[id(system)]
    assert isinstance(twin, Post)
    return twin.kept


SAMPLE = Sample(
    make=make,
    deeds={
        "post.find": {"words": "invoice"},
        "post.send": {
            "to": "gigi@example.com",
            "body": "It is on its way,\nGigi.",
            "how": "Letter",
            "copies": "2",
        },
        "post.shred_all": {},
    },
    unknown={"post.send": {"to": "gigi@example.com", "body": "x", "copies": 0}},
    state=_state,
    recovers=Recovery.NOTHING,
)
