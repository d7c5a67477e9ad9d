"""What every store promises of the due times of missions."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import NotAllowed
from bot.occurrences import Fate, Occurrence
from bot.people import HOME
from bot.store import Store
from tests.contracts.stores import NOON, later


def occurrence(name: str, *, mission: str = "mis_1", after: float = 0, space: str = HOME) -> Occurrence:
    return Occurrence(
        id=name, space=space, mission=mission, trigger="cron", due=later(after), missed=2, late=True
    )


async def test_a_due_time_has_one_row_however_often_it_is_rung(store: Store) -> None:
    first = occurrence("a")
    assert await store.write(lambda tx: tx.occurrences.add(first))
    assert not await store.write(lambda tx: tx.occurrences.add(first.now(Fate.SKIPPED, NOON)))
    assert await store.read(lambda tx: tx.occurrences.get("a")) == first
    assert await store.read(lambda tx: tx.occurrences.get("b")) is None


async def test_what_becomes_of_it_takes_its_place(store: Store) -> None:
    first = occurrence("a")
    done = first.now(Fate.RUNNING, later(1)).now(Fate.DONE, later(2), report="eff_1")
    await store.write(lambda tx: tx.occurrences.put(first))
    await store.write(lambda tx: tx.occurrences.put(done))
    assert await store.read(lambda tx: tx.occurrences.get("a")) == done
    assert (done.began, done.ended) == (later(1), later(2))


async def test_the_newest_due_times_of_a_mission_come_first(store: Store) -> None:
    for name, after in (("b", 20), ("a", 10), ("c", 30), ("z", 40)):
        of = "mis_2" if name == "z" else "mis_1"
        await store.write(
            lambda tx, n=name, s=after, m=of: tx.occurrences.put(occurrence(n, after=s, mission=m))
        )
    found = await store.read(lambda tx: tx.occurrences.last("mis_1", 2))
    assert [each.id for each in found] == ["c", "b"]
    assert await store.read(lambda tx: tx.occurrences.last("mis_3", 2)) == ()


async def test_old_ones_that_are_over_are_forgotten_and_open_ones_stay(store: Store) -> None:
    for name, after in (("old", 0), ("waits", 1), ("new", 100)):
        row = occurrence(name, after=after)
        row = row if name == "waits" else row.now(Fate.DONE, NOON)
        await store.write(lambda tx, r=row: tx.occurrences.put(r))
    assert await store.write(lambda tx: tx.occurrences.forget(later(50))) == 1
    left = await store.read(lambda tx: tx.occurrences.last("mis_1", 9))
    assert [each.id for each in left] == ["new", "waits"]


async def test_the_due_times_of_another_space_are_not_seen(store: Store) -> None:
    other = occurrence("a", space="other")
    await store.write(lambda tx: tx.occurrences.add(other), space="other")
    assert await store.read(lambda tx: tx.occurrences.last("mis_1", 9)) == ()
    assert await store.write(lambda tx: tx.occurrences.forget(NOON + timedelta(days=1))) == 0
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.occurrences.put(replace(other, id="b")))
