"""Settings in, a program ready to run out: every port with what stands behind it. Opens the database, and no door."""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from starlette.routing import BaseRoute

from adapters.chat.web import WebDoor, WebSettings
from adapters.clock.alarm import Alarm
from adapters.clock.calendar import CronCalendar
from adapters.clock.wall import WallClock
from adapters.embeddings.package import weights
from adapters.engine.elsewhere import Elsewhere
from adapters.engine.inprocess import InProcess
from adapters.factors import TotpFactors
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.minds.llm import ModelMind, open_model
from adapters.seals import AesSeals
from adapters.signals.hooks import HookDoor
from adapters.signals.mailbox import MailDoor, servers
from adapters.signals.watchers.board import GaugeBoard
from adapters.signals.watchers.pages import Pages
from adapters.speech.languages import tongues as all_tongues
from adapters.systems.catalogue import VENDORS
from adapters.systems.demo import DemoShop
from adapters.systems.given import given
from adapters.systems.switchboard import Switchboard
from adapters.telemetry.measuring import Measuring, Telling
from adapters.telemetry.metrics import Metrics
from bot import (
    edits,
    ids,
    inbox,
    overhearing,
    trying,
    wakes,
    watching,
)
from bot.clocks import Clock
from bot.desk import Desk, Means
from bot.errors import BadInput, Misconfigured
from bot.events import Body, Event, Message, Verb
from bot.forms import Sheet
from bot.house import House
from bot.people import HOME, Identity, Person
from bot.places import Place
from bot.speech import Tongue
from bot.store import Store, Tx
from bot.surveying import Survey
from bot.world import Chat, Health, System
from memory.embedding import Embedding
from memory.recall.meaning import Embedder
from memory.sqlite import SqliteStore
from vigie.settings import VERSION, Settings, anchor_file, folder, listed, policy_file, secret_keys, stop_file
from vigie.storing import distributed, embedded, look_over, with_driver
from vigie.ways import Installation

if TYPE_CHECKING:
    from adapters.chat.slack import Missed
    from vigie.machines import Machines

STOP_WITHIN = 10.0
"""Seconds that what is under way gets to finish when the program is told to stop."""


Accept = Callable[[inbox.Arrival], Awaitable[bool]]


FormOf = Callable[[str, int, Identity, Place, Verb], Awaitable[Sheet]]


class Door(Protocol):
    """One way in: a chat with its own connection to a platform."""

    @property
    def chat(self) -> Chat: ...
    def routes(self) -> Sequence[BaseRoute]: ...
    async def open(self, *, hears: bool = True) -> None: ...
    async def close(self) -> None: ...
    async def check(self, tongue: Tongue | None = None) -> Health: ...
    async def examine(self) -> Health:
        """By real calls, without `open` and beside a program that has it open."""
        ...

    @property
    def calls_out(self) -> bool: ...
    def hear(self) -> None: ...
    async def deafen(self) -> None: ...


class Engine(Protocol):
    """What drains the places of the installation, here or elsewhere."""

    @property
    def busy(self) -> int: ...
    async def start(self) -> None: ...
    async def stop(self) -> None: ...
    def hurry(self, space: str, place: str) -> None: ...
    def ahead(self, tx: Tx, event: Event) -> Callable[[], None] | None: ...
    def trouble(self) -> str: ...
    def awake(self) -> bool: ...


class Kept(Store, Protocol):
    """A store in a database with tables of some revision."""

    async def revision(self) -> str | None: ...
    async def embed(self, most: int) -> int: ...


Part = Literal["all", "web", "worker"]
"""What a process does: everything, what answers HTTP, or what takes turns and wakes."""


class LinkedSystem(System, Protocol):
    """A system that keeps a connection open. `recall` brings what it offered last, without one."""

    async def open(self) -> None: ...
    async def recall(self) -> None: ...
    async def close(self) -> None: ...


