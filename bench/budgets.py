"""What holding a budget back costs a deed: the two transactions that start and end it, with the limits that ship
and with none, in turn, over SQLite. Nothing here decides whether a test passes.

    python -m bench.budgets --deeds 500 --scratch FOLDER
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adapters.clock.wall import WallClock
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.speech.languages import tongues
from bot import spending
from bot.actions import Account, Call, Receipt
from bot.budgets import Budgets
from bot.effects import Authority, Effect, Run
from bot.house import House
from bot.rulebook import shipped
from bot.store import Tx
from memory.sqlite import SqliteStore


def _house(store: SqliteStore, budgets: Budgets) -> House:
    policy = replace(shipped(), budgets=budgets)
    minds = Choice(builtin=BuiltinMind(), understands=understands, model=None)
    return House(
        store=store,
        clock=WallClock(),
        minds=minds,
        chats={},
        systems={},
        tongues=tongues(),
        policy=lambda: policy,
    )


def _effect(name: str, house: House) -> Effect:
    money = {"amount": {"minor": 1, "currency": "EUR"}}
    call = Call(action="x.pay", fingerprint="f", account=Account(system="x", label="x"), arguments=money)
    run = Run(call=call, authority=Authority(by="rule", rule="r", digest=call.digest))
    now = house.clock.now()
    return Effect(
        id=name, space="home", place="p", deed=run, person="per_a", mission="mis_a", due=now
    ).started()


async def _deed(name: str, house: House) -> float:
    """Seconds for the start and the end of one deed, each with its ledger row."""
    effect = _effect(name, house)
    done = effect.confirmed(Receipt(id=name))

    def start(tx: Tx) -> None:
        if spending.for_deed(tx, effect, house=house) is not None:
            raise SystemExit("the bench reached a limit")
        tx.effects.add(effect)
        tx.ledger.append("started", {"effect": name}, house.clock.now())

    def end(tx: Tx) -> None:
        tx.effects.swap(effect, done)
        tx.ledger.append("confirmed", {"effect": name}, house.clock.now())
        spending.after_deed(tx, done)

    began = time.perf_counter()
    await house.store.write(start)
    await house.store.write(end)
    return time.perf_counter() - began


async def measure(folder: Path, deeds: int) -> None:
    store = SqliteStore.open(folder / "vigie.db")
    wide = tuple(replace(limit, most=limit.most * 1_000_000) for limit in Budgets().limits)
    kinds = {"no limit": _house(store, Budgets(limits=())), "limits": _house(store, Budgets(limits=wide))}
    took: dict[str, list[float]] = {kind: [] for kind in kinds}
    for n in range(deeds):
        for kind, house in kinds.items():
            took[kind].append(await _deed(f"{kind}:{n}", house))
    await store.close()
    medians = {kind: statistics.median(each) * 1000 for kind, each in took.items()}
    for kind, median in medians.items():
        print(f"{kind:9} {median:.3f} ms a deed (median of {deeds})")
    print(f"ratio     {medians['limits'] / medians['no limit']:.2f}")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.budgets", description=__doc__)
    parser.add_argument("--deeds", type=int, default=500)
    parser.add_argument("--scratch", type=Path, default=Path())
    wanted = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(dir=wanted.scratch) as folder:
        asyncio.run(measure(Path(folder), wanted.deeds))
    return 0


if __name__ == "__main__":
    sys.exit(main())
