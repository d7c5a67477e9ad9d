"""What every store promises of a transaction: all or nothing, bells after the commit, spaces that never mix."""

import asyncio
from collections.abc import Callable
from typing import TypeVar

import pytest

from bot import ledger
from bot.errors import NotAllowed, Refused, Stale, Unreachable
from bot.store import Store, Tx
from bot.values import Json
from tests.contracts.stores import (
    ANN,
    NOON,
    PLACE,
    effect,
    event,
    line,
    mission,
    note,
    person,
    proposal,
    ticket,
    turn,
)

T = TypeVar("T")


class Heard:
    """A bell that remembers."""

    def __init__(self) -> None:
        self.rings: list[tuple[str, str]] = []

    def __call__(self, space: str, place: str) -> None:
        asyncio.get_running_loop()
        self.rings.append((space, place))


async def many(
    store: Store, changes: list[Callable[[Tx], T]], space: str = "home"
) -> list[T | BaseException]:
    """All of them at once, so that a store that groups its commits groups these."""
    return await asyncio.gather(
        *(store.write(change, space=space) for change in changes), return_exceptions=True
    )


async def test_a_write_returns_what_its_function_returned(store: Store) -> None:
    assert await store.write(lambda tx: tx.space) == "home"
    assert await store.write(lambda tx: tx.space, space="other") == "other"


async def test_a_write_raises_what_its_function_raised(store: Store) -> None:
    def fail(tx: Tx) -> None:
        raise Stale("moved on")

    with pytest.raises(Stale, match="moved on"):
        await store.write(fail)


async def test_a_failed_function_leaves_nothing_in_any_table(store: Store) -> None:
    def fail(tx: Tx) -> None:
        tx.events.add(event("e1"))
        tx.turns.put(turn("t1"))
        tx.people.put(person("ann", ANN.key))
        tx.missions.put(mission("m1", 1))
        tx.proposals.add(proposal("p1"))
        tx.effects.add(effect("f1"))
        tx.lines.put(line("hello", slot="s"))
        tx.notes.put(note("n1", "the keys hang behind the door"))
        tx.ledger.append("did", {"turn": "t1"}, NOON)
        tx.tickets.add(ticket("h1"))
        tx.marks.put("freeze", True)
        raise Stale("no")

    def look(tx: Tx) -> list[object]:
        return [
            tx.events.get("e1"),
            tx.turns.get("t1"),
            *tx.people.all(),
            *tx.missions.all(over=True),
            tx.proposals.get("p1"),
            tx.effects.get("f1"),
            *tx.lines.last(PLACE, 9),
            *tx.lines.of_slot("s"),
            *tx.recall.find("keys", ["person:ann"], 9),
            tx.notes.get("n1"),
            *tx.ledger.read(),
            *tx.ledger.about("t1"),
            tx.tickets.peek("h1", ticket("h1").purpose, NOON),
            tx.marks.get("freeze"),
        ]

    with pytest.raises(Stale):
        await store.write(fail)
    assert [found for found in await store.read(look) if found is not None] == []


async def test_a_failed_function_takes_back_its_changes_to_rows_that_stood(store: Store) -> None:
    def begin(tx: Tx) -> None:
        tx.marks.put("a", 1)
        tx.notes.put(note("n1", "the keys hang behind the door"))
        tx.events.add(event("e1"))

    def fail(tx: Tx) -> None:
        tx.marks.put("a", None)
        tx.notes.forget("n1")
        tx.events.close("e1")
        raise Stale("no")

    await store.write(begin)
    with pytest.raises(Stale):
        await store.write(fail)
    assert await store.read(lambda tx: tx.marks.get("a")) == 1
    assert await store.read(lambda tx: len(tx.recall.find("keys", ["person:ann"], 9))) == 1
    assert await store.read(lambda tx: tx.events.count_open()) == 1


async def test_the_neighbours_of_a_failed_function_stand(store: Store) -> None:
    def change(n: int) -> Callable[[Tx], int]:
        def put(tx: Tx) -> int:
            tx.marks.put(f"m{n}", n)
            if n % 3 == 0:
                raise Stale(f"no {n}")
            return n

        return put

    outcomes = await many(store, [change(n) for n in range(30)])
    for n, outcome in enumerate(outcomes):
        assert await store.read(lambda tx, name=f"m{n}": tx.marks.get(name)) == (None if n % 3 == 0 else n)
        assert isinstance(outcome, Stale) if n % 3 == 0 else outcome == n


async def test_a_broken_rule_of_the_tables_fails_its_own_function_alone(store: Store) -> None:
    def put(name: str, number: int) -> Callable[[Tx], None]:
        return lambda tx: tx.missions.put(mission(name, number))

    outcomes = await many(store, [put("a", 1), put("b", 1), put("c", 2)])
    assert [type(outcome) for outcome in outcomes] == [type(None), Stale, type(None)]
    assert [found.id for found in await store.read(lambda tx: tx.missions.all())] == ["a", "c"]


