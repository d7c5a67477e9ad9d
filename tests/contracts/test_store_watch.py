"""What every store promises of hooks and incidents."""

import asyncio
from dataclasses import replace

import pytest

from bot.errors import NotAllowed
from bot.events import Alert, Condition, Signal
from bot.hooks import Hook, Shape
from bot.incidents import Incident
from bot.people import HOME
from bot.store import Store
from tests.contracts.stores import NOON, PLACE, later


def hook(name: str, *, space: str = HOME, id: str = "") -> Hook:
    return Hook(
        id=id or f"hok_{name}",
        space=space,
        name=name,
        shape=Shape.ALERTMANAGER,
        sealed=f"sealed {name}",
        window=5,
        place=PLACE,
        by="per_ann",
        since=NOON,
    )


def incident(
    name: str, number: int, *, space: str = HOME, group: str = "disk", due: float | None = None
) -> Incident:
    return Incident(
        id=name,
        number=number,
        space=space,
        ref=f"ref:{name}",
        source="hook:prom",
        group=group,
        place=PLACE,
        name="DiskFull",
        summary="98 %",
        alerts=(Alert(id="a", title="98 %", since="2026"),),
        opened=NOON,
        changed=NOON,
        escalate_at=None if due is None else later(due),
    )


async def test_a_hook_comes_back_whole_and_by_name(store: Store) -> None:
    for name in ("prom", "code"):
        assert await store.write(lambda tx, n=name: tx.hooks.add(hook(n)))
    assert await store.read(lambda tx: tx.hooks.get("prom")) == hook("prom")
    assert await store.read(lambda tx: tx.hooks.get("other")) is None
    assert await store.read(lambda tx: tx.hooks.all()) == (hook("code"), hook("prom"))
    assert not await store.write(lambda tx: tx.hooks.add(hook("prom", id="hok_2")))
    assert not await store.write(lambda tx: tx.hooks.add(hook("new", id="hok_prom")))


async def test_of_many_who_change_a_hook_they_saw_one_succeeds(store: Store) -> None:
    before = hook("prom")
    await store.write(lambda tx: tx.hooks.add(before))
    done = await asyncio.gather(
        *(store.write(lambda tx, n=n: tx.hooks.swap(before, before.resealed(f"new {n}"))) for n in range(8))
    )
    assert sorted(done) == [False] * 7 + [True]
    assert await store.write(lambda tx: tx.hooks.remove("prom"))
    assert not await store.write(lambda tx: tx.hooks.remove("prom"))
    await store.write(lambda tx: tx.hooks.add(replace(before, id="hok_9")))
    assert not await store.write(lambda tx: tx.hooks.swap(before, before.resealed("new")))


async def test_an_incident_is_found_by_all_its_names(store: Store) -> None:
    assert await store.read(lambda tx: tx.incidents.next_number()) == 1
    one, two = incident("i1", 1), incident("i2", 2, group="memory")
    for each in (one, two):
        assert await store.write(lambda tx, e=each: tx.incidents.add(e))
    assert not await store.write(lambda tx: tx.incidents.add(one))
    assert await store.read(lambda tx: tx.incidents.get("i1")) == one
    assert await store.read(lambda tx: tx.incidents.by_ref("ref:i2")) == two
    assert await store.read(lambda tx: tx.incidents.by_number(2)) == two
    assert await store.read(lambda tx: tx.incidents.next_number()) == 3
    assert await store.read(lambda tx: tx.incidents.recent(1)) == (two,)
    assert await store.read(lambda tx: tx.incidents.recent(0)) == ()
    assert await store.read(lambda tx: tx.incidents.get("i9")) is None
    assert await store.read(lambda tx: tx.incidents.by_ref("ref:i9")) is None


async def test_the_latest_of_a_group_is_the_newest_over_or_not(store: Store) -> None:
    old, new = incident("i1", 1).resolve("per_ann", later(1)), incident("i2", 2)
    for each in (old, new, incident("i3", 3, group="memory")):
        await store.write(lambda tx, e=each: tx.incidents.add(e))
    assert await store.read(lambda tx: tx.incidents.latest("hook:prom", "disk")) == new
    assert await store.read(lambda tx: tx.incidents.latest("hook:other", "disk")) is None
    assert [each.id for each in await store.read(lambda tx: tx.incidents.open())] == ["i2", "i3"]


async def test_of_two_who_settle_an_incident_one_succeeds(store: Store) -> None:
    before = incident("i1", 1, due=10)
    await store.write(lambda tx: tx.incidents.add(before))
    done = await asyncio.gather(
        *(
            store.write(lambda tx, n=n: tx.incidents.swap(before, before.acknowledge(f"per_{n}", later(1))))
            for n in range(5)
        )
    )
    assert sorted(done) == [False] * 4 + [True]
    after = await store.read(lambda tx: tx.incidents.get("i1"))
    assert after is not None
    assert after.escalate_at is None
    assert await store.read(lambda tx: tx.incidents.due(later(99), 10)) == ()
    over = after.hear(
        Signal(source="hook:prom", name="D", summary="", condition=Condition.RESOLVED), later(5)
    )
    assert await store.write(lambda tx: tx.incidents.swap(after, over))
    assert await store.read(lambda tx: tx.incidents.open()) == ()


async def test_what_is_due_comes_longest_overdue_first(store: Store) -> None:
    for each in (
        incident("i1", 1, due=20),
        incident("i2", 2, due=10),
        incident("i3", 3),
        incident("i4", 4, due=30),
    ):
        await store.write(lambda tx, e=each: tx.incidents.add(e))
    assert [each.id for each in await store.read(lambda tx: tx.incidents.due(later(20), 10))] == ["i2", "i1"]
    assert [each.id for each in await store.read(lambda tx: tx.incidents.due(later(20), 1))] == ["i2"]


async def test_no_space_sees_or_changes_anothers(store: Store) -> None:
    await store.write(lambda tx: tx.hooks.add(hook("prom")))
    await store.write(lambda tx: tx.incidents.add(incident("i1", 1, due=1)))
    assert await store.read(lambda tx: tx.hooks.all(), space="other") == ()
    assert await store.read(lambda tx: tx.incidents.open(), space="other") == ()
    assert await store.read(lambda tx: tx.incidents.due(later(9), 9), space="other") == ()
    assert await store.read(lambda tx: tx.incidents.recent(9), space="other") == ()
    assert await store.write(lambda tx: tx.incidents.add(incident("i1", 1, space="other")), space="other")
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.hooks.add(hook("x")), space="other")
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.incidents.add(incident("i7", 7)), space="other")
