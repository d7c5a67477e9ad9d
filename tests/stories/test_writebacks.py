"""What was kept in a conversation goes back to Airtable, Notion and HubSpot: once, with receipts, on one card."""

from datetime import timedelta
from pathlib import Path

from bot import rulebook
from bot.inbox import Arrival
from bot.rulebook import InForce
from bot.tallies import Item, standing
from tests.contracts.systems import airtable as airtables
from tests.contracts.systems import hubspot as hubspots
from tests.contracts.systems import notion as notions
from tests.stage import Stage, stage
from tests.stories.test_power_cut import books, message, press
from tests.twins.airtable import AirtableTwin
from tests.twins.chat import TwinChat
from tests.twins.crash import Fuse, FusedSystem, PowerCut

STRIDE = 3
"""Every third point of failure: the others are those of every deed, and are tried there."""


POLICY = rulebook.parse(
    rulebook.shipped_text()
    + """
[[rule]]
name = "airtable-asks"
effect = "ask"
action = "airtable.*"
min_risk = "R1"
reason = "colleagues see it"
author = "the tests"
""",
    source="the tests",
)


def asking() -> InForce:
    """A policy under which whatever changes Airtable asks."""
    return lambda: POLICY


def _deals(twin: AirtableTwin) -> list[str]:
    (table,) = [sheet for sheet in twin.sheets.values() if sheet.name == "Deals"]
    return [str(kept.fields["Name"]) for kept in table.records.values()][2:]


async def _items(s: Stage, scope: str = "person:per_olivia") -> tuple[Item, ...]:
    (tally, *_) = await s.look(lambda tx: tx.tallies.all(scope))
    return standing(await s.look(lambda tx: tx.tallies.strokes(tally.id)))


async def test_what_was_submitted_goes_to_airtable_on_one_card(tmp_path: Path) -> None:
    twin = airtables.twin()
    async with stage(tmp_path, systems={"airtable": airtables.connected(twin)}, policy=asking()) as s:
        await s.say("list add features: dark mode\nexport as PDF\noffline")
        before = len(s.chat.cards())
        await s.say("write list features to airtable Deals")
        assert len(s.chat.cards()) == before + 1, "one card for the three"
        assert _deals(twin) == [], "nothing before the press"
        await s.press(s.card)
        assert _deals(twin) == ["dark mode", "export as PDF", "offline"]
        assert all(item.written for item in await _items(s))
        assert "3 items written to airtable Deals" in s.last
        await s.say("write list features to airtable Deals")
        assert "already" in s.last
        assert len(_deals(twin)) == 3


async def test_what_was_denied_stays_unwritten(tmp_path: Path) -> None:
    twin = airtables.twin()
    async with stage(tmp_path, systems={"airtable": airtables.connected(twin)}) as s:
        await s.say("list add features: dark mode\noffline")
        twin_before = _deals(twin)
        await s.say("do vigie.wrote name=features to=airtable")
        assert [item.written for item in await _items(s)] == [(), ()], "nobody's word is taken for it"
        await s.say("write list features to airtable Nowhere")
        assert [item.written for item in await _items(s)] == [(), ()]
        assert _deals(twin) == twin_before
        await s.say("write list features to airtable Deals")
        await s.say("list add features: third")
        await s.say("write list features to airtable Deals")
        assert _deals(twin) == ["dark mode", "offline", "third"]


async def test_a_mission_writes_back_by_itself_what_is_new(tmp_path: Path) -> None:
    twin = airtables.twin()
    async with stage(tmp_path, systems={"airtable": airtables.connected(twin)}) as s:
        await s.begin("every day at 18:00, write list features to airtable Deals")
        await s.say("list add features: dark mode")
        await s.forward(timedelta(days=1))
        assert _deals(twin) == ["dark mode"]
        said = len(s.chat.words())
        await s.forward(timedelta(days=1))
        assert _deals(twin) == ["dark mode"]
        assert len(s.chat.words()) == said, "nothing new is not worth a message"
        await s.say("list add features: offline")
        await s.forward(timedelta(days=1))
        assert _deals(twin) == ["dark mode", "offline"]


