"""Every page and state of the real demo in a real browser, one after the other: for pictures, and to be examined.

Starts the program over a new folder, signs in with the printed link, and tells the story of the first minute to its end.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, Page, async_playwright

from tests.peers.servers import CHROMIUM_FLAGS, chromium_path
from tests.running import running

WITHIN = 60_000.0
"""Milliseconds until the demo's mission has asked."""
ROOMS = (
    "now",
    "chat",
    "pending",
    "missions",
    "missions?mission=1",
    "procedures",
    "connections",
    "fields",
    "people",
    "policy?action=demo.refund&role=member&outside=1",
    "budgets",
    "ledger",
    "ledger?why=1",
    "ledger/verify",
    "connect/stripe",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One page in one state. `name` is good for a file."""

    name: str
    page: Page


@asynccontextmanager
async def demo(
    *, lang: str = "en", scheme: str = "light", width: int = 1200, height: int = 850
) -> AsyncGenerator[tuple[Page, str]]:
    """A signed-in page of a new demo, and its address."""
    with TemporaryDirectory() as folder:
        async with running(Path(folder), "demo") as program, async_playwright() as playwright:
            browser = await playwright.chromium.launch(
                executable_path=chromium_path(), args=list(CHROMIUM_FLAGS)
            )
            page = await opened(browser, lang=lang, scheme=scheme, width=width, height=height)
            await page.goto(program.link)
            await page.wait_for_url(f"{program.url}/")
            yield page, program.url
            await browser.close()


async def opened(browser: Browser, *, lang: str, scheme: str, width: int, height: int) -> Page:
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        timezone_id="Europe/Paris",
        locale="fr-FR" if lang == "fr" else "en-GB",
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = await context.new_page()
    page.set_default_timeout(WITHIN)
    return page


async def story(page: Page, url: str) -> AsyncGenerator[Stop]:
    """The first minute: nothing is typed."""
    yield Stop(name="start-1-wakes", page=page)
    await page.locator("button[data-act=approve]").first.wait_for()
    yield Stop(name="start-2-asks", page=page)
    await page.locator("button[data-act=approve]").first.click()
    await page.locator("dialog button[value=yes]").wait_for()
    yield Stop(name="start-2-sure", page=page)
    await page.locator("dialog button[value=yes]").click()
    note = page.locator("form.press button[data-act^='do demo.note_order']")
    await note.wait_for()
    yield Stop(name="start-3-receipt", page=page)
    await note.click()
    undo = page.locator("form.press button[data-act^='undo ']").last
    await undo.wait_for()
    yield Stop(name="start-3-undo", page=page)
    await undo.click()
    await page.locator(".ways.ready").wait_for()
    yield Stop(name="start-4-told", page=page)


async def rooms(page: Page, url: str) -> AsyncGenerator[Stop]:
    """Every room, with what the demo has in it."""
    for path in ROOMS:
        await page.goto(f"{url}/{path}")
        name = path.partition("&")[0].replace("?", "-").replace("/", "-").replace("=", "-").replace(".", "-")
        yield Stop(name=name, page=page)


async def tour(page: Page, url: str) -> AsyncGenerator[Stop]:
    """Everything: the story up to its card, the rooms while it waits, a freeze, and the story to its end."""
    telling = story(page, url)
    async for stop in telling:
        yield stop
        if stop.name == "start-2-asks":
            break
    async for stop in rooms(page, url):
        yield stop
    await page.goto(f"{url}/pending")
    await page.locator("a[data-act=edit]").first.click()
    yield Stop(name="form", page=page)
    await page.goto(f"{url}/nowhere")
    yield Stop(name="problem", page=page)
    await page.goto(f"{url}/")
    async for stop in story(page, url):
        if stop.name > "start-2-asks":
            yield stop
    await page.locator("form[action='/say'] button[title]").click()
    await page.goto(f"{url}/now")
    await page.locator(".frozen").wait_for()
    yield Stop(name="now-frozen", page=page)
