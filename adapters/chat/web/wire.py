"""How much of a request is taken before anybody knows what it asks for, and how long that may last. The parser that is
quick has no bound of its own: one header without an end would fill the memory, and whoever says nothing would keep
a connection for ever.
"""

import asyncio
from asyncio import TimerHandle

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

LARGEST_HEAD = 64 * 1024
"""Bytes of the first line and the headers. Browsers send two thousand, and proxies stop at eight to sixty-four."""
PATIENCE = 10.0
"""Seconds in which they have to be here."""
TOO_LARGE = (
    f"The request's address and headers are larger than {LARGEST_HEAD // 1024} KiB. Send fewer, or less."
)
TOO_SLOW = f"The request's address and headers were not here within {PATIENCE:.0f} seconds. Send it again."


class TooLarge(Exception):
    """The head of this request. The parser stops at it."""


class Wire(HttpToolsProtocol):
    """One connection."""

    _taken = 0
    """Bytes that came since anything of a request was handed on: of its head, or of what a sender writes around and after
    the body."""
    _begun = False
    """Whether a head is under way."""
    _large = False
    _patience: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._taken += len(data)
        super().data_received(data)
        if self._taken > LARGEST_HEAD and not self.transport.is_closing():
            self._refuse(431, TOO_LARGE)

    def on_message_begin(self) -> None:
        self._begun = True
        if self._patience is None:
            self._wait()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Raises TooLarge."""
        self._begun, self._taken = False, 0
        self._rest()
        if len(self.url) + sum(len(name) + len(value) + 4 for name, value in self.headers) > LARGEST_HEAD:
            self._large = True
            raise TooLarge
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._taken = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._taken = 0
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """What the parser stopped at: what it does not understand, or our own bound."""
        if self._large:
            self._refuse(431, TOO_LARGE)
        else:
            super().send_400_response(msg)

    def _wait(self) -> None:
        self._patience = self.loop.call_later(PATIENCE, self._too_slow)

    def _rest(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _too_slow(self) -> None:
        self._patience = None
        if self.transport.is_closing():
            return
        if self.cycle and not self.cycle.response_complete:
            # We read no further ourselves while an earlier request on this connection is answered.
            self._wait()
        elif self._begun:
            self._refuse(408, TOO_SLOW)
        else:
            self.transport.close()

    def _refuse(self, status: int, words: str) -> None:
        head = (
            "content-type: text/plain; charset=utf-8\r\n"
            f"content-length: {len(words)}\r\n"
            "connection: close\r\n\r\n"
        )
        self.transport.write(STATUS_LINE[status] + (head + words).encode("ascii"))
        self.transport.close()
