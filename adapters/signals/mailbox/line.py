"""One line to one mailbox: what is blocking and speaks IMAP. Knows no event loop and keeps nothing.

The folder is opened for looking only and bodies are peeked at: nothing is ever marked as read. Raises Failed for
what a person must mend (a wrong password, a certificate, a folder that is not there), Unreachable for the rest; the
library's own words stop here, because they may quote the login.
"""

import hashlib
import imaplib
import selectors
import socket
import ssl
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Any

from imapclient import IMAPClient
from imapclient.exceptions import LoginError

from adapters.net.mailservers import Server
from bot.errors import Failed, Unreachable, VigieError

PATIENCE = 10.0
"""Seconds for a connection, and for one answer."""
LARGEST = 8 * 1024 * 1024
"""Bytes of one mail that are read; what is behind is left where it is."""
_HEAD = "BODY.PEEK[HEADER.FIELDS (MESSAGE-ID DATE FROM SUBJECT)]<0.16384>"
_SIZE = b"RFC822.SIZE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A folder as it is opened: under what it counts, and the highest number a mail in it can have."""

    validity: int
    newest: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What stands above a mail, in its sender's bytes."""

    uid: int
    size: int
    raw: bytes

    @property
    def digest(self) -> str:
        """The same for the same mail wherever it is kept."""
        return hashlib.sha256(b"%d\n%s" % (self.size, self.raw.strip())).hexdigest()


_Library: Any = IMAPClient  # it has no types


class _Client(_Library):
    """The library looks at the socket alone before it reads what came during IDLE, and does not see what its own
    buffers hold (4.1.0). With no time to wait, this one reads at once, without blocking."""

    def _poll_socket(self, sock: socket.socket, timeout: float | None = None) -> Any:
        return True if timeout == 0 else _Library._poll_socket(self, sock, timeout)  # noqa: SLF001

    def _select_poll_socket(self, sock: socket.socket, timeout: float | None = None) -> Any:
        return True if timeout == 0 else _Library._select_poll_socket(self, sock, timeout)  # noqa: SLF001


