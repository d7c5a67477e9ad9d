"""The port to numbers. Above it: the flow of watches. Below it: this machine, web addresses, connected systems."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from bot.errors import BadInput
from bot.thresholds import Sample, Source


class Gauges(Protocol):
    """Reads numbers. Changes nothing anywhere."""

    async def check(self, source: Source) -> None:
        """Whether this can be read at all. Asks nobody outside. Raises BadInput."""
        ...

    async def read(self, source: Source) -> float:
        """The number now, finite; 1 of an address that is to answer and does. Bounded in time. Raises Unreachable or Failed
        when there is none, or when that address does not answer, which is then why."""
        ...

    async def past(self, source: Source, since: datetime, until: datetime) -> Sequence[Sample]:
        """What the other side itself remembers, in order; nothing where it remembers nothing. Raises Unreachable
        or Failed."""
        ...

    async def close(self) -> None:
        """Lets go of its lines; nothing is read afterwards. May be called again."""
        ...


class NoGauges:
    """An installation that reads no numbers but those people say."""

    async def check(self, source: Source) -> None:
        raise BadInput("nothing here reads “{name}”", name=source.name[:60], field="watch")

    async def read(self, source: Source) -> float:
        raise BadInput("nothing here reads “{name}”", name=source.name[:60], field="watch")

    async def past(self, source: Source, since: datetime, until: datetime) -> Sequence[Sample]:
        return ()

    async def close(self) -> None:
        return None
