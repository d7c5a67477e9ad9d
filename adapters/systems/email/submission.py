"""Handing a mail to a server, over SMTP (RFC 6409), once. Nothing is sent unless every recipient is accepted.

The moment that counts is the end of DATA: before it nothing was sent, after the server's yes it was, and when the
line breaks in between nobody knows. Knows no action.
"""

import ssl
from collections.abc import Sequence
from email.message import EmailMessage

import aiosmtplib
from aiosmtplib import SMTP

from adapters.net.mailservers import Server
from adapters.systems.email.letters import POLICY
from bot.errors import Failed, OutcomeUnknown, Unreachable, VigieError

PATIENCE = 20.0


async def check(server: Server) -> None:
    """Connects, logs in and leaves. Raises Unreachable or Failed."""
    line = await _connected(server)
    try:
        await line.noop()
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unreachable("the mail server {host} does not answer.", host=server.host) from error
    finally:
        await _left(line)


async def submit(letter: EmailMessage, *, sender: str, recipients: Sequence[str], server: Server) -> None:
    """Sends it to all of them or to nobody. Raises Unreachable and Failed when it was not sent, OutcomeUnknown
    when it may have been."""
    line = await _connected(server)
    try:
        await _addressed(line, sender, recipients, server)
        await _handed_over(line, letter.as_bytes(policy=POLICY), server)
    finally:
        await _left(line)


async def _connected(server: Server) -> SMTP:
    line = SMTP(
        hostname=server.host,
        port=server.port,
        username=server.user or None,
        password=server.password or None,
        use_tls=server.secure,
        start_tls=None if server.secure or server.here else True,
        tls_context=server.tls or ssl.create_default_context(),
        local_hostname="vigie.invalid",  # the machine's own name is nobody's business
        timeout=PATIENCE,
    )
    try:
        await line.connect()
    except aiosmtplib.SMTPAuthenticationError as error:
        line.close()
        raise Failed(
            "the mail server {host} does not accept the name and password any more; connect it again.",
            host=server.host,
        ) from error
    except (aiosmtplib.SMTPException, OSError, ssl.SSLError, ValueError) as error:
        line.close()
        if _untrusted(error):
            raise Failed(
                "the certificate of {host} does not hold; nothing was sent.", host=server.host
            ) from error
        raise Unreachable("the mail server {host} cannot be reached.", host=server.host) from error
    return line


def _untrusted(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


async def _addressed(line: SMTP, sender: str, recipients: Sequence[str], server: Server) -> None:
    who = sender
    try:
        await line.mail(sender)
        for who in recipients:
            await line.rcpt(who)
    except (aiosmtplib.SMTPSenderRefused, aiosmtplib.SMTPRecipientRefused) as error:
        raise _refused(error, who, server) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise Unreachable("the mail server {host} does not answer.", host=server.host) from error


async def _handed_over(line: SMTP, data: bytes, server: Server) -> None:
    try:
        await line.data(data)
    except aiosmtplib.SMTPDataError as error:
        raise _refused(error, "", server) from error
    except (aiosmtplib.SMTPException, OSError) as error:
        raise OutcomeUnknown(
            "the line to {host} broke while the mail was handed over.", host=server.host
        ) from error


def _refused(error: aiosmtplib.SMTPResponseException, who: str, server: Server) -> VigieError:
    """Codes that begin with 4 are for now, those with 5 for good (RFC 5321, 4.2.1)."""
    said = server.hidden(" ".join(str(error.message).split()))
    why = f"{error.code} {said[:200]}"
    if 400 <= error.code < 500:
        return Unreachable("the mail server {host} does not take it now: {why}", host=server.host, why=why)
    if who:
        return Failed("the mail server does not take {address}: {why}", address=who, why=why)
    return Failed("the mail server {host} does not take the mail: {why}", host=server.host, why=why)


async def _left(line: SMTP) -> None:
    try:
        if line.is_connected:
            await line.quit(timeout=2)
    except (aiosmtplib.SMTPException, OSError):
        pass
    finally:
        line.close()
