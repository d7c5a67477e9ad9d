"""The composition root: the one file that knows everybody. Settings in, ports plugged, doors opened.

Everything below `vigie` is handed its collaborators here and reads no environment of its own.
"""

import argparse
import asyncio
import getpass
import json
import logging
import os
import secrets
import shutil
import signal
import socket
import stat
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Protocol

import uvicorn
from dotenv import load_dotenv
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

try:
    import uvloop
except ImportError:  # on Windows, and beside CPython
    uvloop = None

from adapters.chat.terminal import TerminalDoor
from adapters.chat.web import WebDoor, WebSettings
from adapters.chat.web.server import Server
from adapters.clock.alarm import Alarm
from adapters.clock.calendar import CronCalendar
from adapters.clock.wall import WallClock
from adapters.engine.alone import Alone
from adapters.engine.inprocess import InProcess
from adapters.engine.stopping import Stopping
from adapters.factors import TotpFactors
from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.minds.llm import ModelMind, open_model
from adapters.redaction import Redaction, values_of
from adapters.seals import AesSeals
from adapters.signals.hooks import HookDoor
from adapters.speech.languages import tongues as all_tongues
from adapters.systems.catalogue import VENDORS
from adapters.systems.demo import DemoShop
from adapters.systems.given import given
from adapters.systems.switchboard import Switchboard
from bot import (
    anchors,
    doors,
    edits,
    exports,
    freezing,
    hooking,
    ids,
    inbox,
    ledger,
    policy,
    policywords,
    pulse,
    rotations,
    rulebook,
    sealing,
    triggers,
    wakes,
)
from bot.actions import Call
from bot.anchors import Anchor
from bot.desk import Desk, Means
from bot.effects import EffectState
from bot.errors import Misconfigured, VigieError
from bot.events import Body, Message, Verb
from bot.forms import Sheet
from bot.freezes import ALL, COMMAND_LINE, Freeze, Scope
from bot.house import House
from bot.missions import Every, Mission, Step
from bot.people import HOME, Identity, Person, Role
from bot.places import Place
from bot.plugs import Offer
from bot.rulebook import PolicyFile
from bot.rules import Circumstances
from bot.store import Tx
from bot.world import Chat, Health, System
from memory.anchorbook import AnchorFile
from memory.brake import StopFile
from memory.sqlite import SqliteStore

VERSION = "0.1.0"
STOP_WITHIN = 10.0
"""Seconds that what is under way gets to finish when the program is told to stop."""

log = logging.getLogger("vigie")


# Settings --------------------------------------------------------------------------------------------------


class Settings(BaseSettings):
    """Every setting of `.env.example`, from the environment or a file named .env."""

    model_config = SettingsConfigDict(env_file=".env", env_ignore_empty=True, extra="ignore")

    home: Path = Field(Path(".vigie"), validation_alias="VIGIE_HOME")
    database_url: str = Field("", validation_alias="DATABASE_URL")
    host: str = Field("127.0.0.1", validation_alias="HOST")
    port: int = Field(8080, ge=1, le=65535, validation_alias="PORT")
    public_url: str = Field("", validation_alias="VIGIE_URL", pattern=r"^(https?://[^/\s]+)?/?$")
    slack_bot_token: str = Field("", validation_alias="SLACK_BOT_TOKEN", repr=False)
    slack_signing_secret: str = Field("", validation_alias="SLACK_SIGNING_SECRET", repr=False)
    slack_app_token: str = Field("", validation_alias="SLACK_APP_TOKEN", repr=False)
    slack_api_url: str = Field("https://slack.com/api/", validation_alias="SLACK_API_URL")
    telegram_bot_token: str = Field("", validation_alias="TELEGRAM_BOT_TOKEN", repr=False)
    telegram_webhook_url: str = Field("", validation_alias="TELEGRAM_WEBHOOK_URL")
    telegram_webhook_secret: str = Field("", validation_alias="TELEGRAM_WEBHOOK_SECRET", repr=False)
    telegram_api_url: str = Field("https://api.telegram.org/bot", validation_alias="TELEGRAM_API_URL")
    model: str = Field("builtin", validation_alias="VIGIE_MODEL")
    secret_keys: str = Field("", validation_alias="VIGIE_SECRET_KEYS", repr=False)
    owners: str = Field("", validation_alias="VIGIE_OWNERS")
    policy: str = Field("", validation_alias="VIGIE_POLICY")
    mcp_servers: str = Field("", validation_alias="VIGIE_MCP_SERVERS")
    mcp_tools: str = Field("", validation_alias="VIGIE_MCP_TOOLS")

    @property
    def database(self) -> str:
        """The database's URL, the embedded one when none is set."""
        return self.database_url or f"sqlite:///{self.home.resolve() / 'vigie.db'}"

    @property
    def url(self) -> str:
        """Where the web page answers: as people reach it, else as one on this machine would type it."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::") else self.host  # noqa: S104 (read, not bound)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def settings() -> Settings:
    """Reads them. Raises Misconfigured with one line that names what is wrong."""
    # Model providers read the environment themselves, so what .env says must be in it.
    load_dotenv(".env")
    known = {str(field.validation_alias) for field in Settings.model_fields.values()}
    unknown = sorted(name for name in os.environ if name.startswith("VIGIE_") and name not in known | _OURS)
    if unknown:
        raise Misconfigured(f"unknown setting {unknown[0]}; see .env.example for those there are")
    try:
        return Settings()  # pyright: ignore[reportCallIssue] (filled from the environment)
    except ValidationError as error:
        first = error.errors()[0]
        # Never the value itself: it may be a token in the wrong variable.
        raise Misconfigured(f"setting {first['loc'][0]}: {first['msg']}") from None


_OURS = {"VIGIE_PEERS", "VIGIE_TEST_NOTHING_SKIPS"}
"""Names our own tests use; they set nothing in the program."""


def _folder(home: Path) -> Path:
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Misconfigured(f"VIGIE_HOME {home}: {error.strerror}") from error
    return home


def secret_keys(config: Settings) -> tuple[bytes, ...]:
    """The installation's keys, newest first; made, and kept with mode 0600, when there are none."""
    text = config.secret_keys
    kept = _folder(config.home) / "secret_keys"
    if not text and kept.is_file():
        if kept.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            kept.chmod(0o600)
        text = kept.read_text().strip()
    if not text:
        text = secrets.token_urlsafe(32)
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(text + "\n")
    keys = tuple(part.strip().encode() for part in text.split(",") if part.strip())
    if any(len(key) < 16 for key in keys):
        raise Misconfigured("setting VIGIE_SECRET_KEYS: each key has at least 16 characters")
    return keys


