"""All gauges of the house: each source goes to whoever reads its kind. Implements `bot.gauges.Gauges`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.signals.watchers.machine import Machine
from adapters.signals.watchers.pages import Pages
from bot.clocks import Clock
from bot.errors import BadInput, VigieError
from bot.thresholds import Origin, Sample, Source
from bot.world import Measuring, System


class GaugeBoard:
    """`systems` are the house's own, as they are plugged in at the moment of reading."""

    def __init__(self, *, systems: Mapping[str, System], clock: Clock, pages: Pages | None = None) -> None:
        self._systems = systems
        self._clock = clock
        self._machine = Machine()
        self._pages = pages or Pages(now=clock.now)

    async def check(self, source: Source) -> None:
        match source.origin:
            case Origin.MACHINE:
                self._machine.check(source.name, source.query)
            case Origin.PAGE | Origin.UP:
                self._pages.check(source.name, source.query)
            case Origin.CERTIFICATE:
                self._pages.check_machine(source.name)
            case Origin.SYSTEM:
                self._system(source.name).gauge(source.query)
            case Origin.SAID:
                raise _said(source)

    async def read(self, source: Source) -> float:
        match source.origin:
            case Origin.MACHINE:
                return await self._machine.read(source.name, source.query)
            case Origin.PAGE:
                return await self._pages.number(source.name, source.query)
            case Origin.UP:
                return await self._pages.up(source.name)
            case Origin.CERTIFICATE:
                return await self._pages.days_left(source.name)
            case Origin.SYSTEM:
                return await self._system(source.name).measure(source.query, self._clock.now())
            case Origin.SAID:
                raise _said(source)

    async def past(self, source: Source, since: datetime, until: datetime) -> Sequence[Sample]:
        if source.origin is not Origin.SYSTEM:
            return ()
        return await self._system(source.name).measured(source.query, since, until)

    async def close(self) -> None:
        await self._pages.close()

    def _system(self, name: str) -> Measuring:
        system = self._systems.get(name)
        if isinstance(system, Measuring):
            return system
        known = sorted(each for each, kind in self._systems.items() if isinstance(kind, Measuring))
        raise BadInput(
            "“{name}” has no numbers to watch; these have: {known}",
            name=name[:60],
            known=", ".join(known) or "—",
            field="watch",
        )


def _said(source: Source) -> VigieError:
    return BadInput("nothing here reads “{name}”", name=source.name[:60], field="watch")
