"""Web requests to a machine of ours, held to the contract of systems."""

import json
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from adapters.net.guarded import Guarded
from adapters.systems.web_request import Hosts, WebRequests
from bot.world import System
from tests.adapters.net.hostile import PUBLIC, names
from tests.contracts.systems.sample import Recovery, Sample


@dataclass
class Machine:
    """Takes every request, and keeps those that are not reads."""

    kept: list[tuple[str, str, str]] = field(default_factory=list[tuple[str, str, str]])

    def answer(self, request: httpx.Request) -> httpx.Response:
        if request.method not in ("GET", "HEAD"):
            self.kept.append((request.method, request.url.path, request.content.decode()))
        told = json.dumps({"path": request.url.path}).encode()
        return httpx.Response(
            200, headers={"content-type": "application/json"}, stream=httpx.ByteStream(told)
        )


_MACHINES: dict[Path, Machine] = {}
_OF: dict[int, Machine] = {}


def _make(folder: Path) -> System:
    machine = _MACHINES.setdefault(folder, Machine())
    inner = httpx.MockTransport(machine.answer)
    system = WebRequests(
        Hosts.read("hooks.example.com", {"api.example.com": {"Authorization": "Bearer canary-web"}}),
        transport=Guarded(resolve=names(api_example_com=[PUBLIC], hooks_example_com=[PUBLIC]), inner=inner),
    )
    _OF[id(system)] = machine
    return system


SAMPLE = Sample(
    make=_make,
    deeds={
        "http.get": {"url": "https://api.example.com/orders?open=1", "headers": "Accept=application/json"},
        "http.send": {"url": "https://hooks.example.com/new", "body": '{"order": 7}'},
        "http.request": {"url": "https://api.example.com/orders/7", "method": "delete"},
    },
    unknown={
        "http.get": {"url": "https://elsewhere.example.com/"},
        "http.send": {"url": "http://hooks.example.com/"},
        "http.request": {"url": "https://api.example.com:8443/", "method": "PUT"},
    },
    state=lambda system: tuple(_OF[id(system)].kept),
    recovers=Recovery.NOTHING,
)
