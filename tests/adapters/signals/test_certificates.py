"""Whether a real server answers over TLS, and how long its certificate is good: one that ends soon, made by openssl."""

import asyncio
import gc
import ssl
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from adapters.clock.wall import WallClock
from adapters.signals.watchers.board import GaugeBoard
from adapters.signals.watchers.pages import Pages
from bot.errors import BadInput, Failed, Unreachable
from bot.thresholds import Origin, Source


def certificate(folder: Path, days: int) -> tuple[Path, Path]:
    """A certificate for this machine that is good for so long, and its key."""
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-days", str(days)),
            *("-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return cert, key


@asynccontextmanager
async def serving(cert: Path, key: Path, status: str = "200 OK") -> AsyncGenerator[int]:
    """An HTTPS server of few words."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-length: 7\r\nconnection: close\r\n\r\n".encode() + b'{"a":5}'
        )
        await writer.drain()
        writer.close()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def now() -> datetime:
    return datetime.now(UTC)


async def test_days_left_are_told_of_a_certificate_that_ends_soon(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, 5)
    async with serving(cert, key) as port:
        pages = Pages(now=now, allowed=f"https://127.0.0.1:{port}")
        assert 4.9 < await pages.days_left(f"127.0.0.1:{port}") <= 5
        later = Pages(now=lambda: datetime(2099, 1, 1, tzinfo=UTC), allowed=f"https://127.0.0.1:{port}")
        assert await later.days_left(f"127.0.0.1:{port}") < 0, "one that has ended is told too"
        await pages.close()
        await later.close()


async def test_who_answers_well_and_proves_who_it_is_is_up(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, 5)
    trusting = ssl.create_default_context(cafile=cert)
    for status, up in (("200 OK", 1), ("503 Busy", 0)):
        async with serving(cert, key, status) as port:
            url = f"https://127.0.0.1:{port}/health"
            pages = Pages(now=now, allowed=f"https://127.0.0.1:{port}", authorities=trusting)
            strict = Pages(now=now, allowed=f"https://127.0.0.1:{port}")
            with pytest.raises(Failed, match=r"certificate of 127\.0\.0\.1 does not hold"):
                await strict.up(url)
            if up:
                assert await pages.up(url) == 1
                assert await pages.number(url, "a") == 5
            else:
                with pytest.raises(Failed, match=r"127\.0\.0\.1 answered 503"):
                    await pages.up(url)
            await pages.close()
            await strict.close()


async def test_no_line_stays_open(tmp_path: Path) -> None:
    """Read well, read while the other side keeps silent, given up in the middle: nothing is left when it closes."""
    cert, key = certificate(tmp_path, 5)
    trusting = ssl.create_default_context(cafile=cert)
    silent = asyncio.Event()

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await silent.wait()
        writer.close()

    quiet = await asyncio.start_server(keep, "127.0.0.1", 0)
    idle = quiet.sockets[0].getsockname()[1]
    async with serving(cert, key) as port:
        allowed = f"https://127.0.0.1:{port}, http://127.0.0.1:{idle}, https://127.0.0.1:{idle}"
        pages = Pages(now=now, allowed=allowed, authorities=trusting)
        board = GaugeBoard(systems={}, clock=WallClock(), pages=pages)
        here = f"https://127.0.0.1:{port}/"
        assert await board.read(Source(origin=Origin.PAGE, name=here, query="a")) == 5
        assert await board.read(Source(origin=Origin.UP, name=here)) == 1
        assert await board.read(Source(origin=Origin.CERTIFICATE, name=f"127.0.0.1:{port}")) > 4
        for waits in (
            Source(origin=Origin.UP, name=f"http://127.0.0.1:{idle}/"),
            Source(origin=Origin.CERTIFICATE, name=f"127.0.0.1:{idle}"),
        ):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await board.read(waits)
        await board.close()
        await board.close()
        await asyncio.sleep(0)
        lines = [each for each in psutil.Process().net_connections("tcp") if each.raddr]
        assert [each for each in lines if each.raddr.port in (port, idle)] == []
    silent.set()
    quiet.close()
    await quiet.wait_closed()
    gc.collect()


async def test_nothing_of_this_machine_is_called_unless_the_operator_listed_it(tmp_path: Path) -> None:
    cert, key = certificate(tmp_path, 5)
    async with serving(cert, key) as port:
        pages = Pages(now=now, allowed="https://127.0.0.1:1")
        for ask in (pages.up(f"https://127.0.0.1:{port}/"), pages.days_left(f"127.0.0.1:{port}")):
            with pytest.raises(BadInput):
                await ask
        with pytest.raises(Unreachable):
            await pages.days_left("127.0.0.1:1")
        await pages.close()
