"""The alarm: calls `sweep` when something is due. APScheduler holds only the next half minute, in memory.

What is due lives in the database: this asks for the times of the coming seconds, rings at each, and
forgets. Losing it loses nothing, two of them ring twice and wake once. It knows no mission and no store.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.date import DateTrigger
from apscheduler.triggers.interval import IntervalTrigger

from bot.clocks import Clock

log = logging.getLogger(__name__)

PERIOD = timedelta(seconds=30)
"""How often the coming due times are loaded."""
HORIZON = timedelta(seconds=35)
"""How far ahead they are loaded: a period and some slack, so that no second falls between two loads."""

Sweep = Callable[[], Awaitable[None]]
Upcoming = Callable[[datetime], Awaitable[Sequence[datetime]]]


class Alarm:
    """Rings `sweep` at every due second `upcoming(until)` names, one sweep at a time.

    A due time that comes while a sweep runs gives one more sweep afterwards, however many there were. A
    sweep or a load that raises is logged, and the next one is made all the same.
    """

    def __init__(self, sweep: Sweep, upcoming: Upcoming, clock: Clock) -> None:
        self._sweep = sweep
        self._upcoming = upcoming
        self._clock = clock
        self._loading = asyncio.Lock()
        self._sweeping = asyncio.Lock()
        self._waiting = False
        self._scheduler = AsyncIOScheduler(timezone=UTC)

    def start(self) -> None:
        """Loads at once and from then on. Needs a running event loop."""
        self._scheduler.add_job(  # pyright: ignore[reportUnknownMemberType] (APScheduler has no types)
            self._load,
            IntervalTrigger(seconds=int(PERIOD.total_seconds()), timezone=UTC),
            id="load",
            next_run_time=datetime.now(UTC),
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
        self._scheduler.start()

    async def stop(self) -> None:
        """Rings no more; a load and a sweep under way are finished first."""
        if not self._scheduler.running:
            return
        self._scheduler.pause()
        await asyncio.sleep(0)  # what was just handed to the event loop begins, and holds its lock
        async with self._loading, self._sweeping:
            self._scheduler.shutdown(wait=False)
        await asyncio.sleep(0)  # APScheduler shuts down in the next round of the event loop

    @property
    def running(self) -> bool:
        """Whether it rings, here."""
        return bool(self._scheduler.running)

    def nudge(self, at: datetime) -> None:
        """Something new is due at this moment: a mission was made or resumed after the last load."""
        now = self._clock.now()
        if at - now < HORIZON:
            self._ring_at(_second(at, now))

    async def _load(self) -> None:
        async with self._loading:
            await self._load_now()

    async def _load_now(self) -> None:
        now = self._clock.now()
        try:
            coming = await self._upcoming(now + HORIZON)
        except Exception:
            log.exception("due times not loaded", extra={"action": "alarm_load_failed"})
            return
        for due in {_second(at, now) for at in coming}:
            self._ring_at(due)

    def _ring_at(self, due: datetime) -> None:
        self._scheduler.add_job(  # pyright: ignore[reportUnknownMemberType] (APScheduler has no types)
            self._ring,
            DateTrigger(due),
            id=due.isoformat(),
            replace_existing=True,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )

    async def _ring(self) -> None:
        if self._waiting:
            return
        self._waiting = True
        async with self._sweeping:
            self._waiting = False
            try:
                await self._sweep()
            except Exception:
                log.exception("sweep failed", extra={"action": "sweep_failed"})


def _second(at: datetime, now: datetime) -> datetime:
    """When to ring: now for everything overdue, else at the next full second, because a sweep made a
    moment too early would find nothing due."""
    if at <= now:
        return now
    return at.astimezone(UTC) + timedelta(microseconds=-at.microsecond % 1_000_000)
