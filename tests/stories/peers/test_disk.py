"""A database that another program holds, and a disk that is full: nothing that was acknowledged is lost, nothing
is done twice, and what could not be kept is asked for again.
"""

import resource
import sqlite3
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.running import Program, running
from tests.stories.peers.record import euros, ledger_holds, refunds, until
from tests.twins import slack_events
from tests.twins.slack import BOT_TOKEN, SECRET, TEAM, SlackTwin
from tests.twins.slack_rules import buttons


@dataclass
class Talk:
    """Alice in Slack, and Slack itself, which brings what was not taken again."""

    program: Program
    slack: SlackTwin
    http: httpx.AsyncClient
    said: dict[str, str] = field(default_factory=dict[str, str])

    async def deliver(self, text: str) -> int:
        """The status that a delivery of these words is answered with; the same words are the same delivery."""
        stamp = self.said.setdefault(text, f"{time.time():.6f}")
        event = slack_events.said(text, ts=stamp, event_id=f"Ev{stamp}")
        body, headers = slack_events.request(event)
        answer = await self.http.post("/slack/events", content=body, headers=headers)
        assert "\n" not in answer.text.strip()
        return answer.status_code

    async def taken(self, text: str) -> None:
        """Brought again and again until it is taken, as Slack does."""

        async def accepted() -> bool:
            return await self.deliver(text) == 200

        await until(accepted, f"{text!r} was never taken")

    async def answered_once(self, text: str) -> None:
        async def look() -> bool:
            return self.answers(text) > 0

        await until(look, f"{text!r} was not answered")

    def answers(self, text: str) -> int:
        return len([message for message in self.slack.messages if text in str(message["blocks"])])


@asynccontextmanager
async def talk(home: Path) -> AsyncGenerator[Talk]:
    async with SlackTwin().serving() as slack:
        settings = {
            "SLACK_BOT_TOKEN": BOT_TOKEN,
            "SLACK_SIGNING_SECRET": SECRET,
            "SLACK_API_URL": slack.api_url,
            "VIGIE_OWNERS": f"slack:{TEAM}:U0ALICE",
        }
        async with (
            running(home, "demo", settings=settings) as program,
            httpx.AsyncClient(base_url=program.url, timeout=10) as http,
        ):
            yield Talk(program, slack, http)


@contextmanager
def locked(file: Path) -> Generator[None]:
    """Another program has the database for itself."""
    with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as other:
        other.execute("begin exclusive")
        yield
        other.execute("rollback")


@contextmanager
def full_disk(program: Program) -> Generator[None]:
    """No file of the program can grow, or be written beyond its first byte."""
    before = resource.prlimit(program.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(program.pid, resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.prlimit(program.pid, resource.RLIMIT_FSIZE, before)


async def test_while_the_database_is_locked_nothing_is_acknowledged_and_afterwards_all_is_done_once(
    tmp_path: Path,
) -> None:
    async with talk(tmp_path) as here:
        await here.taken("hello before")
        with locked(tmp_path / "vigie.db"):
            assert await here.deliver("hello meanwhile") == 503
            # Slack brings it again while the first attempt still waits for the lock.
            assert await here.deliver("hello meanwhile") == 503
        await here.taken("hello meanwhile")
        await here.taken("hello afterwards")
        for text in ("hello before", "hello meanwhile", "hello afterwards"):
            await here.answered_once(text)
        assert [here.answers(text) for text in here.said] == [1, 1, 1]
        await here.program.stop()
        assert await ledger_holds(tmp_path)


async def test_on_a_full_disk_nothing_is_acknowledged_and_what_was_before_is_still_done(
    tmp_path: Path,
) -> None:
    async with talk(tmp_path) as here:
        texts = [f"hello number {n}" for n in range(10, 22)]
        for text in texts[:4]:
            assert await here.deliver(text) == 200
        with full_disk(here.program):
            refused = [await here.deliver(text) for text in texts[4:8]]
            assert refused == [503] * 4
            ready = await here.http.get("/healthz")
            assert ready.status_code == 200
        for text in texts[4:]:
            await here.taken(text)
        for text in texts:
            await here.answered_once(text)
        assert [here.answers(text) for text in texts] == [1] * len(texts)
        await here.program.stop()
        assert await ledger_holds(tmp_path)


async def test_a_press_on_a_full_disk_is_no_press_until_it_can_be_kept(tmp_path: Path) -> None:
    async with talk(tmp_path) as here:
        await here.taken("do demo.refund order=1007 amount=20")

        async def card() -> bool:
            return any(buttons(message.get("blocks")) for message in here.slack.messages)

        await until(card, "there is no card")
        message = next(m for m in here.slack.messages if buttons(m.get("blocks")))
        value = buttons(message["blocks"])[0]["value"]
        body, _ = slack_events.request(slack_events.pressed("vigie:approve", value, ts=message["ts"]))

        async def press() -> int:
            headers = slack_events.headers(body, "application/x-www-form-urlencoded")
            return (await here.http.post("/slack/events", content=body, headers=headers)).status_code

        with full_disk(here.program):
            assert await press() == 503
        assert refunds(tmp_path, "1007") == []

        async def pressed() -> bool:
            return await press() == 200

        await until(pressed, "the press was never taken")

        async def done() -> bool:
            return "✓ Fait" in str(here.slack.messages)

        await until(done, "the card did not become the receipt")
        assert refunds(tmp_path, "1007") == [euros("20")]
        await here.program.stop()
        assert await ledger_holds(tmp_path)
