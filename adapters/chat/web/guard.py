"""What stands before every page: which host was meant, where a form came from, how large it is, and what a
browser may do with the answer. Nothing here knows what the pages are about.
"""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from ipaddress import ip_address
from urllib.parse import parse_qsl, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.errors import VigieError

log = logging.getLogger(__name__)

LARGEST_BODY = 1024 * 1024
PATIENCE = 10.0
"""Seconds a form may take to arrive: anybody may begin one."""
MOST_FIELDS = 200

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class Problem(VigieError):
    """A request that is not answered with what it asks for. `kind` chooses the words, `status` is HTTP's."""

    def __init__(self, kind: str, status: int) -> None:
        super().__init__(kind)
        self.kind = kind
        self.status = status


Apology = Callable[[Request, str, int], Awaitable[Response]]
"""Words for a problem of that kind: (request, kind, status)."""


class Guard:
    """ASGI middleware around one route."""

    def __init__(self, app: ASGIApp, *, url: str, apologise: Apology) -> None:
        self._app = app
        self._host = (urlsplit(url).hostname or "").lower()
        self._apologise = apologise

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        begun = False

        async def guarded(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                protect(MutableHeaders(scope=message))
            await send(message)

        try:
            self._admit(Headers(scope=scope))
            await self._app(scope, receive, guarded)
        except ClientDisconnect:
            return
        except Exception as error:
            if begun:
                raise
            kind, status = _reason(error)
            response = await self._apologise(Request(scope, receive), kind, status)
            if isinstance(error, HTTPException):
                response.headers.update(error.headers or {})
            await response(scope, receive, guarded)

    def _admit(self, headers: Headers) -> None:
        """Only for a host that is this one's: a name somebody else points at this machine would let their
        pages read ours (DNS rebinding). An address cannot be pointed elsewhere."""
        try:
            host = (urlsplit(f"//{headers.get('host', '')}").hostname or "").lower()
        except ValueError as error:
            raise Problem("host", 400) from error
        if host not in (self._host, "localhost") and not _is_address(host):
            raise Problem("host", 400)


def protect(headers: MutableHeaders) -> None:
    """What a browser may do with the answer goes along with it."""
    headers.update(HEADERS)
    headers.setdefault("Cache-Control", "no-store")


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _reason(error: Exception) -> tuple[str, int]:
    match error:
        case Problem():
            return error.kind, error.status
        case HTTPException():
            return "missing" if error.status_code == 404 else "method", error.status_code
        case _:
            log.error("page_broke", exc_info=error)
            return "broken", 500


def fields_of(request: Request, names: Collection[str], *, kind: str) -> dict[str, str]:
    """What an address asks for behind its question mark: these names, each once and with a value. A file that ignores what
    it was asked for is taken for another one. Raises Problem."""
    pairs = request.query_params.multi_items()
    fields = dict(pairs)
    if len(fields) < len(pairs) or not fields.keys() <= {*names} or not all(fields.values()):
        raise Problem(kind, 400)
    return fields


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form, each name once. Raises Problem."""
    _same_site(request.headers)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        raise Problem("form", 415)
    try:
        async with asyncio.timeout(PATIENCE):
            body = await _read(request)
    except TimeoutError as error:
        raise Problem("slow", 408) from error
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError as error:
        raise Problem("form", 400) from error
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


async def _read(request: Request) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:12]) > LARGEST_BODY:
        raise Problem("large", 413)
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise Problem("large", 413)
    return bytes(body)


def _same_site(headers: Headers) -> None:
    """A browser says where a form was: on one of our own pages, or the form is refused. Raises Problem.

    `Origin: null` proves nothing either way: browsers send it for our own forms because our pages ask for no
    referrer. Whoever says nothing at all is no browser; the token decides.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise Problem("forged", 403)
        return
    origin = headers.get("origin", "null")
    if origin != "null" and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
        raise Problem("forged", 403)


def form_token(session: str) -> str:
    """What every form of a session carries: only our pages can know it, and it does not give the session
    away."""
    return hmac.new(session.encode(), b"vigie form", hashlib.sha256).hexdigest()[:32]


def check_token(fields: Mapping[str, str], session: str) -> None:
    """Raises Problem unless the form carries this session's token."""
    if not hmac.compare_digest(fields.get("csrf", "").encode(), form_token(session).encode()):
        raise Problem("forged", 403)
