"""What every store promises of watches and of the numbers that were read."""

import asyncio
from dataclasses import replace
from datetime import datetime

import pytest

from bot.errors import NotAllowed
from bot.people import HOME
from bot.store import Store
from bot.thresholds import Origin, Sample, Side, Source, Threshold
from bot.watches import Watch
from tests.contracts.stores import NOON, later

LOAD = Source(origin=Origin.MACHINE, name="load")


def watch(name: str, *, space: str = HOME, due: datetime | None = NOON, source: Source = LOAD) -> Watch:
    rule = Threshold(side=Side.ABOVE, limit=4, clear=2.5, hold=60)
    return Watch(id=name, space=space, number=1, source=source, rule=rule, every=60, due=due)


def sample(seconds: float, value: float = 1.5) -> Sample:
    return Sample(at=later(seconds), value=value)


async def test_a_watch_comes_back_whole_and_by_its_number(store: Store) -> None:
    other = watch("w2", source=Source(origin=Origin.SAID, name="visitors"))
    for each in (watch("w1"), other, watch("w3")):
        await store.write(lambda tx, e=each: tx.watches.put(e))
    assert await store.read(lambda tx: tx.watches.get("w2")) == other
    assert await store.read(lambda tx: tx.watches.get("w9")) is None
    assert await store.read(lambda tx: tx.watches.of(LOAD.series)) == (watch("w1"), watch("w3"))
    after = replace(watch("w1"), due=None, revision=2)
    await store.write(lambda tx: tx.watches.put(after))
    assert await store.read(lambda tx: tx.watches.all()) == (after, other, watch("w3"))


async def test_of_many_who_claim_a_reading_one_succeeds(store: Store) -> None:
    before = watch("w1")
    await store.write(lambda tx: tx.watches.put(before))
    claimed = before.claimed(later(90))
    assert claimed.due == later(120)
    done = await asyncio.gather(*(store.write(lambda tx: tx.watches.swap(before, claimed)) for _ in range(8)))
    assert sorted(done) == [False] * 7 + [True]


async def test_only_what_is_due_is_named_longest_overdue_first(store: Store) -> None:
    for name, due in (("w1", later(30)), ("w2", later(10)), ("w3", None), ("w4", later(20))):
        await store.write(lambda tx, n=name, d=due: tx.watches.put(watch(n, due=d)))
    await store.write(lambda tx: tx.watches.put(watch("w5", space="other", due=later(15))), space="other")
    assert await store.due_watches(later(20), limit=9) == (
        (HOME, "w2", later(10)),
        ("other", "w5", later(15)),
        (HOME, "w4", later(20)),
    )
    assert [name for _, name, _ in await store.due_watches(later(99), limit=2)] == ["w2", "w5"]
    assert await store.due_watches(NOON, limit=9) == ()


async def test_what_was_asked_at_what_is_the_future_now_is_due_at_once(store: Store) -> None:
    """The clock was set back since."""
    for name, due, asked in (
        ("w1", later(90), later(30)),
        ("w2", later(990), later(900)),
        ("w3", None, later(900)),
    ):
        made = replace(watch(name, due=due), asked=asked)
        await store.write(lambda tx, m=made: tx.watches.put(m))
    assert await store.due_watches(later(20), limit=9) == ((HOME, "w2", later(20)),)
    assert await store.due_watches(later(90), limit=9) == ((HOME, "w1", later(90)), (HOME, "w2", later(90)))
    assert await store.due_watches(later(90), limit=1) == ((HOME, "w1", later(90)),)
    again = (await store.read(lambda tx: tx.watches.all()))[1].claimed(later(20))
    await store.write(lambda tx: tx.watches.put(again))
    assert await store.due_watches(later(20), limit=9) == ()
    assert await store.due_watches(later(80), limit=9) == ((HOME, "w2", later(80)),)


async def test_numbers_come_back_in_order_and_exactly(store: Store) -> None:
    for each in (sample(20, 0.1), sample(10, -1e300), sample(30, 3.0), sample(10, 7.0)):
        await store.write(lambda tx, e=each: tx.samples.add("load", e))
    await store.write(lambda tx: tx.samples.add("other", sample(15)))
    found = await store.read(lambda tx: tx.samples.between("load", later(10), later(30)))
    assert found == (sample(10, -1e300), sample(20, 0.1)), "the first of one moment stays, the end is not in"
    assert await store.read(lambda tx: tx.samples.last("load")) == sample(30, 3.0)
    assert await store.read(lambda tx: tx.samples.last("nothing")) is None


async def test_numbers_that_are_dropped_are_gone_and_no_others(store: Store) -> None:
    many = [sample(each) for each in range(1_200)]

    await store.write(lambda tx: [tx.samples.add("load", each) for each in many])
    await store.write(lambda tx: tx.samples.add("other", sample(5)))
    await store.write(lambda tx: tx.samples.drop("load", many[1:1_100]))
    left = await store.read(lambda tx: tx.samples.between("load", NOON, later(9_999)))
    assert list(left) == [many[0], *many[1_100:]]
    assert await store.write(lambda tx: tx.samples.forget(later(1_150))) == 52
    assert await store.read(lambda tx: tx.samples.last("other")) is None


async def test_no_space_sees_or_changes_anothers_numbers(store: Store) -> None:
    await store.write(lambda tx: tx.watches.put(watch("w1")))
    await store.write(lambda tx: tx.samples.add("load", sample(1)))
    assert await store.read(lambda tx: tx.watches.all(), space="other") == ()
    assert await store.read(lambda tx: tx.samples.last("load"), space="other") is None
    assert await store.write(lambda tx: tx.samples.forget(later(99)), space="other") == 0
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.watches.put(watch("w1")), space="other")
