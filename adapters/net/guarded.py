"""Calling an address that somebody else chose: a transport for httpx, and one bounded call with its redirects.

The name is resolved once, every record is judged, and the connection goes to the judged address itself: what the
name means a moment later does not matter. TLS is still verified against the name. Each hop of a redirect passes
the same way. Everything is bounded: bytes, also after unpacking, hops, and the time the whole may take.

Knows no system and no policy: `permit` is how a caller says which addresses it wants at all. Raises BadInput for
an address that is refused, Unreachable when certainly nothing was sent (or only read), OutcomeUnknown else.
"""

import asyncio
import re
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType

import httpx

from adapters.net import addresses
from adapters.net.roots import roots
from bot.errors import BadInput, Failed, OutcomeUnknown, Unreachable, VigieError

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""A name and a port to the addresses it has now, as texts. Raises OSError."""

MOST_BYTES = 1_000_000
MOST_HOPS = 3
PATIENCE = 20.0
READS = frozenset(["GET", "HEAD"])
_MOVED = frozenset([301, 302, 303, 307, 308])
_CHUNK = 65_536
CONNECT_WITHIN = 5.0
_OURS = {"user-agent": "vigie", "accept-encoding": "identity"}
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(r"(?! )[\t -~]{0,4000}(?<! )")


async def resolve(host: str, port: int) -> Sequence[str]:
    """By the machine's own resolver."""
    found = await asyncio.get_running_loop().getaddrinfo(
        host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    return [str(address[0]) for *_, address in found]


class Guarded(httpx.AsyncBaseTransport):
    """Connects to public addresses only. `inner` makes the connection and is never shown a name to resolve."""

    def __init__(self, *, resolve: Resolve = resolve, inner: httpx.AsyncBaseTransport | None = None) -> None:
        self._resolve = resolve
        # No connection is kept: two names behind one address must not share one that was verified for the other.
        self._inner = inner or httpx.AsyncHTTPTransport(
            verify=roots(),
            trust_env=False,
            limits=httpx.Limits(max_connections=50, max_keepalive_connections=0),
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Resolves, judges, and calls the first address that takes the connection."""
        target = addresses.target(request.url)
        found = await self.look(target)
        for address in found[:-1]:
            try:
                return await self._inner.handle_async_request(_pinned(request, target, address))
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._inner.handle_async_request(_pinned(request, target, found[-1]))

    async def look(self, target: addresses.Target) -> tuple[addresses.Address, ...]:
        """The public addresses of a target. Raises BadInput, or Unreachable when its name means nothing now."""
        try:
            found = await self._resolve(target.host, target.port)
        except (OSError, UnicodeError) as error:
            raise Unreachable("the name {host} is not known.", host=target.host) from error
        return addresses.checked(target.host, found)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()


def _pinned(request: httpx.Request, target: addresses.Target, address: addresses.Address) -> httpx.Request:
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,  # its Host still names the name
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": target.host},
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back in the end. `url` is the last hop's; `cut` says that there was more than `body` holds."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    cut: bool = False

    @property
    def text(self) -> str:
        """The body as text, by the character set it names, else UTF-8; what cannot be read is marked."""
        charset = httpx.Headers(dict(self.headers)).get("content-type", "").partition("charset=")[2]
        try:
            return self.body.decode(charset.partition(";")[0].strip(" \"'") or "utf-8", errors="replace")
        except (LookupError, ValueError):
            return self.body.decode("utf-8", errors="replace")


class _Borrowed(httpx.AsyncBaseTransport):
    """A transport that outlives the client of one call: other calls are on their way through it."""

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        self._transport = transport

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self._transport.handle_async_request(request)


def anywhere(_url: httpx.URL) -> None:
    """Permits every public address."""


async def call(
    method: str,
    url: str,
    *,
    transport: httpx.AsyncBaseTransport,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    credentials: Mapping[str, str] | None = None,
    permit: Callable[[httpx.URL], None] = anywhere,
    most_bytes: int = MOST_BYTES,
    patience: float = PATIENCE,
) -> Reply:
    """One call through a `Guarded` transport. Redirects are followed for reads only; `credentials` go to the
    first origin and nowhere else. `permit` is asked about every hop and raises what it does not want.
    """
    first = addresses.read(url)
    permit(first)
    host = addresses.target(first).host
    try:
        async with (
            asyncio.timeout(patience),
            httpx.AsyncClient(
                transport=_Borrowed(transport),
                trust_env=False,
                follow_redirects=False,
                timeout=httpx.Timeout(patience, connect=min(patience, CONNECT_WITHIN)),
            ) as client,
        ):
            return await _hops(
                client,
                method,
                first,
                headers=plain(headers or {}),
                credentials=plain(credentials or {}),
                body=body,
                permit=permit,
                most=most_bytes,
            )
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise unconnected(host, error) from error
    except (TimeoutError, httpx.HTTPError, httpx.InvalidURL, zlib.error) as error:
        # A read that failed changed nothing; anything else may have been done.
        if method in READS:
            raise Unreachable("the answer of {host} did not come, or not wholly.", host=host) from error
        raise OutcomeUnknown("the answer of {host} did not come, or not wholly.", host=host) from error


async def _hops(
    client: httpx.AsyncClient,
    method: str,
    url: httpx.URL,
    *,
    headers: Mapping[str, str],
    credentials: Mapping[str, str],
    body: bytes,
    permit: Callable[[httpx.URL], None],
    most: int,
) -> Reply:
    first = addresses.target(url)
    for _ in range(MOST_HOPS + 1):
        here = addresses.target(url)
        own = here.origin == first.origin
        request = client.build_request(
            method,
            url,
            headers={**_OURS, **(headers if own else {}), **(credentials if own else {})},
            content=body or None,
        )
        response = await client.send(request, stream=True)
        try:
            location = response.headers.get("location", "")
            if method not in READS or response.status_code not in _MOVED or not location:
                return await _read(response, url, most)
        finally:
            await response.aclose()
        url = _next(url, location)
        permit(url)
    raise Failed("{host} sends from one address to the next without an end.", host=first.host)


def _next(url: httpx.URL, location: str) -> httpx.URL:
    """Where a redirect leads. Raises BadInput for what is no plain web address, and for the way out of TLS."""
    try:
        joined = str(url.join(location)) if location.isprintable() else location
    except (httpx.InvalidURL, ValueError, UnicodeError):
        joined = location
    following = addresses.read(joined)
    if url.scheme == "https" and following.scheme != "https":
        raise BadInput("{host} sends on to an address without TLS.", host=url.host, field="url")
    return following


async def _read(response: httpx.Response, url: httpx.URL, most: int) -> Reply:
    raw, cut = bytearray(), False
    async for chunk in response.aiter_raw(_CHUNK):
        raw += chunk
        if len(raw) > most:
            cut = True
            break
    body, packed = _unpacked(bytes(raw), response.headers.get("content-encoding", ""), most, cut=cut)
    return Reply(
        status=response.status_code,
        url=str(url),
        headers=dict(response.headers),
        body=body[:most],
        cut=cut or packed or len(body) > most,
    )


def _unpacked(raw: bytes, encoding: str, most: int, *, cut: bool) -> tuple[bytes, bool]:
    """The body without its compression, and whether there was more: a small answer can unpack to an endless one.
    We ask for none, and take what everybody speaks."""
    match encoding.strip().lower():
        case "" | "identity":
            return raw, False
        case "gzip" | "x-gzip" | "deflate":
            unpacking = zlib.decompressobj(wbits=47 if "gzip" in encoding.lower() else 15)
            body = unpacking.decompress(raw, most)
            if not unpacking.eof and not unpacking.unconsumed_tail and not cut:
                raise zlib.error("it ends in the middle")
            return body, bool(unpacking.unconsumed_tail)
        case _:
            raise Failed("the answer is packed in a way that was not asked for.")


def plain(headers: Mapping[str, str]) -> Mapping[str, str]:
    """The headers, once none of them can become two. Raises BadInput."""
    for name, value in headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise BadInput(
                "the header {name} holds what a header cannot.", name=repr(name[:60]), field="headers"
            )
    return headers


def unconnected(host: str, error: httpx.TransportError) -> VigieError:
    """Why no line came about, in a sentence."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return Failed("the certificate of {host} does not hold; nothing was sent.", host=host)
        cause = cause.__cause__ or cause.__context__
    return Unreachable("{host} cannot be reached.", host=host)
