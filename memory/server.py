"""The PostgreSQL server and its connections: which database a URL names, and the settings of a connection.

Knows the driver; knows no table. A process that hangs must not hold everybody up: the server ends a transaction that
idles, and a connection whose other end is gone, after seconds.
"""

import hashlib
from typing import Any, cast

import psycopg
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.pool import NullPool

from bot.errors import Misconfigured

PATIENCE = 10
"""Seconds a transaction waits for a lock, and for the server when it cannot be reached, before it is given up."""

_SETTINGS = (
    # Whoever was stopped in the middle of a transaction loses it, and what it held is free.
    "SET idle_in_transaction_session_timeout = '5s'",
    f"SET lock_timeout = '{PATIENCE}s'",
    "SET timezone = 'UTC'",
    # A machine that vanished is noticed, not waited for.
    "SET tcp_keepalives_idle = 5",
    "SET tcp_keepalives_interval = 2",
    "SET tcp_keepalives_count = 3",
)


def serves(database: str) -> bool:
    """Whether the URL names a PostgreSQL database."""
    return database.startswith(("postgresql:", "postgres:", "postgresql+psycopg:"))


def url_of(database: str) -> URL:
    """The URL as the driver is to be asked for it. Raises Misconfigured, and never repeats the password."""
    try:
        url = make_url(database.replace("postgres:", "postgresql:", 1))
    except (ArgumentError, ValueError) as error:
        raise Misconfigured(
            "the database URL cannot be read; write postgresql://user:password@host/name"
        ) from error
    if not url.database:
        raise Misconfigured("the database URL names no database; write postgresql://user:password@host/name")
    return url.set(drivername="postgresql+psycopg")


def plain(database: str) -> str:
    """The same URL for the driver itself, and for other programs."""
    return url_of(database).set(drivername="postgresql").render_as_string(hide_password=False)


def engine(database: str) -> Engine:
    """An engine that opens a connection whenever it is asked for one. Raises Misconfigured."""
    made = create_engine(
        url_of(database),
        poolclass=NullPool,
        connect_args={"connect_timeout": 5, "application_name": "vigie"},
    )

    def settle(connection: Any, _record: object) -> None:
        with connection.cursor() as cursor:
            for setting in _SETTINGS:
                cursor.execute(setting)
        connection.commit()

    event.listen(made, "connect", settle)
    return made


def by_hand(connection: Connection) -> Connection:
    """The same connection, whose transactions are begun and ended here and not by way of SQLAlchemy: each of its words
    would be a message of its own to the server."""
    _driver(connection).autocommit = True
    return connection


def begin(connection: Connection, space: str) -> None:
    """Begins a transaction and waits until nobody else writes in the space, on any machine. Every statement after it sees
    what they committed. Raises psycopg.Error."""
    number = key(f"vigie:space:{space}")
    _driver(connection).execute(f"BEGIN; SELECT pg_advisory_xact_lock({number})", prepare=False)


def look(connection: Connection) -> None:
    """Begins a transaction that cannot write, and sees the state of its first statement. Raises psycopg.Error."""
    _driver(connection).execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", prepare=False)


def commit(connection: Connection) -> None:
    """Raises psycopg.Error, and then nobody knows. What was only looked at ends so too: after a rollback the driver would
    prepare its statements anew."""
    _driver(connection).commit()


def rollback(connection: Connection) -> None:
    """Raises psycopg.Error."""
    _driver(connection).rollback()


def looking(connection: Connection) -> Connection:
    """The same connection, which sees one state per transaction and cannot write."""
    return connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def key(name: str) -> int:
    """The number under which an advisory lock of this name is held: 64 bits, signed."""
    digest = hashlib.blake2b(name.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def broken(connection: Connection) -> bool:
    """Whether the transaction can only be rolled back."""
    status: Any = _driver(connection).info.transaction_status
    return status != psycopg.pq.TransactionStatus.INTRANS


def _driver(connection: Connection) -> Any:
    return cast("Any", connection.connection.driver_connection)
