"""Which machines may be called, and the credential that goes along to each. Pure.

A list reads `api.example.com, *.example.org, https://example.net:8443, http://old.example.com`: TLS and the usual
port unless it is written otherwise. `*.` stands for any name below, and not for the name itself. Credentials are
headers by host; they are sent by reference and shown to nobody, not even in what comes back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self

import httpx

from adapters.net import addresses
from adapters.net.addresses import Target
from bot.errors import BadInput, VigieError
from bot.values import Json, is_mapping

_HIDDEN = "[hidden]"
_SHORTEST_SECRET = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """One entry of the list. `below` is true for `*.`."""

    target: Target
    below: bool = False

    @classmethod
    def read(cls, text: str) -> Self:
        """Raises BadInput."""
        scheme, mark, rest = text.rpartition("://")
        below = rest.startswith("*.")
        try:
            url = addresses.read(f"{scheme or 'https'}://{rest.removeprefix('*.') if below else rest}")
        except BadInput as error:
            raise BadInput("{text}: {why}", text=repr(text), why=error, field="hosts") from None
        if url.path not in ("", "/") or url.query or (mark and not scheme):
            raise BadInput("{text} is not the name of a host", text=repr(text), field="hosts")
        return cls(target=addresses.target(url), below=below)

    def covers(self, target: Target) -> bool:
        """Whether the entry allows it."""
        here = self.target
        if (target.scheme, target.port) != (here.scheme, here.port):
            return False
        return target.host.endswith(f".{here.host}") if self.below else target.host == here.host

    def __str__(self) -> str:
        told = self.target.origin.removeprefix("https://")
        return told.replace(self.target.host, f"*.{self.target.host}") if self.below else told


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The list, and headers by origin."""

    allowed: tuple[Host, ...] = ()
    credentials: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]], repr=False
    )

    @classmethod
    def read(cls, hosts: str, credentials: Json = None) -> Self:
        """The list as it was written, and the credentials as a JSON object: host → header → value. A host with a
        credential is on the list. Raises BadInput."""
        texts = [text for text in re.split(r"[\s,;]+", hosts) if text]
        sealed: dict[str, Mapping[str, str]] = {}
        kept: Json = {} if credentials is None else credentials
        if not is_mapping(kept):
            raise _unreadable()
        for name, headers in kept.items():
            host = Host.read(str(name))
            if host.below or host.target.scheme != "https":
                raise BadInput(
                    "a credential belongs to one host, over TLS: {host}", host=name, field="credentials"
                )
            if (
                not is_mapping(headers)
                or not headers
                or not all(isinstance(v, str) for v in headers.values())
            ):
                raise _unreadable()
            sealed[host.target.origin] = dict(headers)
            texts.append(str(name))
        allowed = tuple(dict.fromkeys(Host.read(text) for text in texts))
        if not allowed:
            raise BadInput("name at least one host that may be called", field="hosts")
        return cls(allowed=allowed, credentials=sealed)

    def permit(self, url: httpx.URL) -> None:
        """Raises BadInput, with the list, for what is not on it."""
        target = addresses.target(url)
        if not any(host.covers(target) for host in self.allowed):
            raise BadInput(
                "{origin} is not among the hosts that may be called: {hosts}",
                origin=target.origin,
                hosts=", ".join(str(host) for host in self.allowed),
                field="url",
            )

    def credential(self, url: httpx.URL) -> Mapping[str, str]:
        """The headers that go along to where the address leads."""
        return self.credentials.get(addresses.target(url).origin, {})

    def hidden(self, text: str) -> str:
        """The text without any of the credentials: some servers repeat what they were sent."""
        secrets = {
            part
            for headers in self.credentials.values()
            for v in headers.values()
            for part in (v, *v.split())
        }
        for secret in sorted(secrets, key=len, reverse=True):
            if len(secret) >= _SHORTEST_SECRET and secret.casefold() not in ("bearer", "basic", "token"):
                text = text.replace(secret, _HIDDEN)
        return text


def _unreadable() -> VigieError:
    return BadInput("credentials are a JSON object: for each host an object of headers", field="credentials")
