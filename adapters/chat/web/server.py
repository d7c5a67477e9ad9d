"""The HTTP server, taught three things: to say when it listens, to end live streams before it waits for its connections
to close, and how much of a request it takes. Left alone, uvicorn would wait for pages that stay open for ever.
"""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager, nullcontext
from socket import socket
from typing import Literal

import uvicorn

try:
    from adapters.chat.web.wire import Wire
except ImportError:  # on Windows, and beside CPython: the parser there has its own bound
    Wire = None


def protocol() -> type[asyncio.Protocol] | Literal["h11"]:
    """What reads requests, with a bound to what they may take."""
    return "h11" if Wire is None else Wire


class Server(uvicorn.Server):
    """`leaving` is called when a stop was asked for, before open connections are waited for. A `guest` leaves the signals
    of the process to whoever it answers beside."""

    def __init__(
        self, config: uvicorn.Config, *, leaving: Callable[[], Awaitable[None]], guest: bool = False
    ) -> None:
        super().__init__(config)
        self._guest = guest
        self.listening = asyncio.Event()
        self._leaving = leaving

    def leave(self) -> None:
        """Ends gracefully: what is under way is finished first."""
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        with nullcontext() if self._guest else super().capture_signals():
            yield

    async def startup(self, sockets: list[socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    async def shutdown(self, sockets: list[socket] | None = None) -> None:
        await self._leaving()
        await super().shutdown(sockets)