class Tracing(Telling, Protocol):
    """Who is told of steps and sends what it made of them elsewhere."""

    def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Plugged:
    """A program ready to run: the house and what keeps it awake."""

    config: Settings
    house: House
    store: Kept
    engine: Engine
    alarm: Alarm
    readings: Alarm
    calendar: CronCalendar
    web: WebDoor
    hooks: HookDoor
    mail: MailDoor
    doors: Mapping[str, Door]
    model: ModelMind | None
    board: Switchboard
    metrics: Metrics
    tracing: Tracing | None = None
    embedding: Embedding | None = None
    """Where it is known what things mean."""
    servers: Sequence[LinkedSystem] = ()
    part: Part = "all"
    machines: "Machines | None" = None
    """Beside a database that others share; None where this process is alone."""
    opened: set[str] = field(default_factory=set[str])
    """The doors that were opened and not closed since."""

    async def release(self) -> None:
        """Lets go of what a command used that opened no door."""
        for server in self.servers:
            await server.close()
        await self.board.close()
        await self.house.gauges.close()
        if self.model is not None:
            await self.model.close()
        await self.store.close()


def plug(config: Settings, *, demo: bool, part: Part = "all") -> Plugged:
    """Connects every part. Opens the database, but no door yet. Raises Misconfigured."""
    meanings = embedder()
    machines = _machines(config, meanings)
    keys = secret_keys(config)
    clock, calendar, speech = WallClock(), CronCalendar(), all_tongues()
    if machines is None:
        look_over(config)
    store: Kept = (
        machines.store if machines is not None else SqliteStore.open(embedded(config), embedder=meanings)
    )
    chats: dict[str, Chat] = {}
    opened: dict[str, Door] = {}
    systems: dict[str, System] = {}
    board = Switchboard(
        house=lambda: house, systems=systems, vendors=VENDORS, given=given(os.environ, VENDORS)
    )
    late: list[Plugged] = []
    model = None if config.model == "builtin" else open_model(config.model)
    metrics, tracing = Metrics(version=VERSION), _tracing(os.environ)
    instruments = Measuring(*((tracing,) if tracing else ()), metrics)

    def awake() -> bool:
        return late[0].engine.awake()

    house = House(
        store=store,
        clock=clock,
        minds=Choice(
            builtin=BuiltinMind(),
            understands=understands,
            model=model,
        ),
        chats=chats,
        systems=systems,
        tongues=speech,
        url=config.url,
        policy=policy_file(config),
        brake=stop_file(config),
        book=anchor_file(config),
        factors=TotpFactors(keys),
        seals=AesSeals(keys),
        plugs=board,
        ways=Installation(config=config, doors=opened),
        instruments=instruments,
        gauges=GaugeBoard(systems=systems, clock=clock, pages=_pages(config, clock)),
        run=machines.run if machines is not None else ids.new("run"),
        awake=awake,
    )

    def nudge(at: datetime) -> None:
        if machines is not None:
            machines.nudge(at)
        else:
            late[0].alarm.nudge(at)
            late[0].readings.nudge(at)

    systems["vigie"] = Desk(means=Means(house=lambda: house, calendar=calendar, nudge=nudge))
    if demo:
        systems["demo"] = DemoShop(folder(config.home) / "demo-shop.db", today=clock.now().date())

    board.plug_settings()

    async def sweep() -> None:
        await board.reread()
        await wakes.sweep(house=house, calendar=calendar)

    async def upcoming(until: datetime) -> list[datetime]:
        return await wakes.upcoming(until, house=house)

    # Beside the other alarm, so that no wake waits for a number that is slow to come.
    async def read_numbers() -> None:
        await watching.sweep(house=house)

    async def numbers(until: datetime) -> list[datetime]:
        return await watching.upcoming(until, house=house)

    def urgent(body: Body) -> bool:
        """Presses, and beside a model that takes its time also the words that need none."""
        control = model is not None and isinstance(body, Message) and body.trusted and understands(body.text)
        return control or inbox.pressing(body)

    def hurry(space: str, place: str) -> None:
        late[0].engine.hurry(space, place)

    def ahead(tx: Tx, event: Event) -> Callable[[], None] | None:
        return late[0].engine.ahead(tx, event)

    accept = partial(
        inbox.accept,
        store=store,
        clock=clock,
        urgent=urgent,
        hurry=hurry,
        ahead=ahead,
        instruments=instruments,
    )

    async def form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        return await edits.sheet_for(ref, revision, who, place, house=house, space=HOME, verb=verb)

    web = WebDoor(
        WebSettings(url=config.url, cookie_secure=config.url.startswith("https:")),
        house=house,
        calendar=calendar,
        accept=accept,
        form=form,
        tell=machines.wire.tell if machines is not None else None,
    )
    chats["web"] = web.chat
    if machines is not None:
        machines.wire.hear("web", web.chat.hear)
    if slack := _slack(config, accept, form, house):
        opened["slack"] = slack
    if telegram := _telegram(config, accept, house, keys):
        opened["telegram"] = telegram
    chats.update({name: door.chat for name, door in opened.items()})
    plugged = Plugged(
        config=config,
        house=house,
        store=store,
        engine=_engine(machines, part, house, sweep),
        alarm=Alarm(sweep, upcoming, clock),
        readings=Alarm(read_numbers, numbers, clock),
        calendar=calendar,
        web=web,
        hooks=HookDoor(house=house, accept=accept),
        mail=_mail(house),
        doors=opened,
        model=model,
        board=board,
        metrics=metrics,
        tracing=tracing,
        embedding=Embedding(store) if meanings is not None else None,
        servers=_mcp(config, house),
        part=part,
        machines=machines,
    )
    late.append(plugged)
    systems.update({server.name: server for server in plugged.servers})
    return plugged


