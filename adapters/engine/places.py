"""The four lanes of every place that is drained here: turns one at a time, urgent events, words and deeds beside them.

What rings them, and which places are ours to drain, is the engine's business.
"""

import asyncio
from collections import defaultdict
from functools import partial

from adapters.engine.lanes import Key, Lane, seconds_until
from bot import dispatch
from bot.effects import Effect
from bot.house import House


class Places:
    """Drains what is rung; other places in parallel."""

    def __init__(self, *, house: House, at_once: int = 64) -> None:
        """`at_once` bounds the turns under way."""
        self._house = house
        self._slots = asyncio.Semaphore(at_once)
        self._hasty = asyncio.Semaphore(at_once)
        self._born: dict[Key, list[Effect]] = defaultdict(list)
        self._look: set[Key] = set()
        self._turns = Lane("turns", partial(self._take, urgent=False), broke=self._broke)
        self._urgent = Lane("urgent", partial(self._take, urgent=True), broke=self._broke)
        self._words = Lane("words", self._deliver, broke=self._broke)
        self._deeds = Lane("deeds", self._do, broke=self._broke)

    def ring(self, space: str, place: str) -> None:
        """Something is to be done there. Cheap, and harmless when it is not so.

        A worker that begins looks at everything at once; beside one that is thinking, words and deeds are looked
        at by themselves.
        """
        key = (space, place)
        if self._turns.has_begun(key):
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

    async def rested(self, key: Key, seconds: float) -> bool:
        """Whether nothing is under way in the place any more, waiting for that at most so long."""
        try:
            async with asyncio.timeout(seconds):
                while any(lane.works_at(key) for lane in self._lanes):
                    for lane in self._lanes:
                        await lane.idle_at(key)
        except TimeoutError:
            return False
        return True

    def leave(self, key: Key) -> None:
        """Comes back to the place only when it is rung."""
        for lane in self._lanes:
            lane.leave(key)

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
            self._perhaps_put_off()
        if born is None:
            self._broke(key)
        return found.more

    async def _look_at(self, key: Key, *, urgent: bool) -> dispatch.Waiting:
        return self._heeded(key, await dispatch.look(*key, house=self._house, urgent=urgent))

    def _heeded(self, key: Key, found: dispatch.Waiting) -> dispatch.Waiting:
        """Rings the lanes for what it says waits in them."""
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

    def _broke(self, key: Key) -> None:
        """The store failed here in the middle of something: a message or deed may be under way by its row, and in
        nobody's hands. Whoever drains the place takes that over."""

    def _perhaps_put_off(self) -> None:
        """An event was taken and nothing was said: perhaps it is to be tried again later."""
