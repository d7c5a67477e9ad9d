"""Budgets under many workers, crashes and killed processes: what is counted is never less than what was used, and
never more than the limit allows.
"""

import asyncio
import random
import signal
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bot import spending
from bot.actions import Account as Connected
from bot.actions import Call, Receipt
from bot.budgets import Budgets, Holder, Limit, Measure, Payers, Reservation
from bot.effects import Authority, Effect, Run
from bot.errors import VigieError
from bot.events import Message
from bot.house import House
from bot.inbox import Arrival
from bot.journal import Cost, Thought
from bot.people import Standing
from bot.places import Place
from bot.rulebook import shipped
from bot.store import Store, Tx
from memory.sqlite import SqliteStore
from tests.contracts.stores import KINDS, STORES
from tests.memory import child
from tests.stage import OLIVIA, stage
from tests.stories.test_power_cut import Platform, books, message
from tests.twins.crash import Fuse, PowerCut
from tests.twins.mind import ScriptedMind

TOKENS = (Measure.TOKENS, "")
MOST = 1_000
DAY = "2026-11-21"
SPACE = f"{DAY}|space||tokens|"


def limits(*found: Limit, thought: int = 500) -> Budgets:
    return replace(
        Budgets(), limits=found, thought=Cost(calls=1, tokens_in=thought - 100, tokens_out=100, micro_usd=0)
    )


