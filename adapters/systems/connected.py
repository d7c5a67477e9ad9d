"""A connected account as a `bot.world.System`: the vendor's system, and around it what is true of every connection.

Asks again who the account is before anything is shown or done, when the last answer is not fresh: another account
under the same name must be noticed before the deed. Reports what it hears to the switchboard; decides nothing.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, runtime_checkable

from adapters.systems.client import KeyRefused
from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.errors import Unreachable, VigieError
from bot.thresholds import Sample
from bot.world import Context, Health, Measuring, System

T = TypeVar("T")

FRESH = timedelta(minutes=1)
"""How long the other side's word about which account this is holds without being asked for again."""


@runtime_checkable
class Closing(Protocol):
    """A system that holds lines open."""

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a connection learned about itself: it was used, it answered who it is, or its key was refused."""

    name: str
    health: Health | None = None
    account: Account | None = None
    dead: VigieError | None = None


class Connected:
    """`heard` is told everything; `now` tells the time."""

    def __init__(
        self, inner: System, *, heard: Callable[[Heard], Awaitable[None]], now: Callable[[], datetime]
    ) -> None:
        self._inner = inner
        self._heard = heard
        self._now = now
        self._asked: datetime | None = None
        self._health = Health.of(Unreachable("not asked yet"))

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def health(self) -> Health:
        """As it was at the last check."""
        return self._health

    @property
    def asked(self) -> datetime | None:
        """When that was."""
        return self._asked

    def account(self) -> Account:
        return self._inner.account()

    def actions(self) -> tuple[Action, ...]:
        return self._inner.actions()

    async def preview(self, call: Call, context: Context) -> Preview:
        await self._known()
        return await self._told(self._inner.preview(call, context))

    async def run(self, call: Call, context: Context) -> Receipt:
        receipt = await self._told(self._inner.run(call, context))
        await self._heard(Heard(name=self.name))
        return receipt

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return await self._told(self._inner.look_up(call, context))

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return await self._told(self._inner.options(action, field, query, context))

    async def check(self) -> Health:
        """Asks the other side now."""
        self._health = await self._inner.check()
        self._asked = self._now()
        await self._heard(Heard(name=self.name, health=self._health, account=self._inner.account()))
        return self._health

    async def close(self) -> None:
        """Lets go of its lines."""
        if isinstance(self._inner, Closing):
            await self._inner.close()

    async def _known(self) -> None:
        """Which account this is, asked again when the last answer has aged. What cannot be asked now is found out
        by the call itself."""
        if self._asked is None or not self._health.well or self._now() >= self._asked + FRESH:
            await self.check()

    async def _told(self, call: Awaitable[T]) -> T:
        try:
            return await call
        except KeyRefused as error:
            await self._heard(Heard(name=self.name, dead=error))
            raise


class Measured(Connected):
    """The same of a system with numbers to watch."""

    def __init__(
        self, inner: System, *, heard: Callable[[Heard], Awaitable[None]], now: Callable[[], datetime]
    ) -> None:
        super().__init__(inner, heard=heard, now=now)
        assert isinstance(inner, Measuring)
        self._numbers = inner

    def gauge(self, query: str) -> None:
        self._numbers.gauge(query)

    async def measure(self, query: str, now: datetime) -> float:
        return await self._told(self._numbers.measure(query, now))

    async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
        return await self._told(self._numbers.measured(query, since, until))


def connected(
    system: System, *, heard: Callable[[Heard], Awaitable[None]], now: Callable[[], datetime]
) -> Connected:
    """The account, with what can be watched of it."""
    kind = Measured if isinstance(system, Measuring) else Connected
    return kind(system, heard=heard, now=now)


async def asked(system: System) -> Health:
    """A check whose failure is an answer too."""
    try:
        return await system.check()
    except VigieError as error:
        return Health.of(error)
