"""What one process tells all others at once, by NOTIFY on the database they share. Being told is only for speed: what
must not be lost is in the tables, and is read again.

Knows the driver and no table. LISTEN needs a connection of its own, straight to the server.
"""

import asyncio
import json
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import psycopg
from psycopg import sql

from adapters.engine.lines import line

log = logging.getLogger(__name__)

CHANNEL = "vigie"
MOST = 7_900
"""Bytes that a notification can carry."""

Told = Mapping[str, Any]
Hear = Callable[[Told], None]


def packed(kind: str, run: str, **fields: object) -> str | None:
    """A notification's text, None when it would be too long."""
    text = json.dumps({"kind": kind, "run": run, **fields})
    return text if len(text.encode()) <= MOST else None


class Wire:
    """One process's end. `run` names the process: it does not hear itself."""

    def __init__(self, url: str, *, run: str) -> None:
        self._url, self._run = url, run
        self._hearers: dict[str, Hear] = {}
        self._outbox: asyncio.Queue[str] = asyncio.Queue(maxsize=10_000)
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def run(self) -> str:
        return self._run

    def hear(self, kind: str, hearer: Hear) -> None:
        """From now on: what others tell of this kind."""
        self._hearers[kind] = hearer

    def tell(self, kind: str, **fields: object) -> bool:
        """To all others, soon. False when it cannot be told: too long, or too much waits."""
        text = packed(kind, self._run, **fields)
        if text is None or self._outbox.full():
            return False
        self._outbox.put_nowait(text)
        return True

    def start(self) -> None:
        self._tasks = [
            asyncio.create_task(self._keep_on(self._listen)),
            asyncio.create_task(self._keep_on(self._send)),
        ]

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _keep_on(self, part: Callable[[psycopg.AsyncConnection[Any]], Any]) -> None:
        while True:
            try:
                connection = await line(self._url, run=self._run, patience=5)
                async with connection:
                    await part(connection)
            except psycopg.Error as error:
                log.warning("wire_broke", extra={"action": "wire_broke", "why": type(error).__name__})
            await asyncio.sleep(1)

    async def _listen(self, connection: psycopg.AsyncConnection[Any]) -> None:
        await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
        async for each in connection.notifies():
            self._heard(each.payload)

    async def _send(self, connection: psycopg.AsyncConnection[Any]) -> None:
        while True:
            text = await self._outbox.get()
            await connection.execute("SELECT pg_notify(%s, %s)", (CHANNEL, text))

    def _heard(self, text: str) -> None:
        with suppress(ValueError):  # a newer version may speak otherwise
            told: Any = json.loads(text)
            if told.get("run") == self._run:
                return
            hearer = self._hearers.get(told.get("kind"))
            if hearer is not None:
                try:
                    hearer(told)
                except Exception:
                    log.exception("wire_hearer_broke", extra={"action": "wire_hearer_broke"})
