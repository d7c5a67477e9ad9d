"""Previews, deeds and look-ups of a system whose provider keeps no idempotency key, from one plan per write.

A plan is read live: what would change, and the request that changes it. A preview shows it, a run makes it, once per
key; after a crash the provider is looked at instead. Knows no provider.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from adapters.systems.once import Once
from bot.actions import Call, Preview, Receipt
from bot.values import Json
from bot.world import Context

Arguments: TypeAlias = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a write would do, and the doing of it."""

    preview: Preview
    make: Callable[[], Awaitable[Receipt]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """A verb that changes something. `look_up` is asked after a lost answer, and raises Unknowable where the
    provider leaves nothing to find it by."""

    plan: Callable[[Arguments, Context], Awaitable[Plan]]
    look_up: Callable[[Arguments, Context], Awaitable[Receipt | None]]


Read: TypeAlias = Callable[[Arguments, Context], Awaitable[Receipt]]


class Planned:
    """The three doing methods of a System, from its verbs."""

    def __init__(self, *, reads: Mapping[str, Read], writes: Mapping[str, Write]) -> None:
        self._reads = reads
        self._writes = writes
        self._once = Once()

    async def preview(self, call: Call, context: Context) -> Preview:
        """What the call would do now; a read is tried, so that a wrong target is refused before anybody is asked."""
        verb = _verb(call)
        if verb in self._reads:
            await self._reads[verb](call.arguments, context)
            return Preview()
        return (await self._writes[verb].plan(call.arguments, context)).preview

    async def run(self, call: Call, context: Context) -> Receipt:
        """Does it, once per key."""
        verb = _verb(call)
        if verb in self._reads:
            return await self._reads[verb](call.arguments, context)

        async def do() -> Receipt:
            plan = await self._writes[verb].plan(call.arguments, context)
            return await plan.make()

        return await self._once(call, context, do)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        """What was done under the key: remembered, or found on the other side."""
        known = self._once.known(call, context)
        if known is not None:
            return known
        found = await self._writes[_verb(call)].look_up(call.arguments, context)
        return replace(found, repeated=True) if found is not None else None


def _verb(call: Call) -> str:
    return call.action.partition(".")[2]
