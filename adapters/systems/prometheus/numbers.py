"""A Prometheus server, asked by its HTTP interface: now (`query`) and over time (`query_range`). It is only read.

Source: Prometheus, HTTP API v1. A query must give one series: which of several is meant, nobody here can know.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

from adapters.systems.client import Client
from adapters.systems.replies import Reply
from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.errors import BadInput, Failed, VigieError
from bot.thresholds import Sample
from bot.values import Json, is_mapping, is_sequence
from bot.world import Context, Health

LONGEST = 2_000
MOST_POINTS = 8_000
"""The server refuses more than 11,000 for one series."""
FINEST = 60
"""Seconds."""


class Prometheus:
    """Implements `bot.world.System`, with no action, and `bot.world.Measuring`."""

    def __init__(self, client: Client, *, name: str, address: str) -> None:
        self._client = client
        self._name = name
        self._address = address

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        return Account(system=self._name, label=self._address.partition("://")[2], live=True)

    def actions(self) -> tuple[Action, ...]:
        return ()

    async def preview(self, call: Call, context: Context) -> Preview:
        raise _nothing(call)

    async def run(self, call: Call, context: Context) -> Receipt:
        raise _nothing(call)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        """Asks for the number one."""
        try:
            await self._asked("query", query="vector(1)")
        except VigieError as error:
            return Health.of(error)
        return Health(well=True, text="Prometheus answers queries")

    async def close(self) -> None:
        await self._client.close()

    # Numbers

    def gauge(self, query: str) -> None:
        if not query.strip() or len(query) > LONGEST:
            raise BadInput("say what to ask in quotes: prometheus 'sum(up)'", field="watch")

    async def measure(self, query: str, now: datetime) -> float:
        self.gauge(query)
        found = await self._asked("query", query=query)
        if found["resultType"] == "scalar":
            return _value(found["result"])
        return _value(_one(found["result"])["value"])

    async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
        self.gauge(query)
        step = max(FINEST, math.ceil((until - since).total_seconds() / MOST_POINTS))
        found = await self._asked(
            "query_range", query=query, start=since.timestamp(), end=until.timestamp(), step=step
        )
        series = found["result"]
        if not series:
            return ()
        points = _one(series)["values"]
        read = [(datetime.fromtimestamp(at, UTC), float(value)) for at, value in points]
        return [Sample(at=at, value=value) for at, value in read if math.isfinite(value)]

    async def _asked(self, what: str, **params: object) -> Json:
        reply = await self._client.read(f"/api/v1/{what}", params=params)
        return _of(reply)


def _of(reply: Reply) -> Json:
    """What it found. Raises Failed for an answer of another shape: then it is no Prometheus."""
    body = reply.body
    found: Json = body.get("data") if is_mapping(body) and body.get("status") == "success" else None
    if (
        not is_mapping(found)
        or not is_sequence(found.get("result"))
        or not isinstance(found.get("resultType"), str)
    ):
        raise Failed("what answers there is no Prometheus")
    return found


def _one(series: Sequence[Json]) -> Json:
    if not series:
        raise Failed("the query finds no series now")
    if len(series) > 1:
        raise Failed(
            "the query gives {n} series; make one of them with sum(…), max(…) or min(…)", n=len(series)
        )
    return series[0]


def _value(pair: Json) -> float:
    try:
        value = float(pair[1])
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise Failed("the answer holds no number") from error
    if not math.isfinite(value):
        raise Failed("the answer is {value}", value=str(pair[1])[:10])
    return value


def _nothing(call: Call) -> VigieError:
    return BadInput("no connected system offers “{name}”", name=call.action)
