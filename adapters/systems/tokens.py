"""The access token of a granted connection, renewed when it is stale: by one caller at a time, in one process at a
time, and never twice for the same need.

Many vendors void the old refresh token with every renewal: two at once would cut the connection off. So who renews
first says so on the row, by compare-and-set; who comes second waits for the new token there.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from adapters.systems import grants
from adapters.systems.client import Timer
from adapters.systems.grants import Registration
from adapters.systems.secrets import Grant, Secret
from bot import sealing
from bot.connections import Connection
from bot.errors import Unreachable
from bot.house import House
from bot.people import HOME

CLAIM = timedelta(seconds=30)
"""How long somebody who said that they renew is believed: longer than a call may take."""
NEW = 30.0
"""Seconds for which a token counts as just renewed: whoever asks for a fresh one then was refused with the old."""
LOOK = 0.2
"""Seconds between two looks at the row while another process renews."""


class GrantedToken:
    """See `adapters.systems.client.Token`. `by` is asked late: it raises when our registration is gone."""

    def __init__(
        self, name: str, *, by: Callable[[], Registration], house: House, timer: Timer | None = None
    ) -> None:
        self._name = name
        self._by = by
        self._house = house
        self._timer = timer or Timer()
        self._one = asyncio.Lock()
        self._last = ""
        self._renewed = float("-inf")

    def __repr__(self) -> str:
        return f"GrantedToken({self._name!r})"

    async def __call__(self, *, fresh: bool = False) -> str:
        """Raises KeyRefused when it cannot be renewed, Unreachable when it cannot be renewed now."""
        async with self._one:
            new = self._timer.now() < self._renewed + NEW
            refused = self._last if fresh and not new else ""
            grant = await self._good(refused)
            self._last = grant.access
            return grant.access

    async def _good(self, refused: str) -> Grant:
        """A token that is not the refused one, renewed here if nobody else does."""
        until = self._house.clock.now() + CLAIM
        while True:
            row, secret = await self._read()
            grant, now = secret.grant, self._house.clock.now()
            if grant is None:
                raise grants.dead(self._name)
            if grant.access != refused and not grant.stale(now):
                return grant
            if not grant.refresh:
                raise grants.dead(self._name)
            if row.renewing is None or now >= row.renewing:
                claimed = row.claimed(now + CLAIM)
                if await self._swap(row, claimed):
                    return await self._renew(claimed, secret, grant)
            elif now >= until:
                raise Unreachable("the access to {name} is being renewed; try again", name=self._name)
            else:
                await self._timer.sleep(LOOK)

    async def _renew(self, claimed: Connection, secret: Secret, grant: Grant) -> Grant:
        try:
            new = await grants.renew(self._by(), grant, values=secret.values, now=self._house.clock.now())
        except BaseException:
            await self._swap(claimed, claimed.claimed(None))
            raise
        sealed = self._house.seals.seal(
            Secret(values=secret.values, grant=new).pack(), sealing.spot_of(claimed)
        )
        after = claimed.resealed(sealed).claimed(None)
        while not await self._swap(claimed, after):
            # Its label or health changed meanwhile: the new token must not be lost over that.
            claimed, _ = await self._read()
            after = claimed.resealed(sealed).claimed(None)
        self._renewed = self._timer.now()
        return new

    async def _read(self) -> tuple[Connection, Secret]:
        row = await self._house.store.read(lambda tx: tx.connections.get(self._name), space=HOME)
        if row is None:
            raise grants.dead(self._name)
        return row, Secret.unpack(self._house.seals.open(row.sealed, sealing.spot_of(row)))

    async def _swap(self, before: Connection, after: Connection) -> bool:
        return await self._house.store.write(lambda tx: tx.connections.swap(before, after), space=HOME)