def embedder() -> Embedder | None:
    """What tells meanings, where the weights of the extra are installed. Raises Misconfigured."""
    if (folder := weights()) is None:
        return None
    # Its products are small: threads that wait for each other would take longer than one that does the work.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    try:
        # Imported here: it is an extra, and who remembers by words alone does not pay for it.
        from adapters.embeddings.minilm import MiniLM
    except ModuleNotFoundError as error:
        why = "the weights for recall by meaning need numpy, which is not installed: pip install 'vigie[semantic]'"
        raise Misconfigured(why) from error
    return MiniLM(folder)


def _engine(
    machines: "Machines | None", part: Part, house: House, sweep: Callable[[], Awaitable[object]]
) -> Engine:
    """What drains the places of the installation, or leaves that to others."""
    if machines is None:
        return InProcess(house=house, sweep=sweep)
    if part == "web":
        return Elsewhere()
    return machines.engine(house=house, sweep=sweep, drain_within=STOP_WITHIN - 2)


def _machines(config: Settings, meanings: Embedder | None) -> "Machines | None":
    """This process's part in an installation of many, when the database is one that they can share."""
    if not distributed(config.database):
        return None
    with_driver()
    # Imported here: its driver and its queue are an extra, and who keeps a file does not pay for them.
    from vigie.machines import Machines

    return Machines(config.database, embedder=meanings)


def _tracing(environment: Mapping[str, str]) -> Tracing | None:
    """Traces, when OpenTelemetry's own variables say where they go. Raises Misconfigured."""
    named = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
    if not any(environment.get(name) for name in named):
        return None
    try:
        # Imported here: it is an extra, and who traces nothing does not pay for it.
        from adapters.telemetry.traces import Traces
    except ModuleNotFoundError as error:
        why = f"{named[0]} needs OpenTelemetry, which is not installed: pip install 'vigie[traces]'"
        raise Misconfigured(why) from error
    return Traces(version=VERSION)


def _mail(house: House) -> MailDoor:
    """The mailboxes of IMAP_URL. Raises Misconfigured."""
    try:
        return MailDoor(servers(os.environ.get("IMAP_URL", "")), house=house)
    except BadInput as error:
        raise Misconfigured(str(error)) from None


def _pages(config: Settings, clock: Clock) -> Pages:
    """Addresses on the web, and those inside that the operator lists. Raises Misconfigured."""
    try:
        return Pages(now=clock.now, allowed=config.watch_hosts)
    except BadInput as error:
        raise Misconfigured(f"setting VIGIE_WATCH_HOSTS: {error}") from None


