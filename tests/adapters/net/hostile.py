"""A server that means harm, on loopback, and the wire that leads to it. It speaks raw bytes: what a well-behaved
library would never send is what it is for. `Wire` stands where connections are made and is told addresses only,
so a test sees which address was called."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from ipaddress import ip_address
from ssl import SSLContext

import httpx

PUBLIC = "93.184.215.14"
OTHER = "23.215.0.136"


@dataclass
class Seen:
    """One request as it arrived."""

    line: str
    headers: dict[str, str]
    body: bytes = b""


Answer = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


def plain(
    body: bytes = b"ok",
    status: str = "200 OK",
    headers: Sequence[tuple[str, str]] = (),
    *,
    length: bool = True,
) -> Answer:
    """Answers and closes."""

    async def answer(_: Seen, writer: asyncio.StreamWriter) -> None:
        told = [*headers, *([("content-length", str(len(body)))] if length else [])]
        head = "".join(f"{name}: {value}\r\n" for name, value in told)
        writer.write(f"HTTP/1.1 {status}\r\n{head}connection: close\r\n\r\n".encode("latin-1") + body)
        await writer.drain()

    return answer


def moved(to: str, status: str = "302 Found") -> Answer:
    return plain(b"", status, [("location", to)])


@dataclass
class Hostile:
    """`answers` by path; `seen` is every request it read."""

    answers: dict[str, Answer] = field(default_factory=dict[str, Answer])
    seen: list[Seen] = field(default_factory=list[Seen])
    port: int = 0
    busy: set[asyncio.Task[None]] = field(default_factory=set[asyncio.Task[None]])

    async def meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._answer(reader, writer))
        self.busy.add(task)
        await asyncio.wait([task])
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
            headers = {n.lower(): v for n, _, v in (line.partition(": ") for line in head[1:] if line)}
            body = await reader.readexactly(int(headers.get("content-length", 0)))
            seen = Seen(line=head[0], headers=headers, body=body)
            self.seen.append(seen)
            await self.answers.get(head[0].split(" ")[1].partition("?")[0], plain())(seen, writer)


@asynccontextmanager
async def hostile(tls: SSLContext | None = None) -> AsyncGenerator[Hostile]:
    it = Hostile()
    server = await asyncio.start_server(it.meet, "127.0.0.1", 0, ssl=tls)
    it.port = int(server.sockets[0].getsockname()[1])
    try:
        yield it
    finally:
        server.close()
        for task in it.busy:
            task.cancel()
        await asyncio.gather(*it.busy, return_exceptions=True)
        await asyncio.sleep(0)  # each `meet` closes its side


class Wire(httpx.AsyncBaseTransport):
    """Leads every address to the port of a server here. `called` are the addresses, in order; those in `dead`
    refuse the connection."""

    def __init__(self, port: int, *, dead: Sequence[str] = (), verify: SSLContext | bool = True) -> None:
        self._inner = httpx.AsyncHTTPTransport(
            verify=verify, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )
        self._port, self._dead = port, dead
        self.called: list[str] = []

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.called.append(str(ip_address(request.url.host)))
        if self.called[-1] in self._dead:
            raise httpx.ConnectError("refused", request=request)
        url = request.url.copy_with(host="127.0.0.1", port=self._port)
        return await self._inner.handle_async_request(
            httpx.Request(
                request.method,
                url,
                headers=request.headers,
                stream=request.stream,
                extensions=request.extensions,
            )
        )

    async def aclose(self) -> None:
        await self._inner.aclose()


def names(**known: Sequence[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A resolver over a table; underscores stand for dots. A name that is asked for again gets its next record
    when the table holds texts with "then" between them."""
    asked: dict[str, int] = {}

    async def resolve(host: str, port: int) -> Sequence[str]:
        records = known.get(host.replace(".", "_"))
        if records is None:
            raise OSError("no such name")
        groups: list[list[str]] = [[]]
        for record in records:
            if record == "then":
                groups.append([])
            else:
                groups[-1].append(record)
        turn = asked[host] = asked.get(host, -1) + 1
        return groups[min(turn, len(groups) - 1)]

    return resolve
