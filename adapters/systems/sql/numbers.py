"""A database, asked for one number at a time: one SELECT in a session that can only read, is bounded in time and is
always taken back. The words are looked at first; what holds is the database itself, which takes one statement alone.

What a database calls reading is not all harmless (functions, server files): the account that is connected should be
able to read only. Of a database's own errors only those are handed on that speak of the query: the others quote what
stands in the tables, and some the address with its password.
"""

import asyncio
import math
import re
import sqlite3
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Self
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from bot.actions import Account, Action, Call, Option, Preview, Receipt
from bot.errors import BadInput, Failed, Unreachable, VigieError
from bot.thresholds import Sample
from bot.world import Context, Health

LONGEST = 4_000
PATIENCE = 8.0
"""Seconds for one query, on the other side."""
_READS = re.compile(r"(?:select|with|values|table)\b", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)
_WRITES = re.compile(
    r"\b(?:insert|update|delete|merge|into|call|do|copy|attach|pragma|lo_export|pg_sleep)\b", re.IGNORECASE
)
KNOWN = {"sqlite": "pysqlite", "postgresql": "psycopg"}
"""Each kind of database that is tried in our tests, with its driver."""


class Database:
    """Implements `bot.world.System`, with no action, and `bot.world.Measuring`."""

    def __init__(self, engine: Engine, *, name: str, patience: float = PATIENCE) -> None:
        self._engine = engine
        self._name = name
        self._patience = patience
        self._begin = {"sqlite": _sqlite, "postgresql": _postgresql}[engine.dialect.name]

    @classmethod
    def open(cls, url: str, *, name: str, patience: float = PATIENCE) -> Self:
        """Calls nobody yet. Raises BadInput for an address that cannot be read; never quotes it."""
        try:
            address = make_url(url)
            kind = address.get_backend_name()
            if KNOWN.get(kind) != address.get_driver_name():
                raise BadInput("a database is one of: {known}", known=", ".join(KNOWN), field="url")
            arguments = _LINE if kind == "postgresql" else {}
            engine = create_engine(
                _readable(address), poolclass=NullPool, hide_parameters=True, connect_args=arguments
            )
        except (ArgumentError, NoSuchModuleError, ValueError) as error:
            raise BadInput(
                "that is no address of a database, as SQLAlchemy writes it", field="url"
            ) from error
        except ModuleNotFoundError as error:
            raise BadInput("the driver {name} is not installed here", name=error.name, field="url") from error
        return cls(engine, name=name, patience=patience)

    @property
    def name(self) -> str:
        return self._name

    def account(self) -> Account:
        """Without user and password."""
        url = self._engine.url
        shown = (
            url.database or ""
            if url.get_backend_name() == "sqlite"
            else f"{url.host or ''}/{url.database or ''}"
        )
        return Account(system=self._name, label=f"{url.get_backend_name()} {shown[-60:]}", live=True)

    def actions(self) -> tuple[Action, ...]:
        return ()

    async def preview(self, call: Call, context: Context) -> Preview:
        raise _nothing(call)

    async def run(self, call: Call, context: Context) -> Receipt:
        raise _nothing(call)

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return None

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        try:
            await asyncio.to_thread(self.one, "select 1")
        except VigieError as error:
            return Health.of(error)
        return Health(well=True, text="the database answers")

    # Numbers

    def gauge(self, query: str) -> None:
        """One SELECT, as far as can be told from its words; the transaction sees to the rest."""
        bare = _QUOTED.sub(" ", query).strip().rstrip(";").strip()
        if len(query) > LONGEST or not _READS.match(bare) or ";" in bare or _WRITES.search(bare):
            raise BadInput("only one SELECT is asked, and nothing that changes something", field="watch")

    async def measure(self, query: str, now: datetime) -> float:
        self.gauge(query)
        return await asyncio.to_thread(self.one, query.strip().rstrip(";"))

    async def measured(self, query: str, since: datetime, until: datetime) -> Sequence[Sample]:
        """It keeps no past of its own."""
        return ()

    def one(self, query: str) -> float:
        """Asks it, whatever it says, where nothing can be changed. Blocks. Raises Unreachable or Failed."""
        try:
            with self._engine.connect() as connection:
                stop = self._begin(connection, self._patience)
                try:
                    # The driver's own: a text with colons or percent signs is nobody's parameter.
                    bare = connection.execution_options(no_parameters=True)
                    rows = bare.exec_driver_sql(query).fetchmany(2)
                finally:
                    stop()
                    connection.rollback()
        except DBAPIError as error:
            raise _failed(error, self._patience) from None
        except SQLAlchemyError as error:
            raise Failed("the database did not answer: {why}", why=type(error).__name__) from None
        return _number(rows)