def policy_file(config: Settings) -> PolicyFile:
    """The policy's file, checked; where the usual one is missing, the shipped one is put there to be edited.
    Raises Misconfigured naming file, rule and key."""
    usual = config.home / "policy.toml"
    if not config.policy and not usual.exists():
        (_folder(config.home) / "policy.toml").write_text(rulebook.shipped_text(), encoding="utf-8")
    found = PolicyFile(Path(config.policy) if config.policy else usual)
    found.read()
    return found


def _owners(config: Settings) -> tuple[Identity, ...]:
    try:
        return tuple(Identity.parse(part.strip()) for part in config.owners.split(",") if part.strip())
    except ValueError as error:
        raise Misconfigured(f"setting VIGIE_OWNERS: {error}") from None


# Plugging --------------------------------------------------------------------------------------------------


Accept = Callable[[inbox.Arrival], Awaitable[bool]]
FormOf = Callable[[str, int, Identity, Place, Verb], Awaitable[Sheet]]


class Door(Protocol):
    """One way in: a chat with its own connection to a platform."""

    @property
    def chat(self) -> Chat: ...
    def routes(self) -> Sequence[BaseRoute]: ...
    async def open(self) -> None: ...
    async def close(self) -> None: ...
    async def check(self) -> Health: ...


class LinkedSystem(System, Protocol):
    """A system that keeps a connection open."""

    async def open(self) -> None: ...
    async def close(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Plugged:
    """A program ready to run: the house and what keeps it awake."""

    config: Settings
    house: House
    store: SqliteStore
    engine: InProcess
    alarm: Alarm
    calendar: CronCalendar
    web: WebDoor
    hooks: HookDoor
    doors: Mapping[str, Door]
    model: ModelMind | None
    board: Switchboard
    servers: Sequence[LinkedSystem] = ()


def plug(config: Settings, *, demo: bool) -> Plugged:
    """Connects every part. Opens the database, but no door yet. Raises Misconfigured."""
    if not config.database.startswith("sqlite:"):
        raise Misconfigured("setting DATABASE_URL: this version keeps its data in SQLite; leave it unset")
    keys = secret_keys(config)
    clock, calendar, speech = WallClock(), CronCalendar(), all_tongues()
    store = SqliteStore.open(config.database)
    chats: dict[str, Chat] = {}
    systems: dict[str, System] = {}
    board = Switchboard(
        house=lambda: house, systems=systems, vendors=VENDORS, given=given(os.environ, VENDORS)
    )
    late: list[Plugged] = []
    model = None if config.model == "builtin" else open_model(config.model)
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
        brake=_stop_file(config),
        book=_anchor_file(config),
        factors=TotpFactors(keys),
        seals=AesSeals(keys),
        plugs=board,
    )

    def nudge(at: datetime) -> None:
        late[0].alarm.nudge(at)

    systems["vigie"] = Desk(means=Means(house=lambda: house, calendar=calendar, nudge=nudge))
    if demo:
        systems["demo"] = DemoShop(_folder(config.home) / "demo-shop.db", today=clock.now().date())

    board.plug_settings()

    async def sweep() -> None:
        await board.reread()
        await wakes.sweep(house=house, calendar=calendar)

    async def upcoming(until: datetime) -> list[datetime]:
        return await wakes.upcoming(until, house=house)

    def urgent(body: Body) -> bool:
        """Presses, and beside a model that takes its time also the words that need none."""
        control = model is not None and isinstance(body, Message) and body.trusted and understands(body.text)
        return control or inbox.pressing(body)

    def hurry(space: str, place: str) -> None:
        late[0].engine.hurry(space, place)

    accept = partial(inbox.accept, store=store, clock=clock, urgent=urgent, hurry=hurry)

    async def form(ref: str, revision: int, who: Identity, place: Place, verb: Verb) -> Sheet:
        return await edits.sheet_for(ref, revision, who, place, house=house, space=HOME, verb=verb)

    web = WebDoor(
        WebSettings(url=config.url, cookie_secure=config.url.startswith("https:")),
        house=house,
        accept=accept,
        form=form,
    )
    chats["web"] = web.chat
    opened: dict[str, Door] = {}
    if slack := _slack(config, accept, form, house):
        opened["slack"] = slack
    if telegram := _telegram(config, accept, house, keys):
        opened["telegram"] = telegram
    chats.update({name: door.chat for name, door in opened.items()})
    plugged = Plugged(
        config=config,
        house=house,
        store=store,
        engine=InProcess(house=house, sweep=sweep),
        alarm=Alarm(sweep, upcoming, clock),
        calendar=calendar,
        web=web,
        hooks=HookDoor(house=house, accept=accept),
        doors=opened,
        model=model,
        board=board,
        servers=_mcp(config, house),
    )
    late.append(plugged)
    systems.update({server.name: server for server in plugged.servers})
    return plugged


