"""Stripe's HTTP interface: form fields, idempotency keys, lists and errors. Knows no action.

Every POST carries an Idempotency-Key. Stripe answers a repetition under the same key with the first answer for at
least 24 hours; what must be found later carries the key in its metadata, too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adapters.systems.client import Client, Declined, Reply
from adapters.systems.replies import clean
from bot.errors import Failed, OutcomeUnknown, VigieError
from bot.values import Json, is_mapping, is_sequence

VERSION = "2026-10-28.endive"
MARK = "vigie_effect"
"""The metadata key that holds the effect's id on what it made."""
PAGE = 100
_MOST_PAGES = 10

Thing: TypeAlias = Mapping[str, Json]
"""One of Stripe's objects."""


class Missing(Declined):
    """There is no such object on this account, or not any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The newest things of a list. `whole` says that there are no older ones."""

    things: tuple[Thing, ...]
    whole: bool


class Wire:
    """Reads and writes on one account."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def one(self, path: str, *, expand: Sequence[str] = ()) -> Thing:
        """One object. Raises Missing when it is not there, or was deleted."""
        reply = await self._client.read(path, params=_flat({"expand": list(expand)}))
        thing = _thing(reply)
        if thing.get("deleted"):
            raise Missing("Stripe has it no more: it was deleted", status=404)
        return thing

    async def some(
        self, path: str, *, limit: int = PAGE, expand: Sequence[str] = (), **filters: Json
    ) -> Found:
        """The newest of a list, as many as asked for, page by page."""
        things: list[Thing] = []
        more, pages = True, 0
        while more and len(things) < limit and pages < _MOST_PAGES:
            after = {"starting_after": things[-1]["id"]} if things else {}
            asked = {**filters, **after, "limit": min(PAGE, limit - len(things)), "expand": list(expand)}
            page = _thing(await self._client.read(path, params=_flat(asked)))
            got = [each for each in page.get("data") or () if is_mapping(each)]
            things += got
            more, pages = bool(page.get("has_more")) and bool(got), pages + 1
        return Found(things=tuple(things), whole=not more)

    async def search(self, path: str, query: str) -> tuple[Thing, ...]:
        """What Stripe's search finds. It lags up to a minute behind, and some accounts have none: Failed."""
        page = _thing(await self._client.read(f"{path}/search", params={"query": query, "limit": str(PAGE)}))
        return tuple(each for each in page.get("data") or () if is_mapping(each))

    async def post(self, path: str, fields: Thing, *, key: str) -> Thing:
        """A change, made once per key."""
        headers = {"Idempotency-Key": key}
        return _thing(
            await self._client.write("POST", path, form=_flat(fields) or None, headers=headers, key=key)
        )

    async def close(self) -> None:
        await self._client.close()


def _thing(reply: Reply) -> Thing:
    return mapped(reply.body)


def mapped(value: Json) -> Thing:
    """The value when it is an object, else an empty one."""
    return value if is_mapping(value) else dict[str, Json]()


def explain(reply: Reply) -> VigieError | None:
    """What Stripe says that its status alone does not. None where the client's own reading says it all."""
    error = mapped(_thing(reply).get("error"))
    said = clean(str(error.get("message") or ""))
    match reply.status, error.get("code"):
        case 409, "idempotency_key_in_use":
            return OutcomeUnknown("Stripe is still busy with the same request")
        case (404, _) | (400, "resource_missing"):
            return Missing(
                "Stripe says no: {why}", why=said or "not found", status=reply.status, body=reply.body
            )
        case 403, _:
            return Failed("the Stripe key lacks a permission; add it in Stripe's dashboard: {why}", why=said)
        case _:
            return None


def _flat(fields: Thing) -> dict[str, str]:
    """Nested fields as Stripe's forms spell them: `line_items[0][price_data][currency]`."""
    return dict(_pairs(fields))


def _pairs(value: Json, name: str = "") -> Iterator[tuple[str, str]]:
    if value is None:
        return
    if is_mapping(value):
        for key, item in value.items():
            yield from _pairs(item, f"{name}[{key}]" if name else str(key))
    elif is_sequence(value):
        for at, item in enumerate(value):
            yield from _pairs(item, f"{name}[{at}]")
    elif isinstance(value, bool):
        yield name, "true" if value else "false"
    else:
        yield name, str(value)
