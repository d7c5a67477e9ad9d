"""Every page in its states, empty and full, well and wrong, one after the other in a real browser: over the store in memory,
with somebody signed in who has said and kept a little of everything.
"""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

from playwright.async_api import Page, async_playwright

from adapters.chat.web import rooms
from bot import sayings
from bot.effects import File, Question, Text
from bot.missions import Cron, Mission, Step
from bot.occurrences import Fate, Occurrence
from bot.people import Person
from bot.procedures import Procedure, Recipe
from bot.speech import Tongue
from bot.store import Tx
from bot.ways import Mark, NoWays, Trial, Way
from bot.ways import Step as WayStep
from tests.adapters.web.rig import OLIVIA, OLIVIAS, URL, Rig, Visitor, rig, serving
from tests.adapters.web.test_accounts import KEY, WRONG
from tests.peers.servers import CHROMIUM_FLAGS, chromium_path
from tests.twins import acme
from tests.twins.granting import Authority
from tests.twins.served import served

SAID = (
    "help",
    "remember my address is 3 Oak Street",
    "my address changed to 5 Elm Street",
    "remember until 2030-01-01: the gate code is 1207",
    "list add features: dark mode",
    "list add features: a calendar",
    "total expenses add 12.50 EUR",
    "count visitors +3",
    "every weekday at 9:00, do demo.late_orders",
    "every 10 minutes, do demo.stock",
    "procedure late: with days (number): do demo.late_orders days={days} as late; then say “done”",
    'do demo.refund order=1007 amount="20.00 EUR" reason="late"',
    "do demo.message_customer recipient=gigi.hamilton@example.com subject=Late body=Sorry",
    "do demo.note_order order=1007 note=“call her”",
    "status",
)
"""What somebody has said by the time that the pages are full."""


