"""The pages in a real browser: type, read, press by keyboard, in two languages, narrow and wide."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from bot import sayings
from bot.effects import Text
from tests.adapters.web.rig import OLIVIAS, Rig, serving
from tests.peers.servers import CHROMIUM_FLAGS, chromium_path

pytestmark = pytest.mark.peer("chromium")

REFUND = 'do demo.refund order=1007 amount="20.00 EUR" reason="late"'
LETTER = 'do demo.message_customer recipient=gigi.hamilton@example.com subject="{subject}" body="Sorry"'

expect.set_options(timeout=30_000)


@dataclass
class Visit:
    """Somebody's tab, and everything the browser complained about in it."""

    page: Page
    url: str
    complaints: list[str] = field(default_factory=list[str])

    async def say(self, text: str) -> None:
        """Types and presses Enter, as a person does."""
        await self.page.get_by_label("Your message").fill(text)
        await self.page.keyboard.press("Enter")

    async def overflow(self) -> int:
        """Pixels by which the page is wider than the window."""
        return await self.page.evaluate("document.documentElement.scrollWidth - innerWidth")


@asynccontextmanager
async def visit(
    assistant: Rig, *, width: int = 1100, scheme: str = "light", scripts: bool = True
) -> AsyncGenerator[Visit]:
    """A signed-in tab over a real server. Fails on any complaint of the browser."""
    async with serving(assistant) as url, async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        async with tab(assistant, browser, url, width=width, scheme=scheme, scripts=scripts) as visit:
            yield visit
        await browser.close()
    assert visit.complaints == []


@asynccontextmanager
async def tab(
    assistant: Rig, browser: Browser, url: str, *, width: int, scheme: str, scripts: bool
) -> AsyncGenerator[Visit]:
    dark = "dark" if scheme == "dark" else "light"
    context = await browser.new_context(
        viewport={"width": width, "height": 800},
        color_scheme=dark,
        java_script_enabled=scripts,
        locale="en-GB",
    )
    page = await context.new_page()
    page.set_default_timeout(30_000)
    visit = Visit(page, url)
    page.on("console", lambda message: visit.complaints.append(message.text))
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    await page.goto(f"{url}/sign-in?token={await assistant.invitation()}")
    if not scripts:
        await page.get_by_role("button", name="Open my chat").click()
    await page.wait_for_url(f"{url}/")
    await page.goto(f"{url}/chat")
    try:
        yield visit
    finally:
        await context.close()


