"""A mind that follows a script: each entry is a thought, or an error to raise. Counts how often it was asked."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from bot.errors import VigieError
from bot.journal import Answer, Cost, Thought
from bot.mind import Briefing, Stream


@dataclass
class ScriptedMind:
    """Implements `bot.mind.Mind` as a costly mind does. The script's position travels in the state."""

    script: Sequence[Thought | VigieError]
    name: str = "scripted"
    costly: bool = True
    asked: int = 0
    answers: list[Answer] = field(default_factory=list[Answer])
    briefings: list[Briefing] = field(default_factory=list[Briefing])
    failures: list[VigieError] = field(default_factory=list[VigieError])

    async def think(
        self, briefing: Briefing, *, state: str, answers: tuple[Answer, ...], stream: Stream
    ) -> Thought:
        self.asked += 1
        self.briefings.append(briefing)
        self.answers += answers
        if self.failures:
            raise self.failures.pop(0)
        step = int(state or 0)
        entry = self.script[step]
        if isinstance(entry, VigieError):
            raise entry
        await stream(entry.text)
        cost = entry.cost if entry.cost != Cost() else Cost(calls=1, tokens_in=100, tokens_out=10)
        return replace(entry, state=str(step + 1), cost=cost)


@dataclass
class SlowMind:
    """A mind that thinks until it is let go."""

    name: str = "slow"
    costly: bool = True
    thinking: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)

    async def think(
        self, briefing: Briefing, *, state: str, answers: tuple[Answer, ...], stream: Stream
    ) -> Thought:
        self.thinking.set()
        await self.done.wait()
        return Thought(text="That took a while.")