def _mcp(config: Settings, house: House) -> Sequence[LinkedSystem]:
    """The MCP servers of the file. Raises Misconfigured."""
    if config.mcp_tools and not Path(config.mcp_tools).is_file():
        raise Misconfigured(f"setting VIGIE_MCP_TOOLS: there is no file {config.mcp_tools}")
    if not config.mcp_servers:
        return ()
    try:
        # Imported here: it is an extra, and who connects none does not pay for it.
        from adapters.systems.mcp import ClassFile, McpServer, ServerFile
    except ModuleNotFoundError as error:
        why = "VIGIE_MCP_SERVERS needs the package mcp, which is not installed: pip install 'vigie[mcp]'"
        raise Misconfigured(why) from error
    file = ServerFile(Path(config.mcp_servers))
    classes = ClassFile(Path(config.mcp_tools) if config.mcp_tools else config.home / "mcp-tools.toml")
    classes.read()
    found = [McpServer(entry, file=file, classes=classes, house=house) for entry in file.read()]
    for server in found:
        if server.name in house.systems:
            raise Misconfigured(
                f"VIGIE_MCP_SERVERS {file.path}: a system “{server.name}” is connected already; rename the server"
            )
    return found


def _slack(config: Settings, accept: Accept, form: FormOf, house: House) -> Door | None:
    if not config.slack_bot_token:
        if config.slack_signing_secret or config.slack_app_token:
            raise Misconfigured("setting SLACK_BOT_TOKEN is missing: Slack needs it beside the other two")
        return None
    if config.slack_bot_token.startswith("xapp-") or config.slack_app_token.startswith("xoxb-"):
        raise Misconfigured(
            "SLACK_BOT_TOKEN begins with xoxb- and SLACK_APP_TOKEN with xapp-: the two are the wrong way round"
        )
    if not (listed(config.slack_signing_secret) or config.slack_app_token):
        raise Misconfigured(
            "Slack needs SLACK_SIGNING_SECRET (events over HTTP) or SLACK_APP_TOKEN (Socket Mode) too"
        )
    # Imported here: who does not use Slack does not pay for it.
    from adapters.chat.slack import SlackDoor, SlackSettings

    async def chosen(who: Identity) -> str:
        person = await house.store.read(lambda tx: tx.people.by_identity(who))
        return person.lang if person is not None else ""

    async def participates(place: Place) -> bool:
        return bool(await house.store.read(lambda tx: tx.lines.last(place.key, 1)))

    async def doubt(at: datetime | None) -> None:
        await house.store.write(lambda tx: trying.doubt(tx, "slack", at))

    async def arrived(key: str) -> bool:
        return await house.store.read(lambda tx: tx.events.knows(key))

    async def missed(event: str, found: "Missed | None") -> None:
        def note(tx: Tx) -> None:
            if found is None:
                trying.come(tx, "slack", event, house.clock.now())
            else:
                trying.miss(tx, "slack", event, found.at, others=found.others)

        await house.store.write(note)

    return SlackDoor(
        SlackSettings(
            bot_token=config.slack_bot_token,
            signing_secrets=listed(config.slack_signing_secret),
            app_token=config.slack_app_token,
            api_url=config.slack_api_url,
        ),
        accept=accept,
        form=form,
        tongues=house.tongues,
        clock=house.clock,
        chosen=chosen,
        participates=participates,
        overhear=partial(overhearing.overhear, house=house),
        survey=Survey(house=house),
        doubt=doubt,
        arrived=arrived,
        missed=missed,
    )


def _telegram(config: Settings, accept: Accept, house: House, keys: tuple[bytes, ...]) -> Door | None:
    if not config.telegram_bot_token:
        if config.telegram_webhook_url or config.telegram_webhook_secret:
            raise Misconfigured("setting TELEGRAM_BOT_TOKEN is missing: the webhook needs it")
        return None
    if bool(config.telegram_webhook_url) != bool(config.telegram_webhook_secret):
        raise Misconfigured(
            "TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET go together: set both or neither"
        )
    # Imported here: who does not use Telegram does not pay for it.
    from adapters.chat.telegram.connect import TelegramDoor, TelegramSettings

    async def known(user: str) -> Person | None:
        who = Identity(platform="telegram", user=user)
        return await house.store.read(lambda tx: tx.people.by_identity(who))

    return TelegramDoor(
        TelegramSettings(
            token=config.telegram_bot_token,
            webhook_url=config.telegram_webhook_url,
            webhook_secret=config.telegram_webhook_secret,
            api_url=config.telegram_api_url,
            callback_key=keys[0],
        ),
        accept=accept,
        tongues=house.tongues,
        clock=house.clock,
        overhear=partial(overhearing.overhear, house=house),
        known=known,
    )