class Models(NoWays):
    """A way in each state, and one model that answers."""

    def shown(self, tx: Tx, person: Person, tongue: Tongue) -> tuple[Way, ...]:
        steps = (
            WayStep(title=tongue("Make the bot"), mark=Mark.DONE, says=tongue("works")),
            WayStep(
                title=tongue("Give it its token"),
                mark=Mark.WRONG,
                says=tongue("does not work"),
                lines=("A=1",),
            ),
            WayStep(title=tongue("It is let in"), link="https://example.com/", label=tongue("Open it")),
        )
        return (
            Way(name="telegram", title="Telegram", steps=steps),
            Way(name="model", title=tongue("Model"), steps=steps[:1], model=True),
        )

    async def try_model(self, name: str, key: str, tongue: Tongue) -> Trial:
        if key == KEY:
            return Trial(well=True, says="Hello.", lines=("VIGIE_MODEL=test", "TEST_API_KEY=…"))
        return Trial(well=False, says=tongue("no model can be tried here"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One page in one state."""

    name: str
    page: Page


@asynccontextmanager
async def house(folder: Path) -> AsyncGenerator[tuple[Rig, str]]:
    """An assistant with a vendor to connect and a model to try, and the address of its pages."""
    twin = Authority(back=f"{URL}/oauth/acme/callback")
    with served(twin) as vendor:
        given = acme.given(vendor)
        async with (
            rig(folder, vendors={"acme": acme.VENDOR}, given=given, ways=Models()) as standing,
            serving(standing) as url,
        ):
            yield standing, url


@asynccontextmanager
async def window(lang: str, *, width: int = 1200) -> AsyncGenerator[Page]:
    """A fresh browser of somebody who reads this language."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium_path(), args=list(CHROMIUM_FLAGS))
        context = await browser.new_context(
            viewport={"width": width, "height": 850},
            timezone_id="Europe/Paris",
            locale={"fr": "fr-FR", "en": "en-GB"}.get(lang, lang),
        )
        page = await context.new_page()
        page.set_default_timeout(60_000.0)
        yield page
        await browser.close()


async def states(standing: Rig, url: str, page: Page, lang: str) -> AsyncGenerator[Stop]:
    """All of them: before anybody is signed in, empty, and full."""
    person = replace(OLIVIA, lang=lang)
    await standing.write(lambda tx: tx.people.put(person))
    async for name in outside(standing, url, page):
        yield Stop(name=name, page=page)
    for room in rooms.ROOMS:
        if room.open_to(person, standing.house):
            await page.goto(f"{url}{room.path}")
            yield Stop(name=f"empty-{room.name}", page=page)
    await page.goto(f"{url}/chat")
    yield Stop(name="empty-chat", page=page)
    async with standing.browser(person) as visitor:
        await fill(standing, visitor)
    async for name in inside(standing, url, page, person):
        yield Stop(name=name, page=page)


async def outside(standing: Rig, url: str, page: Page) -> AsyncGenerator[str]:
    """What stands in front of the pages; signed in at the end."""
    await page.goto(f"{url}/sign-in")
    yield "signed-out"
    # With a script the form sends itself.
    await page.route("**/vigie.js*", lambda route: route.abort())
    await page.goto(f"{url}/sign-in?token=used")
    yield "sign-in"
    await page.locator("#sign-in button").click()
    await page.wait_for_url(f"{url}/sign-in")
    yield "link-used"
    await page.unroute("**/vigie.js*")
    await page.goto(f"{url}/sign-in?token={await standing.invitation()}")
    await page.wait_for_url(f"{url}/")


async def fill(standing: Rig, visitor: Visitor) -> None:
    """A little of everything."""
    for text in SAID:
        await visitor.say(text)
        await standing.settled()

    def lines(tx: Tx) -> None:
        now = standing.clock.now()
        told = Text(text="**Three** orders are late:\n\n- `1007`\n- `1011`\n\n```\nselect 1\n```", mark=True)
        asked = Question(text="Which?", ref="q" * 22, choices=(("1", "The first"), ("2", "The second")))
        filed = Text(text="It goes on in the file.", file=File(name="report.md", text="All of it."))
        for at, content in enumerate((told, asked, filed)):
            sayings.say(tx, place=OLIVIAS.key, slot=f"state{at}", content=content, now=now)

    def procedure(tx: Tx) -> None:
        own = Mission(
            id="mis_late",
            number=tx.missions.next_number(),
            space="home",
            owner=OLIVIA.id,
            place=OLIVIAS.key,
            goal="late",
            triggers=(Cron(id="c", expression="0 9 * * *", zone="Europe/Paris"),),
            steps=(Step(text="Nothing is late."),),
            may=("demo.late_orders",),
            zone="Europe/Paris",
            created=standing.clock.now(),
            next_due=standing.clock.now() + timedelta(hours=20),
        )
        tx.missions.put(own)
        recipe = Recipe(steps=(Step(action="demo.late_orders", arguments={"days": 5}, save="late"),))
        tx.procedures.add(
            Procedure(
                id="prc_late",
                version=1,
                space="home",
                name="late",
                mission=own.id,
                recipe=recipe,
                person=OLIVIA.id,
                at=standing.clock.now(),
            )
        )
        run = Occurrence(
            id="occ_1",
            space="home",
            mission=own.id,
            trigger="c",
            due=standing.clock.now(),
            fate=Fate.FAILED,
            why="no answer",
        )
        tx.occurrences.add(run)

    await standing.write(lines)
    await standing.write(procedure)


async def inside(standing: Rig, url: str, page: Page, person: Person) -> AsyncGenerator[str]:
    """The rooms with something in them, what opens from them, and what goes wrong in them."""
    for path in (
        *(room.path for room in rooms.ROOMS if room.open_to(person, standing.house)),
        *("/chat", "/missions?mission=1", "/fields", "/memory?past=1&by=time", "/memory?words=nothing"),
        *("/policy?action=demo.refund&role=member&outside=1", "/policy?action=demo.stock&values=below=5"),
        *("/policy?action=demo.refund&values=nonsense", "/ledger?why=1", "/ledger?words=nothing"),
        *("/ledger/verify", "/connect/acme", "/nowhere", "/form/nothing?revision=1"),
    ):
        await page.goto(f"{url}{path}")
        yield path.strip("/").replace("/", "-") or "start"
    await page.goto(f"{url}/ledger")
    await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    yield "ledger-opened"
    await page.goto(f"{url}/pending")
    await page.locator("a[data-act=details]").first.click()
    yield "pending-details"
    await page.goto(f"{url}/pending")
    await page.locator("a[data-act=edit]").first.click()
    yield "form"
    await page.goto(f"{url}/pending")
    await page.locator("form[data-confirm] button[data-act=approve]").first.click()
    await page.locator("dialog button[value=yes]").wait_for()
    yield "pending-sure"
    await page.locator("dialog button[value=no]").click()
    await page.locator("button[data-act=deny]").last.click()
    await page.locator(".notice, .settled, .empty, .card").first.wait_for()
    yield "pending-denied"
    async for name in connecting(url, page):
        yield name
    await page.goto(f"{url}/now")
    await page.locator("form[action='/say'] button[title]").click()
    await page.goto(f"{url}/now")
    await page.locator(".frozen").wait_for()
    yield "now-frozen"
    await page.goto(f"{url}/chat")
    await page.evaluate("document.getElementById('lost').hidden = false")
    yield "chat-connection-lost"


async def connecting(url: str, page: Page) -> AsyncGenerator[str]:
    """An account by a key that is refused and by a grant, and a model that answers or does not."""
    await page.goto(f"{url}/connect/acme")
    await page.locator("[name='value.api_key']").fill(WRONG)
    await page.locator("[name='value.api_key']").press("Enter")
    await page.locator("[role=alert]").first.wait_for()
    yield "connect-refused"
    await page.goto(f"{url}/connect/acme")
    await page.locator("form:has([name=way][value=grant]) button").click()
    yield "grant"
    for key, name in ((WRONG, "model-silent"), (KEY, "model-answers")):
        await page.goto(f"{url}/connections")
        await page.locator("[name=model]").fill("test:model")
        await page.locator("[name=key]").fill(key)
        await page.locator("[name=key]").press("Enter")
        await page.wait_for_url(f"{url}/model")
        yield name
