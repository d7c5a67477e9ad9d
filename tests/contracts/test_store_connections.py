"""What every store promises of connections."""

import asyncio
from dataclasses import replace

import pytest

from bot.connections import Connection, How
from bot.errors import NotAllowed
from bot.people import HOME
from bot.store import Store
from tests.contracts.stores import NOON


def connection(name: str, *, space: str = HOME, id: str = "") -> Connection:
    return Connection(
        id=id or f"con_{name}",
        space=space,
        name=name,
        vendor="acme",
        how=How.KEY,
        sealed=f"sealed {name}",
        scopes=("read", "write"),
        since=NOON,
    )


async def test_a_connection_comes_back_whole_and_by_name(store: Store) -> None:
    for name in ("stripe", "airtable"):
        assert await store.write(lambda tx, n=name: tx.connections.add(connection(n)))
    assert await store.read(lambda tx: tx.connections.get("stripe")) == connection("stripe")
    assert await store.read(lambda tx: tx.connections.get("hubspot")) is None
    everything = await store.read(lambda tx: tx.connections.all())
    assert everything == (connection("airtable"), connection("stripe"))


async def test_a_name_and_an_id_are_given_once(store: Store) -> None:
    assert await store.write(lambda tx: tx.connections.add(connection("stripe")))
    assert not await store.write(lambda tx: tx.connections.add(connection("stripe", id="con_2")))
    assert not await store.write(lambda tx: tx.connections.add(connection("other", id="con_stripe")))
    assert await store.read(lambda tx: tx.connections.all()) == (connection("stripe"),)


async def test_of_many_who_replace_what_they_saw_one_succeeds(store: Store) -> None:
    before = connection("stripe")
    await store.write(lambda tx: tx.connections.add(before))
    done = await asyncio.gather(
        *(
            store.write(lambda tx, n=n: tx.connections.swap(before, before.resealed(f"new {n}")))
            for n in range(10)
        )
    )
    assert sorted(done) == [False] * 9 + [True]
    after = await store.read(lambda tx: tx.connections.get("stripe"))
    assert after is not None
    assert after.revision == 2


async def test_another_account_of_the_same_name_is_not_replaced(store: Store) -> None:
    before = connection("stripe")
    await store.write(lambda tx: tx.connections.add(replace(before, id="con_9")))
    assert not await store.write(lambda tx: tx.connections.swap(before, before.resealed("new")))


async def test_what_is_removed_is_gone_and_its_name_is_free(store: Store) -> None:
    await store.write(lambda tx: tx.connections.add(connection("stripe")))
    assert await store.write(lambda tx: tx.connections.remove("stripe"))
    assert not await store.write(lambda tx: tx.connections.remove("stripe"))
    assert await store.read(lambda tx: tx.connections.all()) == ()
    assert await store.write(lambda tx: tx.connections.add(connection("stripe")))


async def test_no_space_sees_or_changes_anothers(store: Store) -> None:
    mine, theirs = connection("stripe"), connection("stripe", space="other")
    await store.write(lambda tx: tx.connections.add(mine))
    assert await store.read(lambda tx: tx.connections.all(), space="other") == ()
    assert await store.write(lambda tx: tx.connections.add(theirs), space="other")
    assert await store.write(lambda tx: tx.connections.remove("stripe"), space="other")
    assert await store.read(lambda tx: tx.connections.get("stripe")) == mine
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.connections.swap(mine, mine.resealed("x")), space="other")
