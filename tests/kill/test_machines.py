"""One assistant on several processes over PostgreSQL: any of them may die, hang or be replaced, and nothing is lost,
done twice or said out of order.

`vigie web` hears Slack; the workers are `vigie demo`, which is everything in one process, because they need the shop.
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest

from adapters.systems.demo.books import Fault
from bot.people import HOME
from memory.postgres import PostgresStore
from tests.kill import audit
from tests.kill.script import CHANNEL, PEOPLE, Fate, Kind, Saying
from tests.kill.storm import english, finished, settings, shop_of
from tests.kill.workspace import Workspace, answers
from tests.peers import databases
from tests.peers.servers import cluster
from tests.running import Program, vigie
from tests.twins.slack import SlackTwin

pytestmark = [pytest.mark.peer("postgresql"), pytest.mark.timeout(300)]

KEYS = "a-key-that-every-machine-has-1"


@dataclass(slots=True, kw_only=True)
class Fleet:
    """The machines, and the Slack between them and the people."""

    home: Path
    url: str
    twin: SlackTwin
    session: aiohttp.ClientSession
    web: Program
    workers: Sequence[Program]

    def hears(self, said: list[Saying]) -> Workspace:
        events = f"{self.web.url}/slack/events"
        return Workspace(twin=self.twin, session=self.session, url=events, script=said)

    async def until(self, true: Callable[[], bool], seconds: float = 120) -> None:
        await self.twin.until(true, seconds=seconds)

    async def audited(self, said: Sequence[Saying]) -> list[str]:
        """What does not hold once every machine has stopped."""
        for each in (self.web, *self.workers):
            if each.alive:
                await each.stop()
        store = PostgresStore.open(self.url)
        wrongs = await store.read(lambda tx: list(audit.of_store(tx, said)), space=HOME)
        await store.close()
        refunds = shop_of(self.home).refunds()
        environment = {"DATABASE_URL": self.url, "VIGIE_SECRET_KEYS": KEYS}
        code, verified = await vigie(self.home, "ledger", "verify", settings=environment)
        _, exported = await vigie(self.home, "ledger", "export", settings=environment)
        return [
            *wrongs,
            *audit.of_answers(self.twin, said),
            *audit.of_refunds(refunds, said),
            *audit.of_ledger(audit.entries_of(exported), said),
            *([] if code == 0 else [verified]),
        ]


@asynccontextmanager
async def fleet(home: Path, url: str, *, workers: int, begun: int | None = None) -> AsyncGenerator[Fleet]:
    """A web node and some workers, of which so many are begun."""
    async with SlackTwin().serving() as twin, aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        english(twin)
        shared = {**settings(twin), "DATABASE_URL": url, "VIGIE_SECRET_KEYS": KEYS}
        web = Program(home=home, command="web", settings=shared)
        those = [Program(home=home, command="demo", settings=shared) for _ in range(workers)]
        for program in (web, *those):
            stack.push_async_callback(_killed, program)
        started = [web, *those[: workers if begun is None else begun]]
        # The first makes the tables; the others find them.
        await started[0].start()
        await asyncio.gather(*(each.start() for each in started[1:]))
        yield Fleet(home=home, url=url, twin=twin, session=session, web=web, workers=those)


async def _killed(program: Program) -> None:
    if program.alive:
        await program.kill()


def saying(number: int, text: str, *, kind: Kind = Kind.TALK, user: int = 0, private: bool = True) -> Saying:
    return Saying(
        token=f"kt{number}x",
        kind=kind,
        text=text.format(token=f"kt{number}x"),
        user=PEOPLE[user],
        channel=f"D0{user}" if private else CHANNEL,
        ts=f"{1700000000 + number}.000100",
        fate=Fate.APPROVED,
    )


REFUND = "do demo.refund order=1007 amount=0.10 reason={token}"


async def test_a_worker_that_dies_in_a_deed_is_taken_over_and_the_refund_is_made_once(tmp_path: Path) -> None:
    """The shop kills whoever made the refund, before it can be noted. SAFETY 25"""
    said = [saying(1, REFUND, kind=Kind.REFUND, private=False)]
    async with fleet(tmp_path, databases.bare(), workers=2) as f:
        shop_of(tmp_path).misbehave(Fault.DIE_AFTER, times=1, action="demo.refund")
        async with f.hears(said).living():
            await f.until(lambda: finished(f.twin, said))
        assert sum(each.alive for each in f.workers) == 1
        assert await f.audited(said) == []


async def test_what_a_web_node_acknowledged_is_answered_although_it_died(tmp_path: Path) -> None:
    said = [saying(n, "unheard-of words {token}", user=n % 4) for n in range(8)]
    async with fleet(tmp_path, databases.bare(), workers=1, begun=0) as f:
        people = f.hears([])
        for each in said:
            await people.deliver(each)
        await f.web.kill()
        await f.workers[0].start()
        await f.until(lambda: finished(f.twin, said))
        assert await f.audited(said) == []


async def test_two_workers_keep_the_order_of_a_place(tmp_path: Path) -> None:
    said = [saying(n, "unheard-of words {token}") for n in range(12)]
    async with fleet(tmp_path, databases.bare(), workers=2) as f:
        people = f.hears([])
        for each in said:
            await people.deliver(each)
        await f.until(lambda: finished(f.twin, said))
        stands = [
            next(i for i, m in enumerate(f.twin.messages) if m in answers(f.twin, each)) for each in said
        ]
        assert stands == sorted(stands)
        assert await f.audited(said) == []


async def test_a_worker_that_was_stopped_and_goes_on_does_nothing_twice(tmp_path: Path) -> None:
    """Stopped for longer than others wait: they take over, and it begins anew."""
    said = [saying(n, "unheard-of words {token}", user=n % 4) for n in range(12)]
    said.append(saying(90, REFUND, kind=Kind.REFUND, private=False))
    async with fleet(tmp_path, databases.bare(), workers=2) as f:
        stopped = f.workers[0]
        async with f.hears(said).living():
            await f.until(lambda: len(f.twin.calls) > 5)
            os.kill(stopped.pid, signal.SIGSTOP)
            try:
                await f.until(lambda: finished(f.twin, said))
            finally:
                os.kill(stopped.pid, signal.SIGCONT)
        assert await f.audited(said) == []


async def test_a_database_that_was_restarted_is_found_again(tmp_path: Path) -> None:
    said = [saying(n, "unheard-of words {token}", user=n % 8) for n in range(16)]
    with cluster() as own:
        async with fleet(tmp_path, own.url, workers=2) as f:
            async with f.hears(said).living():
                await f.until(lambda: len(f.twin.calls) > 3)
                await asyncio.to_thread(own.stop)
                await asyncio.sleep(1)
                await asyncio.to_thread(own.start)
                await f.until(lambda: finished(f.twin, said))
            assert await f.audited(said) == []
