"""Makes the vectors that are owed, in small steps beside everything else. Knows no table."""

import asyncio
import logging
from collections.abc import Callable
from typing import Protocol, TypeVar

from bot.errors import Unreachable
from memory.recall.meaning import Embedder
from memory.sql.tx import SqlTx
from memory.sql.vectors import Vectors

T = TypeVar("T")

AT_ONCE = 16
"""Texts of one step: what else is to be written waits for it no longer than for a message."""
PAUSE = 2.0
"""Seconds until it looks again when nothing is owed."""
BREATH = 0.05
"""The same between two steps."""
LATER = 30.0
"""The same when the database could not be reached."""

log = logging.getLogger(__name__)


class Owing(Protocol):
    """A store that keeps vectors."""

    async def embed(self, most: int) -> int:
        """Makes up to `most` of the vectors that are owed; returns how many were looked at. Raises Unreachable."""
        ...


class Running(Protocol):
    """Runs a function in a transaction of a space, one that only looks or one that may write."""

    async def __call__(self, function: Callable[[SqlTx], T], space: str, /) -> T: ...


async def step(embedder: Embedder | None, most: int, *, read: Running, write: Running) -> int:
    """Makes up to `most` of the vectors that are owed, outside of any transaction; returns how many were looked at."""
    if embedder is None:
        return 0
    owed = await read(lambda tx: Vectors(tx.hands).owed(most), "")
    made = await asyncio.to_thread(lambda: [(each, embedder.embed(each.text)) for each in owed])
    for space in dict.fromkeys(each.space for each in owed):
        mine = [(each, vector) for each, vector in made if each.space == space]
        await write(lambda tx, mine=mine: Vectors(tx.hands).keep(mine), space)
    return len(owed)


class Embedding:
    """The work itself, for as long as it is wanted."""

    def __init__(self, store: Owing) -> None:
        self._store = store
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """From now on here. May be called again."""
        if self._task is None:
            self._task = asyncio.create_task(self._go())

    async def stop(self) -> None:
        """What is under way is owed again. May be called again."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _go(self) -> None:
        while True:
            try:
                made = await self._store.embed(AT_ONCE)
                pause = BREATH if made else PAUSE
            except Unreachable:
                pause = LATER
            except Exception:
                # Recall finds by words without it; whatever this was must not end it for good.
                log.exception("embedding_broke", extra={"action": "embedding_broke"})
                pause = LATER
            await asyncio.sleep(pause)
