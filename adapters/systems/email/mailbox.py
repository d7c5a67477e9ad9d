"""The mailbox over IMAP (RFC 3501): what is in it, drafts put there, and what was sent found by its id.

Reads peek: nothing is marked as read. The library is synchronous, so each visit is one thread and one login.
"""

import asyncio
import imaplib
import re
import ssl
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default
from typing import TypeVar

from adapters.net.mailservers import Server
from adapters.systems.email.letters import POLICY, Received, received
from bot.errors import Failed, OutcomeUnknown, Unreachable

T = TypeVar("T")

PATIENCE = 20.0
LARGEST = 200_000
"""Bytes of one mail that are read."""
_Answer = tuple[str, Sequence[object]]
_FOLDER = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)"|NIL) (?P<name>.+)')


class Box:
    """One account. `inbox` is the folder that is searched."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._inbox = server.folder or "INBOX"

    async def check(self) -> None:
        """Logs in and opens the inbox. Raises Unreachable or Failed."""
        await self._visit(lambda line: self._open(line, self._inbox))

    async def found(self, words: str, limit: int) -> tuple[Received, ...]:
        """The newest mails whose text holds the words, newest first."""

        def look(line: imaplib.IMAP4) -> tuple[Received, ...]:
            self._open(line, self._inbox)
            numbers = _search(line, "TEXT", words) if words else _searched(line.uid("SEARCH", "ALL"))
            return tuple(received(_fetched(line, number)) for number in reversed(numbers[-limit:]))

        return await self._visit(look)

    async def one(self, message: str) -> Received | None:
        """The mail with this id in the inbox, None when it is not there."""

        def look(line: imaplib.IMAP4) -> Received | None:
            self._open(line, self._inbox)
            numbers = _search(line, "HEADER Message-ID", message)
            return received(_fetched(line, numbers[-1])) if numbers else None

        return await self._visit(look)

    async def holds(self, message: str, kind: str) -> bool:
        """Whether the folder of that kind (`Drafts`, `Sent`) has the mail with this id."""

        def look(line: imaplib.IMAP4) -> bool:
            folder = _special(line, kind)
            if not folder:
                return False
            self._open(line, folder)
            return bool(_search(line, "HEADER Message-ID", message))

        return await self._visit(look)

    async def keep(self, letter: EmailMessage, kind: str) -> None:
        """Puts a mail in the folder of that kind, which is made where there is none; once for its id."""

        def put(line: imaplib.IMAP4) -> None:
            folder = _special(line, kind) or _made(line, kind)
            self._open(line, folder)
            if _search(line, "HEADER Message-ID", str(letter["Message-ID"])):
                return
            flags = r"(\Draft)" if kind == "Drafts" else r"(\Seen)"
            _good(line.append(_quoted(folder), flags, "", letter.as_bytes(policy=POLICY)))

        await self._visit(put, writes=True)

    async def discard(self, message: str, kind: str) -> bool:
        """Removes the mail with this id from the folder of that kind. False when it is not there."""

        def remove(line: imaplib.IMAP4) -> bool:
            folder = _special(line, kind)
            if not folder:
                return False
            _good(line.select(_quoted(folder)))
            numbers = _search(line, "HEADER Message-ID", message)
            for number in numbers:
                _good(line.uid("STORE", number, "+FLAGS.SILENT", r"(\Deleted)"))
            if numbers:
                _good(line.expunge())
            return bool(numbers)

        return await self._visit(remove, writes=True)

    async def _visit(self, do: Callable[[imaplib.IMAP4], T], *, writes: bool = False) -> T:
        """One login. Raises Failed for a wrong password, Unreachable else, and OutcomeUnknown when a write broke."""

        def visit() -> T:
            with self._line() as line:
                try:
                    return do(line)
                except (imaplib.IMAP4.abort, OSError) as error:
                    if writes:
                        raise OutcomeUnknown("the line to {host} broke.", host=self._server.host) from error
                    raise

        try:
            return await asyncio.to_thread(visit)
        except imaplib.IMAP4.error as error:  # its words may quote the login: they stop here
            raise Unreachable(
                "the mailbox on {host} does not answer as it should.", host=self._server.host
            ) from error
        except OSError as error:
            if isinstance(error, ssl.SSLCertVerificationError):
                raise Failed(
                    "the certificate of {host} does not hold; nothing was sent.", host=self._server.host
                ) from error
            raise Unreachable("the mailbox on {host} cannot be reached.", host=self._server.host) from error

    @contextmanager
    def _line(self) -> Generator[imaplib.IMAP4]:
        server = self._server
        context = server.tls or ssl.create_default_context()
        if server.secure:
            line: imaplib.IMAP4 = imaplib.IMAP4_SSL(
                server.host, server.port, ssl_context=context, timeout=PATIENCE
            )
        else:
            line = imaplib.IMAP4(server.host, server.port, timeout=PATIENCE)
        try:
            if not server.secure and (not server.here or "STARTTLS" in line.capabilities):
                line.starttls(context)
            try:
                line.login(server.user, server.password)
            except imaplib.IMAP4.abort:
                raise
            except imaplib.IMAP4.error:
                raise Failed(
                    "the mailbox on {host} does not accept the name and password any more; connect it again.",
                    host=server.host,
                ) from None
            yield line
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                line.logout()

    def _open(self, line: imaplib.IMAP4, folder: str) -> None:
        _good(line.select(_quoted(folder), readonly=True))


def _special(line: imaplib.IMAP4, kind: str) -> str:
    """The folder the server marks for that kind (RFC 6154), or the one that is named so; "" for none."""
    named = ""
    for entry in _good(line.list()):
        found = _FOLDER.fullmatch(entry) if isinstance(entry, bytes) else None
        if found is None:
            continue
        name = found["name"].decode("ascii", "replace").strip('"').replace('\\"', '"').replace("\\\\", "\\")
        if f"\\{kind}".lower().encode() in found["flags"].lower().split():
            return name
        if name.rpartition("/")[2].rpartition(".")[2].casefold() == kind.casefold():
            named = name
    return named


def _made(line: imaplib.IMAP4, kind: str) -> str:
    _good(line.create(_quoted(kind)))
    return kind


def _search(line: imaplib.IMAP4, what: str, text: str) -> list[str]:
    """The text goes as a literal: nothing in it can be read as part of the command."""
    line.literal = text.encode()  # pyright: ignore[reportAttributeAccessIssue] (how imaplib takes one)
    return _searched(line.uid("SEARCH", "CHARSET", "UTF-8", *what.split()))


def _searched(answer: _Answer) -> list[str]:
    first = next(iter(_good(answer)), None)
    return first.decode("ascii").split() if isinstance(first, bytes) else []


def _fetched(line: imaplib.IMAP4, number: str) -> EmailMessage:
    raw = b""
    for part in _good(line.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST}>)")):
        match part:
            case (bytes(), bytes(body)):
                raw = body
            case _:
                pass
    message = BytesParser(policy=default).parsebytes(raw)
    assert isinstance(message, EmailMessage)
    return message


def _good(answer: _Answer) -> Sequence[object]:
    status, parts = answer
    if status != "OK":
        raise imaplib.IMAP4.error("the server says no")
    return parts


def _quoted(folder: str) -> str:
    if not folder.isascii() or not folder.isprintable():
        raise imaplib.IMAP4.error("no folder is named so")
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'
