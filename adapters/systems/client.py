"""One vendor's HTTP interface with manners, over httpx: what every system calls its vendor through.

Knows no vendor. Everything it raises is of `bot.errors`, and no error, log or representation holds a secret.
What may be repeated is: a read, and a write that carries an idempotency key. A write without one is sent once.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from urllib.parse import quote, urlencode, urlsplit

import httpx

from adapters.net.roots import roots
from adapters.systems import replies
from adapters.systems.pace import Breaker, Pace, Timer, Turnstile, between
from adapters.systems.replies import Declined, KeyRefused, Reply, Unreadable
from bot.errors import BadInput, Failed, OutcomeUnknown, Unreachable, VigieError
from bot.values import Json, canonical

__all__ = [
    "Client",
    "Declined",
    "KeyRefused",
    "Pace",
    "Reply",
    "Timer",
    "Token",
    "bearer",
    "pages",
    "segment",
]

log = logging.getLogger("vigie.systems")

Token = Callable[..., Awaitable[str]]
"""`await token()`; `await token(fresh=True)` after the last one was refused. A fixed key ignores it."""

Params = Mapping[str, object] | Sequence[tuple[str, object]]
"""Query or form: names with values, or pairs where a name may come again. None is left out."""

_USUAL = Pace()
CONNECT_WITHIN = 5.0
"""Seconds to open a line; the whole call has the client's `timeout`."""


def bearer(token: str) -> Mapping[str, str]:
    """The usual way to show a token."""
    return {"Authorization": f"Bearer {token}"}


def segment(value: str) -> str:
    """An id as one part of a path, whatever is in it. Raises BadInput for one that would climb out."""
    if value in ("", ".", ".."):
        raise BadInput("“{value}” is not an id", value=value)
    return quote(value, safe="")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shot:
    """One call as it is sent, each time it is."""

    method: str
    url: str
    content: bytes | None
    headers: Mapping[str, str]


