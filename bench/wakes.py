"""`python -m bench.wakes`: what 100,000 armed missions cost, and how late wakes come.

Prints memory, start-up, the cost of one tick by how much is armed and by how much is due, the lag of wakes at 50 a second
beside raw timers of asyncio, and the processor time of an idle minute. `--seconds` and `--armed` make it smaller.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import quantiles

import psutil

from adapters.clock.alarm import Alarm
from adapters.clock.calendar import CronCalendar
from adapters.clock.wall import WallClock
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues
from bot import triggers, wakes
from bot.clocks import Clock
from bot.house import House
from bot.missions import Cron, Mission, Once, Trigger
from bot.people import HOME
from bot.store import Tx
from memory.sqlite import SqliteStore

CALENDAR = CronCalendar()
PER_SECOND = 50


def tell(words: str) -> None:
    sys.stdout.write(f"{words}\n")
    sys.stdout.flush()


def house_of(store: SqliteStore, clock: Clock) -> House:
    """As little as a wake needs."""
    mind = Choice(builtin=BuiltinMind(), understands=understands)
    return House(
        store=store, clock=clock, minds=mind, chats={}, systems={}, tongues=tongues(), digest_at=None
    )


def mission(number: int, trigger: Trigger, now: datetime) -> Mission:
    made = Mission(
        id=f"mis_{number}",
        number=number,
        space=HOME,
        owner="per_1",
        place=f"web//{number % 500}/",
        goal="watch",
        triggers=(trigger,),
        created=now,
    )
    return triggers.armed(made, now, calendar=CALENDAR)


async def keep(store: SqliteStore, missions: list[Mission]) -> None:
    for begin in range(0, len(missions), 2_000):
        part = missions[begin : begin + 2_000]
        await store.write(lambda tx, m=part: [tx.missions.put(each) for each in m] and None)


def far(first: int, count: int, now: datetime) -> list[Mission]:
    """Missions that nothing wakes today."""
    day = (now + timedelta(days=40)).strftime("%d %m")
    found = [Cron(id="c", expression=f"{n % 60} {n % 24} {day} *", zone="Europe/Paris") for n in range(60)]
    return [mission(first + n, found[n % 60], now) for n in range(count)]


def spread(lags: list[float]) -> str:
    cuts = quantiles(lags, n=100)
    return f"p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms, most {max(lags) * 1000:.1f} ms"


async def tick(store: SqliteStore, armed: int) -> None:
    """The cost of one sweep by how many are due."""
    for due in (0, 1, 10, 100):
        took: list[float] = []
        for lap in range(5):
            now = datetime.now(UTC)
            first = 1_000_000 + due * 10_000 + lap * 1_000 + armed * 10
            once = Once(id="o", at=now + timedelta(milliseconds=1))
            await keep(store, [mission(first + n, once, now) for n in range(due)])
            await asyncio.sleep(0.01)
            house = house_of(store, WallClock())
            began = time.perf_counter()
            made = await wakes.sweep(house=house, calendar=CALENDAR)
            took.append(time.perf_counter() - began)
            assert made == due, (made, due)
        tell(f"  one tick, {armed:>7} armed, {due:>4} due: {sorted(took)[2] * 1000:8.2f} ms")


async def lag(store: SqliteStore, seconds: int) -> None:
    """Wakes at 50 a second, from the alarm to the row of the inbox; then the same with timers alone."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=3)
    moments = [start + timedelta(seconds=n // PER_SECOND) for n in range(PER_SECOND * seconds)]
    missions = [
        mission(5_000_000 + n, Once(id="o", at=at), at - timedelta(hours=1)) for n, at in enumerate(moments)
    ]
    await keep(store, missions)
    house = house_of(store, WallClock())

    async def sweep() -> None:
        await wakes.sweep(house=house, calendar=CALENDAR)

    async def upcoming(until: datetime) -> list[datetime]:
        return await wakes.upcoming(until, house=house, limit=PER_SECOND * 60)

    alarm = Alarm(sweep, upcoming, house.clock)
    alarm.start()
    await asyncio.sleep((moments[-1] - datetime.now(UTC)).total_seconds() + 3)
    await alarm.stop()

    def look(tx: Tx) -> list[float]:
        found: list[float] = []
        for each in missions:
            runs = tx.occurrences.last(each.id, 2)
            assert len(runs) == 1, f"{each.id} has {len(runs)} rows"
            event = tx.events.get(runs[0].id)
            assert event is not None
            found.append((event.at - runs[0].due).total_seconds())
        return found

    tell(f"  wakes at {PER_SECOND}/s for {seconds} s: {spread(await store.read(look))}; each once")
    loop, late = asyncio.get_running_loop(), list[float]()
    base = loop.time() + 0.5
    for n in range(PER_SECOND * seconds):
        due = base + n // PER_SECOND
        loop.call_at(due, lambda d=due: late.append(loop.time() - d))
    await asyncio.sleep(seconds + 1)
    tell(f"  raw timers of asyncio, in memory:  {spread(late)}")


async def idle(store: SqliteStore, seconds: int) -> None:
    house, process = house_of(store, WallClock()), psutil.Process()

    async def sweep() -> None:
        await wakes.sweep(house=house, calendar=CALENDAR)

    async def upcoming(until: datetime) -> list[datetime]:
        return await wakes.upcoming(until, house=house)

    alarm = Alarm(sweep, upcoming, house.clock)
    alarm.start()
    await asyncio.sleep(1)
    before = process.cpu_times()
    await asyncio.sleep(seconds)
    after = process.cpu_times()
    await alarm.stop()
    used = after.user + after.system - before.user - before.system
    tell(f"  idle with everything armed, {seconds} s: {max(used, 0) / seconds * 100:.2f} % of a core")


async def run(armed: int, seconds: int) -> None:
    now, process = datetime.now(UTC), psutil.Process()
    with tempfile.TemporaryDirectory() as folder:
        store = SqliteStore.open(Path(folder) / "vigie.db")
        await keep(store, far(1, 1_000, now))
        await tick(store, 1_000)
        before = process.memory_info().rss
        began = time.perf_counter()
        await keep(store, far(1_001, armed - 1_000, now))
        tell(f"  kept {armed} missions in {time.perf_counter() - began:.1f} s")
        await store.close()
        store = SqliteStore.open(Path(folder) / "vigie.db")
        house = house_of(store, WallClock())
        began = time.perf_counter()
        await wakes.upcoming(now + wakes.SOON, house=house)
        await wakes.sweep(house=house, calendar=CALENDAR)
        tell(f"  start-up: the alarm's first load and a sweep: {(time.perf_counter() - began) * 1000:.1f} ms")
        grown = (process.memory_info().rss - before) / 1e6
        tell(f"  memory grown since 1,000 were armed: {grown:.1f} MB")
        await tick(store, armed)
        await lag(store, seconds)
        await idle(store, max(seconds, 20))
        await store.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--armed", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=60)
    told = parser.parse_args()
    asyncio.run(run(told.armed, told.seconds))