async def test_a_report_is_computed_and_written_to_a_notion_page(tmp_path: Path) -> None:
    twin = notions.twin()
    async with stage(tmp_path, systems={"notion": notions.connected(twin)}) as s:
        await s.say("list add features: offline mode (low)\ndark mode (high)\nAs a buyer, I want invoices")
        await s.say("list add leads: Gigi Hamilton, Atelier")
        await s.say("total expenses add 12.50 EUR")
        await s.say("total expenses add 7.50 EUR")
        await s.say("we decided to ship on Friday")
        await s.say("report")
        report = s.last
        assert report.index("I want: dark mode · high priority") < report.index("I want: offline mode")
        assert "As a buyer, I want invoices" in report
        assert "Leads\n• Gigi Hamilton, Atelier" in report
        assert "• expenses: €20.00" in report
        assert "Decided\n• Olivia: we decided to ship on Friday" in report
        await s.say(f"write report to notion {notions.PLAN}")
        await s.say(f"do notion.read_page page={notions.PLAN}")
        assert "€20.00" in s.last, "read back"
        await s.say(f"write list features to notion {notions.PLAN}")
        assert f"3 items written to notion {notions.PLAN}" in s.last
        assert all(item.written for item in await _items(s))


async def test_a_report_becomes_a_note_in_hubspot_and_is_read_back_weeks_later(tmp_path: Path) -> None:
    twin = hubspots.twin()
    async with stage(tmp_path, systems={"hubspot": hubspots.connected(twin)}) as s:
        await s.say("list add leads: Gigi Hamilton wants ten lamps")
        await s.say("total expenses add 12.50 EUR")
        await s.say("we decided to ship on Friday")
        await s.say("write report to hubspot gigi@example.com")
        assert len(twin.of("notes")) == 2, s.chat.words()
        (note,) = list(twin.of("notes"))[1:]
        assert "expenses: €12.50" in note.held["hs_note_body"]
        await s.say("write list leads to hubspot gigi@example.com")
        assert len(twin.of("notes")) == 3
        await s.say("write list leads to hubspot gigi@example.com")
        assert len(twin.of("notes")) == 3, "what is written there is not written again"
        await s.forward(timedelta(weeks=3))
        await s.say("do hubspot.get_contact contact=gigi@example.com")
        assert "Gigi Hamilton wants ten lamps" in s.last
        assert "we decided to ship on Friday" in s.last
        assert "expenses: €12.50" in s.last


async def _delivered(arrival: Arrival, folder: Path, fuse: Fuse, chat: TwinChat, twin: AirtableTwin) -> None:
    """Delivers, with a restart and a redelivery after a power cut."""
    system = airtables.connected(twin)
    try:
        fused = {"airtable": FusedSystem(system, fuse)}
        async with stage(folder, chat=chat, fuse=fuse, systems=fused, policy=asking()) as s:
            await s.arrive(arrival)
    except PowerCut:
        async with stage(folder, chat=chat, systems={"airtable": system}, policy=asking()) as s:
            await s.arrive(arrival)


async def test_nothing_is_written_twice_whenever_the_power_fails(tmp_path: Path) -> None:
    """SAFETY 25"""
    at, blown = 0, True
    while blown:
        at += STRIDE
        folder = tmp_path / str(at)
        folder.mkdir()
        twin, chat, fuse = airtables.twin(), TwinChat(), Fuse(at=at)
        async with stage(folder, chat=chat) as s:
            await s.say("list add features: dark mode\noffline")
        await _delivered(message("write list features to airtable Deals", "m1"), folder, fuse, chat, twin)
        await _delivered(press(chat.cards()[-1], "p1"), folder, fuse, chat, twin)
        blown = fuse.blown
        async with stage(folder, chat=chat, systems={"airtable": airtables.connected(twin)}) as s:
            assert sorted(_deals(twin)) == ["dark mode", "offline"], f"point {at}"
            assert all(len(item.written) == 1 for item in await _items(s)), f"point {at}"
            await books(s)
    assert at > 5
