"""What the program left behind in its data folder, read from outside: the shop's books, the ledger, every row.

Opens the files as any other program would. Knows table names only where it has to.
"""

import asyncio
import sqlite3
import time
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from bot.values import Money
from tests.running import vigie

T = TypeVar("T")
WAIT = 20.0
_POLL = 0.02


async def until(look: Callable[[], Awaitable[T]], otherwise: str, *, within: float = WAIT) -> T:
    """What `look` gives once that is true; fails with `otherwise` after a while."""
    deadline = time.monotonic() + within
    while not (found := await look()):
        assert time.monotonic() < deadline, otherwise
        await asyncio.sleep(_POLL)
    return found


def _read(file: Path, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=10)) as connection:
        return connection.execute(sql, values).fetchall()


def refunds(home: Path, order: str) -> list[Money]:
    """What the demo shop really paid back for an order."""
    rows = _read(home / "demo-shop.db", "select amount from refunds where order_id = ? order by id", order)
    return [Money(int(str(amount)), "EUR") for (amount,) in rows]


def asked(home: Path) -> bool:
    """Whether anything waits for a press."""
    file = home / "vigie.db"
    return file.exists() and bool(_read(file, "select 1 from proposals where state = 'pending'"))


def euros(text: str) -> Money:
    return Money.parse(text, currency="EUR")


async def ledger_holds(home: Path) -> bool:
    """Whether the chain is whole, by the program's own word."""
    status, _ = await vigie(home, "ledger", "verify")
    return status == 0


def events_of(home: Path, key: str) -> int:
    """How many events were kept whose delivery id contains this."""
    (row,) = _read(home / "vigie.db", "select count(*) from events where instr(key, ?) > 0", key)
    return int(str(row[0]))


def everything(home: Path) -> str:
    """Every value of every table of both files, as one text."""
    found: list[str] = []
    for file in sorted(home.glob("*.db")):
        for (table,) in _read(file, "select name from sqlite_master where type = 'table'"):
            found += [repr(row) for row in _read(file, f'select * from "{table}"')]
    return "\n".join(found)
