"""A server of tools that may do anything to its client, over streamable HTTP. It is the protocol's own library, so what it
breaks it breaks on purpose. Knows nothing of Vigie.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import mcp_types as mcp
import uvicorn
from mcp.server import Server
from mcp.server.context import ServerRequestContext
from mcp.server.subscriptions import InMemorySubscriptionBus, ListenHandler, ToolsListChanged
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.running import free_port

Doing = Callable[
    [ServerRequestContext[Any], dict[str, Any]], Awaitable[mcp.CallToolResult | mcp.InputRequiredResult]
]
Gate = Callable[[Scope, Receive, Send], Awaitable[bool]]


def tool(name: str, description: str = "Does it.", **more: Any) -> mcp.Tool:
    schema = more.pop("schema", {"type": "object", "properties": {}})
    return mcp.Tool(name=name, description=description, input_schema=schema, **more)


def said(text: str, **more: Any) -> mcp.CallToolResult:
    return mcp.CallToolResult(content=[mcp.TextContent(text=text)], **more)


@dataclass
class ToolServer:
    """`tools` is what it lists, `calls` what was called, `doing` what each tool does (the rest answer “done”), `gate`
    may answer a request in its stead: it returns True when it did."""

    tools: list[mcp.Tool] = field(default_factory=list[mcp.Tool])
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list[tuple[str, dict[str, Any]]])
    doing: dict[str, Doing] = field(default_factory=dict[str, Doing])
    gate: Gate | None = None
    bus: InMemorySubscriptionBus = field(default_factory=InMemorySubscriptionBus)
    asked: list[str] = field(default_factory=list[str])
    url: str = ""

    async def changed(self) -> None:
        """Tells whoever subscribed that the list changed."""
        await self.bus.publish(ToolsListChanged())

    def server(self) -> Server[Any]:
        """The protocol's half."""

        async def listed(
            context: ServerRequestContext[Any], params: mcp.PaginatedRequestParams | None
        ) -> mcp.ListToolsResult:
            return mcp.ListToolsResult(tools=list(self.tools))

        async def called(
            context: ServerRequestContext[Any], params: mcp.CallToolRequestParams
        ) -> mcp.CallToolResult | mcp.InputRequiredResult:
            arguments = params.arguments or {}
            self.calls.append((params.name, arguments))
            doing = self.doing.get(params.name)
            return await doing(context, arguments) if doing else said("done")

        return Server(
            "twin",
            on_list_tools=listed,
            on_call_tool=called,
            on_subscriptions_listen=ListenHandler(self.bus),
        )

    def app(self) -> ASGIApp:
        inside = self.server().streamable_http_app(json_response=True)

        async def through(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http" and self.gate is not None and await self.gate(scope, receive, send):
                return
            await inside(scope, receive, send)

        return through


class _Listening(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: Any = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def serving(server: ToolServer, port: int = 0) -> AsyncGenerator[ToolServer]:
    """The server at an address, until the block ends."""
    port = port or free_port()
    config = uvicorn.Config(
        server.app(), host="127.0.0.1", port=port, log_level="critical", timeout_graceful_shutdown=1
    )
    running = _Listening(config)
    task = asyncio.create_task(running.serve())
    async with asyncio.timeout(30):
        await running.ready.wait()
    server.url = f"http://127.0.0.1:{port}/mcp"
    try:
        yield server
    finally:
        running.should_exit = True
        await task


async def answer(send: Send, status: int, body: bytes = b"", content_type: str = "application/json") -> bool:
    """What a gate answers with."""
    headers = [(b"content-type", content_type.encode()), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    return True
