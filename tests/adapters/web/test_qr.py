"""The QR code that leads to the private chat with the bot: read back by another decoder, from what a phone's camera sees."""

import html
import io
import re
from typing import cast

import pytest
import zxingcpp
from PIL import Image
from playwright.async_api import async_playwright

from bot.world import Chat
from tests.adapters.web.rig import Rig, serving
from tests.adapters.web.test_browser import tab
from tests.peers.servers import CHROMIUM_FLAGS, chromium_path

DOOR = "https://t.me/vigie_of_the_atelier_bot"


class Named:
    """A Telegram that knows its own name and says nothing."""

    platform = "telegram"
    door = DOOR


@pytest.mark.peer("chromium")
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_a_phone_reads_the_address_that_hands_the_code_in(assistant: Rig, scheme: str) -> None:
    cast("dict[str, Chat]", assistant.house.chats)["telegram"] = cast("Chat", Named())
    async with serving(assistant) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        async with tab(assistant, browser, url, width=400, scheme=scheme, scripts=True) as visit:
            await visit.say("link")
            shown = visit.page.locator(".notice img")
            await shown.wait_for()
            words = html.unescape(await visit.page.locator(".notice").inner_text())
            seen = Image.open(io.BytesIO(await visit.page.screenshot()))
        await browser.close()
    [code] = zxingcpp.read_barcodes(seen)
    address = re.search(r"https://t\.me/\S+", words)
    assert address is not None
    assert code.text == address[0]
    assert code.text.startswith(f"{DOOR}?start=")
