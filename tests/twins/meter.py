"""A system of numbers that a test turns by hand: it answers, fails, or keeps silent for as long as it is told."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.errors import BadInput, Unreachable
from bot.thresholds import Sample
from bot.world import Context, Health


@dataclass
class Meter:
    """Implements `bot.world.System` and `bot.world.Measuring`. `value` None is a source that fails."""

    name: str = "meter"
    value: float | None = 0.0
    past: list[Sample] = field(default_factory=list[Sample])
    asked: int = 0
    stuck: asyncio.Event | None = None

    def account(self) -> Account:
        return Account(system=self.name, label="Meter", live=False)

    def actions(self) -> tuple[Action, ...]:
        return ()

    async def preview(self, call: Call, context: Context) -> Preview:
        return Preview()

    async def run(self, call: Call, context: Context) -> Receipt:
        raise BadInput("a meter does nothing")

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        return Health(well=True, text="ok")

    def gauge(self, query: str) -> None:
        if not query:
            raise BadInput("say which number")

    async def measure(self, query: str, now: datetime) -> float:
        self.asked += 1
        if self.stuck is not None:
            await self.stuck.wait()
        if self.value is None:
            raise Unreachable("{name} does not answer", name="the meter")
        return self.value

    async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
        return [each for each in self.past if since <= each.at < until]