class Client:
    """`base` is the vendor's address; paths are below it. `token` is asked before every call and shown by
    `scheme`. `explain` translates the vendor's own errors, those that come with a good status too; None from
    it means: judge by the status. `hides` are secrets of the bodies, not to be quoted back."""

    def __init__(
        self,
        *,
        vendor: str,
        base: str,
        token: Token | None,
        scheme: Callable[[str], Mapping[str, str]] = bearer,
        headers: Mapping[str, str] = {},
        pace: Pace = _USUAL,
        timeout: float = 20.0,
        explain: Callable[[Reply], VigieError | None] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        timer: Timer | None = None,
        hides: Sequence[str] = (),
    ) -> None:
        self._vendor = vendor
        self._base = base.rstrip("/")
        self._token = token
        self._scheme = scheme
        self._pace = pace
        self._timeout = timeout
        self._explain = explain
        self._timer = timer or Timer()
        self._turnstile = Turnstile(pace)
        self._breaker = Breaker(pace)
        self._hides = tuple(hides)
        own = {
            "user-agent": f"Vigie/{metadata.version('vigie')}",
            "accept": "application/json",
            "accept-encoding": "gzip",
        }
        self._http = httpx.AsyncClient(
            headers={**own, **headers},
            timeout=httpx.Timeout(timeout, connect=min(CONNECT_WITHIN, timeout / 2)),
            follow_redirects=False,
            verify=roots(),
            transport=transport,
        )

    async def read(
        self,
        path: str,
        *,
        method: str = "GET",
        params: Params | None = None,
        json: Json = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """A call that changes nothing, whatever its method. Tried again when the line or the vendor falters.
        Raises Unreachable, Declined, KeyRefused, or what `explain` says."""
        shot = self._shot(method, path, params=params, json=json, form=None, headers=headers)
        return await self._call(shot, tries=self._pace.tries, harmless=True)

    async def write(
        self,
        method: str,
        path: str,
        *,
        json: Json = None,
        form: Params | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        key: str = "",
    ) -> Reply:
        """A call that changes something. With `key`, an idempotency key that the vendor honours and the caller
        put where the vendor reads it, it is tried again; without, it is sent once.
        Raises as `read`, and OutcomeUnknown when it may have been done."""
        shot = self._shot(method, path, params=params, json=json, form=form, headers=headers)
        return await self._call(shot, tries=self._pace.tries if key else 1, harmless=False)

    async def close(self) -> None:
        """Closes its lines."""
        await self._http.aclose()

    def _shot(
        self,
        method: str,
        path: str,
        *,
        params: Params | None,
        json: Json,
        form: Params | None,
        headers: Mapping[str, str] | None,
    ) -> _Shot:
        url = self._below(path)
        if query := _encoded(params):
            url += ("&" if "?" in url else "?") + query
        sent = dict(headers or {})
        content = None
        if json is not None:
            content = canonical(json).encode()
            sent = {"content-type": "application/json", **sent}
        elif form is not None:
            content = _encoded(form).encode()
            sent = {"content-type": "application/x-www-form-urlencoded", **sent}
        return _Shot(method=method, url=url, content=content, headers=sent)

    def _below(self, path: str) -> str:
        """The address of a path. A full address (the next page, as vendors give it) must be the vendor's own:
        the token goes along. Raises Failed and BadInput."""
        if path.startswith(("http://", "https://")):
            if urlsplit(path)[:2] != urlsplit(self._base)[:2]:
                raise Failed("{vendor} named an address that is not its own.", vendor=self._vendor)
            url = path
        else:
            url = f"{self._base}/{path.lstrip('/')}" if path else self._base
        if any(part in (".", "..") for part in urlsplit(url).path.split("/")):
            raise BadInput("an id leads out of its place: {path}", path=path[:100])
        return url

    async def _call(self, shot: _Shot, *, tries: int, harmless: bool) -> Reply:
        """Tries, and tries again where that is allowed and soon enough. Once one try may have done it, nothing
        but an answer that says so is certain."""
        doubt: OutcomeUnknown | None = None
        for attempt in range(1, tries + 1):
            try:
                return await self._once(shot, harmless=harmless)
            except OutcomeUnknown as error:
                doubt, failed, named = error, error, None
            except Unreachable as error:
                failed, named = error, error.retry_after
            except VigieError as error:
                if doubt is not None:
                    raise doubt from error
                raise
            wait = between(self._pace, attempt, self._timer.chance()) if named is None else named
            if attempt == tries or wait > self._pace.longest:
                raise doubt or failed
            await self._timer.sleep(wait)
        raise AssertionError("every try returns or raises")

    async def _once(self, shot: _Shot, *, harmless: bool) -> Reply:
        """One try, and one more with a fresh token when the first is refused: then nothing was done."""
        shown = await self._key(fresh=False)
        reply = await self._send(shot, shown, harmless=harmless)
        if reply.status == 401 and shown and (renewed := await self._key(fresh=True)) != shown:
            shown = renewed
            reply = await self._send(shot, shown, harmless=harmless)
        return self._judged(reply, shown, harmless=harmless)

    async def _key(self, *, fresh: bool) -> str:
        """The token to show, "" where none is. Raises KeyRefused for one that cannot be sent."""
        if self._token is None:
            return ""
        key = await self._token(fresh=True) if fresh else await self._token()
        if not (key.isascii() and key.isprintable() and key):
            raise KeyRefused("the key of {vendor} holds characters that no key has.", vendor=self._vendor)
        return key

    async def _send(self, shot: _Shot, shown: str, *, harmless: bool) -> Reply:
        await self._admitted()
        authority: Mapping[str, str] = self._scheme(shown) if shown else {}
        started = self._timer.now()
        request = self._http.build_request(
            shot.method, shot.url, content=shot.content, headers={**shot.headers, **authority}
        )
        try:
            async with asyncio.timeout(self._timeout):
                answer = await self._http.send(request, stream=True)
                try:
                    reply = await replies.read(answer, hides=(shown,))
                finally:
                    await answer.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
            self._breaker.failed(self._timer.now())
            raise Unreachable("{vendor} cannot be reached.", vendor=self._vendor) from None
        except Unreadable as error:
            raise self._lost(
                "the answer of {vendor} cannot be read: {why}", harmless, why=error.args[0]
            ) from None
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            # Their words may quote what was sent, headers included: they stop here.
            self._breaker.failed(self._timer.now())
            raise self._lost("{vendor} did not answer.", harmless) from None
        log.debug(
            "vendor_called",
            extra={
                "vendor": self._vendor,
                "method": shot.method,
                "status": reply.status,
                "seconds": round(self._timer.now() - started, 3),
            },
        )
        return reply

    async def _admitted(self) -> None:
        """Waits for its place in the rate. Raises Unreachable when the wait is too long to stand in line for, or
        the line is known to be down."""
        now = self._timer.now()
        wait = self._turnstile.wait(now)
        if wait > self._pace.longest:
            raise Unreachable("{vendor} asked to be called later.", vendor=self._vendor, retry_after=wait)
        if (left := self._breaker.left(now)) > 0:
            raise Unreachable(
                "{vendor} failed several times in a row and is left alone for a moment.",
                vendor=self._vendor,
                retry_after=left,
            )
        if (wait := self._turnstile.enter(now)) > 0:
            await self._timer.sleep(wait)

    def _judged(self, reply: Reply, shown: str, *, harmless: bool) -> Reply:
        """The reply when it is good. Raises what it means otherwise."""
        status, now = reply.status, self._timer.now()
        if status in (429, 503):
            after = replies.retry_after(reply)
            self._turnstile.close(now + (after or 0.0))
            if status == 503:
                self._breaker.failed(now)
            raise Unreachable("{vendor} asked to be called later.", vendor=self._vendor, retry_after=after)
        if status >= 500 or status == 408:
            self._breaker.failed(now)
            raise self._lost("{vendor} failed: HTTP {status}", harmless, status=status)
        self._breaker.worked()
        if status == 401:
            raise KeyRefused("{vendor} does not accept the key; connect it again.", vendor=self._vendor)
        hidden = replies.without(reply, self._hides)
        if self._explain is not None and (error := self._explain(hidden)) is not None:
            raise error
        if not reply.good:
            raise replies.declined(self._vendor, reply, secrets=(shown, *self._hides))
        return reply

    def _lost(self, message: str, harmless: bool, **values: str | int) -> VigieError:
        """A call whose answer is missing: it certainly did nothing when it is harmless."""
        if harmless:
            return Unreachable(message, retry_after=None, **{"vendor": self._vendor, **values})
        return OutcomeUnknown(message, vendor=self._vendor, **values)


async def pages(
    fetch: Callable[[str], Awaitable[tuple[Sequence[Json], str]]], *, most: int = 1_000
) -> list[Json]:
    """The items of all pages, at most `most`. `fetch` takes a cursor ("" for the first page) and returns the
    items with the next cursor ("" after the last page). A vendor that repeats a cursor is not followed."""
    found: list[Json] = []
    seen, cursor = {""}, ""
    while len(found) < most:
        items, cursor = await fetch(cursor)
        found += items
        if cursor in seen:
            break
        seen.add(cursor)
    return found[:most]


def _encoded(given: Params | None) -> str:
    if given is None:
        return ""
    pairs = given.items() if isinstance(given, Mapping) else given
    return urlencode([(name, _word(value)) for name, value in pairs if value is not None])


def _word(value: object) -> str:
    return ("true" if value else "false") if isinstance(value, bool) else str(value)
