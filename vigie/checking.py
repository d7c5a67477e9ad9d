"""`vigie doctor`: every part by a real call, beside a running program or without one. Says `ok`, or `FAIL` and what to do."""

import asyncio
import os
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial

import httpx
from sqlalchemy import Engine

from adapters.systems.catalogue import VENDORS
from bot import sealing
from bot.connections import Connection, How
from bot.doors import owner
from bot.errors import Failed, Misconfigured, VigieError
from bot.ways import Mark
from bot.world import Health
from memory import copies, files, migrate
from vigie.plugging import Plugged, plug
from vigie.settings import Settings, folder
from vigie.storing import distributed, with_driver
from vigie.ways import NOBODY, Installation

PATIENCE = 45.0
"""Seconds for one check; a model may take its time."""
SKEW = 60.0
"""Seconds that our clock may differ from a platform's. Slack's requests are refused from 300 on."""
LITTLE = 500_000_000
"""Bytes. With less left on the disk of the data folder something has to be done."""

Check = Callable[[], Awaitable[Health]]


async def doctor(config: Settings) -> int:
    """Checks everything; 1 when something needs a hand."""
    first = {
        "disk": await _within(lambda: _disk(config)),
        "database": await _within(lambda: _database(config)),
    }
    if not _told(first):
        return 1
    try:
        plugged = plug(config, demo=False)
    except VigieError as error:
        about = "settings" if isinstance(error, Misconfigured) else "database"
        _told({about: Health(well=False, text=str(error))})
        return 1
    try:
        await plugged.board.reread()
        checks = _checks(plugged)
        found = await asyncio.gather(*(_within(check) for check in checks.values()))
    finally:
        await plugged.release()
    return 0 if _told(dict(zip(checks, found, strict=True))) else 1


def _told(found: Mapping[str, Health]) -> bool:
    for name, health in found.items():
        print(f"{'ok  ' if health.well else 'FAIL'} {name}: {health.text}")
    return all(health.well for health in found.values())


def _checks(plugged: Plugged) -> dict[str, Check]:
    """By name, in the order in which they are told."""
    config = plugged.config
    checks: dict[str, Check] = {
        "policy": lambda: _policy(plugged),
        "keys": lambda: _keys(plugged),
        "clock": lambda: clock(_platforms(config)),
        "program": lambda: _program(config),
        **{name: door.examine for name, door in plugged.doors.items()},
        **{f"{name} messages": partial(_heard, plugged, name) for name in plugged.doors},
        **{f"{name} buttons": partial(_pressed, plugged, name) for name in plugged.doors},
        **{f"mailbox {watch.name}": watch.try_once for watch in plugged.mail.watches},
        "model": lambda: _model(plugged),
    }
    return {**checks, **_systems(plugged)}


def _systems(plugged: Plugged) -> dict[str, Check]:
    """Everything that is connected, and in what way it would be mended; what is kept and cannot be opened is named too."""
    rows = {row.name: row for row in plugged.board.plugged()}
    found: dict[str, Check] = {}
    for name, system in plugged.house.systems.items():
        step = _step(rows[name]) if name in rows else ""
        found[name] = partial(_asked, system.check, step)
    return found | {f"connection {row.name}": partial(_unopened, row) for row in plugged.board.unopened()}


async def _asked(check: Check, step: str) -> Health:
    health = await check()
    return health if health.well or not step else replace(health, text=f"{health.text.rstrip('.')}; {step}")


def _step(row: Connection) -> str:
    if row.how is not How.SETTINGS:
        return f"can this machine reach it? A new key: {_again(row)}"
    named = [need.setting for need in VENDORS[row.vendor].needs if os.environ.get(need.setting)]
    return f"can this machine reach it? Its settings: {', '.join(named)}"


async def _unopened(row: Connection) -> Health:
    return Health(well=False, text=f"it is kept and could not be opened; connect it again: {_again(row)}")


def _again(row: Connection) -> str:
    return f"vigie connect {row.vendor}" + (f" --name {row.name}" if row.name != row.vendor else "")


async def _within(check: Check) -> Health:
    """What a check says, whatever it does."""
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except TimeoutError:
        return Health(well=False, text=f"no answer within {PATIENCE:.0f} seconds; check the network")
    except VigieError as error:
        return Health(well=False, text=str(error))
    except Exception as error:
        return Health(
            well=False, text=f"the check itself broke down ({type(error).__name__}); please report it"
        )


async def _disk(config: Settings) -> Health:
    free = shutil.disk_usage(folder(config.home)).free // 1_000_000
    where = config.home.resolve()
    if free * 1_000_000 < LITTLE:
        return Health.of(
            Failed(
                "{free} MB left under {where}: make room, or move VIGIE_HOME", free=f"{free:,}", where=where
            )
        )
    return Health(well=True, text=f"{free:,} MB left under {where}")


