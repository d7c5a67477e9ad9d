"""The two ways to a server, bounded: HTTP whose answers have a largest size and whose failures say precisely what they
prove, and a program of our own starting whose lines do. Knows the protocol's framing and nothing of tools.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Any

import anyio
import httpx2
import mcp_types as mcp
from mcp.client.stdio import get_default_environment
from mcp.client.streamable_http import streamable_http_client
from mcp.shared.message import SessionMessage

from adapters.systems.mcp.servers import Stdio

LARGEST = 4_000_000
"""Bytes of one answer."""
CONNECT = 15.0
ERROR = -39_000
"""The code of the errors made here. `data` is {"http": status, "retry_after": seconds?}, or {"lost": true} where the
request may have arrived, or {"unreached": true} where it certainly did not."""
_TELLING = frozenset({401, 403, 404, 405, 407, 408, 409, 410, 413, 421, 425, 429, *range(500, 600)})
_STDERR_KEPT = 600
_GRACE = 2.0

Headers = Callable[[bool], Mapping[str, str]]
"""The headers of a server; asked with True, as its file has them now."""


class TooLarge(httpx2.StreamError):
    """The answer is larger than is read."""

    def __init__(self) -> None:
        super().__init__(f"the answer is larger than {LARGEST} bytes")


class _Counted(httpx2.AsyncByteStream):
    """A body that breaks off when it is too large. Event streams may go on: each event has a limit of its own."""

    def __init__(self, stream: httpx2.AsyncByteStream, *, most: int) -> None:
        self._stream, self._most = stream, most

    async def __aiter__(self) -> AsyncIterator[bytes]:
        seen = 0
        async for chunk in self._stream:
            seen += len(chunk)
            if seen > self._most:
                raise TooLarge
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


class Wire(httpx2.AsyncBaseTransport):
    """HTTP with the headers of one server. After a 401 the file is read again, and a new key tried once."""

    def __init__(self, headers: Headers, inner: httpx2.AsyncBaseTransport | None = None) -> None:
        self._headers = headers
        self._inner = inner or httpx2.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        told = self._headers(False)
        response = await self._sent(request, told)
        if response.status_code == 401 and (now := self._headers(True)) != told:
            await response.aclose()
            response = await self._sent(request, now)
        return response

    async def _sent(self, request: httpx2.Request, headers: Mapping[str, str]) -> httpx2.Response:
        request.headers.update(headers)
        request.headers["accept-encoding"] = "identity"
        try:
            response = await self._inner.handle_async_request(request)
        except (httpx2.ConnectError, httpx2.ConnectTimeout, httpx2.PoolTimeout):
            return _failure(request, 503, {"unreached": True})
        except httpx2.TransportError:
            if request.method != "POST":
                raise
            return _failure(request, 502, {"lost": True})
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            return _failure(request, 502, {"lost": True})
        if request.method == "POST" and response.status_code in _TELLING:
            await response.aclose()
            return _failure(request, response.status_code, _told(response))
        if request.method == "POST" and _leaves(response, request.url):
            await response.aclose()
            return _failure(request, 502, _told(response))
        if response.status_code == 400:
            return await _rejected(request, response)
        if not response.headers.get("content-type", "").startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Counted(response.stream, most=LARGEST)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


async def _rejected(request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
    """A 400: the protocol's own error where there is one (it says which versions a server speaks), else ours."""
    assert isinstance(response.stream, httpx2.AsyncByteStream)
    response.stream = _Counted(response.stream, most=LARGEST)
    try:
        await response.aread()
        error = response.json()["error"]
        code, said = int(error["code"]), str(error["message"])
    except (httpx2.StreamError, ValueError, LookupError, TypeError):
        return _failure(request, 400, {"http": 400})
    finally:
        await response.aclose()
    return response if code <= -32_001 else _failure(request, 400, {"http": 400, "said": said[:300]})


def _leaves(response: httpx2.Response, url: httpx2.URL) -> bool:
    """Whether it is a redirect that is not followed: one that loses the message, or leads away from the server that was
    named, for the request holds our key."""
    match response.status_code:
        case 301 | 302 | 303:
            return True
        case 307 | 308:
            try:
                there = url.join(response.headers.get("location", ""))
            except (httpx2.InvalidURL, ValueError):
                return True
            return (url.scheme, url.host, url.port) != (there.scheme, there.host, there.port)
        case _:
            return False


