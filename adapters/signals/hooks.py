"""The door for webhooks: `POST /hooks/{name}`. It bounds what it reads, makes sure who speaks, keeps the signal, and only
then says so.

An unknown name and a wrong signature get the same answer, after the same work. What is wrong with a body is told
only to who proved to be the sender. Every limit is small enough that all of them together are bounded in memory.
"""

import asyncio
import hashlib
import json
import logging
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from adapters.signals import signatures
from adapters.signals.senders import READ, Letter, Unreadable
from bot import hooking, signals
from bot.errors import BadInput, VigieError
from bot.hooks import Shape
from bot.house import House
from bot.inbox import Arrival
from bot.seals import Spot
from bot.values import Json, is_mapping, is_sequence

log = logging.getLogger(__name__)

PATH = "/hooks/{name}"
LARGEST = 1024 * 1024
DEEPEST = 64
PATIENCE = 10.0
"""Seconds a body may take to arrive."""
AT_ONCE, AT_ONCE_EACH = 32, 8
"""Bodies being read at the same time, of everybody and of one source."""
REFUSALS = 60
"""Wrong deliveries of one source in one minute; then it waits for the next one."""
_MOST_SOURCES = 2_000
_MINUTE = 60.0

Accept = Callable[[Arrival], Awaitable[bool]]