async def _database(config: Settings) -> Health:
    """As it lies there, before anything brings it to this version."""
    if distributed(config.database):
        with_driver()
        # Imported here: its driver is an extra, and who keeps a file does not pay for it.
        from adapters.engine.trial import trial
        from memory import server

        found = await trial(server.plain(config.database))
        if not found.well:
            return found
        return replace(found, text=f"{found.text}; {await _tables(server.engine(config.database))}")
    path = files.path_of(config.database)
    if not path.exists():
        return Health(well=True, text=f"{path} will be made at the start")
    if not await asyncio.to_thread(copies.whole, path):
        return Health(
            well=False,
            text=f"{path} is damaged: stop Vigie, and `vigie restore` the last backup into a new folder",
        )
    return Health(well=True, text=f"{path} is whole; {await _tables(files.engine(path))}")


async def _tables(engine: Engine) -> str:
    """Raises VigieError when they are those of a newer version."""
    revision = await asyncio.to_thread(migrate.current, engine)
    if revision is None:
        return "its tables are made now"
    if revision != migrate.head():
        await asyncio.to_thread(migrate.check, revision)
        return f"its tables are brought from {revision} to {migrate.head()} now"
    return f"tables {revision}"


async def _policy(plugged: Plugged) -> Health:
    rules = plugged.house.policy()
    return Health(well=not rules.trouble, text=rules.trouble or rules.source)


async def _keys(plugged: Plugged) -> Health:
    await sealing.ready(house=plugged.house)
    return Health(well=True, text="they open the secrets that are kept")


def _platforms(config: Settings) -> dict[str, str]:
    """Whose clocks ours can be held against, and an address of each that answers anybody."""
    asked = {"Slack": config.slack_bot_token and f"{config.slack_api_url}api.test"}
    asked["Telegram"] = config.telegram_bot_token and config.telegram_api_url.removesuffix("bot")
    return {name: address for name, address in asked.items() if address}


async def clock(addresses: Mapping[str, str], *, wire: httpx.AsyncBaseTransport | None = None) -> Health:
    """Our clock against the Date that platforms answer with. A platform that cannot be reached is told by its own
    line."""
    if not addresses:
        return Health(well=True, text="no platform is connected to hold it against")
    worst, compared = 0.0, list[str]()
    async with httpx.AsyncClient(timeout=10.0, transport=wire) as http:
        for name, address in addresses.items():
            try:
                answer = await http.get(address)
                theirs = parsedate_to_datetime(answer.headers["date"])
            except (httpx.HTTPError, KeyError, ValueError):
                continue
            off = (datetime.now(UTC) - theirs).total_seconds()
            compared.append(name)
            worst = max(worst, off, key=abs)
    if not compared:
        return Health(well=True, text="no platform told the time")
    if abs(worst) > SKEW:
        way = "ahead" if worst > 0 else "behind"
        text = (
            f"it is {abs(worst):.0f} seconds {way}: turn on time synchronisation (timedatectl set-ntp true)"
        )
        return Health(well=False, text=text)
    return Health(well=True, text=f"within {max(1.0, abs(worst)):.0f} s of {' and '.join(compared)}")


async def _program(config: Settings) -> Health:
    """What a running one says of itself; that none runs is no fault."""
    try:
        async with httpx.AsyncClient(timeout=10.0, trust_env=False) as http:
            answer = await http.get(f"http://{_here(config)}:{config.port}/readyz")
    except httpx.HTTPError:
        return Health(well=True, text=f"none runs on port {config.port}")
    if answer.is_success:
        return Health(well=True, text=f"runs on port {config.port} and is ready")
    wrong = "; ".join(answer.text.splitlines()[:6])
    return Health(well=False, text=f"on port {config.port}: {wrong or answer.status_code}")


def _here(config: Settings) -> str:
    host = "127.0.0.1" if config.host in ("0.0.0.0", "::") else config.host  # noqa: S104 (read, not bound)
    return f"[{host}]" if ":" in host else host


async def _heard(plugged: Plugged, name: str) -> Health:
    """Whether anything ever arrived, which no call of ours can find out."""
    return await _proven(plugged, name, -2)


async def _pressed(plugged: Plugged, name: str) -> Health:
    return await _proven(plugged, name, -1)


async def _proven(plugged: Plugged, name: str, at: int) -> Health:
    """What the page says of that step, for the owner. That it was not tried yet is no fault."""
    # One that runs is asked how it is, and looks then whether something was said that did not come.
    await _program(plugged.config)
    tongue = plugged.house.tongues("en")
    installation = Installation(config=plugged.config, doors=plugged.doors)
    step = await plugged.store.read(lambda tx: installation.steps(name, tx, owner(tx) or NOBODY, tongue)[at])
    if step.mark is Mark.DONE:
        return Health(well=True, text=step.title)
    if step.mark is Mark.WRONG:
        return Health(well=False, text=step.says)
    says = step.says or f"press “{step.label}”"
    return Health(well=True, text=f"not tried yet; on the page, {plugged.config.url}/connections: {says}")


async def _model(plugged: Plugged) -> Health:
    if plugged.model is None:
        return Health(well=True, text="the built-in mind, which needs none")
    # Imported here: whoever has no model does not pay for its library.
    from adapters.minds.llm.trial import complete

    name, began = plugged.config.model, time.perf_counter()
    try:
        await complete(name, "", plugged.house.tongues("en"))
    except VigieError as error:
        hint = "check VIGIE_MODEL, and the key and address under the provider's own names"
        return Health(well=False, text=f"{error}; {hint}")
    return Health(well=True, text=f"{name} answered in {time.perf_counter() - began:.1f} s")
