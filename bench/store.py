"""How many turns a second the store keeps, beside plain sqlite3 that commits each write by itself.

A turn is what a short answer in a chat costs: keep the event (a commit), look (next event, person, turn, mark,
transcript), commit the turn (event closed, turn, effect, line, ledger), and write the receipt (effect, line).

    python -m bench.store [--turns 400] [--rounds 5] [--folder .]

Every round measures each case once, in turn, on a new file in the folder; the medians are printed, with the CPU
time of a turn. Put the folder on the disk that will be used: the cost of a commit is its sync.
"""

import argparse
import asyncio
import itertools
import json
import resource
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.actions import Receipt
from bot.effects import Effect, Say, Text
from bot.events import Event, Message
from bot.journal import Line, Turn, TurnState
from bot.people import HOME, Identity, Person, Role
from bot.store import Tx
from memory.sqlite import SqliteStore

ANN = Identity(platform="slack", team="T1", user="U1")
ANSWER = "Order 1042 left the warehouse this morning and should arrive on Thursday. " * 3
NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Turns in a second, and CPU milliseconds of one turn."""

    rate: float
    cpu: float


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


async def _turn(store: SqliteStore, n: int, place: str) -> None:
    event = Event(
        id=f"evt_{n}",
        space=HOME,
        key=f"slack:Ev{n}",
        place=place,
        at=NOW,
        body=Message(who=ANN, text="where is my order 1042?", ref=f"{n}.1", name="Ann"),
    )
    effect = Effect(
        id=f"eff_{n}", space=HOME, place=place, deed=Say(slot=event.id, content=Text(text=ANSWER)), due=NOW
    )
    line = Line(place=place, who="vigie", text=ANSWER, at=NOW, turn=event.id, slot=event.id)

    def arrive(tx: Tx) -> bool:
        tx.ring(place)
        return tx.events.add(event)

    def look(tx: Tx) -> object:
        found = (tx.events.next(place, NOW), tx.people.by_identity(ANN), tx.turns.get(event.id))
        return found, tx.marks.get("freeze"), tx.lines.last(place, 20)

    def commit(tx: Tx) -> None:
        tx.events.close(event.id)
        tx.turns.put(Turn(id=event.id, space=HOME, place=place, state=TurnState.DONE, started=NOW, ended=NOW))
        tx.effects.add(effect)
        tx.lines.put(line)
        tx.ledger.append("turn", {"turn": event.id, "person": "per_ann", "mind": "builtin"}, NOW)
        tx.ring(place)

    def receive(tx: Tx) -> None:
        started = effect.started()
        tx.effects.swap(effect, started)
        tx.effects.swap(started, started.confirmed(Receipt(id=f"{n}.2")))
        tx.lines.put(replace(line, ref=f"{n}.2"))

    await store.write(arrive)
    await store.read(look)
    await store.write(commit)
    await store.write(receive)


async def _ours(path: Path, turns: int, tasks: int) -> Measured:
    store = SqliteStore.open(path)
    ann = Person(id="per_ann", name="Ann", role=Role.MEMBER, identities=(ANN.key,))
    await store.write(lambda tx: tx.people.put(ann))
    numbers = iter(range(turns))

    async def work(place: str) -> None:
        for n in numbers:
            await _turn(store, n, place)

    cpu, began = _cpu(), time.perf_counter()
    await asyncio.gather(*(work(f"slack/T1/C{task}/") for task in range(tasks)))
    took, used = time.perf_counter() - began, _cpu() - cpu
    await store.close()
    return Measured(rate=turns / took, cpu=used / turns * 1000)


_RAW = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE kept (seq INTEGER PRIMARY KEY, sort TEXT, id TEXT, place TEXT, body TEXT, UNIQUE (sort, id));
"""


def _raw(path: Path, turns: int) -> Measured:
    """As many statements and commits, written by hand for one table."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.executescript(_RAW)
    put = "INSERT INTO kept (sort, id, place, body) VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body"
    get = "SELECT body FROM kept WHERE sort = ? AND id = ?"

    def write(n: int, *sorts: str) -> None:
        connection.execute("BEGIN IMMEDIATE")
        for sort in sorts:
            connection.execute(put, (sort, str(n), "slack/T1/C1/", json.dumps({"id": n, "text": ANSWER})))
        connection.execute("COMMIT")

    cpu, began = _cpu(), time.perf_counter()
    for n in range(turns):
        write(n, "event")
        for sort in ("event", "person", "turn", "mark", "lines"):
            connection.execute(get, (sort, str(n))).fetchone()
        write(n, "event", "turn", "effect", "line", "ledger")
        write(n, "effect", "effect", "line")
    took, used = time.perf_counter() - began, _cpu() - cpu
    connection.close()
    return Measured(rate=turns / took, cpu=used / turns * 1000)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.store")
    parser.add_argument("--turns", type=int, default=400)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", default=".")
    chosen = parser.parse_args()
    turns: int = chosen.turns
    cases: dict[str, Callable[[Path], Measured]] = {
        "sqlite3, a commit each": lambda path: _raw(path, turns),
        **{
            f"SqliteStore, {tasks:>2} at once": lambda path, tasks=tasks: asyncio.run(
                _ours(path, turns, tasks)
            )
            for tasks in (1, 16, 64)
        },
    }
    found: dict[str, list[Measured]] = {name: [] for name in cases}
    with tempfile.TemporaryDirectory(dir=chosen.folder) as folder:
        numbers = itertools.count()
        for _ in range(chosen.rounds):
            for name, case in cases.items():
                found[name].append(case(Path(folder) / f"{next(numbers)}.db"))
    base = statistics.median(each.rate for each in found["sqlite3, a commit each"])
    print(
        f"{'':<24}{'turns/s':>10}{'ratio':>8}{'CPU ms/turn':>14}   (medians of {chosen.rounds}, {turns} turns)"
    )
    for name, measured in found.items():
        rate = statistics.median(each.rate for each in measured)
        cpu = statistics.median(each.cpu for each in measured)
        print(f"{name:<24}{rate:>10.0f}{rate / base:>8.2f}{cpu:>14.2f}")


if __name__ == "__main__":
    main()
