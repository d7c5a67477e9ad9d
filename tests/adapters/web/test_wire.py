"""What a connection may send before anybody knows what it asks for: bounded in size and in time, over real sockets."""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from adapters.chat.web import wire
from adapters.chat.web.server import Server, protocol
from vigie.plugging import plug
from vigie.serving import application
from vigie.settings import Settings

LARGE = b"a" * (wire.LARGEST_HEAD + 1)
ENDLESS: Mapping[str, tuple[bytes, bytes]] = {
    "a header without an end": (b"GET / HTTP/1.1\r\nX-Long: ", b"a" * 4096),
    "an address without an end": (b"GET /", b"a" * 4096),
    "headers without an end": (b"GET / HTTP/1.1\r\n", b"X-More: a\r\n" * 400),
    "a trailer without an end": (
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Long: ",
        b"a" * 4096,
    ),
    "a note about a chunk without an end": (
        b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1;",
        b"a" * 4096,
    ),
}


@asynccontextmanager
async def serving() -> AsyncGenerator[int]:
    """A port where every request is answered with the length of what it brought."""

    async def length(request: Request) -> Response:
        return PlainTextResponse(str(len(await request.body())))

    async def nothing() -> None:
        return

    app = Starlette(routes=[Route("/", length, methods=["GET", "POST"])])
    config = uvicorn.Config(
        app, http=protocol(), host="127.0.0.1", port=0, log_level="critical", lifespan="off"
    )
    server = Server(config, leaving=nothing)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        await server.listening.wait()
    try:
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        async with asyncio.timeout(30):
            await running


async def sent(port: int, *parts: bytes) -> bytes:
    """All that is answered to it until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    async with asyncio.timeout(30):
        for part in parts:
            writer.write(part)
            await writer.drain()
        answer = await reader.read()
        writer.close()
    return answer


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + LARGE + b"\r\n\r\n",
        b"GET /" + LARGE + b" HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X-More: a\r\n" * 8_000 + b"\r\n",
    ],
    ids=["a header", "the address", "many headers"],
)
async def test_a_head_that_is_too_large_is_refused_in_words(head: bytes) -> None:
    """SAFETY 84"""
    async with serving() as port:
        answer = await sent(port, head)
    assert answer.startswith(b"HTTP/1.1 431 ")
    assert b"larger than 64 KiB" in answer


@pytest.mark.parametrize("name", ENDLESS)
async def test_what_never_ends_is_not_waited_for(name: str) -> None:
    """SAFETY 84"""
    begin, more = ENDLESS[name]
    async with serving() as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begin)
        sending, most = 0, 64 * wire.LARGEST_HEAD
        async with asyncio.timeout(30):
            try:
                while sending < most and not reader.at_eof():
                    writer.write(more)
                    await writer.drain()
                    sending += len(more)
                    await asyncio.sleep(0)
                await reader.read()
            except ConnectionError:
                pass
        writer.close()
    assert sending < most


async def test_what_is_large_is_let_in_where_it_belongs() -> None:
    async with serving() as port:
        body = b"b" * (8 * wire.LARGEST_HEAD)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
            for _ in range(2):
                assert (await http.post("/", content=body)).text == str(len(body))
                assert (await http.get("/", headers={"X-Fits": "a" * 60_000})).text == "0"


async def test_whoever_says_nothing_or_never_finishes_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    """SAFETY 84"""
    monkeypatch.setattr(wire, "PATIENCE", 0.05)
    async with serving() as port:
        assert await sent(port) == b""
        slow = await sent(port, b"GET / HTTP/1.1\r\nHost:")
        again = await sent(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\nGET / HT")
    assert slow.startswith(b"HTTP/1.1 408 ")
    assert again.startswith(b"HTTP/1.1 200 ")
    assert b"HTTP/1.1 408 " in again


async def test_what_is_no_http_is_refused() -> None:
    async with serving() as port:
        assert (await sent(port, b"\x16\x03\x01\x02\x00\x01\x00")).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize("path", ["/chat/", "/ledger/export/", "/slack/events/", "/healthz/"])
async def test_nobody_is_sent_on_to_a_host_that_the_request_names(tmp_path: Path, path: str) -> None:
    plugged = plug(Settings.model_validate({"VIGIE_HOME": tmp_path}), demo=False)
    transport = httpx.ASGITransport(app=application(plugged))
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://elsewhere.example") as http:
            answer = await http.get(path)
    finally:
        await plugged.release()
    assert answer.status_code == 404
    assert "location" not in answer.headers