async def test_functions_run_one_after_the_other(store: Store) -> None:
    def count(tx: Tx) -> int:
        n = (tx.marks.get("n") or 0) + 1
        tx.marks.put("n", n)
        return n

    outcomes = await many(store, [count] * 100)
    assert sorted(n for n in outcomes if isinstance(n, int)) == list(range(1, 101))


async def test_a_read_sees_every_write_that_returned_before(store: Store) -> None:
    for n in range(30):
        await store.write(lambda tx, n=n: tx.marks.put("n", n))
        seen = await asyncio.gather(*(store.read(lambda tx: tx.marks.get("n")) for _ in range(3)))
        assert seen == [n, n, n]


async def test_a_read_sees_one_consistent_state(store: Store) -> None:
    def both(n: int) -> Callable[[Tx], None]:
        def put(tx: Tx) -> None:
            tx.marks.put("left", n)
            tx.marks.put("right", n)

        return put

    async def writing() -> None:
        for n in range(50):
            await store.write(both(n))

    task = asyncio.create_task(writing())
    while not task.done():
        left, right = await store.read(lambda tx: (tx.marks.get("left"), tx.marks.get("right")))
        assert left == right
    await task


async def test_marks_that_were_looked_at_together_are_as_they_are(store: Store) -> None:
    await store.write(lambda tx: [tx.marks.put(name, name) for name in ("a", "b\x00", "é", "other")])

    def change(tx: Tx) -> list[Json]:
        names = ("a", "b\x00", "é", "never", "later")
        tx.marks.gather(names)
        seen = [tx.marks.get(name) for name in names]
        tx.marks.put("a", None)
        tx.marks.put("later", 2)
        tx.marks.gather(())
        return [*seen, *(tx.marks.get(name) for name in names), tx.marks.get("other")]

    seen = ["a", "b\x00", "é", None, None]
    after = [None, "b\x00", "é", None, 2]
    assert await store.write(change) == [*seen, *after, "other"]
    assert await store.read(lambda tx: tx.marks.get("later")) == 2


async def test_a_look_may_not_write(store: Store) -> None:
    with pytest.raises(Refused, match="only looks"):
        await store.read(lambda tx: tx.marks.put("a", 1))
    with pytest.raises(Refused, match="only looks"):
        await store.read(lambda tx: tx.events.add(event("e1")))
    await store.write(lambda tx: tx.marks.put("b", 1))
    assert await store.read(lambda tx: (tx.marks.get("a"), tx.marks.get("b"))) == (None, 1)


async def test_a_look_that_raises_harms_nobody_beside_it(store: Store) -> None:
    def fail(tx: Tx) -> None:
        raise Stale("no")

    await store.write(lambda tx: tx.marks.put("a", 1))
    outcomes = await asyncio.gather(
        store.read(fail), store.read(lambda tx: tx.marks.get("a")), return_exceptions=True
    )
    assert isinstance(outcomes[0], Stale)
    assert outcomes[1] == 1


async def test_bells_ring_when_the_change_can_be_read(store: Store) -> None:
    seen: list[asyncio.Task[object]] = []

    def bell(space: str, place: str) -> None:
        seen.append(asyncio.create_task(store.read(lambda tx: tx.events.next(place, NOON), space=space)))

    def change(tx: Tx) -> None:
        tx.events.add(event("e1"))
        tx.ring(PLACE)

    store.listen(bell)
    await store.write(change)
    assert [await task for task in seen] == [event("e1")]


async def test_bells_ring_before_the_writer_goes_on(store: Store) -> None:
    heard = Heard()
    store.listen(heard)
    await store.write(lambda tx: tx.ring(PLACE))
    assert heard.rings == [("home", PLACE)]


async def test_each_listener_hears_each_place_once_per_function(store: Store) -> None:
    first, second = Heard(), Heard()
    store.listen(first)
    store.listen(second)

    def change(tx: Tx) -> None:
        tx.ring("b")
        tx.ring("a")
        tx.ring("b")

    await store.write(change, space="other")
    assert first.rings == second.rings == [("other", "b"), ("other", "a")]


async def test_what_was_rolled_back_rings_no_bell(store: Store) -> None:
    heard = Heard()
    store.listen(heard)

    def change(n: int) -> Callable[[Tx], None]:
        def ring(tx: Tx) -> None:
            tx.ring(str(n))
            if n % 2:
                raise Stale("no")

        return ring

    await many(store, [change(n) for n in range(10)])
    assert {place for _, place in heard.rings} == {"0", "2", "4", "6", "8"}


