"""All gauges of the house: each source goes to whoever reads its kind. Implements `bot.gauges.Gauges`."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters.signals.watchers.machine import Machine
from bot.clocks import Clock
from bot.errors import BadInput
from bot.thresholds import Origin, Sample, Source
from bot.world import Measuring, System


class GaugeBoard:
    """`systems` are the house's own, as they are plugged in at the moment of reading."""

    def __init__(self, *, systems: Mapping[str, System], clock: Clock) -> None:
        self._clock = clock
        self._systems = systems
        self._machine = Machine()

    async def check(self, source: Source) -> None:
        match source.origin:
            case Origin.MACHINE:
                self._machine.check(source.name, source.query)
            case Origin.SYSTEM:
                self._system(source.name).gauge(source.query)
            case _:
                raise BadInput("nothing here reads “{name}”", name=source.name[:60], field="watch")

    async def read(self, source: Source) -> float:
        match source.origin:
            case Origin.MACHINE:
                return await self._machine.read(source.name, source.query)
            case Origin.SYSTEM:
                return await self._system(source.name).measure(source.query, self._clock.now())
            case _:
                raise BadInput("nothing here reads “{name}”", name=source.name[:60], field="watch")

    async def past(self, source: Source, since: datetime, until: datetime) -> Sequence[Sample]:
        if source.origin is not Origin.SYSTEM:
            return ()
        return await self._system(source.name).measured(source.query, since, until)

    def _system(self, name: str) -> Measuring:
        system = self._systems.get(name)
        if not isinstance(system, Measuring):
            known = ", ".join(
                sorted(each for each, kind in self._systems.items() if isinstance(kind, Measuring))
            )
            raise BadInput(
                "“{name}” has no numbers to watch; these have: {known}",
                name=name[:60],
                known=known or "—",
                field="watch",
            )
        return system
