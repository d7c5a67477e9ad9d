"""A vendor's twin as an ASGI application: checks of a token and of bodies by published types, a switch for faults, and
a server on loopback. Knows no vendor.
"""

import asyncio
import json
import socket
import threading
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import httpx
import uvicorn
from jsonschema import Draft202012Validator
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from bot.values import Json

SPECS = Path(__file__).parents[1] / "peers/specs"

FaultKind = Literal["429", "500", "503", "cut", "hang"]
"""`cut` does it and then breaks the line; `hang` does it and then answers nothing for a minute."""


@dataclass
class Fault:
    """Happens at the next `times` calls that are `method` on a path that has `part` in it."""

    kind: FaultKind
    method: str = ""
    part: str = ""
    times: int = 1


@dataclass(frozen=True, slots=True)
class Seen:
    """One call as it arrived."""

    method: str
    path: str
    body: Json


class Refusal(Exception):
    """The twin says no, with that status and body."""

    def __init__(self, status: int, body: Json, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers


@dataclass
class Desk:
    """What is common to all calls: the token, the calls so far, the faults to come. `done` is set whenever a call that
    hangs or is cut was carried out."""

    token: str
    refused: Callable[[], Refusal]
    scheme: str = "Bearer"
    calls: list[Seen] = field(default_factory=list[Seen])
    faults: list[Fault] = field(default_factory=list[Fault])
    done: threading.Event = field(default_factory=threading.Event)

    def fault(self, method: str, path: str) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and fault.method in ("", method) and fault.part in path:
                fault.times -= 1
                return fault
        return None


class Cut(Exception):
    """The line broke after the deed."""


Act = Callable[[Request, Json], Json]


def route(desk: Desk, method: str, path: str, act: Act, *, status: int = 200) -> Route:
    """One endpoint of a twin."""

    async def answer(request: Request) -> Response:
        try:
            if request.headers.get("authorization") != f"{desk.scheme} {desk.token}":
                raise desk.refused()
            raw = await request.body()
            body = json.loads(raw) if raw else None
            desk.calls.append(Seen(method, request.url.path, body))
            fault = desk.fault(method, request.url.path)
            if fault and fault.kind in ("429", "503"):
                return JSONResponse({"message": "later"}, int(fault.kind), headers={"Retry-After": "0"})
            told = act(request, body)
            if fault:
                desk.done.set()
            match fault.kind if fault else "":
                case "500":
                    return JSONResponse({"message": "broken"}, 500)
                case "cut":
                    raise Cut
                case "hang":
                    await asyncio.Event().wait()
                    raise Cut
                case _:
                    return Response(status_code=204) if status == 204 else JSONResponse(told, status)
        except Refusal as no:
            return JSONResponse(no.body, no.status, headers=no.headers)

    return Route(path, answer, methods=[method])


class Cutting(httpx.AsyncBaseTransport):
    """The way to an application in this process; a broken line looks like one."""

    def __init__(self, app: Starlette) -> None:
        self._inner = httpx.ASGITransport(app, raise_app_exceptions=True)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._inner.handle_async_request(request)
        except Cut as error:
            raise httpx.ReadError("the line broke", request=request) from error


Faults = Callable[[Json], list[tuple[str, str]]]
"""Where a body is wrong and why, in the order in which it was found."""


def checker(spec: str, name: str, *, at: str = "definitions") -> Faults:
    """What is wrong with a body by the published type of that name; `at` is where the file keeps its types."""
    document = json.loads((SPECS / spec).read_text())
    where = "/".join(("#", *at.split("."), name))
    kept = document
    for key in at.split("."):
        kept = kept[key]
    root: Json = {}
    inner = root
    for key in at.split(".")[:-1]:
        inner = inner.setdefault(key, {})
    inner[at.rpartition(".")[2]] = kept
    validator = Draft202012Validator({"$ref": where, **root})

    def faults(body: Json) -> list[tuple[str, str]]:
        found: Any = validator.iter_errors(body)  # pyright: ignore[reportUnknownMemberType]
        return [(".".join(map(str, each.absolute_path)), str(each.message)) for each in found]

    return faults


@contextmanager
def served(app: ASGIApp) -> Generator[str]:
    """The base of the twin on loopback, in a thread of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    config = uvicorn.Config(app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(10)
        listening.close()
