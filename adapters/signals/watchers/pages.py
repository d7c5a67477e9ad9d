"""Numbers of addresses on the web: a place in a JSON document, whether it answers, how long its certificate is good.

Addresses are what somebody wrote: they go the guarded way, where nothing but the internet is called. What the operator
listed (`VIGIE_WATCH_HOSTS`) is called wherever it is, without a detour and without being sent on. Answers are
bounded, and nothing of them is handed on but one number.
"""

import asyncio
import json
import math
import re
import ssl
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import httpx

from adapters.net import addresses, guarded
from adapters.net.addresses import Target
from adapters.net.guarded import Guarded
from adapters.net.roots import roots
from bot.errors import BadInput, Failed, Unreachable, VigieError
from bot.values import Json, is_mapping, is_sequence

PATIENCE = 8.0
MOST_BYTES = 1_000_000
_STEP = re.compile(r"([^.\[\]]+)|\[([0-9]{1,6})\]")
_MACHINE = re.compile(r"(?:[^\s/?#@:\[\]]{1,253}|\[[0-9a-fA-F:.]{2,45}\])(?::[0-9]{1,5})?")
_PATH = re.compile(r"\$?\.?(?:(?:[^.\[\]\s]+|\[[0-9]{1,6}\])\.?)*")


class Pages:
    """`allowed` are origins of the operator's own: `http://127.0.0.1:9000`."""

    def __init__(
        self,
        *,
        now: Callable[[], datetime],
        allowed: str = "",
        transport: Guarded | None = None,
        authorities: ssl.SSLContext | None = None,
    ) -> None:
        self._now = now
        self._allowed = origins(allowed)
        self._transport = transport or Guarded()
        self._own = httpx.AsyncHTTPTransport(
            trust_env=False,
            verify=authorities or roots(),
            limits=httpx.Limits(max_connections=20, max_keepalive_connections=0),
        )

    def check(self, url: str, path: str = "") -> None:
        """Raises BadInput for what is no address that may be called, or no path."""
        if not self._is_own(url):
            addresses.read(url)
        steps(path)

    async def number(self, url: str, path: str) -> float:
        """The number at that place of the document. Raises Unreachable or Failed."""
        self.check(url, path)
        status, body = await self._get(url)
        if status >= 400:
            raise Failed("{host} answered {status}", host=_host(url), status=status)
        return found(body, path)

    async def up(self, url: str) -> float:
        """1 when it answers, and well. Raises Unreachable or Failed, which say why it does not."""
        self.check(url)
        status, _ = await self._get(url)
        if status >= 400:
            raise Failed("{host} answered {status}", host=_host(url), status=status)
        return 1.0

    async def _get(self, url: str) -> tuple[int, bytes]:
        if not self._is_own(url):
            reply = await guarded.call(
                "GET", url, transport=self._transport, most_bytes=MOST_BYTES, patience=PATIENCE
            )
            return reply.status, reply.body
        try:
            async with asyncio.timeout(PATIENCE):
                request = httpx.Request(
                    "GET", url, headers={"user-agent": "vigie", "accept-encoding": "identity"}
                )
                answer = await self._own.handle_async_request(request)
                try:
                    return answer.status_code, await _bounded(answer)
                finally:
                    await answer.aclose()
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise guarded.unconnected(_host(url), error) from error
        except (TimeoutError, httpx.HTTPError) as error:
            raise Unreachable("the answer of {host} did not come, or not wholly.", host=_host(url)) from error

    def _is_own(self, url: str) -> bool:
        origin = origin_of(url)
        return origin is not None and origin in self._allowed

    # Certificates

    def check_machine(self, name: str) -> None:
        """Raises BadInput for what is no machine that may be called."""
        self._machine(name)

    async def days_left(self, name: str) -> float:
        """Days until the certificate that this machine shows ends; below zero when it has."""
        target = self._machine(name)
        hosts = [target.host]
        if origin_of(f"https://{name}") not in self._allowed:
            hosts = [str(each) for each in await self._transport.look(target)]
        ends = await _ends(hosts[0], target)
        return (ends - self._now()).total_seconds() / 86_400

    def _machine(self, name: str) -> Target:
        url = f"https://{name}"
        if not _MACHINE.fullmatch(name):
            raise BadInput("“{name}” is no machine; write for example shop.example:8443", name=name[:60])
        if origin_of(url) in self._allowed:
            here = httpx.URL(url)
            return Target(scheme="https", host=here.host, port=here.port or 443)
        return addresses.target(addresses.read(url))

    async def close(self) -> None:
        await self._transport.aclose()
        await self._own.aclose()


