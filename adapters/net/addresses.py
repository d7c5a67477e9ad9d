"""Which addresses of the internet may be called, and what a web address says. Pure: resolves nothing.

Whoever lets others choose an address lets them choose the machine beside this one, its metadata service and
its databases. So the answer is "public or not at all", for every way there is to spell an address.
Source of the networks: IANA's special-purpose registries for IPv4 and IPv6, and the clouds' own documents.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

import httpx

from bot.errors import BadInput, VigieError

Address = IPv4Address | IPv6Address

LONGEST = 4_000
"""Characters of a web address."""

_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",  # private
        "100.64.0.0/10",  # carriers' own, a cloud's metadata service too
        "127.0.0.0/8",  # this machine
        "168.63.129.16/32",  # a cloud's platform service
        "169.254.0.0/16",  # this link: metadata services
        "172.16.0.0/12",  # private
        "192.0.0.0/24",  # protocol assignments, a cloud's metadata service too
        "192.0.2.0/24",  # documentation
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",  # 6to4 relays
        "192.168.0.0/16",  # private
        "192.175.48.0/24",
        "198.18.0.0/15",  # benchmarks
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # many at once
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_V6_GLOBAL = IPv6Network("2000::/3")
"""All of IPv6 that is handed out. Loopback, mapped (::ffff:…), NAT64 (64:ff9b:…), private and link-local lie outside."""
_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocols of the IETF: Teredo, ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4: carries an IPv4 address
        "2620:4f:8000::/48",
        "3fff::/20",  # documentation
    )
)
_INSIDE = ("localhost", "local", "localdomain", "internal", "intranet", "lan", "home.arpa", "corp", "onion")
"""Names that mean this machine, this network or a metadata service, whatever they resolve to."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_PLAIN = re.compile(r"[!-~\u00a1-\U0010ffff]+")
_AUTHORITY = re.compile(r"https?://[^/?#]*", re.IGNORECASE)


def public(address: Address) -> bool:
    """Whether it is one anybody on the internet may call."""
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _V4)
    if address.scope_id or address not in _V6_GLOBAL:
        return False
    return not any(address in network for network in _V6)


def checked(host: str, found: Sequence[str]) -> tuple[Address, ...]:
    """What a name resolved to, in order. Raises BadInput unless every single record is public: one that is not
    is enough for whoever answers for the name to choose it later."""
    try:
        addresses = tuple(dict.fromkeys(ip_address(text) for text in found))
    except ValueError as error:
        raise _inside(host) from error
    if not addresses or not all(public(address) for address in addresses):
        raise _inside(host)
    return addresses


def _inside(host: str) -> VigieError:
    return BadInput(
        "{host} is not an address on the internet; others are never called.", host=host, field="url"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where a web address leads. `host` is in ASCII and lower case, `port` always told."""

    scheme: str
    host: str
    port: int

    @property
    def origin(self) -> str:
        """`https://api.example.com`, with its port where that is not the usual one."""
        usual = {"https": 443, "http": 80}[self.scheme]
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")


def read(text: str) -> httpx.URL:
    """The web address a text means, without its fragment. Raises BadInput for everything that is spelled to be
    read in two ways, and for every scheme but http and https."""
    if len(text) > LONGEST or not _PLAIN.fullmatch(text) or "\\" in text:
        raise _malformed(text)
    authority = _AUTHORITY.match(text)
    if authority is None:
        raise BadInput("only addresses that begin with https:// or http:// are called.", field="url")
    if "@" in authority[0]:
        raise BadInput("a web address holds no name and no password.", field="url")
    if "%" in authority[0]:
        raise _malformed(text)
    try:
        url = httpx.URL(text).copy_with(fragment=None)
    except (httpx.InvalidURL, UnicodeError, ValueError) as error:
        raise _malformed(text) from error
    target(url)
    return url


def target(url: httpx.URL) -> Target:
    """Where it leads. Raises BadInput when that is no public name or address."""
    if url.scheme not in ("http", "https"):
        raise BadInput("only addresses that begin with https:// or http:// are called.", field="url")
    if url.userinfo:
        raise BadInput("a web address holds no name and no password.", field="url")
    port = url.port if url.port is not None else {"https": 443, "http": 80}[url.scheme]
    if not 1 <= port <= 65535:
        raise _malformed(str(url))
    return Target(scheme=url.scheme, host=_host(url.raw_host.decode("ascii").lower()), port=port)


def _host(host: str) -> str:
    if ":" in host:  # IPv6, which httpx has already read between brackets
        checked(host, [host])
        return host
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # 2130706433, 0x7f.1, 0177.0.0.1 and 127.1 are addresses to some resolvers: only the one spelling passes.
        checked(host, [host])
        return host
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise BadInput("{host} is not the name of a machine on the internet.", host=repr(host), field="url")
    if len(labels) == 1 or any(host == name or host.endswith(f".{name}") for name in _INSIDE):
        raise _inside(host)
    return host


def _malformed(text: str) -> VigieError:
    shown = text if len(text) <= 200 else f"{text[:200]}…"
    return BadInput("{text} is not a web address", text=repr(shown), field="url")
