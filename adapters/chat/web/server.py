"""The HTTP server, taught two things: to say when it listens, and to end live streams before it waits for its
connections to close. Left alone, uvicorn would wait for pages that stay open for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable
from socket import socket

import uvicorn


class Server(uvicorn.Server):
    """`leaving` is called when a stop was asked for, before open connections are waited for."""

    def __init__(self, config: uvicorn.Config, *, leaving: Callable[[], Awaitable[None]]) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()
        self._leaving = leaving

    def leave(self) -> None:
        """Ends gracefully: what is under way is finished first."""
        self.should_exit = True

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await self._leaving()
        await super().shutdown(sockets)
