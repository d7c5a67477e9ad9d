"""Telegram's flood limits, kept before they are met: about 30 messages a second over all chats, one a second in
one chat, 20 a minute in one group, short bursts allowed (Telegram's Bots FAQ). Knows nothing of messages.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.clocks import Clock
from bot.errors import Unreachable

PATIENCE = 2.0
"""Seconds to wait here; longer waits are the outbox's, which writes them down."""
_MOST_CHATS = 10_000


@dataclass(slots=True)
class _Bucket:
    """Holds `burst` sends and gets `rate` back a second. Below zero it is booked ahead."""

    burst: float
    rate: float
    left: float
    at: datetime

    def wait(self, now: datetime) -> float:
        """Seconds until one more may go."""
        gained = max(0.0, (now - self.at).total_seconds()) * self.rate
        self.left, self.at = min(self.burst, self.left + gained), now
        return max(0.0, (1.0 - self.left) / self.rate)

    @property
    def full(self) -> bool:
        return self.left >= self.burst


class Pace:
    """Says when the next message may go, for the whole bot and for each chat."""

    def __init__(self, *, clock: Clock) -> None:
        self._clock = clock
        self._all = _Bucket(30, 30, 30, clock.now())
        self._chats: dict[int, _Bucket] = {}
        self._closed: dict[int, datetime] = {}

    async def turn(self, chat: int) -> None:
        """Waits for the chat's turn. Raises Unreachable with `retry_after` when that is not soon."""
        now = self._clock.now()
        closed = (self._closed.get(chat, now) - now).total_seconds()
        bucket = self._bucket(chat, now)
        wait = max(closed, bucket.wait(now), self._all.wait(now))
        if wait > PATIENCE:
            raise Unreachable("Telegram takes no more messages in this chat for now", retry_after=wait)
        bucket.left -= 1
        self._all.left -= 1
        if wait > 0:
            await asyncio.sleep(wait)

    def close(self, chat: int, seconds: float) -> None:
        """Telegram said to wait: nothing goes to that chat before."""
        self._closed[chat] = self._clock.now() + timedelta(seconds=seconds)

    def _bucket(self, chat: int, now: datetime) -> _Bucket:
        if len(self._chats) >= _MOST_CHATS:
            self._forget(now)
        if chat not in self._chats:
            burst, rate = (20, 20 / 60) if chat < 0 else (5, 1)
            self._chats[chat] = _Bucket(burst, rate, burst, now)
        return self._chats[chat]

    def _forget(self, now: datetime) -> None:
        """Chats that have their whole burst back need no memory."""
        for chat, bucket in list(self._chats.items()):
            bucket.wait(now)
            if bucket.full:
                del self._chats[chat]
        self._closed = {chat: until for chat, until in self._closed.items() if until > now}
