"""How fast one connection may be called and when it is left alone: rate, waits between tries, circuit breaker.

Pure but for the random numbers it is given; moments are seconds on the caller's monotonic clock.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """`rate` calls a second on average, `burst` at once. `tries` bounds how often one harmless or keyed call is
    made; `first` and `longest` bound the wait between two tries, in seconds. After `trips` failures in a row
    the connection is left alone for `rest` seconds."""

    rate: float = 5.0
    burst: int = 5
    tries: int = 3
    first: float = 0.5
    longest: float = 8.0
    trips: int = 5
    rest: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Timer:
    """What a client tells the time by and waits with; tests give it their own."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = field(default_factory=lambda: random.SystemRandom().random)


def between(pace: Pace, attempt: int, chance: float) -> float:
    """Seconds to wait after the `attempt`th try: anything up to a bound that doubles, so that many clients that
    failed together do not come back together."""
    return chance * min(pace.longest, pace.first * 2 ** (attempt - 1))


class Turnstile:
    """Lets `rate` calls a second through, `burst` of them at once. Holds one number: the moment at which a
    perfectly even caller would come next."""

    def __init__(self, pace: Pace) -> None:
        self._each = 1.0 / pace.rate
        self._slack = (pace.burst - 1) * self._each
        self._next = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until a call may go; takes no place."""
        return max(0.0, self._next - self._slack - now)

    def enter(self, now: float) -> float:
        """Takes a place; the seconds until it is free."""
        wait = self.wait(now)
        self._next = max(self._next, now) + self._each
        return wait

    def close(self, until: float) -> None:
        """Nobody goes before that moment: the other side asked for quiet."""
        self._next = max(self._next, until + self._slack)


class Breaker:
    """Open after `trips` failures in a row: nothing is sent for `rest` seconds, then one call tries the line."""

    def __init__(self, pace: Pace) -> None:
        self._pace = pace
        self._failures = 0
        self._until = float("-inf")

    def left(self, now: float) -> float:
        """Seconds for which nothing may be sent; 0 lets the caller through. While one call tries the line
        again, the others wait as if nothing had been tried."""
        if self._failures < self._pace.trips:
            return 0.0
        if now < self._until:
            return self._until - now
        self._until = now + self._pace.rest
        return 0.0

    def failed(self, now: float) -> None:
        self._failures += 1
        if self._failures >= self._pace.trips:
            self._until = now + self._pace.rest

    def worked(self) -> None:
        self._failures = 0