def _mcp(config: Settings, house: House) -> Sequence[LinkedSystem]:
    """The MCP servers of the file. Raises Misconfigured."""
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
    if config.mcp_tools and not classes.path.is_file():
        raise Misconfigured(f"setting VIGIE_MCP_TOOLS: there is no file {classes.path}")
    classes.read()
    servers = [McpServer(entry, file=file, classes=classes, house=house) for entry in file.read()]
    for server in servers:
        if server.name in house.systems:
            raise Misconfigured(
                f"VIGIE_MCP_SERVERS {file.path}: a system “{server.name}” is connected already; rename the server"
            )
    return servers


def _slack(config: Settings, accept: Accept, form: FormOf, house: House) -> Door | None:
    if not config.slack_bot_token:
        if config.slack_signing_secret or config.slack_app_token:
            raise Misconfigured("setting SLACK_BOT_TOKEN is missing: Slack needs it beside the other two")
        return None
    if not (config.slack_signing_secret or config.slack_app_token):
        raise Misconfigured(
            "Slack needs SLACK_SIGNING_SECRET (events over HTTP) or SLACK_APP_TOKEN (Socket Mode) too"
        )
    # Imported here: who does not use Slack does not pay for it.
    from adapters.chat.slack import SlackDoor, SlackSettings

    async def participates(place: Place) -> bool:
        return bool(await house.store.read(lambda tx: tx.lines.last(place.key, 1)))

    return SlackDoor(
        SlackSettings(
            bot_token=config.slack_bot_token,
            signing_secrets=_listed(config.slack_signing_secret),
            app_token=config.slack_app_token,
            api_url=config.slack_api_url,
        ),
        accept=accept,
        form=form,
        tongues=house.tongues,
        clock=house.clock,
        participates=participates,
    )


def _telegram(config: Settings, accept: Accept, house: House, keys: tuple[bytes, ...]) -> Door | None:
    if not config.telegram_bot_token:
        return None
    if bool(config.telegram_webhook_url) != bool(config.telegram_webhook_secret):
        raise Misconfigured(
            "TELEGRAM_WEBHOOK_URL and TELEGRAM_WEBHOOK_SECRET go together: set both or neither"
        )
    # Imported here: who does not use Telegram does not pay for it.
    from adapters.chat.telegram.connect import TelegramDoor, TelegramSettings

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
    )


# Running ---------------------------------------------------------------------------------------------------


