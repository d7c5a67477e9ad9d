"""A lane: one worker per place at a time, on the event loop. Rung while at work, it goes round once more."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import datetime

log = logging.getLogger(__name__)

Key = tuple[str, str]
"""(space, place)."""
Work = Callable[[Key], Awaitable[float | None]]
"""Does all there is to do for the place; returns in how many seconds to come back, if something waits."""


SOON = 1.0
"""Seconds until a lane looks that was told to, soon."""
LATEST = 30.0
"""Seconds after which a lane whose store failed comes back at the latest; at first it is two."""


def _nothing_more(key: Key) -> None:
    """It comes back by itself, and that is all."""


class Lane:
    """Rings are cheap and may be many; of one place, only one worker ever runs."""

    def __init__(self, name: str, work: Work, *, broke: Callable[[Key], None] = _nothing_more) -> None:
        """`broke` is told of a place in which the store failed under the worker's hands."""
        self._name = name
        self._work = work
        self._told_of = broke
        self._rung: set[Key] = set()
        self._workers: dict[Key, asyncio.Task[None]] = {}
        self._called: set[Key] = set()
        self._timers: dict[Key, asyncio.TimerHandle] = {}
        self._broke: dict[Key, int] = {}
        self._shut: set[Key] = set()
        self._closed = False

    def ring(self, key: Key) -> None:
        """There may be something to do."""
        if self._closed:
            return
        self._rung.add(key)
        if key not in self._workers and key not in self._shut:
            # In a context of its own: it belongs to nobody's turn, least of all to that of whoever rang.
            self._workers[key] = asyncio.create_task(self._drain(key), context=Context())
            self._called.add(key)

    def soon(self, key: Key) -> None:
        """There may be something to do in a moment: comes back by itself, if it would not anyway."""
        if key not in self._timers:
            self._come_back(key, SOON)

    async def _drain(self, key: Key) -> None:
        self._called.discard(key)
        try:
            while key in self._rung and not self._closed:
                self._rung.discard(key)
                pause = await self._work(key)
                self._broke.pop(key, None)
                if pause is not None:
                    self._come_back(key, pause)
        except Exception:
            # The store itself failed (locked, full). The rows stay, and the lane comes back to them.
            log.exception("lane_broke", extra={"lane": self._name, "place": key[1]})
            times = self._broke[key] = self._broke.get(key, 0) + 1
            self._come_back(key, min(2.0 ** min(times, 5), LATEST))
            self._told_of(key)
        finally:
            del self._workers[key]

    def _come_back(self, key: Key, pause: float) -> None:
        if (before := self._timers.pop(key, None)) is not None:
            before.cancel()
        if not self._closed:
            loop = asyncio.get_running_loop()
            self._timers[key] = loop.call_later(max(pause, 0.05), self._timer_rang, key)

    def _timer_rang(self, key: Key) -> None:
        self._timers.pop(key, None)
        self.ring(key)

    def shut(self, key: Key) -> None:
        """Begins nothing there until it is opened. Nobody may be at work there."""
        self._shut.add(key)

    def open(self, key: Key) -> None:
        """Goes on there, with what was rung meanwhile."""
        self._shut.discard(key)
        if key in self._rung:
            self.ring(key)

    async def close(self) -> None:
        """Begins nothing new and lets the workers finish what they hold (the caller bounds the wait)."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        await self.idle()

    async def idle(self) -> None:
        """Until no worker is under way."""
        while self._workers:
            await asyncio.wait(self._workers.values())

    async def idle_at(self, key: Key) -> None:
        """Until no worker is under way there."""
        while (worker := self._workers.get(key)) is not None:
            await asyncio.wait((worker,))

    def leave(self, key: Key) -> None:
        """Does not come back to the place by itself."""
        if (timer := self._timers.pop(key, None)) is not None:
            timer.cancel()

    def works_at(self, key: Key) -> bool:
        """Whether a worker is under way there."""
        return key in self._workers

    def has_begun(self, key: Key) -> bool:
        """Whether a worker there looks already for what is to be done, and was not just called."""
        return key in self._workers and key not in self._called

    @property
    def busy(self) -> int:
        """Workers under way."""
        return len(self._workers)


def seconds_until(at: datetime | None, now: datetime) -> float | None:
    """How long from now until then."""
    return None if at is None else (at - now).total_seconds()
