"""The SQLite file and its connections: where it is, who may read it, and the settings of a connection.

Knows the driver; knows no table. Transactions begin explicitly (BEGIN IMMEDIATE, BEGIN for those that only
look), never by the driver: with the driver's own begin a savepoint was committed although the transaction
around it failed.
"""

import os
import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from bot.errors import Misconfigured, Unreachable

PATIENCE = 5.0
"""Seconds another program may hold the file locked before a transaction is given up."""

_SETTINGS = (
    "PRAGMA synchronous = FULL",  # a commit is on the disk when it returns
    "PRAGMA foreign_keys = ON",
    "PRAGMA secure_delete = ON",  # what is deleted is overwritten with zeros
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -16000",  # KiB
    # Pages; four times SQLite's own, 16 MB of log. Pages that change again and again are carried into the file once where
    # they were four times: three hundredths of what a turn takes.
    "PRAGMA wal_autocheckpoint = 4000",
)


def path_of(database: str | Path) -> Path:
    """The file that a path or a `sqlite:///` URL names. Raises Misconfigured."""
    if isinstance(database, str) and "://" in database:
        try:
            url = make_url(database)
        except ArgumentError as error:
            raise Misconfigured(
                "the database URL cannot be read; write sqlite:///path/to/vigie.db"
            ) from error
        if url.get_backend_name() != "sqlite" or url.query or not url.database:
            raise Misconfigured("this is not the URL of a SQLite file; write sqlite:///path/to/vigie.db")
        database = url.database
    if str(database) in ("", ":memory:"):
        raise Misconfigured("the database must be a file; write sqlite:///path/to/vigie.db")
    return Path(database).absolute()


def engine(database: str | Path, *, patience: float = PATIENCE) -> Engine:
    """An engine over the file, which is made when it is not there. Raises Misconfigured, Unreachable."""
    path = path_of(database)
    _make(path)
    made = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        connect_args={"timeout": patience, "isolation_level": None, "check_same_thread": False},
    )

    def settle(connection: sqlite3.Connection, _record: object) -> None:
        _use_log(connection, patience)
        for setting in _SETTINGS:
            connection.execute(setting)

    event.listen(made, "connect", settle)
    event.listen(made, "begin", _join)
    return made


def begin(connection: Connection) -> None:
    """Begins a transaction on the driver, as the store does: by way of SQLAlchemy it takes three times as long. Raises
    sqlite3.Error."""
    _driver(connection).execute(_words(connection))


def commit(connection: Connection) -> None:
    """Raises sqlite3.Error, and then the transaction may still be under way."""
    _driver(connection).commit()


def rollback(connection: Connection) -> None:
    """Raises sqlite3.Error."""
    _driver(connection).rollback()


def looking(engine: Engine) -> Connection:
    """A connection that cannot write."""
    connection = engine.connect().execution_options(vigie_looking=True)
    _driver(connection).execute("PRAGMA query_only = ON")
    return connection


def in_transaction(connection: Connection) -> bool:
    """Whether SQLite itself is inside a transaction, whatever SQLAlchemy believes."""
    return _driver(connection).in_transaction


def empty_log(connection: Connection) -> bool:
    """Writes the log back into the file and cuts it to nothing. False when a reader stood in the way."""
    busy, _, _ = _driver(connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return busy == 0


def rewrite(connection: Connection) -> None:
    """Writes the whole file anew. What is deleted is overwritten where it stood, but pages that were split or joined
    before keep copies of their old content in the gaps between rows."""
    _driver(connection).execute("VACUUM")


def _join(connection: Connection) -> None:
    """SQLAlchemy begins a transaction when it is asked for a statement, unless the store has begun one already."""
    if not in_transaction(connection):
        connection.exec_driver_sql(_words(connection))


def _words(connection: Connection) -> str:
    return "BEGIN" if "vigie_looking" in connection.get_execution_options() else "BEGIN IMMEDIATE"


def _driver(connection: Connection) -> sqlite3.Connection:
    driver: Any = connection.connection.driver_connection
    return driver


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise Misconfigured(f"the database {path} cannot be opened: {error.strerror}") from error


def _use_log(connection: sqlite3.Connection, patience: float) -> None:
    """Write-ahead logging. The first switch to it does not wait for a lock by itself, so it is tried again."""
    until = time.monotonic() + patience
    while True:
        try:
            _own(connection)
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            if mode != "wal":
                raise Unreachable("the file system under the database cannot keep a write-ahead log")
            return


def _own(connection: sqlite3.Connection) -> None:
    """Raises Misconfigured for tables of another program, whose file would be changed by using a log."""
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if mode != "wal" and names and "alembic_version" not in names:
        raise Misconfigured("this database belongs to something else; name another file")