def application(plugged: Plugged) -> Starlette:
    """Everything that answers HTTP: the web chat, the platforms' webhooks, health and metrics."""

    async def healthz(_: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def readyz(_: Request) -> Response:
        try:
            await plugged.store.read(lambda tx: tx.freezes.all())
        except VigieError as error:
            return PlainTextResponse(f"{error}\n", status_code=503)
        return PlainTextResponse("ready\n")

    async def metrics(_: Request) -> Response:
        return PlainTextResponse(await _metrics(plugged))

    routes: list[BaseRoute] = [
        Route("/healthz", healthz),
        Route("/readyz", readyz),
        Route("/metrics", metrics),
        *(route for door in plugged.doors.values() for route in door.routes()),
        *plugged.hooks.routes(),
        *plugged.web.routes(),
    ]
    return Starlette(routes=routes, exception_handlers=plugged.web.handlers())


async def _metrics(plugged: Plugged) -> str:
    def look(tx: Tx) -> dict[str, int]:
        return {
            "vigie_events_open": tx.events.count_open(),
            "vigie_proposals_pending": len(tx.proposals.pending()),
            "vigie_effects_unknown": len(tx.effects.in_state(EffectState.UNKNOWN)),
            "vigie_missions": len(tx.missions.all()),
            "vigie_frozen": len(freezing.standing(tx, house=plugged.house)),
        }

    now = plugged.house.clock.now()
    numbers = await plugged.store.read(look)
    numbers |= {
        "vigie_workers_busy": plugged.engine.busy,
        "vigie_places_busy": len(await plugged.store.busy_places(now)),
        "vigie_places_postponed": int(await plugged.store.retry_at(now) is not None),
    }
    return "".join(f"# TYPE {name} gauge\n{name} {value}\n" for name, value in numbers.items())


@asynccontextmanager
async def running(plugged: Plugged) -> AsyncGenerator[None]:
    """Doors open, clock ticking; on the way out what is under way gets a moment to finish."""
    alone = Alone(Path(plugged.config.database.removeprefix("sqlite:///")))
    opened: list[Door] = []
    looking: asyncio.Task[None] | None = None
    try:
        await sealing.ready(house=plugged.house)
        await sealing.rotate(house=plugged.house)
        await doors.appoint(_owners(plugged.config), house=plugged.house)
        await _note_rotations(plugged)
        await plugged.board.open()
        await plugged.engine.start()
        plugged.alarm.start()
        for name, door in plugged.doors.items():
            try:
                await door.open()
            except VigieError as error:
                # The others go on; a wrong token must not silence every chat.
                print(f"{name} is not connected: {error}", file=sys.stderr)
                log.warning("door_closed", extra={"door": name})
                continue
            opened.append(door)
        for server in plugged.servers:
            await server.open()
        looking = asyncio.create_task(_look_after(plugged, opened))
        yield
    finally:
        if looking is not None:
            looking.cancel()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                for server in plugged.servers:
                    await server.close()
                await plugged.board.close()
                for door in opened:
                    await door.close()
                await plugged.alarm.stop()
                await plugged.engine.stop()
        if plugged.model is not None:
            await plugged.model.close()
        await plugged.store.close()
        alone.let_go()


async def _note_rotations(plugged: Plugged) -> None:
    """What verifies requests from outside changed since the last start: the ledger knows when."""
    config, house = plugged.config, plugged.house
    secrets = {
        "SLACK_SIGNING_SECRET": _listed(config.slack_signing_secret),
        "TELEGRAM_WEBHOOK_SECRET": _listed(config.telegram_webhook_secret),
    }
    key, now = secret_keys(config)[-1], house.clock.now()
    await house.store.write(lambda tx: rotations.note(tx, secrets, key=key, now=now))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


LITTLE = 500_000_000
"""Bytes. With less left on the disk of the data folder something has to be done."""


async def _look_after(plugged: Plugged, opened: Sequence[Door]) -> None:
    """The assistant looks after itself for as long as it runs."""

    async def disk() -> Health:
        free = shutil.disk_usage(plugged.config.home).free
        return Health(well=free > LITTLE, text=f"{free // 1_000_000} MB left")

    probes = {name: door.check for name, door in plugged.doors.items() if door in opened}
    while True:
        try:
            await pulse.look(house=plugged.house, calendar=plugged.calendar, probes={**probes, "disk": disk})
        except Exception:
            # It must not end because one look did.
            log.exception("pulse_broke", extra={"action": "pulse_broke"})
        await asyncio.sleep(60)


async def up(config: Settings, *, demo: bool, stopping: Stopping) -> int:
    """Everything in one process, until it is told to stop."""
    listener = _listener(config)
    plugged = plug(config, demo=demo)
    server = Server(
        uvicorn.Config(
            application(plugged),
            host=config.host,
            port=config.port,
            log_level="warning",
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=2,
            lifespan="off",
        ),
        leaving=plugged.web.close,
    )
    async with running(plugged):
        code = await doors.first_code(house=plugged.house)
        if demo:
            await _demo_mission(plugged)
        stopping.instead(server.leave)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        await server.listening.wait()
        print(_welcome(config, code, demo=demo), flush=True)
        await serving
    return 0


def _listener(config: Settings) -> socket.socket:
    """The socket, taken before anything else is begun. Raises Misconfigured when it is not to be had."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    try:
        return socket.create_server((config.host, config.port), family=family, backlog=2048)
    except OSError as error:
        raise Misconfigured(
            f"cannot listen on {config.host} port {config.port} ({error.strerror}); set HOST and PORT"
        ) from error


def _welcome(config: Settings, code: str, *, demo: bool) -> str:
    lines = [
        "",
        f"  Vigie is on watch.  Open  {config.url}/sign-in?token={code}",
        "  (once; whoever opens it first is the owner.  In Slack or Telegram:  claim <the token>)",
    ]
    if demo:
        lines.append(
            "  The demo shop is connected: in a few seconds a mission will wake by itself and ask you."
        )
    lines += [f"  Data: {config.home.resolve()}    Stop: Ctrl-C", ""]
    return "\n".join(lines)


async def _demo_mission(plugged: Plugged) -> None:
    """The mission of the demo: looks for late orders, proposes a refund for each, and says what it found."""
    now = plugged.house.clock.now()

    def write(tx: Tx) -> datetime | None:
        lang = plugged.house.tongues(os.environ.get("LANG", "en")[:2].lower()).lang
        owner = doors.owner(tx) or doors.first_owner(tx, plugged.house, lang=lang)
        mission_id = ids.derived("mis", tx.space, "demo")
        if tx.missions.get(mission_id) is not None:
            return None
        tongue = plugged.house.tongues(owner.lang)
        mission = Mission(
            id=mission_id,
            number=tx.missions.next_number(),
            space=tx.space,
            owner=owner.id,
            place=Place(platform="web", channel=owner.id, private=True).key,
            goal=tongue("Watch for late orders and offer a refund"),
            triggers=(Every(id="every", seconds=3600, start=now + timedelta(seconds=6)),),
            steps=(
                Step(action="demo.late_orders", arguments={"days": 5}, save="late"),
                Step(
                    action="demo.refund",
                    each="late",
                    arguments={"order": "{item.order}", "amount": "{item.refundable}"},
                    text=tongue("Order {item.order} was promised {item.days_late} days ago."),
                ),
            ),
            may=("demo.late_orders", "demo.refund"),
            lang=owner.lang,
            zone=owner.zone,
            created=now,
            source="demo",
        )
        armed = triggers.armed(mission, now, calendar=plugged.calendar)
        tx.missions.put(armed)
        body = {"mission": armed.id, "number": armed.number, "person": owner.id, "goal": armed.goal}
        tx.ledger.append("mission_started", {**body, "may": list(armed.may)}, now)
        return armed.next_due

    due = await plugged.store.write(write)
    if due is not None:
        plugged.alarm.nudge(due)


async def chat(config: Settings) -> int:
    """The terminal chat: the same core, talked to on standard input."""
    plugged = plug(config, demo=False)
    terminal = TerminalDoor(
        accept=partial(
            inbox.accept, store=plugged.store, clock=plugged.house.clock, hurry=plugged.engine.hurry
        ),
        tongues=plugged.house.tongues,
    )
    assert isinstance(plugged.house.chats, dict)
    plugged.house.chats["terminal"] = terminal.chat
    async with running(plugged):
        await doors.at_the_keyboard(Identity(platform="terminal", user="local"), house=plugged.house)
        await terminal.run()
    return 0


async def doctor(config: Settings) -> int:
    """Checks what can be checked from here; 1 when something needs a hand."""
    plugged = plug(config, demo=False)
    try:
        rules = plugged.house.policy()
        found = {
            "database": Health(well=True, text=config.database),
            "policy": Health(well=not rules.trouble, text=rules.trouble or rules.source),
        }
        await sealing.ready(house=plugged.house)
        await plugged.board.reread()
        for name, door in plugged.doors.items():
            found[name] = await door.check()
        for name, system in plugged.house.systems.items():
            found[name] = await system.check()
    finally:
        for server in plugged.servers:
            await server.close()
        await plugged.board.close()
        await plugged.store.close()
    for name, health in found.items():
        print(f"{'ok  ' if health.well else 'FAIL'} {name}: {health.text}")
    return 0 if all(health.well for health in found.values()) else 1


async def policy_check(config: Settings, path: str) -> int:
    """Reads the policy and shows each rule as a sentence; 2 when it cannot be read, 1 when something is odd."""
    found = PolicyFile(Path(path)).read() if path else policy_file(config).read()
    plugged = plug(config, demo=True)
    await plugged.store.close()
    warnings = policywords.warnings(found, plugged.house.actions())
    said = (*policywords.sentences(found), *policywords.budget_sentences(found.budgets))
    for line in (*said, *(f"warning: {warning}" for warning in warnings)):
        print(line)
    print(f"{found.source}: {len(found.rules)} rules, digest {found.digest[:12]}.")
    return 1 if warnings else 0


async def policy_explain(config: Settings, wanted: argparse.Namespace) -> int:
    """Which rule decides about one call, and why those before it did not."""
    plugged = plug(config, demo=True)
    await plugged.store.close()
    action = plugged.house.action(wanted.action)
    given = dict(word.partition("=")[::2] for word in wanted.fields)
    call = Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=plugged.house.system(action.name).account(),
        arguments=action.read(given),
    )
    at = Circumstances(
        person=Person(id="per_example", name="Example", role=Role(wanted.role)),
        tainted=wanted.tainted,
        own_words=wanted.own_words,
        call=call,
        now=plugged.house.clock.now(),
    )
    rules = plugged.house.policy()
    verdict = policy.judge(action, at, rules)
    for line in policywords.explained(policy.explain(action, at, rules), verdict):
        print(line)
    return 0


async def hook_secret(config: Settings, name: str) -> int:
    """Brings the secret that a sender made, from standard input: asked for without an echo at a terminal."""
    secret = getpass.getpass(f"Secret of {name}: ") if sys.stdin.isatty() else sys.stdin.readline()
    plugged = plug(config, demo=False)
    try:
        await sealing.ready(house=plugged.house)
        hook = await hooking.brought(name, secret.strip(), house=plugged.house, by=COMMAND_LINE)
    finally:
        await plugged.store.close()
    print(
        f"{hook.name} is heard at {config.url}/hooks/{hook.name} with this secret; the one before it for a day more."
    )
    return 0


async def rotate_keys(config: Settings) -> int:
    """Brings every secret under the newest key, beside a running program if there is one."""
    plugged = plug(config, demo=False)
    try:
        await sealing.ready(house=plugged.house)
        done = await sealing.rotate(house=plugged.house)
    finally:
        await plugged.store.close()
    print(f"{done} secrets were sealed again: older keys than the first are not needed any more.")
    return 0


def _stop_file(config: Settings) -> StopFile:
    return StopFile(config.home / "FREEZE")


def _anchor_file(config: Settings) -> AnchorFile:
    return AnchorFile(config.home / "ledger-anchors.jsonl")


def _bare(config: Settings, store: SqliteStore) -> House:
    """A house without platforms, systems or model, for the commands that must work when those do not."""
    minds = Choice(builtin=BuiltinMind(), understands=understands, model=None)
    return House(
        store=store,
        clock=WallClock(),
        minds=minds,
        chats={},
        systems={},
        tongues=all_tongues(),
        brake=_stop_file(config),
    )


async def freeze(config: Settings, *, scope: Scope, reason: str) -> int:
    """The emergency stop: works with every platform and model down, and for everything also without database.

    The stop file comes first and stands until the freeze is kept for good.
    """
    file = _stop_file(config)
    ours = scope == ALL and file.pulled() is None
    if ours:
        file.pull(reason)
    try:
        store = SqliteStore.open(config.database)
        house = _bare(config, store)
        frozen = Freeze(scope=scope, reason=reason, by=COMMAND_LINE, at=house.clock.now())
        await store.write(lambda tx: freezing.begin(tx, frozen, house=house))
        await store.close()
    except VigieError as error:
        if scope != ALL:
            raise
        print(f"Frozen by the stop file alone: {error}. It is taken into the record as soon as that can be.")
        return 0
    if ours:
        file.let_go()
    what = "Nothing acts" if scope == ALL else f"Nothing of “{scope.key}” acts"
    print(f"Frozen. {what} until `vigie resume`, or an owner says unfreeze.")
    return 0


def _meant(words: str) -> tuple[Scope, str]:
    """The scope, or everything for this reason: an emergency must not fail over a word too many."""
    try:
        return Scope.parse(words), ""
    except VigieError:
        return ALL, words


async def resume(config: Settings, *, scope: Scope) -> int:
    """Lifts a freeze, or all of them, and takes the stop file away. Brings nothing back that was cancelled."""
    if scope == ALL:
        _stop_file(config).let_go()
    store = SqliteStore.open(config.database)
    house = _bare(config, store)
    scopes = () if scope == ALL else (scope,)
    lifted = await store.write(lambda tx: freezing.lift(tx, scopes, COMMAND_LINE, house=house))
    await store.close()
    named = ", ".join(each.scope.key for each in lifted)
    print(f"The freeze is lifted: {named}." if named else "Nothing was frozen there.")
    return 0


async def _entries(store: SqliteStore) -> list[ledger.Entry]:
    found: list[ledger.Entry] = []
    after = 0
    while batch := await store.read(lambda tx, a=after: tx.ledger.read(after=a)):
        found += batch
        after = batch[-1].seq
    return found


async def verify_ledger(config: Settings, *, anchor: str) -> int:
    """Walks the chain against every anchor that is kept, and against one that a person read in their chat."""
    store = SqliteStore.open(config.database)
    entries = await _entries(store)
    await store.close()
    kept = [each for each in _anchor_file(config).read() if each.space == HOME]
    if anchor:
        seq, _, hash_ = anchor.partition(":")
        if not seq.isdecimal() or len(hash_) != 64:
            raise Misconfigured("--anchor reads ROW:HASH, as the daily message says them")
        kept.append(Anchor(space=HOME, day="", seq=int(seq), hash=hash_.lower()))
    verdict = anchors.verify(entries, kept)
    if not verdict.holds:
        print(f"The ledger does not hold: row {verdict.bad}: {verdict.why}.")
        return 1
    print(f"The ledger holds: {verdict.rows} rows, head {verdict.head}.")
    newest = max((each.seq for each in kept), default=0)
    print(
        f"{len(kept)} anchors fit, the newest at row {newest}."
        if kept
        else "No anchor is kept yet: a cut tail would not show."
    )
    return 0


async def export_ledger(config: Settings, *, format: exports.Format, since: str, mission: int) -> int:
    """Prints it for other programs."""
    store = SqliteStore.open(config.database)
    found = await store.read(lambda tx: tx.missions.by_number(mission)) if mission else None
    if mission and found is None:
        raise Misconfigured("there is no mission {n}", n=mission)
    entries = await _entries(store)
    await store.close()
    choice = exports.Choice(
        since=exports.since(since) if since else None, mission=found.id if found is not None else ""
    )
    for line in exports.lines(entries, format=format, choice=choice):
        print(line)
    return 0


async def connect(config: Settings, system: str, name: str) -> int:
    """Connects a system: asks for what it takes, tries it, and only then keeps it. For Slack, prints the app
    manifest to paste."""
    if system == "slack":
        from adapters.chat.slack import manifest

        socket_mode = bool(config.slack_app_token) or not (config.slack_signing_secret or config.public_url)
        print(json.dumps(manifest(None if socket_mode else config.url), indent=2, ensure_ascii=False))
        return 0
    if system == "telegram":
        print("telegram: set its variables as .env.example says and start again.")
        return 0
    plugged = plug(config, demo=False)
    try:
        await sealing.ready(house=plugged.house)
        await plugged.board.reread()
        offer = next((each for each in plugged.board.offers() if each.name == system), None)
        if offer is None:
            known = ", ".join(["slack", "telegram", *(each.name for each in plugged.board.offers())])
            raise Misconfigured(f"I cannot connect {system!r}; I know: {known}")
        values = await asyncio.to_thread(_asked, offer)
        row = await plugged.board.connect(system, name, values, person=COMMAND_LINE)
    finally:
        await plugged.board.close()
        await plugged.store.close()
    mode = "live" if row.live else "test"
    print(f"{offer.title} is connected as {row.name}: {row.account} ({mode}).")
    return 0


def _asked(offer: Offer) -> dict[str, str]:
    """What a person types, secrets unseen; from a pipe, one value per line in the order they are asked."""
    seen = sys.stdin.isatty()
    if seen:
        print(offer.help)
    values: dict[str, str] = {}
    for each in offer.asks:
        said = f"{each.title}{'' if each.required else ' (optional)'}: "
        if not seen:
            values[each.name] = sys.stdin.readline().strip()
        elif each.secret:
            values[each.name] = getpass.getpass(said).strip()
        else:
            values[each.name] = input(said).strip()
    return values


# The command line ------------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vigie", description="An assistant that keeps watch, and asks before it acts."
    )
    parser.add_argument("--version", action="version", version=f"vigie {VERSION}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    commands.add_parser("up", help="everything in one process; prints a sign-in link")
    commands.add_parser("demo", help="up, with a demo shop and a mission that wakes within seconds")
    commands.add_parser("chat", help="talk to it here, in the terminal")
    commands.add_parser("doctor", help="check tokens, database and connections; exit 1 says what to do")
    connecting = commands.add_parser(
        "connect",
        help="connect a system: asks for its key, tries it, then keeps it (slack: the app manifest)",
    )
    connecting.add_argument("system")
    connecting.add_argument("--name", default="", help="of the connection, for a second account: stripe_eu")
    scope_help = "all (default), 'mission 3', a system such as demo, or an action such as demo.refund"
    stopping = commands.add_parser("freeze", help="stop everything that acts, or a part of it, now")
    stopping.add_argument("scope", nargs="*", help=scope_help)
    stopping.add_argument("--reason", default="", help="kept in the ledger and told to everybody")
    resuming = commands.add_parser("resume", help="lift the freeze")
    resuming.add_argument("scope", nargs="*", help=scope_help)
    book = commands.add_parser("ledger", help="the record of what happened and why").add_subparsers(
        dest="what", required=True
    )
    verifying = book.add_parser("verify", help="walk the hash chain, against the anchors that are kept")
    verifying.add_argument(
        "--anchor", default="", metavar="ROW:HASH", help="from a daily message in your chat"
    )
    exporting = book.add_parser("export", help="print it")
    exporting.add_argument("--format", choices=("jsonl", "csv"), default="jsonl")
    exporting.add_argument(
        "--since", default="", metavar="DATE", help="2026-03-31, or a moment with its offset"
    )
    exporting.add_argument("--mission", type=int, default=0, metavar="N")
    rules = commands.add_parser("policy", help="what may run, what asks, what never runs").add_subparsers(
        dest="what", required=True
    )
    checking = rules.add_parser("check", help="read the policy, and show each rule as a sentence")
    checking.add_argument("path", nargs="?", default="", help="another file than the one in force")
    explaining = rules.add_parser("explain", help="which rule decides about one call, and why")
    explaining.add_argument("action")
    explaining.add_argument("fields", nargs="*", metavar="field=value")
    explaining.add_argument("--role", choices=[role.value for role in Role], default="member")
    explaining.add_argument("--tainted", action="store_true", help="as if content from outside had been read")
    explaining.add_argument(
        "--own-words", action="store_true", help="as if who and what were the person's words"
    )
    hook = commands.add_parser("hook", help="bring the secret that Stripe or Sentry made for a hook")
    hook.add_argument("name", help="as it was made in the chat: hook add NAME stripe")
    commands.add_parser("rotate-keys", help="seal every kept secret with the newest key")
    commands.add_parser("migrate", help="bring the database to this version's schema")
    for role in ("web", "worker"):
        commands.add_parser(role, help="a role of the Procfile, over PostgreSQL")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script. Returns the exit status."""
    wanted = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    # Until the event loop listens itself, a stop is like Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        config = settings()
        _hide_secrets(config)
        with asyncio.Runner(loop_factory=_loop) as runner:
            return runner.run(_command(wanted, config))
    except (KeyboardInterrupt, asyncio.CancelledError):
        return 130
    except VigieError as error:
        print(f"vigie: {error}", file=sys.stderr)
        return 2


def _hide_secrets(config: Settings) -> None:
    """From here on no secret of the settings, nor what looks like one, is in a log or in an error nobody caught."""
    kept = config.home / "secret_keys"
    keys = kept.read_text() if kept.is_file() else ""
    redaction = Redaction(values_of(os.environ, (keys.strip(), config.secret_keys)))
    redaction.install()

    def told(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        print(redaction.told(kind, error, trace), end="", file=sys.stderr)

    sys.excepthook = told


def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop() if uvloop is None else uvloop.new_event_loop()


async def _command(wanted: argparse.Namespace, config: Settings) -> int:
    stopping = Stopping()
    stopping.install()
    match wanted.command:
        case "up" | "demo":
            return await up(config, demo=wanted.command == "demo", stopping=stopping)
        case "chat":
            return await chat(config)
        case "doctor":
            return await doctor(config)
        case "connect":
            return await connect(config, wanted.system, wanted.name)
        case "freeze":
            scope, reason = _meant(" ".join(wanted.scope))
            return await freeze(
                config, scope=scope, reason=wanted.reason or reason or "from the command line"
            )
        case "resume":
            return await resume(config, scope=Scope.parse(" ".join(wanted.scope)))
        case "ledger" if wanted.what == "verify":
            return await verify_ledger(config, anchor=wanted.anchor)
        case "ledger":
            return await export_ledger(
                config, format=wanted.format, since=wanted.since, mission=wanted.mission
            )
        case "policy":
            if wanted.what == "explain":
                return await policy_explain(config, wanted)
            return await policy_check(config, wanted.path)
        case "hook":
            return await hook_secret(config, wanted.name)
        case "rotate-keys":
            return await rotate_keys(config)
        case "migrate":
            await SqliteStore.open(config.database).close()
            print("The schema is up to date.")
            return 0
        case _:
            raise Misconfigured(
                f"`vigie {wanted.command}` needs PostgreSQL; `vigie up` runs everything in one process"
            )


if __name__ == "__main__":
    sys.exit(main())
