"""The stage of the stories: the whole assistant over a real SQLite file and the demo shop, with a chat twin.

A story speaks through the inbox as a platform would, and reads what stands in the chat.
"""

import asyncio
import itertools
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date, time, timedelta
from pathlib import Path
from typing import TypeVar

from adapters.clock.calendar import CronCalendar
from adapters.engine.distributed import Distributed
from adapters.engine.inprocess import InProcess
from adapters.factors import TotpFactors
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.seals import AesSeals
from adapters.signals.watchers.board import GaugeBoard
from adapters.signals.watchers.pages import Pages
from adapters.speech.languages import tongues
from adapters.systems.demo import DemoShop
from adapters.systems.switchboard import Given, Switchboard
from adapters.systems.vendors import Vendor
from bot import edits, inbox, wakes, watching
from bot.budgets import Budgets
from bot.cards import Card
from bot.desk import Desk, Means
from bot.events import Body, Form, Message, Press, Verb
from bot.forms import Sheet
from bot.house import House
from bot.inbox import Arrival
from bot.instruments import Instruments, NoInstruments
from bot.mind import Mind
from bot.people import HOME, Identity, Person, Role, Standing
from bot.places import Place
from bot.rulebook import InForce, shipped
from bot.store import Store, Tx
from bot.world import Chat, System
from memory.anchorbook import AnchorFile
from memory.brake import StopFile
from memory.sqlite import SqliteStore
from tests.clocks import SetClock
from tests.twins.chat import TwinChat
from tests.twins.crash import Fuse, FusedChat, FusedStore, FusedSystem, PowerCut
from vigie.machines import Machines

T = TypeVar("T")

OLIVIA = Identity(platform="twin", user="olivia")
MARK = Identity(platform="twin", user="mark")
HERE = Place(platform="twin", channel="olivia", private=True)


@dataclass
class Stage:
    """One assistant, running."""

    house: House
    store: Store
    clock: SetClock
    chat: TwinChat
    chats: dict[str, Chat]
    shop: DemoShop
    calendar: CronCalendar
    engine: InProcess | Distributed
    board: Switchboard
    numbers: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))

    async def say(
        self, text: str, *, who: Identity = OLIVIA, place: Place = HERE, trusted: bool = True
    ) -> None:
        """A person says something; returns when everything that follows from it has come to rest."""
        key = f"twin:{next(self.numbers)}"
        body = Message(
            who=who, text=text, ref=key, name=who.user.title(), standing=Standing.MEMBER, trusted=trusted
        )
        await self.arrive(Arrival(key=key, place=place, body=body))

    async def begin(self, text: str, *, who: Identity = OLIVIA, place: Place = HERE) -> None:
        """A person asks for a mission and starts it from its card."""
        await self.say(text, who=who, place=place)
        await self.press(self.card, who=who, place=place)

    async def arrive(self, arrival: Arrival) -> bool:
        kept = await self.accept(arrival)
        await self.rest()
        return kept

    async def accept(self, arrival: Arrival) -> bool:
        """What a door does; returns as soon as it is kept."""

        def urgent(body: Body) -> bool:
            control = self.house.minds.costly and isinstance(body, Message) and understands(body.text)
            return control or inbox.pressing(body)

        return await inbox.accept(
            arrival,
            store=self.store,
            clock=self.clock,
            urgent=urgent,
            hurry=self.engine.hurry,
            ahead=self.engine.ahead,
            instruments=self.house.instruments,
        )

    async def press(
        self,
        card: Card,
        verb: Verb = Verb.APPROVE,
        *,
        who: Identity = OLIVIA,
        place: Place = HERE,
        message: str = "",
        value: str = "",
    ) -> None:
        """A person presses a button of this card, as it was when they saw it."""
        body = Press(who=who, ref=card.ref, revision=card.revision, verb=verb, message=message, value=value)
        await self.arrive(Arrival(key=f"press:{next(self.numbers)}", place=place, body=body))

    async def fill(
        self, card: Card, values: Mapping[str, str], *, who: Identity = OLIVIA, place: Place = HERE
    ) -> None:
        """A person hands in the form of this card."""
        body = Form(who=who, ref=card.ref, revision=card.revision, values=values)
        await self.arrive(Arrival(key=f"form:{next(self.numbers)}", place=place, body=body))

    async def sheet(self, card: Card, *, who: Identity = OLIVIA, verb: Verb = Verb.EDIT) -> Sheet:
        return await edits.sheet_for(
            card.ref, card.revision, who, HERE, house=self.house, space=HOME, verb=verb
        )

    async def forward(self, by: timedelta) -> None:
        """Time passes; what falls due is swept."""
        self.clock.forward(by)
        await wakes.sweep(house=self.house, calendar=self.calendar)
        await watching.sweep(house=self.house)
        for space, place in await self.store.busy_places(self.clock.now()):
            self.engine.ring(space, place)
            self.engine.hurry(space, place)
        await self.rest()

    async def rest(self) -> None:
        """Until no worker is busy and nothing is open that is due."""
        async with asyncio.timeout(30):
            while True:
                await self.engine.idle()
                if not await self.store.busy_places(self.clock.now()) and not self.engine.busy:
                    return
                await asyncio.sleep(0)

    async def look(self, at: Callable[[Tx], T]) -> T:
        return await self.store.read(at)

    def asked(self) -> list[Card]:
        """The cards of deeds, without those that start missions."""
        return [
            card for card in self.chat.cards() if card.title not in ("Start a mission", "Lancer une mission")
        ]

    @property
    def card(self) -> Card:
        """The newest card."""
        return self.chat.cards()[-1]

    @property
    def last(self) -> str:
        """The newest words that are not a card."""
        return self.chat.words()[-1]


