"""A second factor asked for where people are: by Slack's modal, by Telegram's next words, by the form of the page."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import async_playwright, expect
from pyotp.totp import TOTP

from bot.rulebook import shipped_text
from bot.secondfactor import FIELD
from tests.peers.servers import CHROMIUM_FLAGS, chromium_path
from tests.peers.slack import Message, buttons
from tests.running import running
from tests.stories.peers import test_slack, test_telegram
from tests.stories.peers.record import ledger_holds, refunds, until
from tests.stories.peers.test_web import Visitor
from tests.stories.test_second_factor import CODE
from tests.twins import telegram
from tests.twins.telegram import ANA

APPROVE = "Approve with a code…"
REFUND = "do demo.refund order={} amount=5"


def ruled(home: Path) -> Path:
    """A data folder whose policy asks whoever refunds for a code."""
    (home / "policy.toml").write_text(CODE + shipped_text(), encoding="utf-8")
    return home


def authenticator(words: str) -> TOTP:
    found = re.search(r"Key: ([A-Z2-7]{16,})", words)
    assert found is not None
    return TOTP(found[1])


def code(totp: TOTP, ahead: int = 0) -> str:
    return totp.at(datetime.now(UTC), counter_offset=ahead)


async def test_telegram_takes_it_as_the_next_words(tmp_path: Path) -> None:
    async with test_telegram.scene_of("polling", ruled(tmp_path), (ANA,)) as scene:
        twin = scene.twin
        twin.say("second factor")
        shown = await scene.says("Key: ")
        totp = authenticator(str(shown["text"]))
        twin.say(f"second factor {code(totp)}")
        await scene.says("in place")

        def asked(order: str) -> int:
            shown = [m for m in twin.messages(ANA) if APPROVE in telegram.buttons(m) and order in m["text"]]
            return int(shown[-1]["message_id"]) if shown else 0

        async def press(order: str) -> int:
            found = await twin.until(lambda: asked(order))
            twin.press(APPROVE, message=found)
            return found

        twin.say(REFUND.format("1007"))
        await press("1007")
        await scene.says("6 digits")
        twin.say("000000")
        await scene.says("not the code")
        assert refunds(scene.home, "1007") == []
        used = code(totp, 1)
        twin.say(used)
        await scene.says("1007", "✓ Done")
        assert len(refunds(scene.home, "1007")) == 1

        twin.say(REFUND.format("1010"))
        second = await press("1010")
        old = telegram.buttons(twin.standing[ANA][second])[APPROVE]
        await twin.until(lambda: len([m for m in twin.messages(ANA) if "6 digits" in m["text"]]) == 2)
        twin.say(used)
        await scene.says("used already")
        assert refunds(scene.home, "1010") == []
        twin.say("cancel")
        twin.press("Edit", message=second)
        for question, answer in {
            "Order (1 of 3)": ".",
            "Amount (2 of 3)": "7",
            "Reason (3 of 3)": ".",
        }.items():
            await scene.says(question)
            twin.say(answer)
        await scene.says("Replaced by a newer card")
        stale = twin.press(data=old, message=second)
        assert "out of date" in await scene.told(stale)
        assert refunds(scene.home, "1010") == []
        await scene.program.stop()
        assert await ledger_holds(scene.home)


@pytest.mark.peer("local-slack")
async def test_slack_asks_for_it_in_a_modal(tmp_path: Path) -> None:
    async with test_slack.scene_of("events", ruled(tmp_path)) as scene:
        people, alice = scene.people, scene.slack.alice
        channel = await people.direct(alice)

        async def shown(words: str, after: int = 0) -> Message:
            async def look() -> Message | None:
                found = [m for m in await people.messages(channel) if words in str(m)]
                return found[-1] if len(found) > after else None

            found = await until(look, f"{words!r} was not said")
            assert found is not None
            return found

        async def prove(card: Message, digits: str, forms: int) -> None:
            await people.press(alice, card, APPROVE)

            async def opened() -> bool:
                return len(await people.calls("views.open")) == forms

            await until(opened, "no form opened")
            await people.save(alice, {f"field:{FIELD}": digits})

        async def card_of(order: str) -> Message:
            return await people.shows(
                channel,
                lambda m: order in str(m) and any(b["text"]["text"] == APPROVE for b in buttons(m)),
            )

        await people.say(alice, "second factor", channel=channel)
        totp = authenticator(str(await shown("Key: ")))
        await people.say(alice, f"second factor {code(totp)}", channel=channel)
        await shown("in place")

        await people.say(alice, REFUND.format("1007"), channel=channel)
        card = await card_of("1007")
        await prove(card, "000000", 1)
        await shown("not the code")
        assert refunds(scene.home, "1007") == []
        used = code(totp, 1)
        await prove(card, used, 2)
        await scene.standing(card, "✓ Done")
        assert len(refunds(scene.home, "1007")) == 1

        await people.say(alice, REFUND.format("1010"), channel=channel)
        second = await card_of("1010")
        await prove(second, used, 3)
        await shown("used already")
        assert refunds(scene.home, "1010") == []
        await people.press(alice, second, "Edit")

        async def edits() -> bool:
            return len(await people.calls("views.open")) == 4

        await until(edits, "no form opened")
        await people.save(alice, {"field:amount": "7"})
        await scene.standing(second, "Replaced by a newer card")
        await people.press(alice, second, APPROVE)
        await shown("out of date")
        assert len(await people.calls("views.open")) == 4, "an old card asks for no code"
        assert refunds(scene.home, "1010") == []


@pytest.mark.peer("chromium")
async def test_the_page_asks_for_it_in_a_form(tmp_path: Path) -> None:
    async with async_playwright() as playwright, running(ruled(tmp_path), "demo") as program:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=[*CHROMIUM_FLAGS])
        async with Visitor(program, browser).tab() as tab:
            await tab.say("second factor")
            notice = tab.page.get_by_text("Key: ").last
            await expect(notice).to_be_visible()
            totp = authenticator(await notice.inner_text())
            await tab.page.goto(f"{program.url}/chat")
            await tab.say(f"second factor {code(totp)}")
            await expect(tab.page.get_by_text("in place").last).to_be_visible()

            async def give(order: str, digits: str) -> None:
                card = tab.card(order)
                await card.get_by_text(APPROVE).click()
                await tab.page.locator(f"[name='field.{FIELD}']").fill(digits)
                await tab.page.keyboard.press("Enter")

            await tab.say(REFUND.format("1010"))
            await give("1010", "000000")
            await expect(tab.page.get_by_text("not the code").last).to_be_visible()
            assert refunds(tmp_path, "1010") == []
            used = code(totp, 1)
            await give("1010", used)
            await expect(tab.card("1010")).to_contain_text("✓ Done")
            assert len(refunds(tmp_path, "1010")) == 1
            await tab.say(REFUND.format("1011"))
            await give("1011", used)
            await expect(tab.page.get_by_text("used already").last).to_be_visible()
            assert refunds(tmp_path, "1011") == []
        await browser.close()
