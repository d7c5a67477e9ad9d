"""What every store promises of lists, counters and totals."""

from dataclasses import replace

import pytest

from bot.errors import NotAllowed, Stale
from bot.store import Store
from tests.contracts.stores import stroke, tally


async def test_a_tally_comes_back_whole_by_its_name_in_its_scope(store: Store) -> None:
    mine, ours = tally("Courses à faire"), tally("shopping", scope="place:x", id="tal_2")
    for each in (mine, ours):
        await store.write(lambda tx, e=each: tx.tallies.put(e))
    assert await store.read(lambda tx: tx.tallies.named("person:ann", "courses a faire")) == mine
    assert await store.read(lambda tx: tx.tallies.named("place:x", "courses a faire")) is None
    assert await store.read(lambda tx: tx.tallies.all("place:x")) == (ours,)
    assert await store.read(lambda tx: tx.tallies.get("tal_2")) == ours
    await store.write(lambda tx: tx.tallies.put(replace(mine, name="errands")))
    assert await store.read(lambda tx: tx.tallies.named("person:ann", "courses a faire")) is None


async def test_one_name_is_one_thing_in_a_scope(store: Store) -> None:
    await store.write(lambda tx: tx.tallies.put(tally("shopping")))
    with pytest.raises(Stale):
        await store.write(lambda tx: tx.tallies.put(tally("Shopping", id="tal_2")))
    await store.write(lambda tx: tx.tallies.put(tally("Shopping", scope="place:x", id="tal_2")))


async def test_strokes_come_in_the_order_they_were_added_and_once(store: Store) -> None:
    for name in ("s2", "s1", "s3"):
        assert await store.write(lambda tx, n=name: tx.tallies.add(stroke(n)))
    assert not await store.write(lambda tx: tx.tallies.add(stroke("s1", "bread")))
    found = await store.read(lambda tx: tx.tallies.strokes("tal_shopping"))
    assert found == (stroke("s2"), stroke("s1"), stroke("s3"))
    assert await store.read(lambda tx: tx.tallies.strokes("tal_other")) == ()


async def test_a_tally_belongs_to_one_space(store: Store) -> None:
    await store.write(lambda tx: (tx.tallies.put(tally("shopping")), tx.tallies.add(stroke("s1"))))
    assert await store.read(lambda tx: tx.tallies.all("person:ann"), space="other") == ()
    assert await store.read(lambda tx: tx.tallies.get("tal_shopping"), space="other") is None
    assert await store.read(lambda tx: tx.tallies.strokes("tal_shopping"), space="other") == ()
    assert not await store.write(lambda tx: tx.tallies.forget("tal_shopping"), space="other")
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.tallies.put(tally("a", space="other")))
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.tallies.add(stroke("s2", space="other")))


async def test_what_is_forgotten_is_gone_with_its_strokes(store: Store) -> None:
    await store.write(lambda tx: (tx.tallies.put(tally("shopping")), tx.tallies.add(stroke("s1"))))
    assert await store.write(lambda tx: tx.tallies.forget("tal_shopping"))
    assert not await store.write(lambda tx: tx.tallies.forget("tal_shopping"))
    assert await store.read(lambda tx: tx.tallies.strokes("tal_shopping")) == ()
    assert await store.write(lambda tx: tx.tallies.add(stroke("s1")))


async def test_one_stroke_is_dropped_and_the_others_stay(store: Store) -> None:
    for name in ("s1", "s2"):
        await store.write(lambda tx, n=name: tx.tallies.add(stroke(n)))
    assert not await store.write(lambda tx: tx.tallies.drop("s1"), space="other")
    assert await store.write(lambda tx: tx.tallies.drop("s1"))
    assert not await store.write(lambda tx: tx.tallies.drop("s1"))
    assert await store.read(lambda tx: tx.tallies.strokes("tal_shopping")) == (stroke("s2"),)


async def test_strokes_that_stand_alone_are_forgotten_too(store: Store) -> None:
    await store.write(lambda tx: tx.tallies.add(stroke("s1")))
    assert not await store.write(lambda tx: tx.tallies.forget("tal_shopping"))
    assert await store.read(lambda tx: tx.tallies.strokes("tal_shopping")) == ()
