"""A process of its own that writes to a store (a path is a SQLite file) and prints what it was promised, until it is done or killed.

`python -m tests.memory.child write FILE NAME COUNT`: COUNT entries, some at a time; each line is an entry's seq.
`python -m tests.memory.child hold FILE ACCOUNT`: reserves 7 of the account again and again; a line for each.
`python -m tests.memory.child hang URL`: says `holding` in the middle of a transaction, and never ends it.
`python -m tests.memory.child fill FILE BYTES`: until the files may not grow beyond BYTES, then with room again;
each line is a JSON object.
"""

import asyncio
import json
import resource
import signal
import subprocess
import sys
from itertools import count

from bot.budgets import Reservation
from bot.errors import Unreachable
from bot.people import HOME
from bot.store import Store, Tx
from memory import server
from memory.postgres import PostgresStore
from memory.sqlite import SqliteStore
from tests.contracts.stores import NOON, event

AT_ONCE = 8


def start(*arguments: str) -> "subprocess.Popen[str]":
    """Starts this file with these arguments; what it prints can be read from `stdout`."""
    return subprocess.Popen([sys.executable, "-m", __name__, *arguments], stdout=subprocess.PIPE, text=True)


async def write(path: str, name: str, entries: int) -> None:
    store: Store = PostgresStore.open(path) if server.serves(path) else SqliteStore.open(path, patience=30)
    numbers = iter(range(entries))

    def append(tx: Tx, n: int) -> int:
        tx.events.add(event(f"{name}:{n}"))
        return tx.ledger.append("wrote", {"who": name, "n": n, "padding": "x" * 500}, NOON).seq

    async def some() -> None:
        for n in numbers:
            seq = await store.write(lambda tx, n=n: append(tx, n))
            print(seq, n, flush=True)  # noqa: T201  the promise

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    await store.close()


async def fill(path: str, most: int) -> None:
    store = SqliteStore.open(path)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    _, ceiling = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, ceiling))
    kept: list[int] = []
    refused: list[str] = []

    async def put(n: int) -> None:
        try:
            await store.write(lambda tx: tx.marks.put(f"m{n}", "x" * 3000))
            kept.append(n)
        except Unreachable as error:
            refused.append(str(error))

    for n in count():
        await asyncio.gather(*(put(4 * n + i) for i in range(4)))
        if refused or n > 10_000:
            break
    read = await store.read(lambda tx: [n for n in kept if tx.marks.get(f"m{n}") is None])
    resource.setrlimit(resource.RLIMIT_FSIZE, (ceiling, ceiling))
    await put(1_000_000)
    print(json.dumps({"kept": kept, "refused": refused, "lost": read}), flush=True)  # noqa: T201
    await store.close()


async def hold(path: str, account: str) -> None:
    store = SqliteStore.open(path, patience=30)
    for n in count():
        held = Reservation(id=f"r{n}", run="dying", amounts={account: 7})
        await store.write(lambda tx, h=held: tx.spending.reserve(h))
        print(n, flush=True)  # noqa: T201  the promise


def hang(url: str) -> None:
    """Stops while it holds what everybody needs."""
    engine = server.engine(url)
    with server.by_hand(engine.connect()) as connection:
        server.begin(connection, HOME)
        print("holding", flush=True)  # noqa: T201  the promise
        signal.pause()


match sys.argv[1:]:
    case ["hang", url]:
        hang(url)
    case ["hold", path, account]:
        asyncio.run(hold(path, account))
    case ["write", path, name, entries]:
        asyncio.run(write(path, name, int(entries)))
    case ["fill", path, most]:
        asyncio.run(fill(path, int(most)))
    case _:
        pass
