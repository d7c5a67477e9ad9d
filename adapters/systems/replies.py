"""What a vendor answered: read within bounds, and turned into one of our errors when it is a no.

Pure but for the reading. What a vendor says is quoted, shortened, printable, and never with a secret in it.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import httpx

from bot import masks
from bot.errors import Failed
from bot.values import Json, is_mapping, is_sequence

NOT_ACCEPTED = "does not accept the key"
"""What every sentence about a refused key says: a check that says it has found a dead connection."""
LARGEST = 10_000_000
"""Bytes of one answer, unpacked."""
_LONGEST_WHY = 300
_HIDDEN = "•••"
_SHORTEST_SECRET = 8
"""What is shorter is an everyday word sooner than a secret: hiding it would spoil what the answer says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer. `body` is its JSON, None when it had none; header names are in lower case."""

    status: int
    body: Json = None
    headers: Mapping[str, str]

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300


def without(reply: Reply, secrets: Iterable[str]) -> Reply:
    """The same answer, with none of these in its body."""
    hidden = _worth_hiding(secrets)
    return replace(reply, body=_without(reply.body, hidden)) if hidden else reply


def _worth_hiding(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(secret for secret in secrets if len(secret) >= _SHORTEST_SECRET)


def _without(body: Json, secrets: tuple[str, ...]) -> Json:
    if isinstance(body, str):
        for secret in secrets:
            body = body.replace(secret, _HIDDEN)
        return body
    if is_mapping(body):
        return {name: _without(value, secrets) for name, value in body.items()}
    return [_without(each, secrets) for each in body] if is_sequence(body) else body


class Declined(Failed):
    """The vendor understood and said no. `status` and `body` are its own; `field` is the argument it names."""

    def __init__(
        self, message: str, /, *, status: int, body: Json = None, field: str = "", **values: object
    ) -> None:
        super().__init__(message, **values)
        self.status = status
        self.body = body
        self.field = field


class KeyRefused(Failed):
    """The vendor does not accept the key of the connection; only connecting again helps."""


class Unreadable(Exception):
    """An answer that is too large, or that says JSON and is none. Becomes one of our errors in the client."""


async def read(answer: httpx.Response, *, largest: int = LARGEST, hides: Iterable[str] = ()) -> Reply:
    """An answer that repeats one of `hides`, the key it was shown above all, is read without it. Raises
    Unreadable, and what httpx raises when the line breaks."""
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    text = b""
    if packed in ("", "identity"):
        async for chunk in answer.aiter_raw():
            text += chunk
            if len(text) > largest:
                raise Unreadable("it is too large")
    elif packed in ("gzip", "x-gzip", "deflate"):
        unpack = zlib.decompressobj(wbits=47)  # finds out by itself which of the two it is
        async for chunk in answer.aiter_raw():
            try:
                text += unpack.decompress(chunk, largest + 1 - len(text))
            except zlib.error as error:
                raise Unreadable("it cannot be unpacked") from error
            if len(text) > largest:
                raise Unreadable("it is too large")
    else:
        raise Unreadable("it is packed in an unknown way")
    for secret in _worth_hiding(hides):
        text = text.replace(secret.encode(), _HIDDEN.encode())
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Reply(status=answer.status_code, body=_json(text, answer), headers=headers)


def _json(text: bytes, answer: httpx.Response) -> Json:
    if not text.strip():
        return None
    try:
        return json.loads(text, parse_constant=_not_json)
    except (ValueError, RecursionError) as error:
        if answer.is_success:
            raise Unreadable("it is not JSON") from error
        return None


def _not_json(word: str) -> Json:
    raise ValueError(word)


def retry_after(reply: Reply) -> float | None:
    """The seconds a vendor asks to be left alone for, where it names a number of them."""
    text = reply.headers.get("retry-after", "").strip()
    try:
        seconds = float(text)
    except ValueError:
        return None
    return seconds if 0 <= seconds < float("inf") else None


def declined(vendor: str, reply: Reply, *, secrets: Iterable[str] = ()) -> Declined:
    """The vendor's no in its own words, with the field it names where it names one."""
    why, field = _told(reply.body)
    why = clean(why, secrets=secrets) or f"HTTP {reply.status}"
    body = reply.body
    if field:
        return Declined(
            "{vendor} says no to {where}: {why}",
            status=reply.status, body=body, field=field, where=field, vendor=vendor, why=why,
        )  # fmt: skip
    return Declined("{vendor} says no: {why}", status=reply.status, body=body, vendor=vendor, why=why)


def clean(text: str, *, secrets: Iterable[str] = ()) -> str:
    """A vendor's words as they may be shown: one line, bounded, no secret of ours or of anybody's."""
    for secret in secrets:
        if len(secret) >= 4:
            text = text.replace(secret, masks.mask(secret))
    text = "".join(mark if mark.isprintable() else " " for mark in masks.text(text))
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_WHY else text[: _LONGEST_WHY - 1] + "…"


_WHY = ("message", "error_description", "detail", "details", "description", "title", "error", "code", "type")
_WHERE = ("param", "field", "propertyName", "api_name", "path")
_DEPTH = 4


def _told(body: Json) -> tuple[str, str]:
    """The sentence and the field of an error in any of the usual shapes, "" for what it does not say."""
    found = tuple(_mappings(body, _DEPTH))
    why = next((str(each[key]) for each in found for key in _WHY if _text(each.get(key))), "")
    field = next((_named(each[key]) for each in found for key in _WHERE if _named(each.get(key))), "")
    return why or (body if isinstance(body, str) else ""), field


def _text(value: Json) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _named(value: Json) -> str:
    """A field's name, or the path to it (`["input", "lineItems", 0]`)."""
    parts: Sequence[Json] = value if is_sequence(value) else (value,)
    words = [str(part) for part in parts if isinstance(part, str | int) and not isinstance(part, bool)]
    name = ".".join(words)
    return name if words and not words[0].isdigit() and len(name) <= 100 and name.isprintable() else ""


def _mappings(body: Json, depth: int) -> Iterator[Mapping[str, Json]]:
    """The objects of an error, the outer before the inner and the first before the next."""
    if depth == 0:
        return
    if is_mapping(body):
        inner = body.get("error")
        if is_mapping(inner):  # Stripe, Airtable: {"error": {"message": …}}
            yield from _mappings(inner, depth - 1)
        yield body
        for key in ("errors", "data", "context", "details", "userErrors"):
            yield from _mappings(body.get(key), depth - 1)
    elif is_sequence(body):
        for item in body[:5]:
            yield from _mappings(item, depth - 1)
