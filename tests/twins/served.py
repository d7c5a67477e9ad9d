"""A twin behind a real socket, for a program in another process. Knows no vendor: a twin that has `answer` is enough."""

import json
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import urlsplit


class Answers(Protocol):
    """One whole HTTP exchange: method, path, query, body, headers; status, JSON, headers."""

    def answer(
        self, method: str, path: str, query: str, body: str, headers: Mapping[str, str]
    ) -> tuple[int, dict[str, Any], dict[str, str]]: ...


@contextmanager
def served(twin: Answers) -> Generator[str, None, None]:
    """The twin's address, until the block ends. One exchange at a time: twins hold no locks."""
    one = threading.Lock()

    class Door(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass(self) -> None:
            url = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
            headers = {name.lower(): value for name, value in self.headers.items()}
            with one:
                status, answer, more = twin.answer(self.command, url.path, url.query, body, headers)
            told = json.dumps(answer).encode()
            self.send_response(status)
            for name, value in {**more, "Content-Type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _pass  # noqa: N815 (the library's names)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(30)
