"""What is written back to HubSpot and Notion, and read back from there, with Prism in between: every request and every answer of
the conversation is held against the vendors' own published types, and the twin behind remembers.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from bot.errors import BadInput
from tests.adapters.systems import published as types
from tests.adapters.systems.crm_child import assistant
from tests.contracts.systems import SAMPLES
from tests.contracts.systems import hubspot as hubspots
from tests.contracts.systems import notion as notions
from tests.contracts.test_system import call_of, context
from tests.peers.proxy import Proxy, proxy
from tests.peers.vendors import prism
from tests.stage import Stage
from tests.twins.hubspot import TOKEN as HUBSPOT
from tests.twins.notion import TOKEN as NOTION
from tests.twins.published import served

SPECS = {"hubspot": types.hubspot, "notion": types.notion}
pytestmark = pytest.mark.peer("prism")


@asynccontextmanager
async def published(
    folder: Path, vendor: str, app: object, token: str, *, refuses: bool = False
) -> AsyncGenerator[tuple[Stage, Proxy]]:
    """The whole assistant; what it asks goes through a record of it and through Prism to the twin. Nothing may be refused,
    unless the twin `refuses` what is not there."""
    with (
        served(app) as url,  # pyright: ignore[reportArgumentType]
        prism(SPECS[vendor](folder), upstream=url) as checked,
        proxy(checked.url) as line,
    ):
        async with assistant(folder, vendor, line.url, token) as s:
            yield s, line
    assert line.exchanges
    assert [
        (e.method, e.path, e.status) for e in line.exchanges if e.status >= (405 if refuses else 400)
    ] == []


async def test_a_report_becomes_a_note_in_hubspot_and_is_read_back(tmp_path: Path) -> None:
    twin = hubspots.twin()
    async with published(tmp_path, "hubspot", twin.app, HUBSPOT) as (s, line):
        await s.say("list add leads: Gigi Hamilton wants ten lamps")
        await s.say("total expenses add 12.50 EUR")
        await s.say("we decided to ship on Friday")
        await s.say("write report to hubspot gigi@example.com")
        await s.say("write list leads to hubspot gigi@example.com")
        assert len(line.asked("POST", "/objects/notes")) == 2
        await s.forward(timedelta(weeks=3))
        await s.say("do hubspot.get_contact contact=gigi@example.com")
        assert "Gigi Hamilton wants ten lamps" in s.last
        assert "expenses: €12.50" in s.last


async def test_a_report_goes_to_a_page_of_notion_and_is_read_back(tmp_path: Path) -> None:
    twin = notions.twin()
    async with published(tmp_path, "notion", twin.app, NOTION) as (s, line):
        await s.say("list add features: offline mode (low)\ndark mode (high)")
        await s.say("total expenses add 12.50 EUR")
        await s.say(f"write report to notion {notions.PLAN}")
        await s.say(f"write list features to notion {notions.PLAN}")
        assert f"2 items written to notion {notions.PLAN}" in s.last
        assert line.asked("PATCH", "/children")
        await s.say(f"do notion.read_page page={notions.PLAN}")
        assert "€12.50" in s.last
        assert "offline mode" in s.last


async def test_every_action_of_hubspot_asks_and_understands_what_it_publishes(tmp_path: Path) -> None:
    """Each by a call that is good and, where it has a target, by one whose target is not there."""
    twin, sample = hubspots.twin(), SAMPLES["hubspot"]
    async with published(tmp_path, "hubspot", twin.app, HUBSPOT, refuses=True) as (s, line):
        system = s.house.systems["hubspot"]
        for action in sorted(system.actions(), key=lambda each: each.risk):
            asked = call_of(system, action, sample.deeds[action.name])
            before = len(line.exchanges)
            await system.preview(asked, context())
            receipt = await system.run(asked, context(action.name))
            assert receipt.text or receipt.data, action.name
            wrong = {each.status for each in line.exchanges[before:]} - {200, 201, 204, 404}
            assert not wrong, (
                action.name
            )  # a number may be that of something else: that is asked, and is not there
            if action.name in sample.unknown:
                with pytest.raises(BadInput):
                    await system.preview(call_of(system, action, sample.unknown[action.name]), context())
