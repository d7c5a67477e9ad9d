"""A chat platform in memory: keeps what was sent under ids of its own, and fails on command."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bot.cards import Card
from bot.effects import Notice, Question, Text
from bot.errors import VigieError
from bot.places import Place
from bot.world import Sending


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message as a person sees it now."""

    ref: str
    key: str
    slot: str
    place: Place
    content: Text | Card | Question | Notice
    edits: int = 0
    doubtful: bool = False


@dataclass
class TwinChat:
    """Implements `bot.world.Chat`. `faults` are raised one per send, before it; `lost` ones after it."""

    platform: str = "twin"
    messages: dict[str, Sent] = field(default_factory=dict[str, Sent])
    notices: list[Sent] = field(default_factory=list[Sent])
    faults: list[VigieError] = field(default_factory=list[VigieError])
    lost: list[VigieError] = field(default_factory=list[VigieError])
    shown: list[str] = field(default_factory=list[str])
    calls: int = 0
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def until(self, holds: Callable[[], bool]) -> None:
        """Waits, looking again whenever something was sent."""
        async with asyncio.timeout(30):
            while not holds():
                self.news.clear()
                await self.news.wait()

    async def send(self, sending: Sending) -> str:
        self.calls += 1
        self.news.set()
        if self.faults:
            raise self.faults.pop(0)
        before = self.messages.get(sending.ref)
        ref = sending.ref if before else str(len(self.messages) + 1)
        sent = Sent(
            ref=ref,
            key=sending.key,
            slot=sending.slot,
            place=sending.place,
            content=sending.content,
            doubtful=sending.doubtful,
        )
        if isinstance(sending.content, Notice):
            self.notices.append(sent)
            return ""
        self.messages[ref] = replace(sent, edits=before.edits + 1) if before else sent
        if self.lost:
            raise self.lost.pop(0)
        return ref

    async def look_up(self, sending: Sending) -> str | None:
        return next((sent.ref for sent in self.messages.values() if sent.key == sending.key), None)

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        self.shown.append(words)
        return ""

    def words(self) -> list[str]:
        """What stands in the chat, in order."""
        return [_plain(sent.content) for sent in self.messages.values()]

    def cards(self) -> list[Card]:
        return [sent.content for sent in self.messages.values() if isinstance(sent.content, Card)]


def _plain(content: Text | Card | Question | Notice) -> str:
    return content.plain if isinstance(content, Card) else content.text
