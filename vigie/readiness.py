"""Whether this process does its work, told to whoever sends it traffic: the truth of the last seconds, and what is not
so. Looks; changes nothing.
"""

import asyncio
import time
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field

from bot.errors import VigieError
from bot.world import Health
from memory import migrate
from vigie.plugging import Door, Plugged

PATIENCE = 3.0
"""Seconds for everything together: whoever asks gives up after a few."""
FRESH = 10.0
"""Seconds for which a platform's word that all is well is believed: it is asked no more often."""
SICK = 1.0
"""The same for its word that something is wrong."""

_WELL = Health(well=True, text="")


@dataclass(kw_only=True)
class Readiness:
    """Of one process, while it runs."""

    plugged: Plugged
    _said: dict[str, tuple[float, Health]] = field(default_factory=dict[str, tuple[float, Health]])

    async def look(self) -> Mapping[str, Health]:
        """Each thing that must be so, by name."""
        checks = {
            "database": self._database(),
            "engine": self._engine(),
            **{name: self._door(name, door) for name, door in self.plugged.doors.items()},
        }
        found = await asyncio.gather(*(_within(check) for check in checks.values()))
        return dict(zip(checks, found, strict=True))

    async def _database(self) -> Health:
        revision = await self.plugged.store.revision()
        if revision != migrate.head():
            return Health(
                well=False, text=f"its tables are of revision {revision}, this version's of {migrate.head()}"
            )
        return _WELL

    async def _engine(self) -> Health:
        trouble = self.plugged.engine.trouble()
        return Health(well=not trouble, text=trouble)

    async def _door(self, name: str, door: Door) -> Health:
        """As the platform says, not long ago."""
        if name not in self.plugged.opened:
            return Health(well=False, text="it is not connected; `vigie doctor` says why")
        at, health = self._said.get(name, (-FRESH, _WELL))
        if time.monotonic() - at >= (FRESH if health.well else SICK):
            health = await door.check()
            self._said[name] = (time.monotonic(), health)
        return health


async def _within(check: Awaitable[Health]) -> Health:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check
    except TimeoutError:
        return Health(well=False, text="it does not answer")
    except VigieError as error:
        return Health(well=False, text=str(error))


def said(found: Mapping[str, Health]) -> tuple[bool, str]:
    """Whether it is ready, and in words."""
    wrong = [f"{name}: {health.text}\n" for name, health in found.items() if not health.well]
    return not wrong, "".join(["not ready\n", *wrong]) if wrong else "ready\n"
