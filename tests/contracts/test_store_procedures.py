"""What every store promises of procedures and their versions."""

from dataclasses import replace

import pytest

from bot.errors import NotAllowed
from bot.missions import OnDeed, OnSaying, Step
from bot.procedures import Recipe
from bot.store import Store
from tests.contracts.stores import RECIPE, procedure


async def test_a_version_comes_back_as_it_was_kept_and_is_kept_once(store: Store) -> None:
    first = procedure("sync")
    assert await store.write(lambda tx: tx.procedures.add(first))
    assert not await store.write(lambda tx: tx.procedures.add(replace(first, person="per_2")))
    assert await store.read(lambda tx: tx.procedures.get("proc_1", 1)) == first
    assert await store.read(lambda tx: tx.procedures.named("sync")) == first
    assert await store.read(lambda tx: tx.procedures.get("proc_1", 2)) is None
    assert await store.read(lambda tx: tx.procedures.named("other")) is None


@pytest.mark.parametrize(
    "trigger", [None, OnSaying(id="saying", words="go"), OnDeed(id="deed", action="demo.refund")]
)
async def test_every_trigger_comes_back(store: Store, trigger: OnSaying | OnDeed | None) -> None:
    kept = replace(procedure("sync"), recipe=replace(RECIPE, trigger=trigger))
    await store.write(lambda tx: tx.procedures.add(kept))
    assert await store.read(lambda tx: tx.procedures.named("sync")) == kept


async def test_the_newest_version_answers_to_the_name_and_the_old_ones_stay(store: Store) -> None:
    first, second = procedure("sync"), procedure("sync", version=2)
    await store.write(lambda tx: (tx.procedures.add(first), tx.procedures.add(second)))
    assert await store.read(lambda tx: tx.procedures.named("sync")) == second
    assert await store.read(lambda tx: tx.procedures.versions("proc_1")) == (first, second)
    assert await store.read(lambda tx: tx.procedures.all()) == (second,)


async def test_a_name_is_one_living_procedures_and_free_again_after_it(store: Store) -> None:
    first, other = procedure("sync"), procedure("sync", id="proc_2")
    await store.write(lambda tx: tx.procedures.add(first))
    assert not await store.write(lambda tx: tx.procedures.add(other))
    assert await store.read(lambda tx: tx.procedures.versions("proc_2")) == ()
    assert await store.write(lambda tx: tx.procedures.retire("proc_1"))
    assert not await store.write(lambda tx: tx.procedures.retire("proc_1"))
    assert await store.read(lambda tx: tx.procedures.named("sync")) is None
    assert await store.read(lambda tx: tx.procedures.get("proc_1", 1)) == first
    assert await store.write(lambda tx: tx.procedures.add(other))
    assert await store.read(lambda tx: tx.procedures.named("sync")) == other


async def test_a_version_that_is_rewritten_says_what_it_says_now_and_lives_as_it_did(store: Store) -> None:
    first, second = procedure("sync"), procedure("sync", version=2)
    bare = replace(first, recipe=Recipe(steps=(Step(text="…"),)))
    await store.write(lambda tx: (tx.procedures.add(first), tx.procedures.add(second)))
    await store.write(lambda tx: tx.procedures.rewrite(bare))
    assert await store.read(lambda tx: tx.procedures.versions("proc_1")) == (bare, second)
    assert await store.read(lambda tx: tx.procedures.named("sync")) == second
    await store.write(lambda tx: tx.procedures.retire("proc_1"))
    await store.write(lambda tx: tx.procedures.rewrite(replace(second, name="…")))
    assert await store.read(lambda tx: tx.procedures.all()) == ()
    assert (await store.read(lambda tx: tx.procedures.versions("proc_1")))[1].name == "…"
    await store.write(lambda tx: tx.procedures.rewrite(replace(first, id="proc_9")))
    assert await store.read(lambda tx: tx.procedures.versions("proc_9")) == ()


async def test_procedures_are_listed_by_name(store: Store) -> None:
    for name in ("b", "c", "a"):
        await store.write(lambda tx, n=name: tx.procedures.add(procedure(n, id=f"proc_{n}")))
    found = await store.read(lambda tx: tx.procedures.all())
    assert [each.name for each in found] == ["a", "b", "c"]


async def test_procedures_of_another_space_are_not_seen(store: Store) -> None:
    other = procedure("sync", space="other")
    await store.write(lambda tx: tx.procedures.add(other), space="other")
    assert await store.read(lambda tx: tx.procedures.named("sync")) is None
    assert await store.read(lambda tx: tx.procedures.all()) == ()
    assert not await store.write(lambda tx: tx.procedures.retire("proc_1"))
    with pytest.raises(NotAllowed):
        await store.write(lambda tx: tx.procedures.add(other))