class Turned(Exception):
    """A request that is not taken: HTTP's status, and one line for the sender."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(slots=True)
class _Source:
    """One address that speaks to us: since when this minute runs, wrong deliveries in it, bodies under way."""

    since: float
    wrong: int = 0
    reading: int = 0


class HookDoor:
    """All hooks of the house."""

    def __init__(self, *, house: House, accept: Accept, patience: float = PATIENCE) -> None:
        self._house = house
        self._accept = accept
        self._patience = patience
        self._sources: OrderedDict[str, _Source] = OrderedDict()
        self._reading = 0
        self._decoy = secrets.token_urlsafe(32)
        self._spot = Spot(space="", table="hooks", row="decoy", column="sealed")
        self._sealed = ""

    def routes(self) -> list[Route]:
        return [Route(PATH, self._posted, methods=["POST"])]

    async def _posted(self, request: Request) -> Response:
        source = self._source(request.client.host if request.client else "")
        try:
            _patient(source)
            with self._place_for(source):
                body = await self._body(request)
            return await self._take(request, body)
        except Turned as turned:
            if turned.status in (400, 404, 413, 415):
                source.wrong += 1
            log.warning("hook_refused", extra={"status": turned.status, "reason": str(turned)})
            headers = {429: {"Retry-After": "60"}, 415: {"Accept-Encoding": "identity"}}.get(
                turned.status, {}
            )
            return JSONResponse({"error": str(turned)}, status_code=turned.status, headers=headers)

    def _source(self, address: str) -> _Source:
        now = asyncio.get_running_loop().time()
        found = self._sources.pop(address, None) or _Source(since=now)
        if now - found.since >= _MINUTE:
            found.since, found.wrong = now, 0
        self._sources[address] = found
        while len(self._sources) > _MOST_SOURCES:
            self._sources.popitem(last=False)
        return found

    @contextmanager
    def _place_for(self, source: _Source):
        if self._reading >= AT_ONCE or source.reading >= AT_ONCE_EACH:
            raise Turned(503, "too many deliveries at once; send it again")
        self._reading += 1
        source.reading += 1
        try:
            yield
        finally:
            self._reading -= 1
            source.reading -= 1

    async def _body(self, request: Request) -> bytes:
        """The raw bytes. Raises Turned."""
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("application/json", "application/x-www-form-urlencoded"):
            raise Turned(415, "send JSON")
        if request.headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
            raise Turned(415, "send it as it is, not compressed")
        length = request.headers.get("content-length", "0")
        if not length.isascii() or not length.isdecimal() or len(length) > 12:
            raise Turned(400, "the length of the request is not readable")
        if int(length) > LARGEST:
            raise Turned(413, "the request is too large")
        body = bytearray()
        try:
            async with asyncio.timeout(self._patience):
                async for chunk in request.stream():
                    body += chunk
                    if len(body) > LARGEST:
                        raise Turned(413, "the request is too large")
        except TimeoutError:
            raise Turned(408, "the request took too long") from None
        except ClientDisconnect:
            raise Turned(400, "the request broke off") from None
        return bytes(body)

    async def _take(self, request: Request, body: bytes) -> Response:
        known = await self._known(request.path_params["name"], request, body)
        if known is None:
            # The same words whether there is no such hook or its signature is wrong.
            raise Turned(404, "nothing here takes this delivery")
        hook = known.hook
        headers = {name: request.headers[name] for name in request.headers}
        payload = payload_of(body, request.headers.get("content-type", ""))
        letter = Letter(
            source=hook.source,
            headers=headers,
            body=payload,
            digest=hashlib.sha256(body).hexdigest(),
            window=hook.window,
        )
        try:
            delivery = READ[hook.shape](letter)
        except Unreadable as error:
            raise Turned(400, str(error)) from None
        if delivery is None:
            return JSONResponse({"status": "heard"})
        arrival = Arrival(
            key=f"{hook.source}:{hook.id}:{delivery.id}",
            place=signals.lane(hook.source),
            body=delivery.signal,
            within=delivery.within,
        )
        try:
            fresh = await self._accept(arrival)
        except BadInput:
            raise Turned(400, "the body holds text that is not Unicode") from None
        except VigieError as error:
            log.warning("hook_not_kept", extra={"hook": hook.name, "reason": str(error)})
            raise Turned(503, "not kept; please send it again") from None
        log.info("hook_heard", extra={"hook": hook.name, "fresh": fresh})
        return JSONResponse({"status": "kept" if fresh else "known"})

    async def _known(self, name: str, request: Request, body: bytes) -> hooking.Known | None:
        """The hook, once the delivery proved to come from who holds its secret. The same steps for one that is not
        there: a look, an opening, a comparison."""
        headers: dict[str, list[str]] = {}
        for key, value in request.headers.items():
            headers.setdefault(key.lower(), []).append(value)
        try:
            known = await hooking.known(name[:100], house=self._house)
        except VigieError as error:
            log.warning("hook_closed", extra={"reason": str(error)})
            known = None
        else:
            if known is None:
                self._open_decoy()
        shape, held = (known.hook.shape, known.secrets) if known else (Shape.HMAC, ())
        now = self._house.clock.now()
        held = (*held, self._decoy, self._decoy)[:2]
        right = signatures.proven(shape, headers, body, secrets=held, now=now)
        return known if known is not None and right else None

    def _open_decoy(self) -> None:
        self._sealed = self._sealed or self._house.seals.seal(json.dumps([[self._decoy, ""]]), self._spot)
        self._house.seals.open(self._sealed, self._spot)


def _patient(source: _Source) -> None:
    """Raises Turned for one that was wrong too often in this minute."""
    if source.wrong >= REFUSALS:
        raise Turned(429, "too many deliveries that were not accepted; try again in a minute")


def payload_of(body: bytes, content_type: str) -> Mapping[str, Json]:
    """The JSON object of the body, or of the form field `payload` (GitHub's other form). Raises Turned."""
    try:
        text = body.decode()
        if not content_type.lower().startswith("application/json"):
            text = dict(parse_qsl(text, strict_parsing=True, max_num_fields=8))["payload"]
        found: Json = json.loads(text, parse_constant=_no_number)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, KeyError, RecursionError):
        # ValueError covers broken UTF-8, half a surrogate pair, numbers too long to read, NaN and what is beyond every number.
        raise Turned(400, "the body is not a readable JSON object") from None
    if not is_mapping(found):
        raise Turned(400, "the body is not a readable JSON object")
    if _too_deep(found):
        raise Turned(400, f"the body is nested more than {DEEPEST} deep")
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)


def _too_deep(value: Json) -> bool:
    """Level by level: nothing here grows with the depth of what was sent."""
    level: Sequence[Json] = [value]
    for _ in range(DEEPEST + 1):
        below: list[Json] = []
        for each in level:
            if is_mapping(each):
                below += each.values()
            elif is_sequence(each):
                below += each
        if not below:
            return False
        level = below
    return True
