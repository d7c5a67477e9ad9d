"""The engine of a single process: lanes on the event loop, rung by the store after each commit.

It keeps nothing: after a restart the open rows say what is to be done. It knows no platform and no table.
"""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from functools import partial

from adapters.engine.lanes import Key, Lane, seconds_until
from bot import dispatch
from bot.effects import Effect
from bot.house import House
from bot.people import HOME

log = logging.getLogger(__name__)

ROUND = 30.0
"""Seconds between two rounds in which everything open is rung again, in case a ring was lost."""


class InProcess:
    """Drains places: turns one at a time per place, words and deeds beside them, other places in parallel."""

    def __init__(self, *, house: House, sweep: Callable[[], Awaitable[object]], at_once: int = 64) -> None:
        """`sweep` wakes due missions and expires proposals; `at_once` bounds the turns under way."""
        self._house = house
        self._sweep = sweep
        self._slots = asyncio.Semaphore(at_once)
        self._hasty = asyncio.Semaphore(at_once)
        self._born: dict[Key, list[Effect]] = defaultdict(list)
        self._look: set[Key] = set()
        self._turns = Lane("turns", partial(self._take, urgent=False))
        self._urgent = Lane("urgent", partial(self._take, urgent=True))
        self._words = Lane("words", self._deliver)
        self._deeds = Lane("deeds", self._do)
        self._put_off = asyncio.Event()
        self._round: asyncio.Task[None] | None = None
        self._went = 0.0
        self._settling: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Takes stock of what was under way when the process ended, then begins."""
        interrupted = await dispatch.recover(HOME, house=self._house)
        self._house.store.listen(self.ring)
        self._went = asyncio.get_running_loop().time()
        self._round = asyncio.create_task(self._rounds(interrupted))

    async def stop(self) -> None:
        """Begins nothing new and lets what is under way come to its end (bounded by the caller)."""
        for task in (self._round, self._settling):
            if task is not None:
                task.cancel()
        for lane in self._lanes:
            await lane.close()

    def ring(self, space: str, place: str) -> None:
        """Something is to be done there. Cheap, and harmless when it is not so.

        A worker that begins looks at everything at once; beside one that is thinking, words and deeds are looked
        at by themselves.
        """
        key = (space, place)
        if self._turns.works_at(key):
            self._ring_words(key)
        self._turns.ring(key)

    def _ring_words(self, key: Key) -> None:
        self._look.add(key)
        self._words.ring(key)

    async def idle(self) -> None:
        """Until nothing is under way in any lane."""
        while self.busy:
            for lane in self._lanes:
                await lane.idle()

    def trouble(self) -> str:
        """Why no work is taken, "" when it is."""
        if self._round is None or self._round.done():
            return "it takes no work: it was not started, or is stopped"
        silent = asyncio.get_running_loop().time() - self._went
        return f"it has not gone its round for {silent:.0f} seconds" if silent > 3 * ROUND else ""

    @property
    def busy(self) -> int:
        """Workers under way."""
        return sum(lane.busy for lane in self._lanes)

    @property
    def _lanes(self) -> tuple[Lane, ...]:
        return (self._turns, self._urgent, self._words, self._deeds)

    def hurry(self, space: str, place: str) -> None:
        """A press or a word of control arrived there: it does not wait for the turn under way."""
        self._urgent.ring((space, place))

    async def _take(self, key: Key, *, urgent: bool) -> None:
        more = True
        while more:
            more = await self._take_one(key, urgent=urgent)

    async def _take_one(self, key: Key, *, urgent: bool) -> bool:
        """One event, if there is one. Whether another waits."""
        slots = self._hasty if urgent else self._slots
        had_to_wait = slots.locked()
        found = await self._look_at(key, urgent=urgent)
        if found.event is None:
            return found.more
        async with slots:
            if had_to_wait:
                found = await self._look_at(key, urgent=urgent)
            born = await dispatch.take(found, house=self._house)
        if born:
            self._born[key] += born
            self._words.ring(key)
        else:
            # Perhaps it was put off: the round looks again when that is due.
            self._put_off.set()
        return found.more

    async def _look_at(self, key: Key, *, urgent: bool) -> dispatch.Waiting:
        found = await dispatch.look(*key, house=self._house, urgent=urgent)
        if found.words:
            self._ring_words(key)
        if found.deeds:
            self._deeds.ring(key)
        return found

    async def _deliver(self, key: Key) -> float | None:
        born = self._born.pop(key, None)
        if born:
            left = await dispatch.deliver_born(born, house=self._house)
            if left.again is not None or key not in self._look:
                return seconds_until(left.again, self._house.clock.now())
        self._look.discard(key)
        left = await dispatch.deliver(*key, house=self._house)
        if left.deeds:
            self._deeds.ring(key)
        return seconds_until(left.again, self._house.clock.now())

    async def _do(self, key: Key) -> float | None:
        again = await dispatch.do_deeds(*key, house=self._house)
        return seconds_until(again, self._house.clock.now())

    async def _rounds(self, interrupted: Sequence[Effect]) -> None:
        """Rings whatever is open, and what was postponed when it falls due; interrupted deeds first."""
        self._settling = asyncio.create_task(self._guarded(dispatch.settle(interrupted, house=self._house)))
        while True:
            await self._guarded(self._ring_all())
            await self._until_due()

    async def _until_due(self) -> None:
        """Until something that was put off falls due, also when that happens meanwhile; at most a round."""
        loop = asyncio.get_running_loop()
        ends = loop.time() + ROUND
        while True:
            self._put_off.clear()
            left = min(await self._pause(), ends - loop.time())
            try:
                async with asyncio.timeout(left):
                    await self._put_off.wait()
            except TimeoutError:
                return

    async def _ring_all(self) -> None:
        for space, place in await self._house.store.busy_places(self._house.clock.now()):
            self.ring(space, place)
            self.hurry(space, place)
        await self._sweep()
        await dispatch.look_again(HOME, house=self._house)
        self._went = asyncio.get_running_loop().time()

    async def _pause(self) -> float:
        now = self._house.clock.now()
        try:
            until = seconds_until(await self._house.store.retry_at(now), now)
        except Exception:
            log.exception("round_broke", extra={"action": "retry_at"})
            until = None
        return ROUND if until is None else min(max(until, 0.2), ROUND)

    async def _guarded(self, step: Awaitable[None]) -> None:
        try:
            await step
        except Exception:
            # A locked or full disk must not end the rounds that will find the work again.
            log.exception("round_broke", extra={"action": "round"})
