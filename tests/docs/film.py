"""The picture of the first page of the documentation, taken of the real demo by a real browser.

    python -m tests.docs.film                        docs/images/card.png
    python -m tests.docs.film --lang fr --out DIR    the same in French, and the pages around it

Starts the program over a new folder, signs in with the printed link, and waits for the card.
"""

import argparse
import asyncio
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Page, async_playwright

from tests.peers.servers import CHROMIUM_FLAGS, chromium_path
from tests.running import ROOT, running

PICTURE = ROOT / "docs/images/card.png"
CARD_WITHIN = 60_000.0
"""Milliseconds until the demo's mission has asked."""


@asynccontextmanager
async def demo(*, lang: str = "en", width: int = 1000, height: int = 790) -> AsyncGenerator[Page]:
    """A signed-in page of a new demo, in that language, with the first card on it."""
    with TemporaryDirectory() as folder:
        async with running(Path(folder), "demo") as program, async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(), args=list(CHROMIUM_FLAGS)
            )
            context = await browser.new_context(
                viewport={"width": width, "height": height},
                timezone_id="Europe/Paris",
                locale="fr-FR" if lang == "fr" else "en-GB",
                color_scheme="light",
            )
            page = await context.new_page()
            await page.goto(program.link)
            await page.wait_for_url(f"{program.url}/")
            await page.locator("button[data-act=approve]").first.wait_for(timeout=CARD_WITHIN)
            yield page
            await browser.close()


async def film(to: Path, *, lang: str = "en") -> None:
    """One picture of the card that waits."""
    async with demo(lang=lang) as page:
        await page.screenshot(path=to)


async def film_all(folder: Path, *, lang: str) -> None:
    """Every page once, to be read by a person who speaks the language."""
    async with demo(lang=lang, width=900) as page:
        await page.screenshot(path=folder / "chat.png", full_page=True)
        await page.locator("button[data-act=details]").first.click()
        await page.get_by_text("demo.refund").first.wait_for()
        await page.screenshot(path=folder / "details.png", full_page=True)
        await page.locator("a[data-act=edit]").last.click()
        await page.screenshot(path=folder / "form.png", full_page=True)
        await page.goto(page.url.split("/form")[0] + "/pending")
        await page.screenshot(path=folder / "pending.png", full_page=True)
        await page.goto(page.url.replace("pending", "missions"))
        await page.screenshot(path=folder / "missions.png", full_page=True)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lang", default="en", choices=("en", "fr"))
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args(arguments)
    if wanted.out is None:
        asyncio.run(film(PICTURE, lang=wanted.lang))
    else:
        wanted.out.mkdir(parents=True, exist_ok=True)
        asyncio.run(film_all(wanted.out, lang=wanted.lang))


if __name__ == "__main__":
    main(sys.argv[1:])
