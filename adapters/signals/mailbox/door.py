"""All mailboxes of the house: opened, looked after and closed together."""

import asyncio
import ssl
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from adapters.net.mailservers import Server
from adapters.signals.mailbox.reader import MailReader
from bot.errors import BadInput
from bot.house import House

if TYPE_CHECKING:
    from adapters.signals.mailbox.watch import Pace, Watch

SCHEMES = ("imaps", "imap")
MOST = 20


def servers(setting: str, *, tls: ssl.SSLContext | None = None) -> Mapping[str, Server]:
    """The mailboxes of IMAP_URL, comma separated, by what they are called. Raises BadInput, which never quotes the
    setting."""
    found: dict[str, Server] = {}
    for url in (part.strip() for part in setting.split(",")):
        if not url:
            continue
        server = Server.read(url, schemes=SCHEMES, need="IMAP_URL", tls=tls)
        if not server.user:
            raise BadInput("setting IMAP_URL: a mailbox has a name and a password")
        name = called(server)
        if name in found:
            raise BadInput("setting IMAP_URL: the mailbox {name} is named twice", name=name)
        found[name] = server
    if len(found) > MOST:
        raise BadInput("setting IMAP_URL: at most {most} mailboxes", most=MOST)
    return found


def called(server: Server) -> str:
    """`ops@example.com`, and the folder behind it when it is not the inbox."""
    account = server.user if "@" in server.user else f"{server.user}@{server.host}"
    folder = server.folder if server.folder.upper() not in ("", "INBOX") else ""
    return f"{account}/{folder}".rstrip("/").casefold()


class MailDoor:
    """The mailboxes on watch."""

    def __init__(self, mailboxes: Mapping[str, Server], *, house: House, pace: "Pace | None" = None) -> None:
        self._reader = MailReader()
        self._watches: list[Watch] = []
        if mailboxes:
            # Imported here: it brings a library for mail, and who has no mailbox does not pay for it.
            from adapters.signals.mailbox import watch  # noqa: PLC0415

            self._watches = [
                watch.Watch(name, server, house=house, reader=self._reader, pace=pace)
                for name, server in mailboxes.items()
            ]

    @property
    def watches(self) -> "Sequence[Watch]":
        """One per mailbox."""
        return self._watches

    async def open(self) -> None:
        """From now on; a mailbox that cannot be reached yet keeps nobody waiting."""
        for watch in self._watches:
            watch.begin()

    async def close(self) -> None:
        await asyncio.gather(*(watch.close() for watch in self._watches))
        await self._reader.close()
