"""The web chat, told by the real program in a real browser: from the printed link to the receipt."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, async_playwright, expect

from tests.peers.servers import CHROMIUM_FLAGS, chromium_path
from tests.running import Program, running
from tests.stories.peers.record import euros, ledger_holds, refunds

pytestmark = [pytest.mark.peer("chromium"), pytest.mark.asyncio(loop_scope="module")]
expect.set_options(timeout=30_000)


@dataclass
class Tab:
    """One tab of somebody's browser, and everything it complained about."""

    page: Page
    complaints: list[str] = field(default_factory=list[str])

    async def say(self, text: str) -> None:
        """Types and presses Enter, as a person does."""
        await self.page.locator("#composer textarea").fill(text)
        await self.page.keyboard.press("Enter")

    def card(self, *words: str) -> Locator:
        """The newest card that shows these words."""
        found = self.page.locator(".card")
        for each in words:
            found = found.filter(has_text=each)
        return found.last

    async def focus_by_keyboard(self, button: Locator) -> None:
        """Walks back from the field to write in, as somebody without a mouse does."""
        for _ in range(30):
            await self.page.keyboard.press("Shift+Tab")
            if await button.evaluate("button => button === document.activeElement"):
                return
        raise AssertionError("the keyboard does not reach the button")


@dataclass
class Visitor:
    """The program's owner at a browser. `state` holds the cookie of whoever signed in first."""

    program: Program
    browser: Browser
    state: Any = None

    @property
    def home(self) -> Path:
        return self.program.home

    @asynccontextmanager
    async def tab(
        self, *, width: int = 1100, scheme: str = "light", quiet: bool = True, lang: str = "en-GB"
    ) -> AsyncGenerator[Tab]:
        """A tab on the chat, signed in. Fails on any complaint of the browser unless it may be heard."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 800},
            color_scheme="dark" if scheme == "dark" else "light",
            locale=lang,
            storage_state=self.state,
        )
        page = await context.new_page()
        page.set_default_timeout(30_000)
        tab = Tab(page)
        page.on("console", lambda message: tab.complaints.append(message.text))
        page.on("pageerror", lambda error: tab.complaints.append(str(error)))
        if self.state is None:
            await page.goto(self.program.link)
            await page.wait_for_url(f"{self.program.url}/")
            await page.goto(f"{self.program.url}/chat")
            self.state = await context.storage_state()
        else:
            await page.goto(f"{self.program.url}/chat")
        try:
            yield tab
        finally:
            await context.close()
        assert not quiet or tab.complaints == []


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncGenerator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=chromium_path(), args=[*CHROMIUM_FLAGS])
        yield launched
        await launched.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def here(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncGenerator[Visitor]:
    async with running(tmp_path_factory.mktemp("web"), "demo") as program:
        yield Visitor(program, browser)


async def approve(tab: Tab, card: Locator, *, label: str = "Approve") -> None:
    """Approve, and the dialog that asks again."""
    await card.get_by_role("button", name=label).click()
    await tab.page.get_by_role("dialog").get_by_role("button", name=label).click()


async def test_a_mission_wakes_by_itself_asks_is_corrected_approved_and_leaves_its_receipt(
    here: Visitor,
) -> None:
    async with here.tab() as tab:
        await expect(tab.page.get_by_text("Vigie is on watch.")).to_be_visible()
        card = tab.card("1007")
        await expect(card.get_by_role("button", name="Approve")).to_be_visible(timeout=60_000)
        await expect(card).to_contain_text("€89.90")
        await expect(tab.page.locator("#pending-count")).to_have_text("1")
        await card.get_by_role("button", name="Details").click()
        await expect(card).to_contain_text("demo.refund")
        await card.get_by_role("link", name="Edit").click()
        await tab.page.get_by_label("Amount").fill("20 EUR")
        await tab.page.get_by_role("button", name="Save").click()
        await expect(tab.page.locator(".card.settled")).to_contain_text("Replaced by a newer card")
        edited = tab.card("€20.00")
        assert refunds(here.home, "1007") == []
        async with here.tab() as other:
            await approve(tab, edited)
            receipt = tab.page.locator(".card.good")
            await expect(receipt).to_contain_text("€20.00 of order 1007 went back to Gigi Hamilton")
            await expect(tab.page.get_by_role("button", name="Approve")).to_have_count(0)
            await expect(tab.page.locator("#pending-count")).to_be_hidden()
            await other.page.bring_to_front()
            await expect(other.page.locator(".card.good")).to_contain_text("went back to Gigi Hamilton")
            await expect(other.page.get_by_role("button", name="Approve")).to_have_count(0)
        assert await tab.page.locator(".card.good").count() == 1, "what was replaced is no success"
    assert refunds(here.home, "1007") == [euros("20")]


async def test_a_sign_in_link_works_once_and_then_says_so(here: Visitor) -> None:
    async with here.tab():
        pass
    context = await here.browser.new_context()
    page = await context.new_page()
    await page.goto(here.program.link)
    await expect(page.get_by_role("heading")).to_have_text("This link does not work any more")
    await page.goto(f"{here.program.url}/chat")
    await expect(page.get_by_role("heading")).not_to_contain_text("On watch")
    assert await page.locator("#composer").count() == 0
    await context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_with_the_keyboard_alone_on_a_narrow_screen(here: Visitor, scheme: str) -> None:
    order = {"light": "1011", "dark": "1013"}[scheme]
    async with here.tab(width=400, scheme=scheme) as tab:
        await tab.say(f"do demo.refund order={order} amount=5")
        card = tab.card(order)
        button = card.get_by_role("button", name="Approve")
        await expect(button).to_be_visible()
        await tab.focus_by_keyboard(button)
        await tab.page.keyboard.press("Enter")
        dialog = tab.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("cannot be taken back")
        await tab.page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await tab.page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="Approve").focus()
        await tab.page.keyboard.press("Enter")
        await expect(card).to_contain_text("✓ Done")
        assert await tab.page.evaluate("document.documentElement.scrollWidth - innerWidth") == 0
    assert refunds(here.home, order) == [euros("5")]


async def test_in_french_everything_on_the_way_is_french(here: Visitor) -> None:
    async with here.tab(lang="fr-FR") as tab:
        await tab.say("language fr")
        await expect(tab.page.locator("html")).to_have_attribute("lang", "fr")
        await tab.say("fais demo.refund order=1010 amount=5,50")
        card = tab.card("1010")
        await expect(card).to_contain_text("Rembourser une commande")
        await expect(card).to_contain_text("5,50 €")
        shown = await card.inner_text()
        assert not {word for word in ("Risk", "Account", "Expires", "cannot be undone") if word in shown}
        await approve(tab, card, label="Approuver")
        await expect(card).to_contain_text("✓ Fait")
        await tab.say("langue en")
        await expect(tab.page.locator("html")).to_have_attribute("lang", "en")
    assert refunds(here.home, "1010") == [euros("5.50")]


async def test_an_old_button_pressed_after_a_power_cut_refunds_exactly_once(
    browser: Browser, tmp_path: Path
) -> None:
    async with running(tmp_path, "demo") as program:
        await over_a_power_cut(Visitor(program, browser))


async def over_a_power_cut(here: Visitor) -> None:
    async with here.tab(quiet=False) as open_page, here.tab(quiet=False) as other:
        await open_page.say("do demo.refund order=1007 amount=20")
        await expect(open_page.card("€20.00").get_by_role("button", name="Approve")).to_be_visible()
        await other.page.reload()
        await here.program.kill()
        await approve(open_page, open_page.card("€20.00"))
        await expect(open_page.page.locator(".notice")).to_be_visible()
        assert refunds(here.home, "1007") == []
        await here.program.start()
        # The page that stayed open all the time, with the button it had.
        await approve(open_page, open_page.card("€20.00"))
        await expect(open_page.card("€20.00")).to_contain_text("✓ Done")
        await other.page.reload()
        await expect(other.card("€20.00")).to_contain_text("✓ Done")
        assert refunds(here.home, "1007") == [euros("20")]
        await here.program.stop()
        assert await ledger_holds(here.home)
