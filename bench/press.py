"""From a press to the deed: the time from the arrival of an approval to the call of the demo shop, and its share
of the whole turn up to the receipt on the card. In one process, over SQLite; nothing leaves the machine.

    python -m bench.press --presses 200 --scratch FOLDER

`--scratch` names a folder on the disk that is to be measured: a memory disk makes every commit free. Nothing
here decides whether a test passes.
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from adapters.clock.calendar import CronCalendar
from adapters.clock.wall import WallClock
from adapters.engine.inprocess import InProcess
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues
from adapters.systems.demo import DemoShop
from bot import inbox, wakes
from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.cards import Card
from bot.desk import Desk, Means
from bot.events import Body, Message, Press, Verb
from bot.house import House
from bot.inbox import Arrival
from bot.people import Identity, Person, Role, Standing
from bot.places import Place
from bot.world import Context, Health, Sending, System
from memory.sqlite import SqliteStore

ANA = Identity(platform="bench", user="ana")
HERE = Place(platform="bench", channel="ana", private=True)
PATIENCE = 30.0


@dataclass
class TimedShop:
    """The demo shop, which notes when it is called to do something."""

    shop: DemoShop
    called: float = 0.0

    @property
    def name(self) -> str:
        return self.shop.name

    def account(self) -> Account:
        return self.shop.account()

    def actions(self) -> tuple[Action, ...]:
        return self.shop.actions()

    async def preview(self, call: Call, context: Context) -> Preview:
        return await self.shop.preview(call, context)

    async def run(self, call: Call, context: Context) -> Receipt:
        self.called = time.perf_counter()
        return await self.shop.run(call, context)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return await self.shop.look_up(call, context)

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return await self.shop.options(action, field, query, context)

    async def check(self) -> Health:
        return await self.shop.check()


@dataclass
class Screen:
    """A chat of one place: the card as it stands, and when it became a receipt."""

    platform: str = "bench"
    card: Card | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)
    done: asyncio.Event = field(default_factory=asyncio.Event)
    receipt: float = 0.0
    posted: int = 0

    async def send(self, sending: Sending) -> str:
        if isinstance(sending.content, Card):
            self.card = sending.content
            if sending.content.buttons:
                self.asked.set()
            if "Done" in sending.content.status:
                self.receipt = time.perf_counter()
                self.done.set()
        self.posted += 1
        return sending.ref or str(self.posted)

    async def look_up(self, sending: Sending) -> str | None:
        return None

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lap:
    """Seconds of one press: until it was kept, until the shop was called, until the receipt stood there."""

    kept: float
    called: float
    receipt: float

    @property
    def share(self) -> float:
        return self.called / self.receipt


async def measure(folder: Path, presses: int) -> list[Lap]:
    """So many refunds of a cent, each asked for, approved and waited for."""
    store, clock, screen = SqliteStore.open(folder / "vigie.db"), WallClock(), Screen()
    shop = TimedShop(DemoShop(folder / "shop.db", today=datetime.now(UTC).date()))
    calendar = CronCalendar()
    connected: dict[str, System] = {"demo": shop}
    house = House(
        store=store,
        clock=clock,
        minds=Choice(builtin=BuiltinMind(), understands=understands),
        chats={"bench": screen},
        systems=connected,
        tongues=tongues(),
    )
    connected["vigie"] = Desk(means=Means(house=lambda: house, calendar=calendar, nudge=lambda at: None))
    ana = Person(id="per_ana", name="Ana", role=Role.OWNER).linked(ANA)
    await store.write(lambda tx: tx.people.put(ana))

    async def sweep() -> None:
        await wakes.sweep(house=house, calendar=calendar)

    engine = InProcess(house=house, sweep=sweep)
    await engine.start()

    async def arrive(key: str, body: Body) -> None:
        arrival = Arrival(key=key, place=HERE, body=body)
        await inbox.accept(arrival, store=store, clock=clock, hurry=engine.hurry, ahead=engine.ahead)

    laps: list[Lap] = []
    try:
        for n in range(presses):
            screen.asked.clear()
            screen.done.clear()
            text = f"do demo.refund order=1007 amount=0.01 reason=lap{n}"
            await arrive(f"say:{n}", Message(who=ANA, text=text, name="Ana", standing=Standing.MEMBER))
            await asyncio.wait_for(screen.asked.wait(), PATIENCE)
            await engine.idle()
            card = screen.card
            assert card is not None
            press = Press(
                who=ANA, ref=card.ref, revision=card.revision, verb=Verb.APPROVE, standing=Standing.MEMBER
            )
            began = time.perf_counter()
            await arrive(f"press:{n}", press)
            kept = time.perf_counter()
            await asyncio.wait_for(screen.done.wait(), PATIENCE)
            laps.append(Lap(kept=kept - began, called=shop.called - began, receipt=screen.receipt - began))
            await engine.idle()
    finally:
        await engine.stop()
        await store.close()
    return laps


def table(laps: Sequence[Lap]) -> str:
    """Median and 95th percentile of each stretch, in milliseconds, and the share of the first deed."""
    stretches: Mapping[str, list[float]] = {
        "press kept": [lap.kept * 1000 for lap in laps],
        "press to provider call": [lap.called * 1000 for lap in laps],
        "press to receipt on the card": [lap.receipt * 1000 for lap in laps],
    }
    lines = [f"{'':30} {'median':>9} {'p95':>9}"]
    for name, values in stretches.items():
        lines.append(f"{name:30} {statistics.median(values):6.2f} ms {_p95(values):6.2f} ms")
    shares = [lap.share * 100 for lap in laps]
    lines.append(
        f"{'share of the provider call':30} {statistics.median(shares):6.1f} %  {_p95(shares):6.1f} %"
    )
    return "\n".join(lines)


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1] if len(values) > 1 else values[0]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measures the way from a press to the deed.")
    parser.add_argument("--presses", type=int, default=200)
    parser.add_argument("--scratch", type=Path, default=None)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="press-", dir=wanted.scratch) as folder:
        print(table(asyncio.run(measure(Path(folder), wanted.presses))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
