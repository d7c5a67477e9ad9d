"""Doors opened and closed, HTTP answered, for as long as the program runs."""

import asyncio
import logging
import shutil
import socket
import sys
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from adapters.chat.web.server import Server
from adapters.engine.alone import Alone
from adapters.engine.stopping import Stopping
from bot import (
    doors,
    pulse,
    rotations,
    sealing,
)
from bot.errors import Misconfigured, VigieError
from bot.world import Health
from vigie.demonstration import demo_mission
from vigie.observing import watched
from vigie.plugging import Door, Plugged, plug
from vigie.settings import Settings, listed, owners, secret_keys

STOP_WITHIN = 10.0
"""Seconds that what is under way gets to finish when the program is told to stop."""


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
    return Starlette(routes=routes, exception_handlers=plugged.web.handlers())


@asynccontextmanager
async def running(plugged: Plugged) -> AsyncGenerator[None]:
    """Doors open, clock ticking; on the way out what is under way gets a moment to finish."""
    alone = Alone(Path(plugged.config.database.removeprefix("sqlite:///")))
    opened: list[Door] = []
    looking: asyncio.Task[None] | None = None
    try:
        await sealing.ready(house=plugged.house)
        await sealing.rotate(house=plugged.house)
        await doors.appoint(owners(plugged.config), house=plugged.house)
        await _note_rotations(plugged)
        await plugged.board.open()
        await plugged.engine.start()
        plugged.alarm.start()
        plugged.readings.start()
        for name, door in plugged.doors.items():
            try:
                await door.open()
            except VigieError as error:
                # The others go on; a wrong token must not silence every chat.
                print(f"{name} is not connected: {error}", file=sys.stderr)
                log.warning("door_closed", extra={"door": name})
                continue
            opened.append(door)
            plugged.opened.add(name)
        for server in plugged.servers:
            await server.open()
        await plugged.mail.open()
        looking = asyncio.create_task(_look_after(plugged, opened))
        yield
    finally:
        if looking is not None:
            looking.cancel()
        plugged.opened.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_WITHIN):
                await plugged.mail.close()
                for server in plugged.servers:
                    await server.close()
                await plugged.board.close()
                for door in opened:
                    await door.close()
                await plugged.alarm.stop()
                await plugged.readings.stop()
                await plugged.engine.stop()
        if plugged.model is not None:
            await plugged.model.close()
        await plugged.store.close()
        if plugged.tracing is not None:
            await asyncio.to_thread(plugged.tracing.close)
        alone.let_go()


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
            await demo_mission(plugged)
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
