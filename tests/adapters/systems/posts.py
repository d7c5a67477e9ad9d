"""A real mail server for outgoing mail (aiosmtpd), with what it does on purpose: refuse, put off, or take the mail
and hang up without a word."""

import asyncio
from asyncio import WriteTransport
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from ssl import SSLContext

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.peers.processes import free_port

USER, PASSWORD = "vigie", "canary-p:w@1"


@dataclass
class Post:
    """`kept` is everything that was taken, `asked` whom it was for, `refuse` the answers by recipient ("DATA" for the mail itself);
    `hang_up` takes the next mail and ends the connection before saying so; `silent` takes it and says nothing."""

    port: int
    kept: list[Envelope] = field(default_factory=list[Envelope])
    asked: list[str] = field(default_factory=list[str])
    refuse: dict[str, str] = field(default_factory=dict[str, str])
    hang_up: bool = False
    silent: bool = False

    def letters(self) -> list[EmailMessage]:
        return [message_from_bytes(each.original_content or b"", policy=default) for each in self.kept]

    async def handle_RCPT(  # noqa: N802 (aiosmtpd finds it by this name)
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.asked.append(address)
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if "DATA" in self.refuse:
            return self.refuse["DATA"]
        self.kept.append(envelope)
        if self.hang_up:
            assert isinstance(server.transport, WriteTransport)
            server.transport.abort()
        if self.silent:
            await asyncio.Event().wait()
        return "250 OK"


def _known(server: SMTP, session: Session, envelope: Envelope, mechanism: str, told: object) -> AuthResult:
    good = isinstance(told, LoginPassword) and (told.login, told.password) == (
        USER.encode(),
        PASSWORD.encode(),
    )
    return AuthResult(success=good, handled=good)


@contextmanager
def post(
    tls: SSLContext | None = None, *, starttls: bool = False, login: bool = False, plain: bool = False
) -> Generator[Post]:
    """Runs while the block does. With `tls` from the first byte, or after STARTTLS; `plain` takes passwords without."""
    it = Post(port=free_port())
    controller = Controller(
        it,
        hostname="127.0.0.1",
        port=it.port,
        ssl_context=None if starttls else tls,
        tls_context=tls if starttls else None,
        require_starttls=starttls,
        authenticator=_known if login else None,
        auth_required=login and not plain,  # it warns of requiring what it lets pass in the clear
        auth_require_tls=False if plain or (tls is not None and not starttls) else login,
    )
    controller.start()
    try:
        yield it
    finally:
        controller.stop()
