"""One assistant on machines that share nothing but a database: what is decided on one holds on the others."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import httpx
import pytest

from tests.adapters.web.rig import hidden
from tests.kill.script import Kind, Saying
from tests.kill.storm import english, finished, settings
from tests.kill.test_machines import KEYS, saying
from tests.kill.workspace import Workspace, answers, cards
from tests.peers import databases
from tests.running import Program, vigie
from tests.twins.slack import SlackTwin

pytestmark = [pytest.mark.peer("postgresql"), pytest.mark.timeout(300)]

REFUND = "do demo.refund order=1007 amount=0.10 reason={token}"


@dataclass(slots=True, kw_only=True)
class Machines:
    """A web node and a worker, each with a data folder of its own, and the Slack before them."""

    web: Program
    worker: Program
    shared: dict[str, str]
    twin: SlackTwin
    session: aiohttp.ClientSession

    async def says(self, said: Saying) -> None:
        """Delivered to the web node."""
        events = f"{self.web.url}/slack/events"
        workspace = Workspace(twin=self.twin, session=self.session, url=events, script=[said])
        await workspace.deliver(said)

    async def answered(self, said: Saying) -> str:
        """What stands in that conversation, once something does."""

        def there() -> list[object]:
            return [each for each in self.twin.messages if each["channel"] == said.channel]

        await self.twin.until(lambda: bool(there()), seconds=120)
        return repr(there())


@asynccontextmanager
async def machines(folder: Path, url: str) -> AsyncGenerator[Machines]:
    async with SlackTwin().serving() as twin, aiohttp.ClientSession() as session, AsyncExitStack() as stack:
        english(twin)
        shared = {**settings(twin), "DATABASE_URL": url, "VIGIE_SECRET_KEYS": KEYS}
        web = Program(home=_made(folder / "web"), command="web", settings=shared)
        worker = Program(home=_made(folder / "worker"), command="demo", settings=shared)
        for program in (web, worker):
            stack.push_async_callback(_gone, program)
            await program.start()
        yield Machines(web=web, worker=worker, shared=shared, twin=twin, session=session)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110 (a file tells nobody)
            await asyncio.sleep(0.1)


async def _gone(program: Program) -> None:
    if program.alive:
        await program.kill()


async def test_a_policy_that_is_edited_on_one_machine_holds_on_the_others(tmp_path: Path) -> None:
    async with machines(tmp_path, databases.bare()) as m:
        rule = '\n[[rule]]\nname = "no refunds here"\neffect = "deny"\naction = "demo.refund"\nreason = "not here"\nauthor = "Ana"\n'
        edited, theirs = m.web.home / "policy.toml", m.worker.home / "policy.toml"
        await _until((m.web.home / ".policy.toml.shared").exists)
        text = edited.read_text()
        first = text.index("\n[[rule]]")
        edited.write_text(text[:first] + rule + text[first:])
        await _until(lambda: "no refunds here" in theirs.read_text())
        asked = saying(1, REFUND, kind=Kind.REFUND)
        await m.says(asked)
        await m.answered(asked)
        assert list(cards(m.twin)) == []


async def test_a_freeze_on_one_machine_holds_on_the_others(tmp_path: Path) -> None:
    async with machines(tmp_path, databases.bare()) as m:
        elsewhere = _made(tmp_path / "elsewhere")
        code, told = await vigie(elsewhere, "freeze", settings=m.shared)
        assert code == 0, told
        asked = saying(1, REFUND, kind=Kind.REFUND)
        await m.says(asked)
        assert "frozen" in (await m.answered(asked)).casefold()
        assert list(cards(m.twin)) == []


async def test_what_a_worker_says_reaches_the_page_that_a_web_node_shows(tmp_path: Path) -> None:
    """The web node takes no turns: the answer comes from the other machine, and onto a page that is open already."""
    async with machines(tmp_path, databases.bare()) as m, httpx.AsyncClient(base_url=m.web.url) as page:
        token = m.worker.link.rpartition("=")[2]  # the newest is the one that counts
        assert (await page.post("/sign-in", data={"token": token})).status_code == 303
        html = (await page.get("/chat")).text
        form = {"csrf": hidden(html, "csrf"), "nonce": hidden(html, "nonce")}
        async with page.stream("GET", "/stream", timeout=60) as stream:
            lines = stream.aiter_lines()
            said = await page.post("/say", data={**form, "text": "unheard-of words kt77x"})
            assert said.status_code in (200, 204, 303)
            async with asyncio.timeout(60):
                async for line in lines:
                    if "kt77x" in line and "line ours" in line:
                        break
        assert "kt77x" in (await page.get("/chat")).text


async def test_a_worker_that_is_told_to_stop_gives_the_rest_back(tmp_path: Path) -> None:
    said = [saying(n, "unheard-of words {token}", user=n % 8) for n in range(40)]
    async with machines(tmp_path, databases.bare()) as m:
        other = Program(home=m.worker.home, command="demo", settings=m.shared)
        await other.start()
        try:
            for each in said:
                await m.says(each)
            assert await m.worker.stop() == 0
            await m.twin.until(lambda: finished(m.twin, said), seconds=120)
            assert all(len(answers(m.twin, each)) == 1 for each in said)
        finally:
            await _gone(other)
