"""A recording proxy in front of any HTTP server: what was asked and answered, and an answer that goes wrong on demand.

It stands between the program and a peer, on a port of its own, in threads of its own: the program may be another process,
and be killed. Bodies are read whole; what streams without an end is not for it. Knows nothing of Vigie.
"""

import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

WAIT = 30.0
"""Seconds until something that should have happened has not."""
_OWN = frozenset({"connection", "keep-alive", "transfer-encoding", "content-length", "host"})
"""Headers between two ends of one line; each end has its own."""


class Fault(StrEnum):
    """How an exchange goes wrong. The first word says whether the server behind gets the request."""

    DONE_CUT = "done, and the line is cut instead of an answer"
    DONE_HANG = "done, and no answer comes"
    DONE_500 = "done, and the answer is 500"
    NOT_CUT = "not done, and the line is cut"
    NOT_429 = "not done, and the answer is 429 with Retry-After: 0"
    NOT_500 = "not done, and the answer is 500"


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and the status the server behind gave, 0 when it was not asked. Header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    status: int = 0

    @property
    def text(self) -> str:
        return self.body.decode(errors="replace")


@dataclass(slots=True, kw_only=True)
class _Order:
    fault: Fault
    meant: Callable[[Exchange], bool]
    left: int


@dataclass(slots=True, kw_only=True)
class Proxy:
    """A running proxy. `exchanges` is everything that went through it, oldest first; written before the answer goes out."""

    url: str
    exchanges: list[Exchange] = field(default_factory=list[Exchange])
    _orders: list[_Order] = field(default_factory=list[_Order])
    _moved: threading.Condition = field(default_factory=threading.Condition)
    over: threading.Event = field(default_factory=threading.Event)

    def fault(
        self, fault: Fault, *, method: str = "", path: str = "", body: str = "", times: int = 1
    ) -> None:
        """The next `times` exchanges of that method (any: ""), whose path and body hold these texts, go wrong so."""

        def meant(exchange: Exchange) -> bool:
            return method in ("", exchange.method) and path in exchange.path and body in exchange.text

        with self._moved:
            self._orders.append(_Order(fault=fault, meant=meant, left=times))

    def heal(self) -> None:
        """Nothing goes wrong any more."""
        with self._moved:
            self._orders.clear()

    def asked(self, method: str = "", path: str = "", body: str = "") -> list[Exchange]:
        """The exchanges of that method, whose path and body hold these texts."""
        with self._moved:
            return [
                each
                for each in self.exchanges
                if method in ("", each.method) and path in each.path and body in each.text
            ]

    def wait(self, method: str = "", path: str = "", body: str = "", *, count: int = 1) -> list[Exchange]:
        """Those exchanges, once there are so many that the server behind has dealt with. Raises TimeoutError."""

        def there() -> bool:
            return len([each for each in self.asked(method, path, body) if each.status]) >= count

        with self._moved:
            if not self._moved.wait_for(there, timeout=WAIT):
                raise TimeoutError(f"no {method} {path} came through within {WAIT} s")
        return self.asked(method, path, body)

    def take(self, exchange: Exchange) -> Fault | None:
        """For the proxy itself: how this one is to go wrong."""
        with self._moved:
            for order in self._orders:
                if order.left > 0 and order.meant(exchange):
                    order.left -= 1
                    return order.fault
        return None

    def keep(self, exchange: Exchange) -> None:
        """For the proxy itself."""
        with self._moved:
            self.exchanges.append(exchange)
            self._moved.notify_all()


@contextmanager
def proxy(upstream: str) -> Generator[Proxy, None, None]:
    """Stands in front of the server at `upstream`, until the block ends."""

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def __getattr__(self, name: str) -> Callable[[], None]:
            if name.startswith("do_"):
                return self._pass
            raise AttributeError(name)

        def _pass(self) -> None:
            _passed(self, standing, upstream)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    standing = Proxy(url=f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield standing
    finally:
        standing.over.set()
        server.shutdown()
        server.server_close()
        thread.join(WAIT)


def _passed(door: BaseHTTPRequestHandler, standing: Proxy, upstream: str) -> None:
    length = int(door.headers.get("content-length") or 0)
    headers = {name.lower(): value for name, value in door.headers.items()}
    asked = Exchange(method=door.command, path=door.path, headers=headers, body=door.rfile.read(length))
    fault = standing.take(asked)
    if fault is not None and fault.name.startswith("NOT"):
        standing.keep(asked)
        _wrong(door, standing, fault)
        return
    status, answered, body = _forwarded(asked, upstream)
    standing.keep(
        Exchange(method=asked.method, path=asked.path, headers=headers, body=asked.body, status=status)
    )
    if fault is not None:
        _wrong(door, standing, fault)
        return
    door.send_response(status)
    for name, value in answered:
        if name.lower() not in _OWN:
            door.send_header(name, value)
    door.send_header("Content-Length", str(len(body)))
    door.end_headers()
    door.wfile.write(body)


def _forwarded(asked: Exchange, upstream: str) -> tuple[int, list[tuple[str, str]], bytes]:
    where = urlsplit(upstream)
    line = HTTPConnection(where.hostname or "", where.port, timeout=WAIT)
    try:
        sent = {name: value for name, value in asked.headers.items() if name not in _OWN}
        line.request(asked.method, asked.path, body=asked.body or None, headers=sent)
        answer = line.getresponse()
        return answer.status, answer.getheaders(), answer.read()
    finally:
        line.close()


def _wrong(door: BaseHTTPRequestHandler, standing: Proxy, fault: Fault) -> None:
    door.close_connection = True
    match fault:
        case Fault.DONE_HANG:
            standing.over.wait()
        case Fault.DONE_CUT | Fault.NOT_CUT:
            pass
        case Fault.NOT_429 | Fault.NOT_500 | Fault.DONE_500:
            door.send_response(429 if fault is Fault.NOT_429 else 500)
            if fault is Fault.NOT_429:
                door.send_header("Retry-After", "0")
            door.send_header("Connection", "close")
            door.send_header("Content-Length", "0")
            door.end_headers()
