"""The web chat as the tests drive it: the whole assistant over the store in memory and the demo shop, its pages
behind a real server on loopback, and somebody signed in.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from pathlib import Path
from typing import TypeVar

import httpx
import uvicorn
from starlette.applications import Starlette

from adapters.chat.web import WebDoor, WebSettings
from adapters.chat.web.server import Server
from adapters.clock.calendar import CronCalendar
from adapters.engine.inprocess import InProcess
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.seals import AesSeals
from adapters.speech.languages import tongues
from adapters.systems.demo import DemoShop
from adapters.systems.switchboard import Given, Switchboard
from adapters.systems.vendors import Vendor
from bot import doors, edits, inbox, rulebook
from bot.desk import Desk, Means
from bot.events import Event, Verb
from bot.forms import Sheet
from bot.house import House
from bot.inbox import Arrival
from bot.people import HOME, Identity, Person, Role
from bot.places import Place
from bot.speech import Tongues
from bot.store import Tx
from bot.tickets import Purpose
from bot.ways import NoWays, Ways
from bot.world import Chat, System
from memory.twin.store import MemoryStore
from tests.clocks import SetClock

T = TypeVar("T")

URL = "http://127.0.0.1:8080"
OLIVIA = Person(id="per_olivia", name="Olivia", role=Role.OWNER, zone="Europe/Paris")
MARK = Person(id="per_mark", name="Mark", role=Role.MEMBER, zone="Europe/Paris")
OLIVIAS = Place(platform="web", channel=OLIVIA.id, private=True)


@dataclass(kw_only=True)
class Rig:
    """One assistant with its web door."""

    house: House
    store: MemoryStore
    clock: SetClock
    door: WebDoor
    app: Starlette
    engine: InProcess
    arrivals: list[Arrival] = field(default_factory=list[Arrival])
    fault: Exception | None = None
    """What the edit form breaks with, to see what a defect looks like from outside."""

    async def write(self, change: Callable[[Tx], T]) -> T:
        return await self.store.write(change)

    async def session(self, person: Person = OLIVIA) -> str:
        """The cookie of somebody who signed in."""
        token = await self.invitation(person)
        session = await doors.sign_in(token, house=self.house)
        assert session is not None
        return session

    async def invitation(self, person: Person = OLIVIA) -> str:
        """A one-time sign-in token."""

        def mint(tx: Tx) -> str:
            return doors.mint(
                tx, purpose=Purpose.SIGN_IN, person=person.id, lifetime=doors.SIGN_IN, house=self.house
            )

        return await self.write(mint)

    async def settled(self) -> None:
        """Until no worker is busy and nothing is open."""
        async with asyncio.timeout(30):
            while True:
                if not self.engine.busy and not await self.store.busy_places(self.clock.now()):
                    return
                await asyncio.sleep(0.002)

    @asynccontextmanager
    async def browser(
        self, person: Person | None = OLIVIA, *, url: str = URL, headers: Mapping[str, str] | None = None
    ) -> AsyncGenerator["Visitor"]:
        """An HTTP client that does what a browser without scripts does."""
        cookies = {"vigie_session": await self.session(person)} if person else {}
        transport = httpx.ASGITransport(app=self.app)
        async with httpx.AsyncClient(
            transport=transport, base_url=url, cookies=cookies, headers=headers, timeout=10
        ) as client:
            yield Visitor(client)


@dataclass
class Visitor:
    """Somebody at a page."""

    http: httpx.AsyncClient

    async def form(self, page: str = "/chat") -> dict[str, str]:
        """The hidden fields of the form to write with."""
        html = (await self.http.get(page)).text
        return {"csrf": hidden(html, "csrf"), "nonce": hidden(html, "nonce")}

    async def say(self, text: str, **fields: str) -> httpx.Response:
        return await self.http.post("/say", data={**await self.form(), "text": text, **fields})


def hidden(html: str, name: str) -> str:
    """The value of the first hidden field of that name."""
    found = re.search(rf'name="{re.escape(name)}" value="([^"]*)"', html)
    assert found, f"no field {name}"
    return found[1]


STRICT = rulebook.parse(
    """
    [[rule]]
    name = "asks-before-letters"
    effect = "ask"
    min_risk = "R2"
    reason = "what leaves asks here"
    author = "the tests"
    """
    + rulebook.shipped_text(),
    source="the tests",
)
"""The shipped policy, and a card for every letter: pages are tried with cards that need no second question."""


@asynccontextmanager
async def rig(
    folder: Path,
    *,
    systems: Mapping[str, System] | None = None,
    vendors: Mapping[str, Vendor] | None = None,
    given: Mapping[str, Given] | None = None,
    ways: Ways | None = None,
    speech: Tongues | None = None,
) -> AsyncGenerator[Rig]:
    """An assistant that runs until the block ends."""
    clock, store, calendar = SetClock(), MemoryStore(), CronCalendar()
    chats: dict[str, Chat] = {}
    shop = DemoShop(folder / "shop.db", today=date(2026, 11, 21))
    connected: dict[str, System] = {"demo": shop, **(systems or {})}
    board = Switchboard(house=lambda: house, systems=connected, vendors=vendors or {}, given=given or {})
    house = House(
        store=store,
        clock=clock,
        minds=Choice(builtin=BuiltinMind(), understands=understands),
        chats=chats,
        systems=connected,
        tongues=speech or tongues(),
        url=URL,
        policy=lambda: STRICT,
        seals=AesSeals((b"a key of the tests alone",)),
        plugs=board,
        ways=ways or NoWays(),
    )
    connected["vigie"] = Desk(means=Means(house=lambda: house, calendar=calendar, nudge=lambda at: None))

    def hurry(space: str, place: str) -> None:
        engine.hurry(space, place)

    def ahead(tx: Tx, event: Event) -> Callable[[], None] | None:
        return engine.ahead(tx, event)

    keep = partial(inbox.accept, store=store, clock=clock, hurry=hurry, ahead=ahead)

    async def accept(arrival: Arrival) -> bool:
        standing.arrivals.append(arrival)
        return await keep(arrival)

    async def form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        if standing.fault is not None:
            raise standing.fault
        return await edits.sheet_for(ref, revision, who, place, house=house, space=HOME, verb=verb)

    async def nothing() -> None:
        return None

    settings = WebSettings(url=URL, cookie_secure=False)
    door = WebDoor(settings, house=house, calendar=calendar, accept=accept, form=form)
    chats["web"] = door.chat
    engine = InProcess(house=house, sweep=nothing)
    app = Starlette(routes=door.routes(), exception_handlers=door.handlers())
    standing = Rig(house=house, store=store, clock=clock, door=door, app=app, engine=engine)
    await store.write(lambda tx: (tx.people.put(OLIVIA), tx.people.put(MARK)))
    await engine.start()
    try:
        yield standing
    finally:
        await board.close()
        await door.close()
        async with asyncio.timeout(30):
            await engine.stop()
        await store.close()


@asynccontextmanager
async def serving(rig: Rig) -> AsyncGenerator[str]:
    """The address of a real server for the pages, on a free port."""
    config = uvicorn.Config(rig.app, host="127.0.0.1", port=0, log_level="warning", lifespan="off")
    server = Server(config, leaving=rig.door.close)
    running = asyncio.create_task(server.serve())
    async with asyncio.timeout(30):
        await server.listening.wait()
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        async with asyncio.timeout(30):
            await running
