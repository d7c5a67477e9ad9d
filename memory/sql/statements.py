"""`insert … on conflict` for each database. The two spell it with one API under two names."""

from collections.abc import Callable, Mapping
from typing import Any, Protocol, cast

from sqlalchemy import Column, Executable, Table, bindparam
from sqlalchemy.dialects import sqlite

from memory.sql.hands import Hands

Insert = sqlite.Insert
"""What both dialects' `insert` look like from here."""


class Inserting(Protocol):
    """A dialect's `insert`."""

    def __call__(self, table: Table, /) -> Insert: ...


def _insert(dialect: str) -> Inserting:
    if dialect == "sqlite":
        return sqlite.insert
    # Imported here: it is 2 MB, and who keeps a file does not pay for it.
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415

    return cast("Inserting", postgresql.insert)


class PerDialect:
    """A statement built once for each database it is run on."""

    def __init__(self, build: Callable[[Inserting], Executable]) -> None:
        self._build = build
        self._built: dict[str, Executable] = {}

    def __call__(self, hands: Hands) -> Executable:
        name = hands.dialect.name
        statement = self._built.get(name)
        if statement is None:
            statement = self._built[name] = self._build(_insert(name))
        return statement


def values(table: Table, *, leave: tuple[str, ...] = ()) -> dict[str, Any]:
    """One parameter per column, of the column's name; `leave` names columns the database fills."""
    columns: list[Column[Any]] = list(table.columns)
    return {column.name: bindparam(column.name) for column in columns if column.name not in leave}


def added(hands: Hands, statement: PerDialect, row: Mapping[str, object]) -> bool:
    """Runs an insert that gives way to what is there, and says whether it did not have to."""
    return hands.changes(statement(hands), row)
