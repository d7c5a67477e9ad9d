"""Mail, held to the contract of systems over a post office and a mailbox in this process."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from adapters.net.mailservers import Server
from adapters.systems.email.letters import POLICY, Received, mailbox, received
from adapters.systems.email.mail import Mail
from bot.world import System
from tests.contracts.systems.sample import Recovery, Sample

_LETTER = b"""From: Gigi Hamilton <gigi@example.com>
To: vigie@example.com
Subject: The lamp
Message-ID: <lamp-1@example.com>

Where is it?
"""
_DRAFT = "<old.vigie@example.com>"


@dataclass
class Office:
    """Takes what is submitted, and keeps folders as a provider does that files what it sends."""

    folders: dict[str, dict[str, bytes]] = field(
        default_factory=lambda: {"Sent": {}, "Drafts": {_DRAFT: b"Subject: old\n\nx"}}
    )

    async def submit(
        self, letter: EmailMessage, *, sender: str, recipients: Sequence[str], server: Server
    ) -> None:
        assert sender
        assert recipients
        await self.keep(letter, "Sent")

    async def reach(self, server: Server) -> None:
        """It is always there."""

    async def check(self) -> None:
        """So is the mailbox."""

    async def found(self, words: str, limit: int) -> tuple[Received, ...]:
        return tuple(each for each in (self._letter(),) if words.casefold() in f"{each}".casefold())[:limit]

    async def one(self, message: str) -> Received | None:
        return self._letter() if message == self._letter().message else None

    async def holds(self, message: str, kind: str) -> bool:
        return message in self.folders[kind]

    async def keep(self, letter: EmailMessage, kind: str) -> None:
        self.folders[kind].setdefault(str(letter["Message-ID"]), letter.as_bytes(policy=POLICY))

    async def discard(self, message: str, kind: str) -> bool:
        return self.folders[kind].pop(message, None) is not None

    def _letter(self) -> Received:
        return received(message_from_bytes(_LETTER, policy=default))


_OFFICES: dict[Path, Office] = {}
_OF: dict[int, Office] = {}


def _make(folder: Path) -> System:
    office = _OFFICES.setdefault(folder, Office())
    system = Mail(
        sender=mailbox("Vigie <vigie@example.com>", field="sender"),
        server=Server(scheme="smtps", host="mail.example.com", port=465),
        box=office,
        submit=office.submit,
        reach=office.reach,
    )
    _OF[id(system)] = office
    return system


_MAIL = {"to": "gigi@example.com", "subject": "Your lamp", "body": "It is on its way.\n"}

SAMPLE = Sample(
    make=_make,
    deeds={
        "email.find": {"query": "lamp"},
        "email.read": {"message": "<lamp-1@example.com>"},
        "email.send": {**_MAIL, "cc": "mark@example.com", "file_name": "a.csv", "file": "a;b\n"},
        "email.reply": {"message": "<lamp-1@example.com>", "to": "gigi@example.com", "body": "Soon."},
        "email.draft": _MAIL,
        "email.discard_draft": {"draft": _DRAFT},
    },
    unknown={
        "email.read": {"message": "<nobody@example.com>"},
        "email.reply": {"message": "<nobody@example.com>", "to": "gigi@example.com", "body": "x"},
        "email.discard_draft": {"draft": "<nobody@example.com>"},
    },
    state=lambda system: {kind: set(kept) for kind, kept in _OF[id(system)].folders.items()},
    recovers={
        "email.send": Recovery.NOTHING,
        "email.reply": Recovery.NOTHING,
        "email.draft": Recovery.WHOLE,
        "email.discard_draft": Recovery.STATE,
        "email.find": Recovery.WHOLE,
        "email.read": Recovery.WHOLE,
    },
)