@pytest.mark.parametrize("kind", KINDS)
async def test_no_number_of_workers_passes_a_limit_and_every_token_is_accounted_for(
    tmp_path: Path, kind: str
) -> None:
    """Random reservations, settled by less, by more, or never, on every store. SAFETY 94"""
    budgets = limits(
        Limit(holder=Holder.SPACE, measure=Measure.TOKENS, most=MOST),
        Limit(holder=Holder.PERSON, measure=Measure.TOKENS, most=MOST // 2),
    )
    rules = replace(shipped(), budgets=budgets)
    async with stage(tmp_path, policy=lambda: rules) as s:
        (tmp_path / kind).mkdir()
        store = STORES[kind](tmp_path / kind)
        kept: list[int] = []
        await asyncio.gather(*(_worker(store, n, s.house, kept) for n in range(16)))
        used: Mapping[str, int] = await store.read(lambda tx: tx.spending.of_day(DAY))
        held = await store.read(lambda tx: tx.spending.reserved())
        open_ = sum(each.amounts[SPACE] for each in held)
        assert used[SPACE] == sum(kept) + open_, kind
        assert max(used.values()) <= MOST, kind
        people = {key: amount for key, amount in used.items() if "|person|" in key}
        assert sum(people.values()) == used[SPACE], kind
        assert all(amount <= MOST // 2 for amount in people.values()), kind
        await store.close()


async def _worker(store: Store, number: int, house: House, kept: list[int]) -> None:
    chance = random.Random(number)
    for n in range(20):
        payers = Payers(person=f"per_{chance.randrange(3)}")
        wanted, id_ = chance.randrange(1, 60), f"w{number}:{n}"
        over = await store.write(
            lambda tx, i=id_, w=wanted, p=payers: spending.reserve(tx, i, {TOKENS: w}, p, house=house)
        )
        assert (await store.read(lambda tx: tx.spending.used([SPACE]))).get(SPACE, 0) <= MOST
        fate = chance.random()
        if over is not None or fate < 0.1:
            continue
        spent = None if fate < 0.3 else chance.randrange(wanted + 1)
        amounts = await store.read(lambda tx, i=id_: tx.spending.get(i))
        assert amounts is not None
        settled = None if spent is None else dict.fromkeys(amounts.amounts, spent)
        await store.write(lambda tx, i=id_, a=settled: tx.spending.settle(i, a))
        kept.append(wanted if spent is None else spent)


async def test_deeds_begun_in_many_places_at_once_stop_at_the_limit(tmp_path: Path) -> None:
    """SAFETY 71, 94"""
    budgets = limits(Limit(holder=Holder.SPACE, measure=Measure.EFFECTS, most=3))
    async with stage(tmp_path, budgets=budgets) as s:
        await asyncio.gather(
            *(
                s.accept(
                    Arrival(
                        key=f"m{n}",
                        place=Place(platform="twin", channel=f"c{n}", private=True),
                        body=Message(
                            who=OLIVIA,
                            text=f"do demo.note_order order={1007 + n % 3} note=n{n}",
                            ref=f"m{n}",
                            standing=Standing.MEMBER,
                        ),
                    )
                )
                for n in range(12)
            )
        )
        await s.rest()
        rows = [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]
        assert (rows.count("confirmed"), rows.count("over_budget")) == (3, 9)


async def test_a_thought_is_counted_wherever_the_power_fails(tmp_path: Path) -> None:
    """At every point of a turn: what the model was asked is counted, and no thought is asked for beyond the limit.
    SAFETY 94"""
    budgets = limits(Limit(holder=Holder.SPACE, measure=Measure.TOKENS, most=100_000))
    at, blown, counted = 0, True, set[int]()
    while blown:
        at += 1
        folder = tmp_path / str(at)
        folder.mkdir()
        mind, platform, fuse = ScriptedMind([Thought(text="hello")]), Platform(), Fuse(at=at)
        try:
            async with stage(folder, chat=platform.chat, fuse=fuse, model=mind, budgets=budgets) as s:
                await s.arrive(message("tell me something", "m1"))
        except PowerCut:
            pass
        async with stage(folder, chat=platform.chat, model=mind, budgets=budgets) as s:
            await s.arrive(message("tell me something", "m1"))
            await books(s)
            used = (await s.look(lambda tx: tx.spending.used([SPACE]))).get(SPACE, 0)
            assert used >= mind.asked * 110, f"point {at}"
            assert not await s.look(lambda tx: tx.spending.reserved()), f"point {at}"
            counted.add(used)
        blown = fuse.blown
    assert 610 in counted, "once, what a dead process had held back was counted in full"
    assert 110 in counted


async def test_a_thought_that_broke_off_and_was_asked_for_again_is_counted_twice(tmp_path: Path) -> None:
    """SAFETY 94"""
    budgets = limits(Limit(holder=Holder.SPACE, measure=Measure.TOKENS, most=100_000))
    mind = ScriptedMind([Thought(text="hello")], failures=[VigieError("a defect")])
    async with stage(tmp_path, model=mind, budgets=budgets) as s:
        await s.say("tell me something")
        await s.forward(timedelta(minutes=1))
        assert s.last == "hello"
        used = await s.look(lambda tx: tx.spending.used([SPACE]))
        assert used[SPACE] == 500 + 110, "what the first may have cost, and what the second did"


async def test_what_a_killed_process_had_held_back_counts_as_spent(tmp_path: Path) -> None:
    """SAFETY 94"""
    path = tmp_path / "vigie.db"
    process = child.start("hold", str(path), SPACE)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    lines += process.stdout.read().splitlines(keepends=True)
    process.stdout.close()
    assert process.wait(timeout=30) == -signal.SIGKILL
    promised = sum(line.endswith("\n") for line in lines)
    store = SqliteStore.open(path)
    held = await store.read(lambda tx: len(tx.spending.reserved()))
    assert held >= promised
    await store.write(lambda tx: spending.recover(tx, run="another"))
    assert await store.read(lambda tx: tx.spending.reserved()) == ()
    assert (await store.read(lambda tx: tx.spending.used([SPACE])))[SPACE] == held * 7
    await store.close()


@pytest.mark.parametrize(
    ("outcome", "left"), [("confirmed", 1), ("failed", 0), ("pending", 0), ("unknown", 1), ("started", 1)]
)
async def test_a_deed_stays_counted_until_it_certainly_was_not_done(
    tmp_path: Path, outcome: str, left: int
) -> None:
    """SAFETY 94"""
    budgets = limits(Limit(holder=Holder.SPACE, measure=Measure.EFFECTS, most=5))
    async with stage(tmp_path, budgets=budgets) as s:
        call = Call(
            action="demo.note_order",
            fingerprint="f",
            account=Connected(system="demo", label="shop"),
            arguments={"order": "1007", "note": "late"},
        )
        deed = Run(call=call, authority=Authority(by="rule", rule="r", digest=call.digest))
        begun = Effect(id="eff_1", space="home", place="p", deed=deed, due=s.clock.now()).started()
        after = {
            "confirmed": begun.confirmed(Receipt(id="r")),
            "failed": begun.failed("no"),
            "pending": begun.waiting(s.clock.now(), "later"),
            "unknown": begun.unknown("who knows"),
            "started": begun,
        }[outcome]

        def change(tx: Tx) -> Mapping[str, int]:
            assert spending.for_deed(tx, begun, house=s.house) is None
            spending.after_deed(tx, after)
            return tx.spending.of_day(DAY)

        assert sum((await s.store.write(change)).values()) == left


@pytest.mark.parametrize("kind", KINDS)
async def test_of_one_day_only_its_own_accounts_are_told(tmp_path: Path, kind: str) -> None:
    store = STORES[kind](tmp_path)
    amounts = {SPACE: 3, f"+|{SPACE}": 5, "2026-11-20|space||tokens|": 7, f"{DAY}|person|p|tokens|": 2}
    await store.write(lambda tx, a=amounts: tx.spending.reserve(Reservation(id="r", amounts=a)))
    found = await store.read(lambda tx: tx.spending.of_day(DAY))
    assert dict(found) == {f"{DAY}|person|p|tokens|": 2, SPACE: 3}
    assert list(found) == sorted(found)
    assert not await store.read(lambda tx: tx.spending.of_day("2026-11-19"))
    await store.close()
