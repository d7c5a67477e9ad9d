"""How long a place waits after whoever had it died: read from the queue's own tables while the run goes on."""

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import psycopg

_DOING = """
SELECT j.id, j.worker_id, j.status::text, j.attempts, extract(epoch FROM w.last_heartbeat)
FROM procrastinate_jobs j LEFT JOIN procrastinate_workers w ON w.id = j.worker_id
"""
LOOKS = 0.1


@dataclass(kw_only=True)
class Takeovers:
    """`took` holds, for each place that had to be taken over, the seconds from its worker's death to its next worker."""

    url: str
    died: Sequence[tuple[float, str]]
    took: list[float] = field(default_factory=list[float])
    _held: dict[int, tuple[int, float]] = field(default_factory=dict[int, tuple[int, float]])

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """For as long as the block runs."""
        looking = asyncio.create_task(asyncio.to_thread(self._look))
        self._on = True
        try:
            yield
        finally:
            self._on = False
            await looking

    def _look(self) -> None:
        self._on = True
        while self._on:
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=3) as connection:
                    while self._on:
                        self._note(connection.execute(_DOING).fetchall())
                        time.sleep(LOOKS)
            except psycopg.Error:
                time.sleep(0.5)

    def _note(self, rows: Sequence[tuple[int, int | None, str, int, float | None]]) -> None:
        now = time.time()
        for job, worker, status, _, beat in rows:
            if status != "doing" or worker is None or beat is None:
                continue
            before = self._held.get(job)
            if before is not None and before[0] != worker:
                heard = before[1]
                # It died after it was last heard of; a restart of the database takes a place from the living, too.
                death = next((at for at, _ in self.died if at >= heard - 0.5), None)
                if death is not None and death < now and death - heard < 3:
                    self.took.append(now - death)
            self._held[job] = (worker, float(beat))
