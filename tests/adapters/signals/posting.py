"""What the tests of the door for webhooks share: hooks made by an owner, and senders that sign as theirs do."""

import json
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from starlette.applications import Starlette

from adapters.signals.hooks import HookDoor
from adapters.signals.signatures import signature
from bot.effects import Notice
from tests.clocks import SetClock
from tests.stage import Stage, stage
from tests.twins.chat import TwinChat


@dataclass
class Post:
    """One assistant with its door for hooks, and a client in front of it."""

    s: Stage
    door: HookDoor
    client: httpx.AsyncClient

    async def hook(self, name: str, kind: str, window: int = 0) -> str:
        """A new hook; the secret its owner saw."""
        await self.s.say(f"hook add {name} {kind} {window}")
        notice = self.s.chat.notices[-1].content
        assert isinstance(notice, Notice)
        return notice.text.rsplit(" ", 1)[1]

    async def send(
        self,
        name: str,
        body: bytes,
        headers: Mapping[str, str] | None = None,
        *,
        kind: str = "application/json",
    ) -> httpx.Response:
        answer = await self.client.post(
            f"/hooks/{name}", content=body, headers={"content-type": kind, **(headers or {})}
        )
        await self.s.rest()
        return answer

    async def alert(self, name: str, secret: str, payload: Mapping[str, object]) -> httpx.Response:
        """As Alertmanager sends it."""
        return await self.send(name, json.dumps(payload).encode(), bearer(secret))


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def github(
    secret: str, body: bytes, *, event: str = "push", delivery: str = "72d3162e-cc78"
) -> dict[str, str]:
    return {
        "x-github-event": event,
        "x-github-delivery": delivery,
        "x-hub-signature-256": f"sha256={signature(secret, body)}",
    }


def stripe(secret: str, body: bytes, at: int) -> dict[str, str]:
    return {"stripe-signature": f"t={at},v1={signature(secret, f'{at}.'.encode() + body)}"}


def group(
    *alerts: tuple[str, str], status: str = "firing", name: str = "QueueDepthHigh"
) -> dict[str, object]:
    """A group of Alertmanager's: (fingerprint, status) of each alert."""
    return {
        "version": "4",
        "groupKey": f'{{}}:{{alertname="{name}"}}',
        "truncatedAlerts": 0,
        "status": status,
        "receiver": "vigie",
        "groupLabels": {"alertname": name},
        "commonLabels": {"alertname": name, "severity": "critical"},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.test",
        "alerts": [
            {
                "status": state,
                "labels": {"alertname": name, "queue": mark, "severity": "critical"},
                "annotations": {"summary": f"Queue {mark} has 250 waiting"},
                "startsAt": "2026-11-21T02:12:00Z",
                "endsAt": "0001-01-01T00:00:00Z",
                "generatorURL": "http://prometheus.test/graph",
                "fingerprint": mark,
            }
            for mark, state in alerts
        ],
    }


@asynccontextmanager
async def posting(
    folder: Path, *, clock: SetClock | None = None, chat: TwinChat | None = None, patience: float = 10.0
) -> AsyncGenerator[Post]:
    async with stage(folder, clock=clock, chat=chat) as s:
        door = HookDoor(house=s.house, accept=s.accept, patience=patience)
        transport = httpx.ASGITransport(app=Starlette(routes=door.routes()))
        async with httpx.AsyncClient(transport=transport, base_url="http://vigie.test") as client:
            yield Post(s, door, client)
