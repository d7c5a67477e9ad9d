"""Where a mail account answers, from one address: `smtps://user:password@host:465`, `imaps://…@host:993/INBOX`.

The schemes that end in s speak TLS from the first byte; the others must change to TLS before anything is said that
matters, except to a server on this very machine. Pure.
"""

import base64
import ssl
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Self
from urllib.parse import quote, unquote, urlsplit

from bot.errors import BadInput

PORTS = {"smtps": 465, "smtp": 587, "imaps": 993, "imap": 143}


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One mail server and how to log in there. `folder` is what the address names behind the port."""

    scheme: str
    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    folder: str = ""
    tls: ssl.SSLContext | None = field(default=None, repr=False, compare=False)

    @classmethod
    def read(
        cls, url: str, *, schemes: tuple[str, ...], need: str, tls: ssl.SSLContext | None = None
    ) -> Self:
        """Raises BadInput that names the need and never quotes the address: it holds a password."""
        try:
            parts = urlsplit(url.strip())
            port = parts.port
        except ValueError as error:
            raise _unreadable(need, schemes) from error
        if (
            parts.scheme not in schemes
            or not parts.hostname
            or (parts.username is None) != (parts.password is None)
        ):
            raise _unreadable(need, schemes)
        return cls(
            scheme=parts.scheme,
            host=parts.hostname,
            port=port or PORTS[parts.scheme],
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            folder=unquote(parts.path.strip("/")),
            tls=tls,
        )

    @property
    def secure(self) -> bool:
        """TLS from the first byte."""
        return self.scheme.endswith("s")

    def hidden(self, text: str) -> str:
        """A server's words without the password, as it is and as it is sent: some repeat what they were told."""
        if not self.password:
            return text
        plain = f"\0{self.user}\0{self.password}"
        sent = (base64.b64encode(each.encode()).decode() for each in (plain, self.password))
        for secret in (*sent, quote(self.password, safe=""), self.password):
            text = text.replace(secret, "•••")
        return text

    @property
    def here(self) -> bool:
        """On this machine: what is said to it passes no wire."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


def _unreadable(need: str, schemes: tuple[str, ...]) -> BadInput:
    example = f"{schemes[0]}://name:password@mail.example.com:{PORTS[schemes[0]]}"
    return BadInput("{need} reads like {example}", need=need, example=example, field=need)