class Line:
    """Connected and logged in, for one folder."""

    def __init__(self, client: Any, server: Server) -> None:
        self._client = client
        self._server = server

    @classmethod
    def open(cls, server: Server) -> "Line":
        """Raises Failed, Unreachable."""
        with _told(server):
            client = _connected(server)
        try:
            with _told(server):
                try:
                    client.login(server.user, server.password)
                except LoginError as error:
                    raise _refused(server, error) from None
            return cls(client, server)
        except BaseException:
            with suppress(Exception):
                client.shutdown()
            raise

    def look(self) -> Opened:
        """The folder as it is now. Whatever comes in later ends the wait that follows."""
        with _told(self._server):
            return _opened(self._client, self._server)

    def after(self, uid: int) -> list[int]:
        """The numbers of the mails behind this one, upwards."""
        with _told(self._server):
            found: Sequence[int] = self._client.search(["UID", f"{uid + 1}:*"])
        # The newest one is always named, even when it is not behind.
        return sorted(each for each in found if each > uid)

    def since(self, day: date, after: int) -> list[int]:
        """The same, of the mails that came in on this day or later."""
        with _told(self._server):
            found: Sequence[int] = self._client.search(["SINCE", day])
        return sorted(each for each in found if each > after)

    def heads(self, uids: Sequence[int]) -> dict[int, Head]:
        """What stands above these mails; those that are gone are missing."""
        with _told(self._server):
            answer: Mapping[int, Mapping[bytes, Any]] = self._client.fetch(uids, ["RFC822.SIZE", _HEAD])
        found: dict[int, Head] = {}
        for uid, parts in answer.items():
            raw = next((part for key, part in parts.items() if key.startswith(b"BODY[")), b"")
            found[uid] = Head(
                uid=uid, size=int(parts.get(_SIZE, 0)), raw=raw if isinstance(raw, bytes) else b""
            )
        return found

    def body(self, uid: int) -> bytes:
        """The mail as it came, to `LARGEST` bytes."""
        with _told(self._server):
            answer: Mapping[int, Mapping[bytes, Any]] = self._client.fetch(
                [uid], [f"BODY.PEEK[]<0.{LARGEST}>"]
            )
        parts = answer.get(uid, {})
        raw = next((part for key, part in parts.items() if key.startswith(b"BODY[")), b"")
        return raw[:LARGEST] if isinstance(raw, bytes) else b""

    def wait(self, seconds: float, *, poll: float) -> None:
        """Until something happens in the folder, or so many seconds. A server that cannot tell is asked every
        `poll` seconds by whoever calls."""
        with _told(self._server):
            if not self._client.has_capability("IDLE"):
                _quiet(self._client.socket(), min(seconds, poll))
                self._client.noop()
                return
            self._client.idle()
            # What came in between the look and the wait may have been read along with the answer.
            if not self._client.idle_check(timeout=0):
                self._client.idle_check(timeout=seconds)
            self._client.idle_done()

    def cut(self) -> None:
        """Ends a wait under way, from another thread: the connection is gone."""
        with (
            suppress(OSError, ValueError),
            socket.socket(fileno=socket.dup(self._client.socket().fileno())) as same,
        ):
            same.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Says goodbye, where there is somebody to hear it."""
        with suppress(Exception):
            self._client.logout()
        with suppress(Exception):
            self._client.shutdown()


def _connected(server: Server) -> Any:
    context = server.tls or ssl.create_default_context()
    client: Any = _Client(
        server.host,
        server.port,
        ssl=server.secure,
        ssl_context=context if server.secure else None,
        timeout=PATIENCE,
    )
    if server.secure:
        return client
    try:
        offered = client.has_capability("STARTTLS")
        if offered:
            client.starttls(context)
    except BaseException:
        with suppress(Exception):
            client.shutdown()
        raise
    if not (offered or server.here):
        client.shutdown()
        raise Failed(
            "the mailbox on {host} offers no TLS; nothing was sent. Use imaps:// in IMAP_URL.",
            host=server.host,
        )
    return client


def _opened(client: Any, server: Server) -> Opened:
    folder = server.folder or "INBOX"
    try:
        answer: Mapping[bytes, Any] = client.select_folder(folder, readonly=True)
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error:
        raise Failed(
            "there is no folder “{folder}” in the mailbox on {host}; name one that is there behind the port in"
            " IMAP_URL.",
            folder=folder,
            host=server.host,
        ) from None
    validity = answer.get(b"UIDVALIDITY")
    if not isinstance(validity, int):
        raise Failed(
            "the mailbox on {host} keeps no lasting numbers, so it cannot be watched.", host=server.host
        )
    following = answer.get(b"UIDNEXT")
    if not isinstance(following, int):
        uids: Sequence[int] = client.search("ALL")
        following = max(uids, default=0) + 1
    return Opened(validity=validity, newest=following - 1)


def _refused(server: Server, error: LoginError) -> VigieError:
    """A line that broke, or a server that is busy and says so with a code of RFC 5530; anything else is about the
    name and password."""
    busy = any(code in str(error).upper() for code in ("UNAVAILABLE", "INUSE", "LIMIT", "SERVERBUG"))
    if busy or isinstance(error.__context__, imaplib.IMAP4.abort):
        return Unreachable("the mailbox on {host} is busy.", host=server.host)
    return Failed(
        "the mailbox on {host} does not accept the name and password; set IMAP_URL anew, with %40 for an @ in the"
        " name and the password percent-encoded.",
        host=server.host,
    )


@contextmanager
def _told(server: Server) -> Generator[None]:
    """Everything that can go wrong on the line, as ours."""
    try:
        yield
    except VigieError:
        raise
    except ssl.SSLCertVerificationError:
        raise Failed(
            "the certificate of {host} does not hold; nothing was sent. Use the name it was made for, or let this"
            " machine trust who signed it.",
            host=server.host,
        ) from None
    except OSError as error:
        raise Unreachable(
            "the mailbox on {host} cannot be reached ({why}).", host=server.host, why=type(error).__name__
        ) from None
    except Exception as error:  # the library's own, and what its parser makes of a broken answer
        raise Unreachable(
            "the mailbox on {host} does not answer as it should ({why}).",
            host=server.host,
            why=type(error).__name__,
        ) from None


def _quiet(sock: socket.socket, seconds: float) -> None:
    """Until the line says something or breaks, or so many seconds."""
    with selectors.DefaultSelector() as waiting:
        waiting.register(sock, selectors.EVENT_READ)
        waiting.select(seconds)
