"""Runs the statements of this folder on the database's own driver. Knows SQLAlchemy, and no table of ours.

A statement is put into the database's words once and kept; what SQLAlchemy does around every execution besides
(events, results for any kind of column) took longer than SQLite itself, and nothing here needs it: columns
are text and whole numbers. A statement that does need it is run by SQLAlchemy.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Any, cast

from sqlalchemy import Connection, Double, Executable, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeEngine

Row = Mapping[str, object]
_ROWS = (64, 8, 1)
"""So many rows are given to SQLite in one statement. Each statement lets go of the interpreter, and to get it back from a busy
event loop takes longer than the row."""


class Found:
    """The rows that a statement returned."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Any]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def first(self) -> Any:
        """The first row, or None."""
        return self._rows[0] if self._rows else None

    def one(self) -> Any:
        """The only row."""
        (row,) = self._rows
        return row

    def one_or_none(self) -> Any:
        """The only row, or None."""
        return self.one() if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]

    def scalar_one_or_none(self) -> Any:
        """The first column of the only row, or None."""
        return self.one()[0] if self._rows else None

    def scalars(self) -> list[Any]:
        """The first column of each row."""
        return [row[0] for row in self._rows]


class Spelled:
    """A statement in one database's words. `arguments` turns a row into what the driver takes; None when
    SQLAlchemy has to run it."""

    __slots__ = ("arguments", "statement", "text")

    def __init__(self, statement: Executable, dialect: Dialect) -> None:
        compiled: Any = cast("Any", statement).compile(dialect=dialect)
        self.statement = statement  # kept, so that its id stays its own
        self.text = str(compiled)
        self.arguments: Callable[[Row], object] | None = (
            None if _needs_help(statement, compiled) else _filler(compiled)
        )


def _needs_help(statement: Any, compiled: Any) -> bool:
    """Whether values have to be changed on their way in or out, or the text depends on them."""
    dialect: Dialect = compiled.dialect
    given: list[TypeEngine[Any]] = [each.type for each in compiled.binds.values()]
    # Every driver gives doubles as floats; PostgreSQL's dialect can say so only of an answer that is there.
    returned: list[TypeEngine[Any]] = [
        each.type for each in getattr(statement, "exported_columns", ()) if not isinstance(each.type, Double)
    ]
    return bool(
        compiled.post_compile_params
        or compiled.literal_execute_params
        or any(kind.dialect_impl(dialect).bind_processor(dialect) for kind in given)
        or any(kind.dialect_impl(dialect).result_processor(dialect, None) for kind in returned)
    )


def _filler(compiled: Any) -> Callable[[Row], object]:
    """Constants of the statement itself (a limit of one) stand beside what a row brings."""
    fixed = {name: value for name, value in dict[str, Any](compiled.params).items() if value is not None}
    if compiled.positional:
        names: list[str] = list(compiled.positiontup)
        if len(names) > 1 and not fixed.keys() & set(names):
            return itemgetter(*names)
        return lambda row: [row[name] if name in row else fixed[name] for name in names]
    return lambda row: {**fixed, **row}


class Hands:
    """One connection, inside a transaction that somebody else begins and ends."""

    __slots__ = ("_connection", "_driver", "_no_nul", "_spelled")

    def __init__(self, connection: Connection, spelled: dict[int, Spelled]) -> None:
        """`spelled` is shared by every connection of one engine."""
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._no_nul = connection.dialect.name == "postgresql"
        self._spelled = spelled

    @property
    def connection(self) -> Connection:
        return self._connection

    @property
    def dialect(self) -> Dialect:
        return self._connection.dialect

    def execute(self, statement: Executable, row: Row | Sequence[Row]) -> Found:
        """Runs it, for one row or for each of many (and then returns nothing). Raises the driver's own errors."""
        spelled = self._spelled.get(id(statement)) or self._spell(statement)
        if self._no_nul:
            row = without_nul(row) if isinstance(row, Mapping) else [without_nul(each) for each in row]
        if spelled.arguments is None:
            result = self._connection.execute(statement, row)
            return Found(result.all() if result.returns_rows else ())
        # A dict nearly always: to be told that it is a Mapping takes five times as long.
        if not isinstance(row, (dict, Mapping)):
            self._driver.cursor().executemany(spelled.text, list(map(spelled.arguments, row)))
            return Found(())
        cursor = self._driver.execute(spelled.text, spelled.arguments(row))
        return Found(cursor.fetchall() if cursor.description else ())

    def changes(self, statement: Executable, row: Row) -> bool:
        """Runs an insert, update or delete for one row, and says whether it found one to change. Cheaper than to have it
        return something: SQLite puts what is returned aside first."""
        spelled = self._spelled.get(id(statement)) or self._spell(statement)
        if self._no_nul:
            row = without_nul(row)
        if spelled.arguments is None:
            return self._connection.execute(statement, row).rowcount > 0
        return self._driver.execute(spelled.text, spelled.arguments(row)).rowcount > 0

    def pour(self, table: Table, rows: Sequence[Sequence[object]]) -> None:
        """Adds many rows, each with a value for every column in the table's order, as fast as the database takes them."""
        names = ", ".join(column.name for column in table.columns)
        cursor = self._driver.cursor()
        if self._no_nul:
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row([_spelled_out(value) for value in row])
            return
        marks, first = f"({', '.join('?' for _ in table.columns)})", 0
        for most in _ROWS:
            text = f"INSERT INTO {table.name} ({names}) VALUES {', '.join([marks] * most)}"  # noqa: S608  names of ours
            while len(rows) - first >= most:
                cursor.execute(text, [*chain.from_iterable(rows[first : first + most])])
                first += most

    def say(self, text: str, arguments: Sequence[object] | Row = ()) -> Found:
        """Runs a statement that is written in the database's own words."""
        cursor = self._driver.execute(text, arguments)
        return Found(cursor.fetchall() if cursor.description else ())

    def _spell(self, statement: Executable) -> Spelled:
        spelled = self._spelled[id(statement)] = Spelled(statement, self._connection.dialect)
        return spelled


def without_nul(row: Row) -> Row:
    """PostgreSQL's texts cannot hold the character NUL. The nouns hold it all the same, spelled out in their JSON; in a
    key another one stands for it, where it is written and where it is looked for."""
    return {name: _spelled_out(value) for name, value in row.items()}


def _spelled_out(value: object) -> object:
    if isinstance(value, str):
        return value.replace("\x00", "\ufffd") if "\x00" in value else value
    if isinstance(value, list):
        return [_spelled_out(each) for each in cast("list[object]", value)]
    return value
