"""Doors opened and closed, HTTP answered, for as long as the program runs."""

import asyncio
import gc
import logging
import shutil
import socket
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute
from starlette.types import ExceptionHandler

from adapters.chat.web.server import Server, protocol
from adapters.engine.alone import Alone
from adapters.engine.stopping import Stopping
from bot import (
    anchoring,
    doors,
    pulse,
    rotations,
    sealing,
)
from bot.errors import Misconfigured, VigieError
from bot.world import Health
from vigie.demonstration import demo_mission
from vigie.observing import watched
from vigie.plugging import STOP_WITHIN, Door, Part, Plugged, plug
from vigie.settings import Settings, listed, owners, secret_keys
from vigie.sharing import SharedPolicy

CLOSE_WITHIN = 3.0
"""Seconds that connections get to be closed in."""


WATCH = "watch"
"""The lease of whoever keeps the watch."""


LITTLE = 500_000_000
"""Bytes. With less left on the disk of the data folder something has to be done."""


log = logging.getLogger("vigie")


def application(plugged: Plugged) -> Starlette:
    """Everything that answers HTTP: the web chat, the platforms' webhooks, health and metrics."""

    routes: list[BaseRoute] = [
        *watched(plugged),
        *(route for door in plugged.doors.values() for route in door.routes()),
        *plugged.hooks.routes(),
        *plugged.web.routes(),
    ]
    return _routed(routes, plugged.web.handlers())


def _routed(routes: Sequence[BaseRoute], handlers: Mapping[int, ExceptionHandler] | None = None) -> Starlette:
    app = Starlette(routes=routes, exception_handlers=handlers)
    # An address with a slash too many would be sent on before any door looked at the request, to whatever host it names.
    app.router.redirect_slashes = False
    return app


@asynccontextmanager
async def running(plugged: Plugged) -> AsyncGenerator[None]:
    """Doors open, clock ticking; on the way out what is under way gets a moment to finish."""
    machines = plugged.machines
    alone = Alone(Path(plugged.config.database.removeprefix("sqlite:///"))) if machines is None else None
    opened: list[Door] = []
    watch: Watch | None = None
    try:
        await anchoring.ready(house=plugged.house)
        await sealing.ready(house=plugged.house)
        await sealing.rotate(house=plugged.house)
        await doors.appoint(owners(plugged.config), house=plugged.house)
        await _note_rotations(plugged)
        await plugged.board.open()
        if machines is not None:
            alarms = (plugged.alarm, plugged.readings)
            await machines.start(alarms, plugged.board.reread, *_shared(plugged))
        for server in plugged.servers:
            # Before the engine finds out about deeds that were under way: what it may do again is known by then.
            await server.open()
        await plugged.engine.start()
        for name, door in plugged.doors.items():
            try:
                await door.open(hears=machines is None)
            except VigieError as error:
                # The others go on; a wrong token must not silence every chat.
                print(f"{name} is not connected: {error}", file=sys.stderr)
                log.warning("door_closed", extra={"door": name})
                continue
            opened.append(door)
            plugged.opened.add(name)
        watch = Watch(plugged, opened)
        if machines is None:
            await watch.begin()
        elif plugged.part != "web":
            machines.leases.want(WATCH, watch.begin, watch.end)
        yield
    finally:
        plugged.opened.clear()
        # Nothing new comes in; then what is under way is finished; only then its connections are closed.
        await _within(STOP_WITHIN, _finish(plugged, opened, watch))
        await _within(CLOSE_WITHIN, _close(plugged, opened))
        if machines is not None:
            await _within(CLOSE_WITHIN, machines.stop())
        await plugged.house.gauges.close()
        if plugged.model is not None:
            await plugged.model.close()
        await plugged.store.close()
        if plugged.tracing is not None:
            await asyncio.to_thread(plugged.tracing.close)
        if alone is not None:
            alone.let_go()


async def _finish(plugged: Plugged, opened: Sequence[Door], watch: "Watch | None") -> None:
    """Until nothing is under way any more. It needs every connection that it began with."""
    if watch is not None:
        await watch.end()
    for door in opened:
        await door.deafen()
    await plugged.engine.stop()


async def _close(plugged: Plugged, opened: Sequence[Door]) -> None:
    for server in plugged.servers:
        await server.close()
    await plugged.board.close()
    for door in opened:
        await door.close()


async def _within(seconds: float, step: Awaitable[None]) -> None:
    """What is not over by then is cut off: it is in the record, and the next start finds out about it."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await step


class Watch:
    """What one process of an installation does: rings the clock, hears on connections of its own, looks after all."""

    def __init__(self, plugged: Plugged, opened: Sequence[Door]) -> None:
        self._plugged, self._opened = plugged, opened
        self._looking: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """From now on here."""
        self._plugged.alarm.start()
        self._plugged.readings.start()
        if self._plugged.embedding is not None:
            self._plugged.embedding.start()
        if self._plugged.machines is not None:
            for door in self._opened:
                door.hear()
        await self._plugged.mail.open()
        self._looking = asyncio.create_task(_look_after(self._plugged, self._opened))

    async def end(self) -> None:
        """Elsewhere, or not any more. May be called again."""
        if self._looking is None:
            return
        self._looking.cancel()
        await asyncio.gather(self._looking, return_exceptions=True)
        self._looking = None
        if self._plugged.embedding is not None:
            await self._plugged.embedding.stop()
        await self._plugged.mail.close()
        if self._plugged.machines is not None:
            for door in self._opened:
                await door.deafen()
        await self._plugged.alarm.stop()
        await self._plugged.readings.stop()


def _shared(plugged: Plugged) -> Sequence[Callable[[], Awaitable[None]]]:
    """What this machine keeps in a file and the others must have too. A policy that a setting names is its owner's."""
    config = plugged.config
    if config.policy:
        return ()
    return (SharedPolicy(config.home / "policy.toml", house=plugged.house).look,)


