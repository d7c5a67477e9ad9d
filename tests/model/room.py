"""The assistant over the store in memory, one step at a time: nothing happens but what a test lets happen."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from adapters.clock.calendar import CronCalendar
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues
from bot import dispatch, inbox, rulebook, wakes
from bot.desk import Desk, Means
from bot.effects import EffectState, Run
from bot.events import Body
from bot.house import House
from bot.inbox import Arrival
from bot.people import HOME, Identity, Person, Role
from bot.places import Place
from bot.rules import Policy
from bot.store import Tx
from bot.world import System
from memory.twin import MemoryStore
from tests.clocks import SetClock
from tests.model.till import Till
from tests.twins.chat import TwinChat

T = TypeVar("T")

HERE = Place(platform="twin", channel="counter", private=True)
ELSEWHERE = Place(platform="twin", channel="yard", private=True)
PEOPLE = {"olivia": Role.OWNER, "ann": Role.APPROVER, "mark": Role.MEMBER, "gus": Role.GUEST}
_CLOSED = """
[[rule]]
name = "closed"
effect = "deny"
action = "till.*"
author = "Olivia"
"""
_TIPS = """
[grants]
after = 100
uses = 3
days = 1

[[rule]]
name = "tips-ask"
effect = "ask"
action = "till.tip"
author = "Olivia"
"""
OPEN, CLOSED = (
    rulebook.parse(rulebook.shipped_text() + _TIPS, source="open"),
    rulebook.parse(rulebook.shipped_text() + _TIPS + _CLOSED, source="closed"),
)


@dataclass
class Room:
    """One place, its people, a till and a clock."""

    store: MemoryStore = field(default_factory=MemoryStore)
    clock: SetClock = field(default_factory=SetClock)
    chat: TwinChat = field(default_factory=TwinChat)
    till: Till = field(default_factory=Till)
    policy: Policy = OPEN
    calendar: CronCalendar = field(default_factory=CronCalendar)
    runner: asyncio.Runner = field(default_factory=asyncio.Runner)

    def __post_init__(self) -> None:
        connected: dict[str, System] = {"till": self.till}
        self.house = House(
            store=self.store,
            clock=self.clock,
            minds=Choice(builtin=BuiltinMind(), understands=understands),
            chats={"twin": self.chat},
            systems=connected,
            tongues=tongues(),
            policy=lambda: self.policy,
        )
        connected["vigie"] = Desk(
            means=Means(house=lambda: self.house, calendar=self.calendar, nudge=lambda at: None)
        )
        self.write(_cast)

    def close(self) -> None:
        self.runner.close()

    def write(self, change: Callable[[Tx], T]) -> T:
        return self.runner.run(self.store.write(change))

    def read(self, look: Callable[[Tx], T]) -> T:
        return self.runner.run(self.store.read(look))

    def arrive(self, key: str, body: Body, *, place: Place = HERE) -> None:
        """Something arrives and is handled to its end, words included; no deed is done."""
        self.runner.run(self._arrive(Arrival(key=key, place=place, body=body)))

    async def _arrive(self, arrival: Arrival) -> None:
        await inbox.accept(arrival, store=self.store, clock=self.clock)
        await self._handle(arrival.place.key)
        await self._handle(HERE.key)

    async def _handle(self, place: str) -> None:
        more = True
        while more:
            more = False
            for urgent in (True, False):
                found = await dispatch.look(HOME, place, house=self.house, urgent=urgent)
                if found.event is not None:
                    more = True
                    born = await dispatch.take(found, house=self.house)
                    await dispatch.deliver_born(born or (), house=self.house)
            await dispatch.deliver(HOME, place, house=self.house)

    def work(self, *, workers: int = 1) -> None:
        """So many workers at once do what is approved and due; then what follows from it is handled."""
        self.runner.run(self._work(workers))

    async def _work(self, workers: int) -> None:
        work = [dispatch.do_deeds(HOME, HERE.key, house=self.house) for _ in range(workers)]
        await asyncio.gather(*work)
        await self._handle(HERE.key)

    def sweep(self) -> None:
        self.runner.run(self._sweep())

    async def _sweep(self) -> None:
        await wakes.sweep(house=self.house, calendar=self.calendar)
        await self._handle(HERE.key)

    def restart(self) -> None:
        """A process starts over what the last one left."""
        self.runner.run(self._restart())

    async def _restart(self) -> None:
        await dispatch.settle(await dispatch.recover(HOME, house=self.house), house=self.house)
        await self._handle(HERE.key)

    def under_way(self) -> int:
        found = self.read(lambda tx: tx.effects.in_state(EffectState.STARTED))
        return len([effect for effect in found if isinstance(effect.deed, Run)])


def identity(name: str) -> Identity:
    return Identity(platform="twin", user=name)


def _cast(tx: Tx) -> None:
    for name, role in PEOPLE.items():
        tx.people.put(Person(id=f"per_{name}", name=name.title(), role=role).linked(identity(name)))
