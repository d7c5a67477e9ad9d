"""`vigie doctor`: every part by a real call, beside a running program or without one. Says `ok`, or `FAIL` and what to do."""

import asyncio
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx

from bot import sealing
from bot.errors import Misconfigured, VigieError
from bot.world import Health
from memory import copies, files, migrate
from vigie.plugging import Plugged, plug
from vigie.settings import Settings, folder

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
    except Misconfigured as error:
        _told({"settings": Health(well=False, text=str(error))})
        return 1
    try:
        await plugged.board.reread()
        checks = _checks(plugged)
        found = await asyncio.gather(*(_within(check) for check in checks.values()))
    finally:
        for server in plugged.servers:
            await server.close()
        await plugged.board.close()
        if plugged.model is not None:
            await plugged.model.close()
        await plugged.store.close()
    return 0 if _told(dict(zip(checks, found, strict=True))) else 1


def _told(found: Mapping[str, Health]) -> bool:
    for name, health in found.items():
        print(f"{'ok  ' if health.well else 'FAIL'} {name}: {health.text}")
    return all(health.well for health in found.values())


def _checks(plugged: Plugged) -> dict[str, Check]:
    """By name, in the order in which they are told."""
    house, config = plugged.house, plugged.config
    checks: dict[str, Check] = {
        "policy": lambda: _policy(plugged),
        "keys": lambda: _keys(plugged),
        "clock": lambda: clock(_platforms(config)),
        "program": lambda: _program(config),
        **{name: door.examine for name, door in plugged.doors.items()},
        **{f"mailbox {watch.name}": watch.try_once for watch in plugged.mail.watches},
        "model": lambda: _model(plugged),
    }
    return {**checks, **{name: system.check for name, system in house.systems.items()}}


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
        return Health(well=False, text=f"{free:,} MB left under {where}: make room, or move VIGIE_HOME")
    return Health(well=True, text=f"{free:,} MB left under {where}")


async def _database(config: Settings) -> Health:
    """As it lies there, before anything brings it to this version."""
    if not config.database.startswith("sqlite:"):
        return Health(well=True, text="in PostgreSQL")
    path = files.path_of(config.database)
    if not path.is_file():
        return Health(well=True, text=f"{path} will be made at the start")
    if not await asyncio.to_thread(copies.whole, path):
        return Health(
            well=False,
            text=f"{path} is damaged: stop Vigie, and `vigie restore` the last backup into a new folder",
        )
    revision = await asyncio.to_thread(migrate.current, files.engine(path))
    if revision != migrate.head():
        return Health(
            well=True, text=f"{path} is whole, its tables are brought from {revision} to {migrate.head()} now"
        )
    return Health(well=True, text=f"{path} is whole, tables {revision}")


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
