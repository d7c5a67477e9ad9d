"""A copy of a database as of one moment, while the program that owns it runs and writes. Knows the driver; knows no table
and no format of backups.
"""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from bot.errors import Misconfigured, Unreachable
from memory import files, troubles

_HEAD = 100
"""Bytes of a database's header; 16 and 17 hold the size of its pages (https://www.sqlite.org/fileformat.html)."""


def snapshot(database: str | Path, into: Path) -> None:
    """Copies a SQLite database into a new file (0600), whole and by itself, without the log beside it.

    One read transaction: whoever writes meanwhile neither waits nor is waited for, and the copy has all of what was
    committed before it began and nothing of what came after. Blocks. Raises Misconfigured, Unreachable.
    """
    path = files.path_of(database)
    if not path.is_file():
        raise Misconfigured("there is no database {path}: nothing to copy", path=path)
    if _torn(path):
        raise Misconfigured("the database {path} is damaged: it ends in the middle of a page", path=path)
    os.close(os.open(into, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        # Only read: an older program may be at work on it, whose tables must stay as they are.
        only_read = f"{path.as_uri()}?mode=ro"
        with (
            closing(sqlite3.connect(only_read, uri=True, timeout=files.PATIENCE)) as source,
            closing(sqlite3.connect(into)) as copy,
        ):
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")
            (said,) = copy.execute("PRAGMA integrity_check(1)").fetchone()
    except sqlite3.Error as error:
        raise Unreachable("the database {path} cannot be copied: {why}", path=path, why=error) from error
    if said != "ok":
        raise Misconfigured("the database {path} is damaged: {why}", path=path, why=said)


def whole(path: Path, *, quickly: bool = False) -> bool:
    """Whether the file is a database in which every page is where it belongs. Only looks. `quickly` leaves out whether
    each index fits its table: some 0.2 s for 100 MB. Raises Unreachable when that cannot be told: a file that is locked,
    or lies where nothing may be written, is not damaged."""
    try:
        if _torn(path):
            return False
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as found:
            check = "quick_check" if quickly else "integrity_check"
            return found.execute(f"PRAGMA {check}(1)").fetchone() == ("ok",)
    except OSError as error:
        raise Unreachable("{path} cannot be read: {why}", path=path, why=error.strerror) from error
    except sqlite3.Error as error:
        if isinstance(ours := troubles.translated(error), Unreachable):
            raise ours from error
        return False


def _torn(path: Path) -> bool:
    """Whether the file ends in the middle of a page. SQLite itself takes the rest for zeros. With a log beside it that may
    be a write which a power cut interrupted, and the log has the page."""
    log = path.with_name(f"{path.name}-wal")
    if log.is_file() and log.stat().st_size:
        return False
    with path.open("rb") as file:
        head = file.read(_HEAD)
    size = int.from_bytes(head[16:18], "big")
    # One stands for 65536, which two bytes cannot hold.
    return len(head) == _HEAD and size > 0 and path.stat().st_size % (65_536 if size == 1 else size) != 0
