"""The first minute in another language than the program was started in: the card was asked before anybody came."""

import asyncio
import html
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx

from bot.values import Money
from tests.adapters.web.test_pages import press_form
from tests.running import running
from tests.stories.peers.record import asked, refunds, until


async def test_what_was_asked_before_anybody_came_can_be_approved_in_their_language(tmp_path: Path) -> None:
    async with running(tmp_path, "demo", settings={"LANG": "C.UTF-8"}) as program:
        token = parse_qs(urlsplit(program.link).query)["token"][0]
        await until(lambda: asyncio.to_thread(asked, tmp_path), "the demo's mission asks for nothing")
        headers = {"accept-language": "fr-FR", "origin": program.url}
        async with httpx.AsyncClient(base_url=program.url, headers=headers, follow_redirects=True) as browser:
            await browser.post("/sign-in", data={"token": token})
            page = (await browser.get("/pending")).text
            card = html.unescape(page)
            assert "Commande 1007 · Gigi Hamilton" in card
            assert "Order 1007" not in card
            await browser.post("/press", data={**press_form(page, "approve"), "unsure": ""})

            paid = [Money(8990, "EUR")]
            await until(
                lambda: asyncio.to_thread(lambda: refunds(tmp_path, "1007") == paid), "nothing was refunded"
            )

            async def told() -> bool:
                chat = html.unescape((await browser.get("/chat")).text)
                return "✓ Fait" in chat.partition("Approuvé par")[0]

            await until(told, "nobody says what became of it")
