"""The engine of a single process: lanes on the event loop, rung by the store after each commit.

It keeps nothing: after a restart the open rows say what is to be done. It knows no platform and no table.
"""

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable
from functools import partial

from adapters.engine.lanes import Key, Lane, seconds_until
from adapters.engine.places import Places
from bot import dispatch
from bot.events import Event
from bot.house import House
from bot.people import HOME
from bot.store import Tx

log = logging.getLogger(__name__)

ROUND = 30.0
"""Seconds between two rounds in which everything open is rung again, in case a ring was lost."""


class InProcess(Places):
    """Drains every place of the installation."""

    def __init__(self, *, house: House, sweep: Callable[[], Awaitable[object]], at_once: int = 64) -> None:
        """`sweep` wakes due missions and expires proposals; `at_once` bounds the turns under way."""
        super().__init__(house=house, at_once=at_once)
        self._mending = Lane("mending", self._mend)
        self._sweep = sweep
        self._foreseen: dict[Key, dispatch.Waiting] = {}
        self._rings: Counter[Key] = Counter()
        self._put_off = asyncio.Event()
        self._round: asyncio.Task[None] | None = None
        self._went = 0.0
        self._settling: asyncio.Task[None] | None = None

    def ring(self, space: str, place: str) -> None:
        if not self._turns.has_begun((space, place)):
            self._rings[space, place] += 1
        super().ring(space, place)

    def ahead(self, tx: Tx, event: Event) -> Callable[[], None] | None:
        """See `bot.inbox.Ahead`. Runs in the store's thread. Before the start nothing is seen: nobody hears the rings yet that
        would tell what came after."""
        key = (event.space, event.place)
        if self._round is None or self._turns.has_begun(key):
            return None
        found = dispatch.foresee(tx, event, house=self._house)
        return None if found is None else partial(self._expect, key, found)

    def _expect(self, key: Key, found: dispatch.Waiting) -> None:
        # A worker that has begun may have the event in hand.
        if not self._turns.has_begun(key):
            self._foreseen[key] = found

    async def _look_at(self, key: Key, *, urgent: bool) -> dispatch.Waiting:
        if urgent:
            return await super()._look_at(key, urgent=True)
        found, rings = self._foreseen.pop(key, None), self._rings.pop(key, 0)
        # A second ring is of something that was not there yet when this was seen.
        if found is None or rings != 1:
            return await super()._look_at(key, urgent=False)
        return self._heeded(key, found)

    async def start(self) -> None:
        """Takes stock of what was under way when the process ended, then begins."""
        interrupted = await dispatch.recover(HOME, house=self._house)
        self._house.store.listen(self.ring)
        self._went = asyncio.get_running_loop().time()
        self._settling = asyncio.create_task(self._guarded(dispatch.settle(interrupted, house=self._house)))
        self._round = asyncio.create_task(self._rounds())

    async def stop(self) -> None:
        """Begins nothing new and lets what is under way come to its end (bounded by the caller)."""
        if self._round is not None:
            self._round.cancel()
        try:
            for lane in (*self._lanes, self._mending):
                await lane.close()
            await self._settled()
        finally:
            if self._settling is not None:
                self._settling.cancel()

    async def idle(self) -> None:
        """Until nothing is under way, interrupted deeds included."""
        await self._settled()
        await self._mending.idle()
        await super().idle()

    async def _settled(self) -> None:
        if self._settling is not None:
            await asyncio.wait((self._settling,))

    def awake(self) -> bool:
        """Nobody else can take over what it does."""
        return True

    def trouble(self) -> str:
        """Why no work is taken, "" when it is."""
        if self._round is None or self._round.done():
            return "it takes no work: it was not started, or is stopped"
        silent = asyncio.get_running_loop().time() - self._went
        return f"it has not gone its round for {silent:.0f} seconds" if silent > 3 * ROUND else ""

    def _broke(self, key: Key) -> None:
        self._mending.ring(key)

    async def _mend(self, key: Key) -> float | None:
        """Takes over what was left behind in the place, at a moment when nobody is at work there: then nothing that is
        under way is in anybody's hands, but for messages that a turn has just handed over."""
        if any(lane.works_at(key) for lane in self._lanes):
            return 0.2
        for lane in self._lanes:
            lane.shut(key)
        try:
            handed = {effect.id for effect in self._born.get(key, ())}
            deeds = await dispatch.left_behind(*key, house=self._house, but=handed)
        finally:
            for lane in self._lanes:
                lane.open(key)
        await dispatch.settle(deeds, house=self._house)
        # Not at once: a store that goes on failing would be asked as fast as it can fail.
        self._look.add(key)
        self._words.soon(key)
        return None

    def _perhaps_put_off(self) -> None:
        """The round looks again when it is due."""
        self._put_off.set()

    async def _rounds(self) -> None:
        """Rings whatever is open, and what was postponed when it falls due."""
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
