"""Whether a real server answers over TLS, and how long its certificate is good: one that ends soon, made by openssl."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.signals.watchers.pages import Pages
from bot.errors import BadInput, Unreachable


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
            assert await pages.up(url) == up
            strict = Pages(now=now, allowed=f"https://127.0.0.1:{port}")
            assert await strict.up(url) == 0, "a certificate nobody vouches for is no good answer"
            if up:
                assert await pages.number(url, "a") == 5
            await pages.close()
            await strict.close()


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