async def _bounded(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MOST_BYTES:
            raise Failed("the document is too long")
    return bytes(body)


async def _ends(address: str, target: Target) -> datetime:
    """What the machine shows is only read: nothing is sent over the line, so it need not prove itself."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        async with asyncio.timeout(PATIENCE):
            _, writer = await asyncio.open_connection(
                address, target.port, ssl=context, server_hostname=target.host
            )
            try:
                line = writer.get_extra_info("ssl_object")
                shown = line.getpeercert(binary_form=True)
            finally:
                # Without a goodbye, which the other side may never answer.
                writer.transport.abort()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError, ssl.SSLError) as error:
        raise Unreachable("{host} shows no certificate", host=target.host) from error
    # Imported here: it is a megabyte, for watches of certificates alone.
    from cryptography import x509  # noqa: PLC0415

    try:
        return x509.load_der_x509_certificate(shown).not_valid_after_utc
    except (ValueError, TypeError) as error:
        raise Failed("the certificate of {host} cannot be read", host=target.host) from error


def origins(text: str) -> frozenset[str]:
    """The list of the settings. Raises BadInput for what is no origin."""
    listed: set[str] = set()
    for part in re.split(r"[\s,;]+", text):
        if not part:
            continue
        origin = origin_of(part)
        if origin is None or httpx.URL(part).path not in ("", "/"):
            raise BadInput("{text} is no address such as http://127.0.0.1:9000", text=part[:100])
        listed.add(origin)
    return frozenset(listed)


def origin_of(url: str) -> str | None:
    """Scheme, host and port; None for what is no plain web address."""
    try:
        here = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, UnicodeError):
        return None
    if here.scheme not in ("http", "https") or not here.host or here.userinfo:
        return None
    return f"{here.scheme}://{here.host.lower()}:{here.port or {'http': 80, 'https': 443}[here.scheme]}"


def _host(url: str) -> str:
    return httpx.URL(url).host


# The number in a document --------------------------------------------------------------------------------------


def steps(path: str) -> tuple[str | int, ...]:
    """`stock.left`, `items[0].count`: names and places. Raises BadInput."""
    if len(path) > 300 or not _PATH.fullmatch(path):
        raise BadInput("“{path}” is no path; write for example stock.left or items[0].count", path=path[:60])
    plain = path.removeprefix("$").strip(".")
    return tuple(int(place) if place else name for name, place in _STEP.findall(plain))


def found(body: bytes, path: str) -> float:
    """The number at that place. Raises Failed, without a word of the document."""
    try:
        document: Json = json.loads(body, parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise Failed("the document is no readable JSON") from error
    for step in steps(path):
        document = _inside(document, step, path)
    return _number(document, path)


def _inside(document: Json, step: str | int, path: str) -> Json:
    if isinstance(step, str) and is_mapping(document) and step in document:
        return document[step]
    place = int(step) if isinstance(step, int) or step.isdecimal() else -1
    if is_sequence(document) and 0 <= place < len(document):
        return document[place]
    raise Failed("the document has nothing at {path}", path=path)


def _number(value: Json, path: str) -> float:
    if isinstance(value, bool):
        return float(value)
    try:
        number = float(value) if isinstance(value, int | float | str) else math.nan
    except (ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number):
        raise Failed("what stands at {path} is no number", path=path or "the top")
    return number


def _no_number(name: str) -> VigieError:
    raise ValueError(name)
