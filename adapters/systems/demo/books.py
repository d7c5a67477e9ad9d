"""The shop's file: its tables, its transactions, and the switch that makes it misbehave. Synchronous.

Knows nothing of actions: it finds rows, and applies writes in one transaction with the deed's key.
"""

import os
import sqlite3
import time
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeAlias

from adapters.systems.demo import seed
from adapters.systems.demo.nouns import CURRENCY, Customer, Item, Letter, Order, Product, Refund, Status
from bot.errors import Failed, SchemaTooNew, Unreachable
from bot.values import Money

VERSION = 1

_TABLES = """
create table customers (id text primary key, name text not null, email text not null, city text not null,
    lang text not null);
create table products (id text primary key, title text not null, price integer not null,
    stock integer not null check (stock >= 0));
create table orders (id text primary key, customer text not null, placed text not null, promised text not null,
    shipped text not null, status text not null, gross integer not null, percent integer not null,
    refunded integer not null, note text not null, tracking text not null,
    check (refunded between 0 and gross * (100 - percent) / 100));
create table items (order_id text not null, product text not null, quantity integer not null,
    primary key (order_id, product));
create table refunds (id integer primary key, order_id text not null, amount integer not null,
    reason text not null, key text not null unique);
create table letters (id integer primary key, recipient text not null, subject text not null,
    body text not null, key text not null unique);
create table deeds (key text primary key, digest text not null, receipt text not null);
create table faults (kind text not null, action text not null, remaining integer);
"""

Row: TypeAlias = dict[str, Any]
Write: TypeAlias = tuple[str, Sequence[object]]
"""A statement and its values."""


class Fault(StrEnum):
    """How the shop can be made to misbehave."""

    FAIL = "fail"
    """Certainly not done, and it would fail again."""
    REFUSE = "refuse"
    """Understood and not done."""
    UNREACHABLE = "unreachable"
    """Certainly not done; worth trying again."""
    HANG = "hang"
    """Never answers; nothing is done."""
    LOST = "lost"
    """Done, but the answer is lost."""
    DIE_AFTER = "die_after"
    """Done, and then this process is killed before it can say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Switch:
    """`action` is the one it concerns, "" for every write; `remaining` None is until it is switched off."""

    fault: Fault
    action: str = ""
    remaining: int | None = None


class Books:
    """One open connection inside one transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, *values: object) -> list[Row]:
        return [dict(row) for row in self._connection.execute(sql, values)]

    def apply(self, write: Write) -> None:
        sql, values = write
        self._connection.execute(sql, values)

    def customers(self) -> tuple[Customer, ...]:
        return tuple(Customer(**row) for row in self.rows("select * from customers order by id"))

    def products(self) -> tuple[Product, ...]:
        return tuple(Product(**row) for row in self.rows("select * from products order by id"))

    def orders(self) -> tuple[Order, ...]:
        """Every order, the newest first."""
        rows = self.rows(
            "select o.*, coalesce(c.name, '') as name, coalesce(c.email, '') as email"
            " from orders o left join customers c on c.id = o.customer order by o.placed desc, o.id desc"
        )
        return tuple(Order(status=Status(row.pop("status")), **row) for row in rows)

    def items(self, order: str) -> tuple[Item, ...]:
        rows = self.rows(
            "select i.product, p.title, i.quantity, p.price from items i join products p on p.id = i.product"
            " where i.order_id = ? order by i.product",
            order,
        )
        return tuple(Item(**row) for row in rows)

    def refunds(self) -> tuple[Refund, ...]:
        """Oldest first."""
        return tuple(
            Refund(
                id=f"R{row['id']:04}",
                order=row["order_id"],
                amount=Money(row["amount"], CURRENCY),
                reason=row["reason"],
                key=row["key"],
            )
            for row in self.rows("select * from refunds order by id")
        )

    def letters(self) -> tuple[Letter, ...]:
        """Oldest first."""
        rows = self.rows("select * from letters order by id")
        return tuple(Letter(**{**row, "id": f"M{row['id']:04}"}) for row in rows)

    def deed(self, key: str) -> tuple[str, str] | None:
        """The digest and the receipt of the deed done under this key."""
        found = self.rows("select digest, receipt from deeds where key = ?", key)
        return (found[0]["digest"], found[0]["receipt"]) if found else None

    def switch(self) -> Switch | None:
        found = self.rows("select * from faults")
        if not found:
            return None
        row = found[0]
        return Switch(fault=Fault(row["kind"]), action=row["action"], remaining=row["remaining"])

    def set_switch(self, switch: Switch | None) -> None:
        self.apply(("delete from faults", ()))
        if switch is not None and switch.remaining != 0:
            self.apply(
                ("insert into faults values (?, ?, ?)", (switch.fault, switch.action, switch.remaining))
            )


