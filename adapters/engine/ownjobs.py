"""Jobs of the queue that are ended, or given back, by whoever has them and by nobody else.

procrastinate ends a job by its number alone. A worker that could not reach the database for a while has lost its jobs to
others: by ending one it would free a lock that is somebody else's, and two would work in one place.

Its workers are numbers; which process each is stands in a table beside its own.
"""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager

_FINISH = """
WITH had AS (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(job_id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint
    FOR UPDATE
)
SELECT procrastinate_finish_job_v1(id, %(status)s::procrastinate_job_status, %(delete_job)s) FROM had
"""
_RETRY = """
WITH had AS (
    SELECT id FROM procrastinate_jobs
    WHERE id = %(job_id)s AND status = 'doing' AND worker_id IS NOT DISTINCT FROM %(worker_id)s::bigint
    FOR UPDATE
)
SELECT procrastinate_retry_job_v2(
    id, coalesce(%(retry_at)s::timestamptz, now()), %(priority)s::integer, %(queue)s::varchar, %(lock)s::varchar
) FROM had
"""
TABLE = """
CREATE TABLE IF NOT EXISTS vigie_workers (
    worker bigint PRIMARY KEY REFERENCES procrastinate_workers (id) ON DELETE CASCADE,
    run text NOT NULL
)
"""
_NAME = "INSERT INTO vigie_workers (worker, run) VALUES (%(worker_id)s, %(run)s)"
_RUNS = "SELECT worker, run FROM vigie_workers WHERE worker = ANY(%(workers)s)"


class OwnJobs(JobManager):
    """Nothing changes for a job that its worker does not have any more. `run` names the process of the workers here."""

    def __init__(self, connector: Any, *, run: str = "") -> None:
        super().__init__(connector)
        self._run = run

    async def register_worker(self) -> int:
        worker = await super().register_worker()
        await self.connector.execute_query_async(_NAME, worker_id=worker, run=self._run)
        return worker

    async def runs(self, workers: Collection[int]) -> Mapping[int, str]:
        """The process of each of these workers. One of an older version has not said."""
        rows = await self.connector.execute_query_all_async(_RUNS, workers=list(workers))
        return {int(row["worker"]): str(row["run"]) for row in rows}

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        await self.connector.execute_query_async(
            _FINISH, job_id=job.id, worker_id=job.worker_id, status=status.value, delete_job=delete_job
        )

    async def retry_job(
        self,
        job: Job,
        retry_at: datetime | None = None,
        priority: int | None = None,
        queue: str | None = None,
        lock: str | None = None,
    ) -> None:
        await self.connector.execute_query_async(
            _RETRY,
            job_id=job.id,
            worker_id=job.worker_id,
            retry_at=retry_at,
            priority=priority,
            queue=queue,
            lock=lock,
        )