def _number(rows: Sequence[Sequence[object]]) -> float:
    if len(rows) != 1 or len(rows[0]) != 1:
        raise Failed("the query gives more or less than one number")
    value = rows[0][0]
    if isinstance(value, bool | int | float | Decimal) and math.isfinite(number := float(value)):
        return number
    raise Failed("what the query gives is no number")


_OF_THE_QUERY = re.compile(
    r"no such (?:table|column|function): .{1,100}|near \".{1,60}\": syntax error|incomplete input"
    r"|attempt to write a readonly database|You can only execute one statement at a time\."
)
"""What SQLite says of the query itself."""
_CODES = frozenset({"42601", "42P01", "42703", "42883", "42501", "25006"})
"""What PostgreSQL says of the query itself: its grammar, a table, column or function that is not there, what the account
may not, what a session that only reads may not (postgresql.org/docs/current/errcodes-appendix.html)."""
_STOPPED = "57014"


def _failed(error: DBAPIError, patience: float) -> VigieError:
    cause = error.orig
    code = str(getattr(cause, "sqlstate", None) or "")
    words = str(cause).partition("\n")[0][:200] if cause is not None else ""
    if code == _STOPPED or words == "interrupted":
        return Unreachable("the database took longer than {n} seconds", n=f"{patience:g}")
    if code in _CODES or (isinstance(cause, sqlite3.Error) and _OF_THE_QUERY.fullmatch(words)):
        return Failed("the database refused the query: {why}", why=words)
    kind = type(cause).__name__
    if error.connection_invalidated or kind == "OperationalError":
        return Unreachable("the database did not answer: {why}", why=kind)
    return Failed("the database refused the query: {why}", why=kind)


def _readable(url: URL) -> URL:
    """SQLite's files are opened for reading alone, and never made."""
    if url.get_backend_name() != "sqlite":
        return url
    if not url.database or url.database.startswith(("file:", ":")):
        raise BadInput("name the file: sqlite:////srv/shop.db", field="url")
    return url.set(database=f"file:{quote(url.database)}", query={"mode": "ro", "uri": "true"})


# Sessions that only read, one per kind of database -----------------------------------------------------------


def _sqlite(connection: Connection, patience: float) -> Callable[[], None]:
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    driver.execute("pragma query_only = on")
    until = time.monotonic() + patience
    driver.set_progress_handler(lambda: int(time.monotonic() > until), 10_000)
    return lambda: driver.set_progress_handler(None, 0)


def _postgresql(connection: Connection, patience: float) -> Callable[[], None]:
    connection.exec_driver_sql("set session characteristics as transaction read only")
    connection.exec_driver_sql(f"set statement_timeout = {int(patience * 1000)}")
    connection.commit()
    return lambda: None


_LINE = {
    # Every query is prepared, and nothing that is prepared can be two statements: what ends the transaction that only
    # reads, and goes on behind it, is refused however well its words hide it.
    "prepare_threshold": 0,
    "connect_timeout": 5,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "application_name": "vigie",
}


def _nothing(call: Call) -> VigieError:
    return BadInput("no connected system offers “{name}”", name=call.action)
