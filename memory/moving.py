"""An installation copied into another database: every row of every table, read back and compared before it counts.

One transaction on the other side: it is all there and proved, or nothing is. The source is only read, as of one moment.
Knows tables; knows no noun but the ledger, whose chain is walked there.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, Table, func, insert, select, text

from bot import ledger
from bot.errors import Failed, Misconfigured
from memory import migrate
from memory.sql import rebuild
from memory.sql.hands import Hands, without_nul
from memory.sql.ledger import LedgerRows
from memory.tables import ledger as chain
from memory.tables import metadata

AT_ONCE = 1_000
"""Rows per statement."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """What was copied: rows by table, and the length of the ledger in each space."""

    rows: Mapping[str, int]
    entries: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def move(source: Engine, target: Engine) -> Moved:
    """Copies everything and proves it. The target's tables are made, and must hold nothing.

    Raises Misconfigured when the target is in use, the source of another version; Failed when what arrived is not
    what was sent. Then the target holds no row.
    """
    if (found := migrate.current(source)) != migrate.head():
        raise Misconfigured(
            "the database to be moved is of another version ({found}); run `vigie migrate` on it first",
            found=found or "empty",
        )
    migrate.upgrade(target)
    with _as_of_now(source) as old, target.begin() as new:
        migrate.alone(_patient(new))
        _check_unused(new)
        for table in metadata.sorted_tables:
            for rows in _chunks(old, table):
                new.execute(insert(table), rows)
        _count_on(new)
        moved = _proved(old, new)
        # What waits to be indexed in a file waits nowhere else.
        rebuild.catch_up(Hands(new, {}))
        return moved


def _as_of_now(source: Engine) -> Connection:
    """One state of it, whoever writes meanwhile. A file is only moved while nobody does."""
    connection = source.connect()
    if connection.dialect.name != "postgresql":
        return connection
    from memory import server  # noqa: PLC0415 (its driver is an extra)

    return _patient(server.looking(connection))


def _patient(connection: Connection) -> Connection:
    """The same connection, whose transaction may idle while the other side is written or a long ledger is walked."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
    return connection


def _check_unused(new: Connection) -> None:
    for table in metadata.sorted_tables:
        if new.execute(select(func.count()).select_from(table)).scalar_one():
            raise Misconfigured(
                "the database to move to holds something already (in {table}): name an empty one",
                table=table.name,
            )


def _chunks(old: Connection, table: Table) -> Iterator[Sequence[Mapping[str, object]]]:
    # Row by row, where the driver would otherwise fetch the whole table first.
    streamed = old.execution_options(stream_results=True)
    found = streamed.execute(select(table).order_by(*table.primary_key.columns))
    while rows := found.mappings().fetchmany(AT_ONCE):
        yield [without_nul(dict(row)) for row in rows]


def _count_on(new: Connection) -> None:
    """Rows that are added from now on are numbered after those that came along."""
    if new.dialect.name != "postgresql":
        return
    for table in metadata.sorted_tables:
        if "seq" in table.c and len(table.primary_key.columns) == 1:
            last = new.execute(select(func.max(table.c.seq))).scalar_one()
            if last is not None:
                setting = text("SELECT setval(pg_get_serial_sequence(:table, 'seq'), :last)")
                new.execute(setting, {"table": table.name, "last": last})


def _proved(old: Connection, new: Connection) -> Moved:
    rows: dict[str, int] = {}
    for table in metadata.sorted_tables:
        counted = select(func.count()).select_from(table)
        sent, arrived = old.execute(counted).scalar_one(), new.execute(counted).scalar_one()
        if sent != arrived:
            raise Failed("{table}: {n} rows were sent and {m} arrived", table=table.name, n=sent, m=arrived)
        rows[table.name] = sent
    entries: dict[str, int] = {}
    for space in new.execute(select(chain.c.space).distinct()).scalars():
        there = _entries(new, space)
        verdict = ledger.verify(there)
        if not verdict.holds or _head(_entries(old, space)) != _head(there):
            raise Failed("the ledger of “{space}” does not hold on the other side", space=space)
        entries[space] = len(there)
    return Moved(rows=rows, entries=entries)


def _entries(connection: Connection, space: str) -> list[ledger.Entry]:
    rows, found = LedgerRows(Hands(connection, {}), space), list[ledger.Entry]()
    while some := rows.read(after=found[-1].seq if found else 0):
        found += some
    return found


def _head(entries: Sequence[ledger.Entry]) -> tuple[int, str] | None:
    return (entries[-1].seq, entries[-1].hash) if entries else None
