"""A lane: one thread that takes what event loops hand it, in batches, and hands the results back.

Knows threads and event loops, and nothing of databases. It belongs to no event loop: each result goes back
to the loop that asked, all of a batch's results for one loop in a single call. Bells ring on that loop too,
after the results, once per place and job.
"""

import asyncio
import logging
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar, cast

from bot.errors import StoreAway
from memory.bells import Bells, Ring

C = TypeVar("C")
T = TypeVar("T")

_log = logging.getLogger(__name__)


class Job(Generic[C]):
    """One function to run in a space, and what came of it: its thread sets `value` and `rings`, or `error`."""

    __slots__ = ("error", "future", "loop", "rings", "run", "space", "value")

    def __init__(self, run: Callable[[C], object], space: str) -> None:
        self.run = run
        self.space = space
        self.loop = asyncio.get_running_loop()
        self.future: asyncio.Future[object] = self.loop.create_future()
        self.value: object = None
        self.error: BaseException | None = None
        self.rings: Sequence[Ring] = ()

    def fail(self, error: BaseException) -> None:
        """It raised, or what it did was not kept."""
        self.error, self.value, self.rings = error, None, ()


class Lane(Generic[C]):
    """A thread named `name` that gives `work` up to `most` jobs at a time.

    `work` sets each job's outcome; what it raises itself is the outcome of every job that has no error of
    its own. A caller that is cancelled stops waiting: what it asked for may still be done.
    """

    def __init__(
        self, name: str, work: Callable[[Sequence[Job[C]]], None], *, bells: Bells, most: int
    ) -> None:
        self._work = work
        self._bells = bells
        self._most = most
        self._queue: SimpleQueue[Job[C] | None] = SimpleQueue()
        self._door = threading.Lock()
        self._closed = False
        # A daemon: a process that ends without closing must not hang on it; the database survives that.
        self._thread = threading.Thread(target=self._go, name=name, daemon=True)
        self._thread.start()

    async def run(self, function: Callable[[C], T], space: str = "") -> T:
        """Runs the function in the lane's thread. Raises what it raised, or Unreachable when closed."""
        job: Job[C] = Job(function, space)
        with self._door:
            if self._closed:
                raise StoreAway("the assistant is shutting down; try again in a moment")
            self._queue.put(job)
        return cast("T", await job.future)

    async def close(self) -> None:
        """Finishes what was asked for before, then ends the thread. May be called again."""
        with self._door:
            if not self._closed:
                self._closed = True
                self._queue.put(None)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.join)

    def _go(self) -> None:
        open_ = True
        while open_:
            jobs, open_ = self._batch()
            if jobs:
                self._do(jobs)

    def _batch(self) -> tuple[list[Job[C]], bool]:
        """Waits for one job and takes those that wait already; False when the lane was closed."""
        jobs: list[Job[C]] = []
        job = self._queue.get()
        try:
            while job is not None:
                jobs.append(job)
                if len(jobs) == self._most:
                    return jobs, True
                job = self._queue.get_nowait()
        except Empty:
            return jobs, True
        return jobs, False

    def _do(self, jobs: Sequence[Job[C]]) -> None:
        try:
            self._work(jobs)
        except BaseException as error:
            _log.exception("batch_failed", extra={"action": "batch_failed", "jobs": len(jobs)})
            for job in jobs:
                job.fail(job.error or error)
        for loop in dict.fromkeys(job.loop for job in jobs):
            mine = [job for job in jobs if job.loop is loop]
            try:
                loop.call_soon_threadsafe(self._hand_back, mine)
            except RuntimeError:
                # The loop is closed: nobody is left to tell, and what was committed stays so.
                _log.warning("nobody_waits", extra={"action": "nobody_waits", "jobs": len(mine)})

    def _hand_back(self, jobs: Sequence[Job[C]]) -> None:
        for job in jobs:
            if job.future.done():
                continue
            if job.error is None:
                job.future.set_result(job.value)
            elif isinstance(job.error, StopIteration):
                job.future.set_exception(RuntimeError("a transaction raised StopIteration"))
            else:
                job.future.set_exception(job.error)
        for job in jobs:
            self._bells.ring(job.rings)
