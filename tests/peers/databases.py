"""Empty databases of one PostgreSQL that is started when the first is asked for and ends with the test run.

Its own rules of sorting are a language's, not bytes: what depends on how text is sorted shows here.
"""

import atexit
import itertools
from contextlib import ExitStack
from functools import cache

import psycopg
from psycopg import sql

from memory import migrate
from memory import server as connections
from tests.peers.servers import postgresql

_numbers = itertools.count(1)


@cache
def server() -> str:
    """The URL of its first database, which stays empty."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(postgresql())


def bare() -> str:
    """The URL of a database with nothing in it."""
    return _made("template1")


def fresh() -> str:
    """The URL of a database with the tables of this version, and nothing in them."""
    return _made(_with_tables())


@cache
def _with_tables() -> str:
    url = bare()
    engine = connections.engine(url)
    migrate.upgrade(engine)
    engine.dispose()
    return url.rpartition("/")[2]


def _made(template: str) -> str:
    name = f"vigie_{next(_numbers)}"
    with psycopg.connect(server(), autocommit=True) as connection:
        words = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(words.format(sql.Identifier(name), sql.Identifier(template)))
    return f"{server().rpartition('/')[0]}/{name}"