async def test_a_bell_that_fails_keeps_nobody_else_from_hearing(store: Store) -> None:
    heard = Heard()

    def broken(space: str, place: str) -> None:
        raise RuntimeError("out of order")

    store.listen(broken)
    store.listen(heard)
    await store.write(lambda tx: tx.ring(PLACE))
    assert heard.rings == [("home", PLACE)]


async def test_spaces_never_see_each_other(store: Store) -> None:
    """SAFETY 80"""

    def fill(tx: Tx) -> None:
        tx.events.add(event("e1", space=tx.space))
        tx.turns.put(turn("t1", space=tx.space))
        tx.turns.put(turn("t1", space=tx.space))
        tx.people.put(person("ann", ANN.key))
        tx.missions.put(mission("m1", 1, space=tx.space))
        tx.proposals.add(proposal("p1", space=tx.space))
        tx.effects.add(effect("f1", space=tx.space))
        tx.lines.put(line("hello", slot="s"))
        tx.notes.put(note("n1", "the keys", space=tx.space))
        tx.ledger.append("did", {"turn": "t1"}, NOON)
        tx.tickets.add(ticket("h1"))
        tx.marks.put("freeze", tx.space)

    def look(tx: Tx) -> list[object]:
        return [
            tx.events.get("e1"),
            tx.events.next(PLACE, NOON),
            tx.events.count_open() or None,
            tx.turns.get("t1"),
            *tx.turns.rows("t1"),
            tx.people.by_identity(ANN),
            tx.missions.by_number(1),
            *tx.missions.all(),
            tx.proposals.get("p1"),
            tx.proposals.by_ref("ref:p1"),
            *tx.proposals.pending(),
            tx.effects.get("f1"),
            *tx.effects.open(PLACE),
            *tx.lines.last(PLACE, 9),
            tx.lines.by_slot(PLACE, "s"),
            *tx.lines.of_slot("s"),
            *tx.recall.find("keys", ["person:ann"], 9),
            *tx.notes.all("person:ann"),
            *tx.ledger.read(),
            *tx.ledger.about("t1"),
            tx.tickets.use("h1", ticket("h1").purpose, NOON) if tx.space == "third" else None,
            tx.marks.get("freeze"),
        ]

    def harm(tx: Tx) -> None:
        tx.events.close("e1")
        tx.events.postpone("e1", NOON)
        tx.tickets.revoke(ticket("h1").purpose)
        tx.notes.forget("n1")
        tx.marks.put("freeze", None)

    await store.write(fill, space="one")
    await store.write(fill, space="two")
    one = await store.read(look, space="one")
    await store.write(harm, space="two")
    await store.write(harm, space="third")
    assert [found for found in await store.write(look, space="third") if found is not None] == []
    assert await store.read(look, space="one") == one
    assert await store.read(lambda tx: tx.tickets.peek("h1", ticket("h1").purpose, NOON), space="one")


async def test_what_belongs_to_another_space_is_not_written(store: Store) -> None:
    puts: list[Callable[[Tx], object]] = [
        lambda tx: tx.events.add(event("e1", space="other")),
        lambda tx: tx.turns.put(turn("t1", space="other")),
        lambda tx: tx.missions.put(mission("m1", 1, space="other")),
        lambda tx: tx.proposals.add(proposal("p1", space="other")),
        lambda tx: tx.effects.add(effect("f1", space="other")),
        lambda tx: tx.notes.put(note("n1", "the keys", space="other")),
    ]
    for put in puts:
        with pytest.raises(NotAllowed):
            await store.write(put)


async def test_the_ledger_has_no_gap_however_many_write_at_once(store: Store) -> None:
    def change(n: int) -> Callable[[Tx], None]:
        def append(tx: Tx) -> None:
            tx.ledger.append("did", {"n": n}, NOON)
            if n % 4 == 0:
                raise Stale("no")

        return append

    await many(store, [change(n) for n in range(80)])
    entries = await store.read(lambda tx: tx.ledger.read())
    assert [entry.seq for entry in entries] == list(range(1, 61))
    assert ledger.verify(entries).holds


async def test_a_closed_store_says_so(store: Store) -> None:
    await store.close()
    await store.close()
    with pytest.raises(Unreachable):
        await store.write(lambda tx: tx.space)
    with pytest.raises(Unreachable):
        await store.read(lambda tx: tx.space)


async def test_closing_finishes_what_was_asked_for_before(store: Store) -> None:
    asked = [
        asyncio.create_task(store.write(lambda tx, n=n: tx.marks.put(str(n), n) or n)) for n in range(20)
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    await store.close()
    assert await asyncio.gather(*asked) == list(range(20))