class File:
    """The SQLite file. Made and filled when it is not there, readable by its owner alone."""

    def __init__(self, path: Path, *, today: date, patience: float) -> None:
        self._path = path
        self._patience = patience
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        # Created by hand because SQLite's own mode follows the umask; its side files take this one's.
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        with self._open() as connection:
            _use_log(connection, patience)
        with self.writing() as books:
            (version,) = books.rows("pragma user_version")[0].values()
            if version > VERSION:
                raise SchemaTooNew(f"the demo shop at {path} was written by a newer Vigie; remove the file")
            if version == 0:
                _fill(books, today)

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        """Raises Unreachable when the file is busy or full, Failed when it is no shop at all."""
        try:
            with closing(
                sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)
            ) as connection:
                connection.row_factory = sqlite3.Row
                connection.execute("pragma synchronous = full")
                yield connection
        except sqlite3.OperationalError as error:
            raise Unreachable(f"the demo shop's file cannot be used now: {error}") from error
        except sqlite3.DatabaseError as error:
            raise Failed(f"the demo shop's file cannot be used: {error}") from error

    @contextmanager
    def reading(self) -> Generator[Books]:
        """One consistent state. Writes nothing, by SQLite's own word."""
        with self._open() as connection:
            connection.execute("pragma query_only = on")
            connection.execute("begin")
            yield Books(connection)

    @contextmanager
    def writing(self) -> Generator[Books]:
        """One transaction: kept when the block ends, and not at all when it raises."""
        with self._open() as connection:
            connection.execute("begin immediate")
            try:
                yield Books(connection)
            except BaseException:
                if connection.in_transaction:  # a full disk has ended it already
                    connection.execute("rollback")
                raise
            connection.execute("commit")

    def reset(self, today: date) -> None:
        """The shop on its first day again."""
        with self.writing() as books:
            names = [row["name"] for row in books.rows("select name from sqlite_schema where type = 'table'")]
            for name in names:
                books.apply((f"drop table {name}", ()))
            _fill(books, today)


def _use_log(connection: sqlite3.Connection, patience: float) -> None:
    """Write-ahead logging. The first switch to it does not wait for a lock by itself, and several processes may
    make the shop at once, so it is tried again."""
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("pragma journal_mode = wal")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _fill(books: Books, today: date) -> None:
    for statement in filter(str.strip, _TABLES.split(";")):
        books.apply((statement, ()))
    for row in (*seed.customers(), *seed.products()):
        books.apply(_inserted("customers" if isinstance(row, Customer) else "products", asdict(row)))
    for order, items in seed.orders(today):
        row = asdict(order)
        del row["name"], row["email"]
        books.apply(_inserted("orders", row))
        for product, quantity in items.items():
            books.apply(("insert into items values (?, ?, ?)", (order.id, product, quantity)))
    books.apply((f"pragma user_version = {VERSION}", ()))


def _inserted(table: str, row: Row) -> Write:
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    return f"insert into {table} ({names}) values ({marks})", tuple(row.values())  # noqa: S608 (our own names)
