"""`vigie move FROM TO`: a live installation into another database, all of it or nothing."""

import asyncio
import sqlite3
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from adapters.engine.alone import Alone
from bot import freezing
from bot.errors import Misconfigured, VigieError
from bot.freezes import ALL, FILE, Freeze
from memory import files, moving, troubles
from memory.brake import StopFile
from memory.moving import Moved
from vigie.settings import STOP, Settings
from vigie.stops import bare
from vigie.storing import distributed, open_store, with_driver


async def move(config: Settings, source: str, target: str) -> int:
    """Copies a SQLite installation into an empty PostgreSQL database while nothing else has it open, and proves the
    copy. The source is left as it was. What stood still by the stop file beside it stands still on the other side.
    Raises Misconfigured, Unreachable, Failed."""
    if not source.startswith("sqlite:/") or not distributed(target):
        raise Misconfigured(
            "vigie move reads: vigie move sqlite:///path/to/vigie.db postgresql://user:password@host/name"
        )
    with_driver()
    from memory import server

    path = files.path_of(source)
    if not path.is_file():
        raise Misconfigured("there is no file {path}; nothing was moved", path=path)
    goal = server.engine(target)
    try:
        alone = Alone(path)
    except VigieError as error:
        raise Misconfigured("{error}: it must not write while it is being copied", error=error) from None
    try:
        moved = await _moved(files.engine(path), goal)
        frozen = await _frozen_there(config, StopFile(path.with_name(STOP)).pulled(), target)
    finally:
        alone.let_go()
    spaces = ", ".join(f"{space}: {count}" for space, count in sorted(moved.entries.items())) or "none yet"
    print(f"Moved {moved.total} rows in {len(moved.rows)} tables; each was counted on the other side.")
    print(f"The ledger holds there (entries by space: {spaces}).")
    if frozen:
        print("It is frozen there too, on every machine, until `vigie resume`.")
    print(f"Now set DATABASE_URL to the new database and start again. {Path(path).name} was left as it was.")
    return 0


async def _moved(source: Engine, goal: Engine) -> Moved:
    try:
        return await asyncio.to_thread(moving.move, source, goal)
    except DBAPIError as error:
        if isinstance(error.orig, sqlite3.Error):
            raise troubles.translated(error.orig) from error
        # Imported here: its driver is an extra.
        from memory import outages

        raise outages.ours(error) from error


async def _frozen_there(config: Settings, reason: str | None, target: str) -> bool:
    """The stop file is one machine's; the record is everybody's."""
    if reason is None:
        return False
    store = open_store(config.model_copy(update={"database_url": target}))
    house = bare(config, store)
    frozen = Freeze(scope=ALL, reason=reason, by=FILE, at=house.clock.now())
    await store.write(lambda tx: freezing.begin(tx, frozen, house=house))
    await store.close()
    return True
