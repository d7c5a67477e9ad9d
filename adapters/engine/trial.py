"""Whether a PostgreSQL server will do, by what is asked of it when many machines share it: a connection, a message from one
connection to another, and the time. For who only asks; changes nothing.
"""

import asyncio
from datetime import UTC, datetime
from typing import Any

import psycopg

from bot.errors import Unreachable
from bot.world import Health

OLDEST = 140_000
"""PostgreSQL 14: an older one does not end connections that idle, which leases rely on."""
PATIENCE = 5
SKEW = 30.0
"""Seconds that the clocks may differ: cards and reminders go by the machines', takeovers by the server's."""
_CHANNEL = "vigie_doctor"


async def trial(url: str) -> Health:
    """Raises Unreachable when there is no connection to be had."""
    try:
        async with await psycopg.AsyncConnection.connect(
            url, autocommit=True, connect_timeout=PATIENCE
        ) as one:
            return await _of(one, url)
    except psycopg.OperationalError as error:
        raise Unreachable("{why}", why=_why(error)) from None


async def _of(one: "psycopg.AsyncConnection[Any]", url: str) -> Health:
    version = one.info.server_version
    told = f"PostgreSQL {version // 10_000}.{version % 10_000}"
    if version < OLDEST:
        return Health(well=False, text=f"{told} is too old: use 14 or newer")
    if not await _hears(one, url):
        why = "a message to another connection did not arrive: DATABASE_URL has to lead straight to the server, not through a pooler"
        return Health(well=False, text=f"{told}, but {why}")
    row = await (await one.execute("SELECT clock_timestamp()")).fetchone()
    off = (datetime.now(UTC) - row[0]).total_seconds() if row is not None else 0.0
    if abs(off) > SKEW:
        why = f"the clocks of this machine and the server differ by {abs(off):.0f} seconds: turn on time synchronisation on both"
        return Health(well=False, text=f"{told}, but {why}")
    return Health(well=True, text=f"{told} answers, and tells one connection what another says")


async def _hears(one: "psycopg.AsyncConnection[Any]", url: str) -> bool:
    await one.execute(f"LISTEN {_CHANNEL}")
    async with await psycopg.AsyncConnection.connect(url, autocommit=True, connect_timeout=PATIENCE) as other:
        await other.execute(f"NOTIFY {_CHANNEL}")
    try:
        async with asyncio.timeout(PATIENCE):
            async for _ in one.notifies():
                return True
    except TimeoutError:
        pass
    return False


def _why(error: psycopg.OperationalError) -> str:
    """In a sentence of ours: the driver's may hold what is in the URL. A refused connection carries no code, so it is told
    by the server's English words; in another language it is told less exactly."""
    words = str(error)
    if "authentication failed" in words or ("role" in words and "does not exist" in words):
        return "the server does not accept the name and password of DATABASE_URL"
    if "database" in words and "does not exist" in words:
        return "there is no database of that name on the server: make one that is empty, or mend DATABASE_URL"
    return "the server cannot be reached: does it run, and are the host and port of DATABASE_URL right?"
