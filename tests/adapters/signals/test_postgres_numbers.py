"""Numbers of a real PostgreSQL: only read, bounded in time, wrong queries explained, however well their words hide."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import psycopg
import pytest
import pytest_asyncio

from adapters.systems.sql import VENDOR, Database
from adapters.systems.vendors import Login
from bot.errors import BadInput, Failed, Unreachable, VigieError
from tests.peers import databases

pytestmark = pytest.mark.peer("postgresql")
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
SECRET = "hunter2-and-more"


@pytest.fixture(scope="module")
def url() -> str:
    made = databases.bare()
    with psycopg.connect(made, autocommit=True) as connection:
        connection.execute("create table orders (id integer, late integer, name text, total numeric)")
        connection.execute(
            "insert into orders values (1, 4, 'a%%', 1.5), (2, 0, %s, 2), (3, 9, 'c:x', 7)", (SECRET,)
        )
        connection.execute("create sequence numbers")
        connection.execute("create table hidden (a integer)")
        connection.execute("drop role if exists nobody_much")
        connection.execute("create role nobody_much login password 'x'")
    return made


@pytest_asyncio.fixture
async def database(url: str) -> AsyncGenerator[Database]:
    made = VENDOR.open(Login(name="sql", values={"url": url}))
    assert isinstance(made, Database)
    yield made


@pytest.mark.parametrize(
    ("query", "value"),
    [
        ("select count(*) from orders where late > 3;", 2),
        ("select count(*) from orders where name like 'a%' or name like '%:x'", 2),
        ("select sum(total) from orders", 10.5),
        ("select exists (select 1 from orders where late > 8)", 1),
        ("with late as (select * from orders where late > 0) select max(late) from late", 9),
        ("select '{\"a\": 1}'::jsonb ? 'a'", 1),
        ("select extract(epoch from interval '2 minutes')", 120),
    ],
)
async def test_one_number_is_read(database: Database, query: str, value: float) -> None:
    assert (await database.check()).well
    assert await database.measure(query, NOW) == value


HIDDEN = [
    # For the eye that looks at words these are strings; for PostgreSQL the string ends, and more follows.
    r"select count(*) from orders where name = E'\''; commit; delete from orders; --'",
    r"select E'\''; set session characteristics as transaction read write; commit; delete from orders; --'",
    "select $$'$$; commit; delete from orders; select $$'$$",
]
WRITES = [
    "delete from orders",
    "with gone as (delete from orders returning 1) select count(*) from gone",
    "select count(*) into other from orders",
    "select nextval('numbers')",
    "create table t (a integer)",
    "truncate orders",
    "drop table orders",
    "commit; delete from orders",
    "set session characteristics as transaction read write",
    "select lo_create(0)",
    "select count(*) from orders for update",
]


@pytest.mark.parametrize("query", [*HIDDEN, *WRITES])
async def test_nothing_is_written_whatever_its_words(database: Database, url: str, query: str) -> None:
    """Asked past the look at the words: the session itself holds. SAFETY 86"""
    try:
        await asyncio.to_thread(database.one, query)
    except (Failed, Unreachable):
        pass
    else:
        assert "lo_create" in query, "PostgreSQL 15 lets it pass, and what it made is taken back"
    with psycopg.connect(url) as connection:
        assert connection.execute("select count(*) from orders").fetchone() == (3,)
        assert connection.execute("select is_called from numbers").fetchone() == (False,)
        found = connection.execute("select count(*) from pg_tables where schemaname = 'public'").fetchone()
        assert found == (2,)
        assert connection.execute("select count(*) from pg_largeobject_metadata").fetchone() == (0,)
    assert await database.measure("select count(*) from orders", NOW) == 3


@pytest.mark.parametrize("query", HIDDEN)
async def test_two_statements_are_refused_by_the_database_itself(database: Database, query: str) -> None:
    database.gauge(query)
    with pytest.raises(Failed, match="refused the query"):
        await database.measure(query, NOW)


async def test_what_takes_too_long_is_stopped_by_the_server(url: str) -> None:
    database = Database.open(url, name="sql", patience=0.3)
    # The first ends by itself where nothing stops it: the others would go on.
    for endless in (
        "select count(*) from (select pg_advisory_lock(1)) x",
        "with recursive n(x) as (select 1 union all select 1 - x from n) select count(*) from n",
        "select count(*) from generate_series(1, 100000) a, generate_series(1, 100000) b",
    ):
        with psycopg.connect(url) as holding:
            holding.execute("select pg_advisory_lock(1)")
            async with asyncio.timeout(20):
                with pytest.raises(Unreachable, match=r"longer than 0\.3 seconds"):
                    await database.measure(endless, NOW)
    with psycopg.connect(url) as connection:
        running = connection.execute(
            "select count(*) from pg_stat_activity where application_name = 'vigie' and state = 'active'"
        ).fetchone()
    assert running == (0,), "nothing runs on behind its back"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("select count(*) from ordres", 'relation "ordres" does not exist'),
        ("select cuont(*) from orders", "function cuont() does not exist"),
        ("select latte from orders", 'column "latte" does not exist'),
        ("select count(* from orders", 'syntax error at or near "from"'),
        ("select late from orders", "more or less than one number"),
        ("select name from orders where id = 2", "no number"),
        ("select name::integer from orders where id = 2", "InvalidTextRepresentation"),
        ("select 1 / 0", "DivisionByZero"),
        ("select null", "no number"),
        ("select count(*) from orders where false having false", "more or less than one number"),
        ("select 'NaN'::numeric", "no number"),
    ],
)
async def test_a_wrong_query_says_what_is_wrong_and_nothing_that_stands_in_a_table(
    database: Database, query: str, why: str
) -> None:
    with pytest.raises(Failed) as told:
        await database.measure(query, NOW)
    assert why in str(told.value)
    assert SECRET not in str(told.value)


async def test_what_the_account_may_not_read_is_said(url: str) -> None:
    login = f"postgresql://nobody_much:x@{url.partition('@')[2]}"
    with pytest.raises(VigieError) as told:
        await Database.open(login, name="sql").measure("select count(*) from hidden", NOW)
    assert "permission denied for table hidden" in str(told.value)


async def test_a_server_that_is_not_there_is_told_without_its_password() -> None:
    database = Database.open(f"postgresql://reader:{SECRET}@127.0.0.1:1/shop", name="sql")
    assert not (await database.check()).well
    with pytest.raises(Unreachable) as told:
        await database.measure("select 1", NOW)
    assert SECRET not in str(told.value)


@pytest.mark.parametrize(
    "url", ["mysql://u:p@h/d", "mariadb+pymysql://u:p@h/d", "postgresql+pg8000://u:p@h/d", "mssql://u:p@h/d"]
)
def test_only_what_was_tried_is_promised(url: str) -> None:
    with pytest.raises(BadInput, match="sqlite, postgresql"):
        Database.open(url, name="sql")