@asynccontextmanager
async def stage(
    folder: Path,
    *,
    clock: SetClock | None = None,
    chat: TwinChat | None = None,
    model: Mind | None = None,
    systems: Mapping[str, System] | None = None,
    fuse: Fuse | None = None,
    store_fuse: Fuse | None = None,
    patience: float = 60.0,
    policy: InForce = shipped,
    budgets: Budgets | None = None,
    digest_at: time | None = None,
    vendors: Mapping[str, Vendor] | None = None,
    given: Mapping[str, Given] | None = None,
    instruments: Instruments | None = None,
    pages: Pages | None = None,
    database: str = "",
) -> AsyncGenerator[Stage]:
    """Raises the curtain over `folder`; a second time over the same folder is a restart. With the URL of a PostgreSQL
    `database` it is one process of many. `store_fuse` is in the way of the store alone."""
    clock = clock or SetClock()
    chat = chat or TwinChat()
    fuse = fuse or Fuse()
    machines = Machines(database, lapsed=lambda: None) if database else None
    store = FusedStore(
        machines.store if machines else SqliteStore.open(folder / "vigie.db"), store_fuse or fuse
    )
    shop = DemoShop(folder / "shop.db", today=date(2026, 11, 21))
    calendar = CronCalendar()
    chats: dict[str, Chat] = {"twin": FusedChat(chat, fuse)}
    connected: dict[str, System] = {"demo": FusedSystem(shop, fuse), **(systems or {})}
    board = Switchboard(house=lambda: house, systems=connected, vendors=vendors or {}, given=given or {})
    house = House(
        store=store,
        clock=clock,
        minds=Choice(builtin=BuiltinMind(), understands=understands, model=model),
        chats=chats,
        systems=connected,
        tongues=tongues(),
        url="http://127.0.0.1:8080",
        patience=patience,
        policy=policy if budgets is None else _limited(policy, budgets),
        brake=StopFile(folder / "FREEZE"),
        book=AnchorFile(folder / "ledger-anchors.jsonl"),
        factors=TotpFactors((b"a key of the tests alone",)),
        plugs=board,
        gauges=GaugeBoard(systems=connected, clock=clock, pages=pages),
        digest_at=digest_at,
        seals=AesSeals((b"a key of the tests alone",)),
        instruments=instruments or NoInstruments(),
    )
    connected["vigie"] = Desk(means=Means(house=lambda: house, calendar=calendar, nudge=lambda at: None))

    async def sweep() -> None:
        await wakes.sweep(house=house, calendar=calendar)

    engine = (
        machines.engine(house=house, sweep=sweep, drain_within=5)
        if machines
        else InProcess(house=house, sweep=sweep)
    )
    await store.store.write(_cast)
    board.plug_settings()
    await board.open()
    if machines is not None:
        machines.wire.start()
        await machines.leases.start()
    await engine.start()
    standing = Stage(
        house=house,
        store=store,
        clock=clock,
        chat=chat,
        chats=chats,
        shop=shop,
        calendar=calendar,
        engine=engine,
        board=board,
    )
    try:
        await standing.rest()
        yield standing
    finally:
        with suppress(PowerCut):
            async with asyncio.timeout(30):
                await engine.stop()
                await board.close()
                await house.gauges.close()
                if machines is not None:
                    await machines.stop()
        await store.close()


def _limited(policy: InForce, budgets: Budgets) -> InForce:
    """The same rules under other limits."""
    return lambda: replace(policy(), budgets=budgets)


def _cast(tx: Tx) -> None:
    if tx.people.get("per_olivia") is None:
        tx.people.put(
            Person(id="per_olivia", name="Olivia", role=Role.OWNER, zone="Europe/Paris").linked(OLIVIA)
        )
        tx.people.put(Person(id="per_mark", name="Mark", role=Role.MEMBER, zone="Europe/Paris").linked(MARK))