def _told(response: httpx2.Response) -> dict[str, Any]:
    wait = response.headers.get("retry-after", "")
    told: dict[str, Any] = {"http": response.status_code}
    return {**told, "retry_after": int(wait)} if wait.isdecimal() and len(wait) < 6 else told


def _failure(request: httpx2.Request, status: int, data: dict[str, Any]) -> httpx2.Response:
    """A failure in the protocol's own form, so that it reaches exactly the call that it befell."""
    error = {"code": ERROR, "message": "not answered", "data": data}
    return httpx2.Response(status, json={"jsonrpc": "2.0", "id": 0, "error": error}, request=request)


@asynccontextmanager
async def http(url: str, headers: Headers, *, patience: float) -> AsyncGenerator[Any]:
    """Streams to a server at an address."""
    limits = httpx2.Timeout(CONNECT, read=patience + CONNECT)
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(httpx2.AsyncClient(transport=Wire(headers), timeout=limits))
        yield await stack.enter_async_context(
            streamable_http_client(url, http_client=client, max_sse_event_size=LARGEST)
        )


@asynccontextmanager
async def program(way: Stdio, *, heard: Callable[[str], None]) -> AsyncGenerator[Any]:
    """Streams to a server that is started here, in a process group of its own. `heard` gets the last it said on its
    error output once it is over. It inherits no variable but the few a program needs, and those of its entry."""
    process = await asyncio.create_subprocess_exec(
        way.command,
        *way.args,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**get_default_environment(), **way.env},
        cwd=way.cwd,
        limit=LARGEST,
        start_new_session=sys.platform != "win32",
    )
    to_us, incoming = anyio.create_memory_object_stream[SessionMessage | Exception](0)
    outgoing, from_us = anyio.create_memory_object_stream[SessionMessage](0)
    errors = asyncio.create_task(_last_words(process))
    try:
        async with anyio.create_task_group() as group:
            group.start_soon(_listen, process, to_us)
            group.start_soon(_speak, process, from_us, to_us)
            yield incoming, outgoing
            group.cancel_scope.cancel()
    finally:
        with anyio.CancelScope(shield=True):
            await _end(process)
            with suppress(TimeoutError):
                async with asyncio.timeout(_GRACE):
                    heard(await errors)
            for stream in (to_us, incoming, outgoing, from_us):
                await stream.aclose()


async def _listen(process: asyncio.subprocess.Process, to_us: Any) -> None:
    """One line is one message; a line that is too long, or none of the protocol, ends the connection."""
    assert process.stdout is not None
    async with to_us:
        with suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, OSError, ValueError):
            while line := await _line(process.stdout):
                await to_us.send(
                    SessionMessage(mcp.jsonrpc_message_adapter.validate_json(line, by_name=False))
                )


async def _line(output: asyncio.StreamReader) -> bytes:
    """The next line that says something, empty at the end and for what cannot be read."""
    while True:
        try:
            line = await output.readline()
        except ValueError:  # longer than the limit
            return b""
        if not line or line.strip().startswith(b"{"):
            return line
        # Some servers print a greeting where only messages belong.


async def _speak(process: asyncio.subprocess.Process, from_us: Any, to_us: Any) -> None:
    assert process.stdin is not None
    async with from_us:
        try:
            async for message in from_us:
                text: str = message.message.model_dump_json(by_alias=True, exclude_unset=True)
                process.stdin.write(text.encode() + b"\n")
                await process.stdin.drain()
        except OSError:
            await to_us.aclose()


async def _last_words(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None
    kept = b""
    while chunk := await process.stderr.read(4096):
        kept = (kept + chunk)[-_STDERR_KEPT:]
    return kept.decode(errors="replace")


async def _end(process: asyncio.subprocess.Process) -> None:
    """Its input closes; what does not go by itself is told to, then made to."""
    assert process.stdin is not None
    process.stdin.close()
    for sign in (None, signal.SIGTERM, signal.SIGKILL):
        if sign is not None:
            with suppress(ProcessLookupError):
                _tell(process, sign)
        with suppress(TimeoutError):
            async with asyncio.timeout(_GRACE):
                await process.wait()
            break
    # Children of its own may hold the pipes open.
    with suppress(ProcessLookupError):
        _tell(process, signal.SIGKILL)


def _tell(process: asyncio.subprocess.Process, sign: signal.Signals) -> None:
    if sys.platform == "win32":
        process.send_signal(sign)
    else:
        os.killpg(process.pid, sign)
