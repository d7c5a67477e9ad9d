"""`/readyz` tells the truth: ready means that what arrives is kept, work is taken, and every chat hears."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
from sqlalchemy import text
from starlette.routing import BaseRoute

from bot.gauges import NoGauges
from bot.speech import Tongue
from bot.world import Chat, Health
from memory import files
from tests.twins.chat import TwinChat
from vigie.plugging import Plugged, plug
from vigie.serving import application, running
from vigie.settings import Settings


@dataclass
class Line:
    """A chat's connection that is what the test says."""

    chat: Chat
    health: Health = field(default_factory=lambda: Health(well=True, text=""))
    asked: int = 0

    def routes(self) -> list[BaseRoute]:
        return []

    @property
    def calls_out(self) -> bool:
        return False

    async def open(self, *, hears: bool = True) -> None:
        return

    def hear(self) -> None:
        return

    async def deafen(self) -> None:
        return

    async def close(self) -> None:
        return

    async def examine(self) -> Health:
        return self.health

    async def check(self, tongue: Tongue | None = None) -> Health:
        self.asked += 1
        return self.health


@asynccontextmanager
async def served(home: Path, **doors: Line) -> AsyncGenerator[tuple[Plugged, httpx.AsyncClient]]:
    config = Settings.model_validate({"VIGIE_HOME": home})
    plugged = replace(plug(config, demo=False), doors=doors)
    transport = httpx.ASGITransport(app=application(plugged))
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8080") as http:
        yield plugged, http


async def test_it_is_ready_once_it_runs_and_not_before_or_after(tmp_path: Path) -> None:
    async with served(tmp_path, slack=Line(TwinChat())) as (plugged, http):
        before = await http.get("/readyz")
        assert before.status_code == 503
        assert "engine: it takes no work" in before.text
        assert "slack: it is not connected" in before.text
        async with running(plugged):
            assert (await http.get("/readyz")).text == "ready\n"
            assert "vigie_ready 1.0" in (await http.get("/metrics")).text
        after = await http.get("/readyz")
        assert after.status_code == 503
        assert (await http.get("/healthz")).text == "ok\n", "the process lives all the same"


async def test_the_lines_to_numbers_are_let_go_at_the_end(tmp_path: Path) -> None:
    class Lines(NoGauges):
        closed = 0

        async def close(self) -> None:
            self.closed += 1

    async with served(tmp_path) as (plugged, _):
        lines = Lines()
        async with running(replace(plugged, house=replace(plugged.house, gauges=lines))):
            assert lines.closed == 0
        assert lines.closed == 1


async def test_a_chat_that_hears_nothing_is_named(tmp_path: Path) -> None:
    slack = Line(TwinChat(), Health(well=False, text="nothing is heard on Socket Mode"))
    async with served(tmp_path, slack=slack, telegram=Line(TwinChat())) as (plugged, http), running(plugged):
        said = await http.get("/readyz")
        assert said.status_code == 503
        assert said.text == "not ready\nslack: nothing is heard on Socket Mode\n"
        numbers = (await http.get("/metrics")).text
        assert 'vigie_door_up{door="slack"} 0.0' in numbers
        assert 'vigie_door_up{door="telegram"} 1.0' in numbers
        assert "vigie_ready 0.0" in numbers


async def test_a_platform_is_not_asked_at_every_look(tmp_path: Path) -> None:
    slack = Line(TwinChat())
    async with served(tmp_path, slack=slack) as (plugged, http), running(plugged):
        asked = slack.asked
        for _ in range(20):
            await http.get("/readyz")
        assert slack.asked <= asked + 2


async def test_tables_of_another_version_are_named(tmp_path: Path) -> None:
    async with served(tmp_path) as (plugged, http), running(plugged):
        with files.engine(plugged.config.database).begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        said = await http.get("/readyz")
        assert said.status_code == 503
        assert "database: its tables are of revision 9999" in said.text