async def _note_rotations(plugged: Plugged) -> None:
    """What verifies requests from outside changed since the last start: the ledger knows when."""
    config, house = plugged.config, plugged.house
    secrets = {
        "SLACK_SIGNING_SECRET": listed(config.slack_signing_secret),
        "TELEGRAM_WEBHOOK_SECRET": listed(config.telegram_webhook_secret),
    }
    key, now = secret_keys(config)[-1], house.clock.now()
    await house.store.write(lambda tx: rotations.note(tx, secrets, key=key, now=now))


async def _look_after(plugged: Plugged, opened: Sequence[Door]) -> None:
    """The assistant looks after itself for as long as it runs."""

    async def disk() -> Health:
        free = shutil.disk_usage(plugged.config.home).free
        return Health(well=free > LITTLE, text=f"{free // 1_000_000} MB left")

    probes = {name: door.check for name, door in plugged.doors.items() if door in opened}
    probes |= {f"mailbox {watch.name}": watch.check for watch in plugged.mail.watches}
    while True:
        try:
            await pulse.look(house=plugged.house, calendar=plugged.calendar, probes={**probes, "disk": disk})
        except Exception:
            # It must not end because one look did.
            log.exception("pulse_broke", extra={"action": "pulse_broke"})
        await asyncio.sleep(60)


def settle_in() -> None:
    """What was made until now stays for as long as the program runs: whoever tidies memory up need not walk through it
    again in the middle of an answer. It took 50 ms, in every tenth search of a large memory."""
    gc.collect()
    gc.freeze()


async def work(config: Settings, *, stopping: Stopping) -> int:
    """Turns, wakes and words, until it is told to stop. Any number of these run beside each other."""
    listener = _listener(config.host, config.health_port, "VIGIE_HEALTH_PORT") if config.health_port else None
    plugged = plug(config, demo=False, part="worker")
    ends = asyncio.Event()
    async with running(plugged):
        settle_in()
        if listener is not None:
            server = _server(_routed(watched(plugged)), leaving=_at_once)
            await _serve(server, listener, stopping, said="Vigie works. Stop: Ctrl-C")
            return 0
        stopping.instead(ends.set)
        print("Vigie works. Stop: Ctrl-C", flush=True)
        await ends.wait()
    return 0


async def up(config: Settings, *, demo: bool, stopping: Stopping, part: Part = "all") -> int:
    """Everything in one process, or the part that answers HTTP, until it is told to stop."""
    listener = _listener(config.host, config.port, "PORT")
    plugged = plug(config, demo=demo, part=part)
    server = _server(application(plugged), leaving=plugged.web.close)
    async with running(plugged):
        code = await doors.first_code(house=plugged.house)
        if demo:
            await demo_mission(plugged)
        settle_in()
        await _serve(server, listener, stopping, said=_welcome(config, code, demo=demo))
    return 0


def own_page(config: Settings) -> tuple[Settings, socket.socket]:
    """Where a page answers beside something else: at the configured port, or at one that is free where that one is taken.
    Links then lead to it, and to no address that was set for another."""
    try:
        return config, _listener(config.host, config.port, "PORT")
    except Misconfigured:
        listener = _listener(config.host, 0, "PORT")
        return config.model_copy(update={"port": listener.getsockname()[1], "public_url": ""}), listener


@asynccontextmanager
async def paged(plugged: Plugged, listener: socket.socket) -> AsyncGenerator[None]:
    """The page answers until the block ends."""
    server = _server(application(plugged), leaving=plugged.web.close, guest=True)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    try:
        yield
    finally:
        server.leave()
        await serving


def _server(app: Starlette, *, leaving: Callable[[], Awaitable[None]], guest: bool = False) -> Server:
    config = uvicorn.Config(
        app,
        http=protocol(),
        log_level="warning",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=2,
        lifespan="off",
    )
    return Server(config, leaving=leaving, guest=guest)


async def _serve(server: Server, listener: socket.socket, stopping: Stopping, *, said: str) -> None:
    """Until it is told to stop; `said` once it listens."""
    stopping.instead(server.leave)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    await server.listening.wait()
    print(said, flush=True)
    await serving


async def _at_once() -> None:
    """Nothing that is open for long is answered here."""


def _listener(host: str, port: int, setting: str) -> socket.socket:
    """The socket, taken before anything else is begun. Raises Misconfigured when it is not to be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = str(error.strerror).partition(" (while")[0]
        raise Misconfigured(f"cannot listen on {host} port {port} ({why}); set HOST and {setting}") from error


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
