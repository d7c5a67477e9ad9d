"""Prometheus and Alertmanager as they are: what fires is one incident however often it is told, and one wake however many
clocks ring.
"""

import asyncio
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette

from adapters.signals.hooks import HookDoor
from bot import wakes
from bot.incidents import Stage as How
from memory.sqlite import SqliteStore
from tests.adapters.signals.posting import posting
from tests.peers.proxy import Fault, proxy
from tests.peers.services import alerts
from tests.stage import Stage, stage
from tests.stories.peers.record import until


@asynccontextmanager
async def served(door: HookDoor) -> AsyncGenerator[str]:
    """The door behind a real socket."""
    config = uvicorn.Config(Starlette(routes=door.routes()), log_level="warning", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        serving = asyncio.create_task(server.serve(sockets=[listening]))
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        await serving


async def stands(s: Stage, how: How) -> bool:
    found = await s.look(lambda tx: tx.incidents.recent(9))
    return bool(found) and all(each.stage is how for each in found)


@pytest.mark.peer("prometheus")
async def test_an_alert_that_is_told_until_it_is_taken_is_one_incident_and_one_wake(tmp_path: Path) -> None:
    """SAFETY 83: once it was kept and the answer was lost, once it was not kept; told again both times."""
    async with posting(tmp_path) as post:
        s = post.s
        await s.begin("when QueueDepthHigh, look at the queue")
        secret = await post.hook("prom", "alertmanager")
        async with served(post.door) as url:
            with proxy(url) as between:
                between.fault(Fault.NOT_500, method="POST")
                between.fault(Fault.DONE_500, method="POST")
                with alerts(f"{between.url}/hooks/prom", bearer=secret) as peers:
                    await asyncio.to_thread(peers.set, 150)
                    await until(lambda: stands(s, How.FIRING), "it never fired", within=90)

                    async def answered() -> bool:
                        return len(between.asked("POST", body="firing")) >= 3

                    await until(answered, "it was not told again", within=60)
                    await s.rest()
                    assert len(await s.look(lambda tx: tx.incidents.recent(9))) == 1
                    await asyncio.to_thread(peers.set, 3)
                    await until(lambda: stands(s, How.RESOLVED), "it was never over", within=90)
        await s.rest()
        (incident,) = await s.look(lambda tx: tx.incidents.recent(9))
        assert incident.name == "QueueDepthHigh"
        messages = [words for words in s.chat.words() if "Incident 1 ·" in words.partition("\n")[0]]
        assert len(messages) == 1, "one message, edited"
        assert "resolved" in messages[0]
        woke = [
            each
            for each in await s.look(lambda tx: tx.ledger.read())
            if each.kind == "turn" and each.body["mission"]
        ]
        assert len(woke) == 1


async def test_two_schedulers_that_ring_the_same_minute_make_one_run(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.begin("every day at 9:00, look at the mugs")
        others = [SqliteStore.open(tmp_path / "vigie.db") for _ in range(2)]
        houses = [replace(s.house, store=store) for store in others]
        for _ in range(3):
            s.clock.forward(timedelta(days=1))
            made = await asyncio.gather(
                *(
                    wakes.sweep(house=house, calendar=s.calendar)
                    for house in (*houses, s.house)
                    for _ in range(2)
                )
            )
            assert sum(made) == 1
        await s.forward(timedelta(seconds=1))
        (mission,) = await s.look(lambda tx: tx.missions.all())
        rows = await s.look(lambda tx: tx.occurrences.last(mission.id, 9))
        assert len({each.due for each in rows}) == len(rows) == 3
        assert sum("look at the mugs" in words and "Start" not in words for words in s.chat.words()) >= 3
        for store in others:
            await store.close()
