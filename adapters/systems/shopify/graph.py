"""Shopify's GraphQL door: one address, what it costs, and what its errors mean. Knows no action.

Shopify answers 200 to nearly everything. Whether something was done is told by the answer's `data`; `errors` beside
it may concern no more than a field that the token may not read.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeAlias

from adapters.systems.client import Client, Reply
from adapters.systems.replies import clean
from adapters.systems.shopify.queries import VERSION
from bot.errors import Failed, OutcomeUnknown, Unreachable, VigieError
from bot.values import Json, is_mapping, is_sequence

Thing: TypeAlias = Mapping[str, Json]

PATH = f"/admin/api/{VERSION}/graphql.json"
_LONGEST_WAIT = 10.0
"""Seconds a call waits for its share; beyond it, whoever asked is told to come back."""
_WAITS = 3


class Graph:
    """One shop. `pause` and `clock` are the event loop's and the machine's, unless a test has its own."""

    def __init__(
        self,
        client: Client,
        *,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._pause = pause
        self._clock = clock
        self._share = _Share(available=0, rate=0, cost=0, at=0)

    async def ask(self, document: str, **variables: Json) -> Thing:
        """The `data` of a query. Raises Failed, or Unreachable."""
        body = await self._sent(document, variables, write=False)
        data, errors = _data(body), _errors(body)
        if errors and not any(value is not None for value in data.values()):
            raise _refused(errors, write=False)
        return data

    async def change(self, document: str, field: str, *, key: str = "", **variables: Json) -> Thing:
        """The payload of a mutation whose one field is `field`; `key` where the document makes it idempotent.
        Raises Failed for its userErrors."""
        body = await self._sent(document, variables, write=True, key=key)
        payload = _data(body).get(field)
        if not is_mapping(payload):
            raise _refused(_errors(body), write=True)
        wrong = [each for each in payload.get("userErrors") or () if is_mapping(each)]
        if wrong:
            raise _told(wrong[0])
        return payload

    async def close(self) -> None:
        await self._client.close()

    async def _sent(self, document: str, variables: Thing, *, write: bool, key: str = "") -> Thing:
        sent = {"query": document, "variables": {**variables, "key": key} if key else dict(variables)}
        for _ in range(_WAITS):
            await self._wait(self._share.missing(self._clock()))
            if write:
                reply = await self._client.write("POST", PATH, json=sent, key=key)
            else:
                reply = await self._client.read(PATH, method="POST", json=sent)
            body = mapped(reply.body)
            self._share = self._share.after(body, self._clock())
            if not any(_code(each) == "THROTTLED" for each in _errors(body)):
                return body
        raise Unreachable("Shopify asks for a pause", retry_after=self._share.missing(self._clock()) or 1.0)

    async def _wait(self, seconds: float) -> None:
        if seconds > _LONGEST_WAIT:
            raise Unreachable("Shopify asks for a pause", retry_after=seconds)
        if seconds > 0:
            await self._pause(seconds)


class _Share:
    """What the shop's bucket held when Shopify last said so, and how fast it fills."""

    def __init__(self, *, available: float, rate: float, cost: float, at: float) -> None:
        self._available, self._rate, self._cost, self._at = available, rate, cost, at

    def missing(self, now: float) -> float:
        """Seconds until as much is there as the last call asked for."""
        if not self._rate:
            return 0.0
        there = self._available + (now - self._at) * self._rate
        return max(0.0, (self._cost - there) / self._rate)

    def after(self, body: Thing, now: float) -> "_Share":
        match body:
            case {
                "extensions": {
                    "cost": {
                        "requestedQueryCost": int() | float() as cost,
                        "throttleStatus": {
                            "currentlyAvailable": int() | float() as available,
                            "restoreRate": int() | float() as rate,
                        },
                    }
                }
            }:
                return _Share(available=available, rate=rate, cost=cost, at=now)
            case _:
                return self


def mapped(value: Json) -> Thing:
    """The value when it is an object, else an empty one."""
    return value if is_mapping(value) else dict[str, Json]()


def _data(body: Thing) -> Thing:
    return mapped(body.get("data"))


def _errors(body: Thing) -> Sequence[Thing]:
    errors = body.get("errors")
    if isinstance(errors, str):
        return [{"message": errors}]
    return [each for each in errors if is_mapping(each)] if is_sequence(errors) else []


def _code(error: Thing) -> str:
    more = error.get("extensions")
    return str(more.get("code") or "") if is_mapping(more) else ""


def _refused(errors: Sequence[Thing], *, write: bool) -> VigieError:
    """Nothing came back: what the errors say of it."""
    first: Thing = errors[0] if errors else {}
    said = clean(str(first.get("message") or "no answer"))
    if not errors or _code(first) in ("INTERNAL_SERVER_ERROR", "TIMEOUT"):
        if write:
            return OutcomeUnknown("Shopify broke down over it: {said}", said=said)
        return Unreachable("Shopify broke down over it: {said}", said=said)
    if _code(first) == "ACCESS_DENIED":
        return Failed("the Shopify token may not do this: {said}", said=said)
    return Failed("Shopify refused it: {said}", said=said)


def _told(error: Thing) -> VigieError:
    """A userError as a sentence that names the field."""
    said, path = clean(str(error.get("message") or "")), error.get("field")
    if "IDEMPOTENCY_CONCURRENT_REQUEST" in f"{error.get('code')} {said}":
        return OutcomeUnknown("Shopify is still busy with the same request")
    names = [str(each) for each in path if each != "input"] if is_sequence(path) else []
    if names:
        return Failed("Shopify refused it ({field}): {said}", field=".".join(names), said=said)
    return Failed("Shopify refused it: {said}", said=said)


def explain(reply: Reply) -> VigieError | None:
    """What a status other than 200 means where it says more than the number does."""
    if reply.status == 402:
        return Failed("the Shopify shop is frozen: its bill is not paid")
    if reply.status == 423:
        return Failed("the Shopify shop is locked")
    return None
