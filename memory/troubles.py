"""What SQLite's errors mean for people: an error of the driver in, one of ours out. Pure."""

import sqlite3

from bot.errors import (
    Failed,
    Misconfigured,
    Refused,
    Stale,
    StoreAway,
    StoreDamaged,
    StoreUnknown,
    VigieError,
)

_FULL = "The disk that holds the assistant's memory is full. Free some space on it; then try again."
_LOCKED = "Another program keeps the assistant's memory locked. Close it, or try again in a moment."
DISK = "The assistant's memory cannot be written or read. Check the disk and the folder's permissions."
_DAMAGED = "The assistant's memory file is damaged. Stop the assistant and restore a backup."


def translated(error: sqlite3.Error, *, committing: bool = False) -> VigieError:
    """Our error for the driver's. `committing` says that the commit itself failed: what was on its way to
    the disk when a sync failed may be there or not."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    if committing and code == sqlite3.SQLITE_IOERR_FSYNC:
        return StoreUnknown(DISK)
    match code & 0xFF:
        case sqlite3.SQLITE_FULL:
            return StoreAway(_FULL)
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreAway(_LOCKED)
        case sqlite3.SQLITE_IOERR | sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_PERM:
            return StoreAway(DISK)
        case sqlite3.SQLITE_READONLY if code == sqlite3.SQLITE_READONLY:
            return Refused("this only looks; it may not write")
        case sqlite3.SQLITE_READONLY:
            return StoreAway(DISK)
        case sqlite3.SQLITE_CONSTRAINT:
            return Stale("something else has this name or number already")
        case sqlite3.SQLITE_CORRUPT:
            return StoreDamaged(_DAMAGED)
        case sqlite3.SQLITE_NOTADB:
            return Misconfigured("the database file is something else than a SQLite database")
        case _:
            return Failed(f"the assistant's memory refused a statement ({type(error).__name__})")