async def test_what_is_typed_is_said_and_answered_without_a_reload(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await expect(here.page.get_by_text("Vigie is on watch.")).to_be_visible()
        await here.say("status")
        await expect(here.page.locator(".theirs:not(.ghost)")).to_contain_text("status")
        await expect(here.page.locator(".ours")).to_contain_text("On watch.")
        await expect(here.page.locator(".ghost")).to_have_count(0)
        await expect(here.page.get_by_label("Your message")).to_be_focused()
        await expect(here.page.get_by_label("Your message")).to_have_value("")


async def test_shift_enter_starts_a_new_line(assistant: Rig) -> None:
    async with visit(assistant) as here:
        field = here.page.get_by_label("Your message")
        await field.fill("remember one")
        await here.page.keyboard.press("Shift+Enter")
        await here.page.keyboard.type("two")
        await expect(field).to_have_value("remember one\ntwo")
    assert assistant.arrivals == []


async def test_an_example_fills_the_field(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.page.get_by_role("link", name="status").click()
        await expect(here.page.get_by_label("Your message")).to_have_value("status")
        await expect(here.page.get_by_label("Your message")).to_be_focused()


async def test_a_card_appears_live_and_is_approved_by_keyboard_alone(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.say(LETTER.format(subject="Late"))
        approve = here.page.get_by_role("button", name="Approve")
        await expect(approve).to_be_visible()
        await expect(here.page.locator("#pending-count")).to_have_text("1")
        for _ in range(12):
            await here.page.keyboard.press("Shift+Tab")
            if await approve.evaluate("button => button === document.activeElement"):
                break
        await expect(approve).to_be_focused()
        await here.page.keyboard.press("Enter")
        await expect(here.page.locator(".card.good .status")).to_contain_text("✓ Done")
        await expect(here.page.get_by_role("button", name="Approve")).to_have_count(0)
        await expect(here.page.locator("#pending-count")).to_be_hidden()
        # the button is gone, the keyboard is still in its card
        assert await here.page.evaluate("document.activeElement.classList.contains('line')")


async def test_a_dangerous_press_asks_again_and_escape_leaves_everything(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.say(REFUND)
        approve = here.page.get_by_role("button", name="Approve — Refund an order")
        await approve.click()
        dialog = here.page.get_by_role("dialog")
        await expect(dialog).to_contain_text("cannot be taken back")
        await here.page.keyboard.press("Escape")
        await expect(dialog).to_have_count(0)
        await expect(approve).to_be_focused()
        assert len(assistant.arrivals) == 1
        await here.page.keyboard.press("Enter")
        await dialog.get_by_role("button", name="Approve").click()
        await expect(here.page.locator(".card.good")).to_contain_text("€20.00 of order 1007")


async def test_a_refusal_is_shown_once_and_read_aloud(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.say(LETTER.format(subject="Late"))
        await expect(here.page.get_by_role("button", name="Approve")).to_be_visible()
        await assistant.write(
            lambda tx: [tx.proposals.swap(p, p.expire(p.expires)) for p in tx.proposals.pending()]
        )
        await here.page.get_by_role("button", name="Deny").click()
        await expect(here.page.locator("#notices[role=status] .notice")).to_contain_text("already settled")
        await expect(here.page.locator(".notice")).to_have_count(1)


async def test_an_edit_makes_a_new_card(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.say(LETTER.format(subject="Late"))
        await here.page.get_by_role("link", name="Edit").click()
        await here.page.get_by_label("Subject").fill("Very late")
        await here.page.get_by_role("button", name="Save").click()
        await expect(here.page.locator(".card:not(.settled)")).to_contain_text("Very late")
        await expect(here.page.locator(".card.settled")).to_contain_text("Replaced by a newer card")


async def test_two_tabs_show_the_same(assistant: Rig) -> None:
    async with visit(assistant) as here:
        other = await here.page.context.new_page()
        await other.goto(f"{here.url}/chat")
        await here.say("status")
        await expect(here.page.locator(".ours")).to_contain_text("On watch.")
        await other.bring_to_front()
        await expect(other.locator(".ours")).to_contain_text("On watch.")


async def test_a_mission_is_paused_in_its_list(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.say("every weekday at 9:00, water the plants")
        await here.page.get_by_role("button", name="Start —").click()
        await expect(here.page.locator(".card.settled")).to_be_visible()
        await here.page.get_by_role("link", name="Missions").click()
        await here.page.get_by_role("button", name="Pause").click()
        await expect(here.page.get_by_role("button", name="Resume")).to_be_visible()


async def test_it_speaks_french_after_one_press(assistant: Rig) -> None:
    async with visit(assistant) as here:
        await here.page.get_by_role("button", name="Français").click()
        await expect(here.page.locator("html")).to_have_attribute("lang", "fr")
        await expect(here.page.get_by_role("button", name="English")).to_be_visible()


async def test_what_is_said_while_something_is_still_under_way_follows_it(assistant: Rig) -> None:
    """Enter counts, also on a slow line."""
    async with visit(assistant) as here:
        first, over = asyncio.Event(), asyncio.Event()

        async def slow(route: Route) -> None:
            if not first.is_set():
                first.set()
                await over.wait()
            await route.continue_()

        await here.page.route("**/say", slow)
        await here.say("one thing")
        await first.wait()
        await here.say("another thing")
        over.set()
        theirs = here.page.locator(".theirs:not(.ghost)")
        await expect(theirs).to_have_count(2)
        await expect(theirs.nth(1)).to_contain_text("another thing")
        await expect(here.page.get_by_label("Your message")).to_have_value("")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_is_cut_off_at_400_pixels(assistant: Rig, scheme: str) -> None:
    async with visit(assistant, width=400, scheme=scheme) as here:
        await here.say(REFUND)
        await expect(here.page.get_by_role("button", name="Approve")).to_be_visible()
        await here.say("x" * 500)
        await here.say("every weekday at 9:00, " + "water" * 30)
        await expect(here.page.locator(".ours")).to_have_count(3)
        now = assistant.clock.now()
        code = Text(text=f"```\n{'wide ' * 80}{'w' * 200}\n```", mark=True)
        await assistant.write(lambda tx: sayings.say(tx, place=OLIVIAS.key, slot="c", content=code, now=now))
        await expect(here.page.locator("pre")).to_be_visible()
        assert await here.overflow() == 0
        for path in ("/pending", "/missions", "/memory", "/sign-in"):
            await here.page.goto(f"{here.url}{path}")
            assert await here.overflow() == 0
            await here.page.set_viewport_size({"width": 1100, "height": 800})
            assert await here.overflow() == 0
            await here.page.set_viewport_size({"width": 400, "height": 800})
        await here.page.goto(f"{here.url}/chat")
        await here.page.get_by_role("link", name="Edit — Refund").click()
        assert await here.overflow() == 0


async def test_everything_works_without_scripts(assistant: Rig) -> None:
    async with visit(assistant, scripts=False) as here:
        await here.page.get_by_label("Your message").fill(REFUND)
        # A page that is on its way to another one cannot be loaded again.
        async with here.page.expect_navigation():
            await here.page.get_by_role("button", name="Send").click()
        await assistant.settled()
        await here.page.reload()
        await here.page.get_by_role("button", name="Approve").click()
        await expect(here.page.get_by_role("heading", name="cannot be taken back")).to_be_visible()
        async with here.page.expect_navigation():
            await here.page.get_by_role("button", name="Approve").click()
        await assistant.settled()
        await here.page.reload()
        await expect(here.page.locator(".card.good")).to_be_visible()


async def test_markup_in_words_never_becomes_part_of_the_page(assistant: Rig) -> None:
    canary = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
    async with visit(assistant) as here:
        await here.say(canary)
        await expect(here.page.locator(".ours")).to_contain_text("<script>")
        await here.page.reload()
        await expect(here.page.locator(".ours")).to_contain_text("<script>")
        assert await here.page.locator("main img, main script").count() == 0
        assert "owned" not in await here.page.title()
