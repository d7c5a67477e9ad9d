"""The two roles of an installation on PostgreSQL, as somebody outside sees them: alive, ready, and by their numbers."""

import asyncio
import json
import sys
from pathlib import Path

import httpx
import pytest

from tests.kill.test_machines import KEYS
from tests.peers.servers import cluster
from tests.running import ROOT, Program, environment, free_port

pytestmark = [pytest.mark.peer("postgresql"), pytest.mark.timeout(180)]


async def until(http: httpx.AsyncClient, path: str, status: int) -> str:
    """What it answers once it answers so. One that just starts, or just finds its database again, gets a while."""
    said = ""
    for _ in range(600):
        try:
            answer = await http.get(path)
        except httpx.HTTPError as error:
            said = repr(error)
        else:
            if answer.status_code == status:
                return answer.text
            said = f"{answer.status_code} {answer.text[:200]}"
        await asyncio.sleep(0.1)
    raise AssertionError(f"{path} does not say {status}: {said}")


async def healthy(asked: dict[str, str]) -> bool:
    """What the image's own check finds."""
    line = next(each for each in (ROOT / "Dockerfile").read_text().splitlines() if "readyz" in each)
    command = [sys.executable, *json.loads(line.partition("CMD ")[2])[1:]]
    checking = await asyncio.create_subprocess_exec(*command, env=environment(ROOT, asked))
    return await checking.wait() == 0


@pytest.mark.parametrize(("role", "setting"), [("web", "PORT"), ("worker", "VIGIE_HEALTH_PORT")])
async def test_each_role_says_the_truth_about_itself(tmp_path: Path, role: str, setting: str) -> None:
    port = free_port()
    with cluster() as own:
        settings = {"DATABASE_URL": own.url, "VIGIE_SECRET_KEYS": KEYS, setting: str(port)}
        asked = {"PORT": str(free_port()), "VIGIE_HEALTH_PORT": str(free_port()), setting: str(port)}
        asked |= {"http_proxy": f"http://127.0.0.1:{free_port()}"}  # containers are often given one
        program = Program(home=tmp_path, command=role, settings=settings)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as http:
            await program.spawn()
            try:
                assert await until(http, "/readyz", 200) == "ready\n"
                numbers = await until(http, "/metrics", 200)
                assert "vigie_ready 1.0" in numbers
                assert await healthy(asked)
                assert "vigie_workers_busy" in numbers
                assert (await http.get("/")).status_code == (401 if role == "web" else 404), (
                    "the page is elsewhere"
                )
                await asyncio.to_thread(own.stop)
                assert "database: " in await until(http, "/readyz", 503)
                assert not await healthy(asked)
                numbers = await until(http, "/metrics", 200)
                assert "vigie_ready 0.0" in numbers
                assert "vigie_workers_busy" in numbers
                assert "vigie_events_open" not in numbers, "old numbers would say that all is well"
                assert (await http.get("/healthz")).text == "ok\n", "the process lives all the same"
                await asyncio.to_thread(own.start)
                assert await until(http, "/readyz", 200) == "ready\n"
                assert await program.stop() == 0
            finally:
                if program.alive:
                    await program.kill()
