"""Standing permissions in every store: kept once, numbered once, and of two takers one."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import NotAllowed, VigieError
from bot.store import Store, Tx
from tests.contracts.stores import grant, later


async def test_it_comes_back_as_it_was_and_is_kept_once(store: Store) -> None:
    kept = grant("g1")
    assert await store.write(lambda tx: tx.grants.add(kept))
    assert not await store.write(lambda tx: tx.grants.add(replace(kept, uses=9)))
    assert await store.read(lambda tx: tx.grants.get("g1")) == kept
    assert await store.read(lambda tx: tx.grants.by_number(1)) == kept
    assert await store.read(lambda tx: tx.grants.get("g2")) is None


async def test_numbers_are_never_given_twice(store: Store) -> None:
    await store.write(lambda tx: tx.grants.add(grant("g1", 1)))
    with pytest.raises(VigieError):
        await store.write(lambda tx: tx.grants.add(grant("g2", 1)))
    assert await store.write(lambda tx: tx.grants.next_number()) == 2
    await store.write(lambda tx: tx.grants.swap(grant("g1", 1), replace(grant("g1", 1), ended=later(1))))
    assert await store.read(lambda tx: tx.grants.next_number()) == 2


async def test_of_two_who_take_the_last_use_one_gets_it(store: Store) -> None:
    await store.write(lambda tx: tx.grants.add(grant("g1")))
    before = grant("g1")

    def take(tx: Tx) -> bool:
        return tx.grants.swap(before, replace(before, used=before.used + 1))

    assert sorted(await asyncio.gather(*(store.write(take) for _ in range(5)))) == [False] * 4 + [True]
    found = await store.read(lambda tx: tx.grants.get("g1"))
    assert found is not None
    assert found.used == 1


async def test_what_was_withdrawn_meanwhile_cannot_be_taken(store: Store) -> None:
    before = grant("g1")
    await store.write(lambda tx: tx.grants.add(before))
    assert await store.write(lambda tx: tx.grants.swap(before, before.withdrawn("per_ann", later(1))))
    assert not await store.write(lambda tx: tx.grants.swap(before, replace(before, used=1)))
    assert await store.read(lambda tx: tx.grants.of_action(before.scope.action)) == ()
    assert [each.ended for each in await store.read(lambda tx: tx.grants.all())] == [later(1)]


async def test_those_for_an_action_come_oldest_first(store: Store) -> None:
    for number, name in ((1, "b"), (2, "a")):
        await store.write(lambda tx, n=number, g=name: tx.grants.add(grant(g, n)))
    found = await store.read(lambda tx: tx.grants.of_action("demo.message_customer"))
    assert [each.id for each in found] == ["b", "a"]
    assert await store.read(lambda tx: tx.grants.of_action("demo.refund")) == ()


async def test_spaces_never_see_each_others(store: Store) -> None:
    await store.write(lambda tx: tx.grants.add(grant("g1")))
    assert await store.read(lambda tx: tx.grants.get("g1"), space="other") is None
    assert await store.read(lambda tx: tx.grants.all(), space="other") == ()
    assert await store.write(lambda tx: tx.grants.add(grant("g1", space="other")), space="other")
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.grants.add(grant("g2")), space="other")
