"""A process that dies at a chosen statement: every write, message and deed is a point before and after which
the power may fail. From then on the dead process can do nothing any more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.people import HOME
from bot.places import Place
from bot.store import Bell, Store, Tx
from bot.thresholds import Sample
from bot.world import Chat, Context, Health, Measuring, Sending, System

T = TypeVar("T")


class PowerCut(BaseException):
    """Not an Exception: no code of ours may catch it and go on."""


@dataclass
class Fuse:
    """Blows at the `at`-th point; 0 never."""

    at: int = 0
    passed: int = 0
    blown: bool = False

    def point(self) -> None:
        if self.blown:
            raise PowerCut
        self.passed += 1
        if self.passed == self.at:
            self.blown = True
            raise PowerCut


@dataclass
class FusedStore:
    """A Store behind a fuse."""

    store: Store
    fuse: Fuse

    async def write(self, change: Callable[[Tx], T], *, space: str = HOME) -> T:
        self.fuse.point()
        result = await self.store.write(change, space=space)
        self.fuse.point()
        return result

    async def read(self, look: Callable[[Tx], T], *, space: str = HOME) -> T:
        self._alive()
        return await self.store.read(look, space=space)

    @property
    def wipes(self) -> bool:
        return self.store.wipes

    def listen(self, bell: Bell) -> None:
        self.store.listen(bell)

    async def busy_places(self, now: datetime) -> tuple[tuple[str, str], ...]:
        self._alive()
        return await self.store.busy_places(now)

    async def due_missions(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        self._alive()
        return await self.store.due_missions(until, limit=limit)

    async def overdue_proposals(self, now: datetime, *, limit: int) -> tuple[tuple[str, str], ...]:
        self._alive()
        return await self.store.overdue_proposals(now, limit=limit)

    async def due_watches(self, until: datetime, *, limit: int) -> tuple[tuple[str, str, datetime], ...]:
        self._alive()
        return await self.store.due_watches(until, limit=limit)

    async def retry_at(self, now: datetime) -> datetime | None:
        self._alive()
        return await self.store.retry_at(now)

    async def close(self) -> None:
        await self.store.close()

    def _alive(self) -> None:
        if self.fuse.blown:
            raise PowerCut


@dataclass
class FusedChat:
    """A Chat behind a fuse: the platform lives on, the process does not."""

    chat: Chat
    fuse: Fuse

    @property
    def platform(self) -> str:
        return self.chat.platform

    async def send(self, sending: Sending) -> str:
        self.fuse.point()
        ref = await self.chat.send(sending)
        self.fuse.point()
        return ref

    async def look_up(self, sending: Sending) -> str | None:
        self.fuse.point()
        return await self.chat.look_up(sending)

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        return await self.chat.progress(place, slot=slot, words=words, ref=ref)


@dataclass
class FusedSystem:
    """A System behind a fuse."""

    system: System
    fuse: Fuse

    @property
    def name(self) -> str:
        return self.system.name

    def account(self) -> Account:
        return self.system.account()

    def actions(self) -> tuple[Action, ...]:
        return self.system.actions()

    async def preview(self, call: Call, context: Context) -> Preview:
        self.fuse.point()
        return await self.system.preview(call, context)

    async def run(self, call: Call, context: Context) -> Receipt:
        self.fuse.point()
        receipt = await self.system.run(call, context)
        self.fuse.point()
        return receipt

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        self.fuse.point()
        return await self.system.look_up(call, context)

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return await self.system.options(action, field, query, context)

    async def check(self) -> Health:
        return await self.system.check()

    def gauge(self, query: str) -> None:
        self._numbers().gauge(query)

    async def measure(self, query: str, now: datetime) -> float:
        self.fuse.point()
        return await self._numbers().measure(query, now)

    async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
        return await self._numbers().measured(query, since, until)

    def _numbers(self) -> Measuring:
        assert isinstance(self.system, Measuring)
        return self.system
