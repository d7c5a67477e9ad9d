"""Slack, told by the real program against local-slack: over Socket Mode, and over signed HTTP."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, cast

import pytest
import pytest_asyncio
from playwright.async_api import async_playwright, expect

from tests.peers.servers import CHROMIUM_FLAGS, LocalSlack, chromium_path, local_slack
from tests.peers.slack import Message, Workspace, buttons, workspace
from tests.running import Program, free_port, running
from tests.stories.peers.record import euros, ledger_holds, refunds, until

pytestmark = [pytest.mark.peer("local-slack"), pytest.mark.asyncio(loop_scope="module")]
Mode = Literal["socket", "events"]


@dataclass(frozen=True)
class Scene:
    """The program, the workspace it is in, and the people there."""

    program: Program
    slack: LocalSlack
    people: Workspace

    @property
    def home(self) -> Path:
        return self.program.home

    async def card(self, channel: str, *words: str) -> Message:
        """The card that can be approved and shows these words."""
        return await self.people.shows(
            channel,
            lambda message: "Approve" in _labels(message) and all(word in str(message) for word in words),
        )

    async def standing(self, message: Message, words: str) -> Message:
        """The same message, once it says these words."""
        return await self.people.shows(
            str(message["channel"]), lambda each: each["ts"] == message["ts"] and words in str(each)
        )

    async def whispered(self, channel: str, user: str) -> str:
        """What only this person was told there."""

        async def look() -> str:
            told = [m for m in await self.people.messages(channel) if m.get("ephemeral_to") == user]
            return str(told[-1]["text"]) if told else ""

        return await until(look, f"{user} was told nothing")


def _labels(message: Message) -> list[str]:
    return [str(button["text"]["text"]) for button in buttons(message)]


@asynccontextmanager
async def scene_of(mode: Mode, home: Path) -> AsyncGenerator[Scene]:
    port = free_port()
    with local_slack(mode, request_url=f"http://127.0.0.1:{port}/slack/events") as slack:
        settings = {
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_API_URL": slack.api_url,
            "VIGIE_OWNERS": f"slack:{slack.team}:{slack.alice}",
        }
        if mode == "socket":
            settings["SLACK_APP_TOKEN"] = slack.app_token
        else:
            settings["SLACK_SIGNING_SECRET"] = slack.signing_secret
        async with workspace(slack) as people, running(home, "demo", settings=settings, port=port) as program:
            if mode == "socket":
                await people.connected()
            yield Scene(program, slack, people)


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=["socket", "events"])
async def scene(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> AsyncGenerator[Scene]:
    mode = cast("Mode", request.param)
    async with scene_of(mode, tmp_path_factory.mktemp(mode)) as made:
        yield made


async def test_a_request_becomes_a_card_a_press_and_a_receipt_in_its_place(scene: Scene) -> None:
    people, alice = scene.people, scene.slack.alice
    channel = await people.direct(alice)
    await people.say(alice, "do demo.refund order=1007 amount=20 reason=late", channel=channel)
    card = await scene.card(channel, "1007")
    assert refunds(scene.home, "1007") == []
    await people.press(alice, card, "Approve")
    receipt = await scene.standing(card, "✓ Done")
    assert "€20.00 of order 1007 went back to Gigi Hamilton" in str(receipt)
    assert "Approved by alice" in str(receipt)
    assert not buttons(receipt)
    assert refunds(scene.home, "1007") == [euros("20")]


async def test_details_show_the_whole_and_a_denial_does_nothing(scene: Scene) -> None:
    people, alice = scene.people, scene.slack.alice
    channel = await people.direct(alice)
    await people.say(alice, "do demo.cancel_order order=1014", channel=channel)
    card = await scene.card(channel, "1014")
    await people.press(alice, card, "Details")
    full = await scene.standing(card, "demo.cancel_order")
    await people.press(alice, full, "Deny")
    denied = await scene.standing(card, "✗ Denied by alice")
    assert not buttons(denied)


async def test_an_edit_makes_a_new_card_and_only_that_one_can_be_approved(scene: Scene) -> None:
    people, alice = scene.people, scene.slack.alice
    channel = await people.direct(alice)
    await people.say(alice, "do demo.refund order=1011 amount=30", channel=channel)
    card = await scene.card(channel, "1011")
    await people.press(alice, card, "Edit")
    await people.save(alice, {"field:amount": "12.50"})
    replaced = await scene.standing(card, "Replaced by a newer card")
    assert not buttons(replaced)
    edited = await scene.card(channel, "1011", "12.50")
    assert edited["ts"] != card["ts"]
    # The button of the old card, as a second window may still show it.
    await people.press(alice, card, "Approve")
    assert "out of date" in await scene.whispered(channel, alice)
    assert refunds(scene.home, "1011") == []
    await people.press(alice, edited, "Approve")
    await scene.standing(edited, "✓ Done")
    assert refunds(scene.home, "1011") == [euros("12.50")]


async def test_a_mention_is_answered_in_its_thread_where_it_needs_no_mention_any_more(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    said = await people.say(slack.alice, f"<@{slack.bot}> status", channel=slack.general)
    answer = await people.shows(slack.general, lambda message: message.get("thread_ts") == said["ts"])
    assert "On watch." in str(answer)
    await people.say(slack.alice, "missions", channel=slack.general, thread=str(said["ts"]))
    await people.shows(
        slack.general,
        lambda m: m.get("thread_ts") == said["ts"] and "Watch for late orders" in str(m["text"]),
    )


async def test_a_command_is_answered_in_its_channel(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    await people.command(slack.alice, "pending", channel=slack.general)
    await people.shows(slack.general, lambda message: "for a press" in str(message["text"]))


async def test_a_member_may_ask_but_not_press(scene: Scene) -> None:
    people, slack = scene.people, scene.slack
    said = await people.say(
        slack.bob, f"<@{slack.bot}> do demo.refund order=1013 amount=9", channel=slack.general
    )
    card = await scene.card(slack.general, "1013")
    assert card["thread_ts"] == said["ts"]
    await people.press(slack.bob, card, "Approve")
    assert "you cannot settle" in await scene.whispered(slack.general, slack.bob)
    assert refunds(scene.home, "1013") == []
    await people.press(slack.alice, card, "Approve")
    receipt = await scene.standing(card, "✓ Done")
    assert "Approved by alice" in str(receipt)
    assert refunds(scene.home, "1013") == [euros("9")]


async def test_a_mission_wakes_by_itself_and_asks_and_reports_where_it_was_started(scene: Scene) -> None:
    people, alice = scene.people, scene.slack.alice
    channel = await people.direct(alice)
    await people.say(alice, "in 1 second, do demo.late_orders days=6", channel=channel)
    await people.say(alice, "in 1 second, do demo.refund order=1016 amount=3", channel=channel)
    await people.shows(channel, lambda m: "1007" in str(m["text"]) and "Gigi Hamilton" in str(m["text"]))
    card = await scene.card(channel, "1016")
    await people.press(alice, card, "Approve")
    await scene.standing(card, "✓ Done")
    assert refunds(scene.home, "1016") == [euros("3")]


@pytest.mark.parametrize("mode", ["socket", "events"])
async def test_an_old_card_pressed_after_a_power_cut_refunds_exactly_once(mode: Mode, tmp_path: Path) -> None:
    async with scene_of(mode, tmp_path) as scene:
        people, alice = scene.people, scene.slack.alice
        channel = await people.direct(alice)
        await people.say(alice, "do demo.refund order=1007 amount=20", channel=channel)
        card = await scene.card(channel, "1007")
        # At once: perhaps before the program wrote down that the card was sent. Slack would find it by its metadata;
        # local-slack keeps none, and then there are two cards, of which the old one is pressed.
        await scene.program.kill()
        before = len([e for e in await people.log() if "socket connected" in str(e["summary"])])
        await scene.program.start()
        if mode == "socket":
            await until(lambda: _connected_again(people, before), "it did not connect again")
        await people.press(alice, card, "Approve")
        await people.press(alice, card, "Approve")
        receipt = await scene.standing(card, "✓ Done")
        assert not buttons(receipt)
        assert "alice approved this already" in await scene.whispered(channel, alice)
        assert refunds(tmp_path, "1007") == [euros("20")]
        await scene.program.stop()
        assert await ledger_holds(tmp_path)


async def _connected_again(people: Workspace, before: int) -> bool:
    return len([e for e in await people.log() if "socket connected" in str(e["summary"])]) > before


@pytest.mark.peer("chromium")
async def test_a_person_clicks_approve_on_the_page(scene: Scene) -> None:
    people, alice = scene.people, scene.slack.alice
    channel = await people.direct(alice)
    await people.say(alice, "do demo.refund order=1021 amount=4", channel=channel)
    card = await scene.card(channel, "1021")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*CHROMIUM_FLAGS])
        page = await browser.new_page(viewport={"width": 1100, "height": 1400})
        page.set_default_timeout(30_000)
        await page.goto(scene.slack.url)
        await page.get_by_role("button", name="Alice Martin").first.click()
        await page.get_by_role("button", name="Approve").last.click()
        await expect(page.get_by_text("went back to").last).to_be_visible(timeout=15_000)
        await browser.close()
    await scene.standing(card, "✓ Done")
    assert refunds(scene.home, "1021") == [euros("4")]


async def test_a_channel_whose_name_is_only_typed_is_found_and_one_that_is_nowhere_is_refused(
    scene: Scene,
) -> None:
    people, slack = scene.people, scene.slack
    channel = await people.direct(slack.alice)
    await people.say(slack.alice, "every hour look at the stock and tell #general", channel=channel)
    card = await people.shows(
        channel, lambda each: "Start" in _labels(each) and "#general; what it asks" in str(each)
    )
    await people.press(slack.alice, card, "No")
    await people.say(slack.alice, "every hour look at the stock and tell #nowhere", channel=channel)
    await people.shows(channel, lambda each: "no channel #nowhere" in str(each))
