"""The pictures of the documentation, taken of the real demo by a real browser, and what they cost to load.

    python -m tests.docs.film                     docs/images: the card, and the film strip of every page
    python -m tests.docs.film --out DIR           everything in two languages, two themes, narrow and wide, to be looked at

Prints the bytes and the milliseconds of each first load.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from tempfile import gettempdir

from playwright.async_api import Page

from tests.adapters.web.tour import demo, tour
from tests.running import ROOT

PICTURES = ROOT / "docs/images"
STRIP = frozenset(
    {
        "start-2-asks",
        "start-3-undo",
        "now",
        "missions",
        "connections",
        "policy-action-demo-refund",
        "ledger",
    }
)
"""What stands in the documentation."""
_NO_SCRATCH = """folder => {
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let text; (text = texts.nextNode());) {
        const parts = text.data.split(folder + "/");
        text.data = parts[0] + parts.slice(1).map(part => "/home/ana/vigie/" + part.slice(part.indexOf("/") + 1)).join("");
    }
}"""
"""The demo of the pictures lives in a scratch folder; in the documentation it stands where somebody would have it."""
LARGEST = 150_000
"""Bytes of a first load."""


async def weighed(page: Page, url: str, path: str) -> tuple[int, float]:
    """The bytes of a page with everything it loads, as they cross the wire, and the milliseconds until it stands."""
    fresh = await page.context.new_page()
    await fresh.goto(f"{url}/{path}", wait_until="load")
    size, took = await fresh.evaluate(
        """() => {
            const [page] = performance.getEntriesByType("navigation");
            const parts = [page, ...performance.getEntriesByType("resource")];
            return [parts.reduce((sum, part) => sum + part.encodedBodySize, 0), page.loadEventEnd || page.duration];
        }"""
    )
    await fresh.close()
    return size, took


async def strip(folder: Path) -> None:
    """The film strip, and the card alone."""
    async with demo(width=1000, height=680) as (page, url):
        async for stop in tour(page, url):
            if stop.name in STRIP:
                await stop.page.evaluate(_NO_SCRATCH, gettempdir())
                await stop.page.screenshot(path=folder / f"page-{stop.name}.png")
            if stop.name == "start-2-asks":
                # The whole card has to be in the window.
                await stop.page.set_viewport_size({"width": 1000, "height": 1400})
                await stop.page.locator(".card").first.screenshot(path=folder / "card.png")
                await stop.page.set_viewport_size({"width": 1000, "height": 680})
        for path in ("start", "now", "chat", "pending", "missions", "connections", "policy", "ledger"):
            size, took = await weighed(page, url, path)
            sys.stdout.write(f"/{path}: {size:,} bytes, {took:.0f} ms\n")


async def everything(folder: Path) -> None:
    for lang, scheme, width in product(("en", "fr"), ("light", "dark"), (400, 1280)):
        async with demo(lang=lang, scheme=scheme, width=width) as (page, url):
            async for stop in tour(page, url):
                name = f"{lang}-{scheme}-{width}-{stop.name}.png"
                await stop.page.screenshot(path=folder / name, full_page=True)
        sys.stdout.write(f"{lang} {scheme} {width}\n")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path)
    wanted = parser.parse_args(arguments)
    folder: Path = wanted.out or PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    asyncio.run(everything(folder) if wanted.out else strip(folder))


if __name__ == "__main__":
    main(sys.argv[1:])
