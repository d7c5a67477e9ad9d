"""`vigie move FROM TO`: a live installation into another database, all of it or nothing."""

import asyncio
from pathlib import Path

from adapters.engine.alone import Alone
from bot.errors import Misconfigured, VigieError
from memory import files, moving
from vigie.storing import distributed, with_driver


async def move(source: str, target: str) -> int:
    """Copies a SQLite installation into an empty PostgreSQL database while nothing else has it open, and proves the
    copy. The source is left as it was. Raises Misconfigured, Unreachable, Failed."""
    if not source.startswith("sqlite:") or not distributed(target):
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
        moved = await asyncio.to_thread(moving.move, files.engine(path), goal)
    finally:
        alone.let_go()
    spaces = ", ".join(f"{space}: {count}" for space, count in sorted(moved.entries.items())) or "none yet"
    print(f"Moved {moved.total} rows in {len(moved.rows)} tables; each was counted on the other side.")
    print(f"The ledger holds there (entries by space: {spaces}).")
    print(f"Now set DATABASE_URL to the new database and start again. {Path(path).name} was left as it was.")
    return 0
