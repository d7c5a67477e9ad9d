"""Connections to the server that say whose they are: it lists them, so that everybody can tell whether a process still
has one.
"""

from typing import Any

import psycopg


def called(run: str) -> str:
    """The name under which the server lists every connection of a process."""
    return f"vigie {run}"


async def line(url: str, *, run: str, patience: int) -> "psycopg.AsyncConnection[Any]":
    """One that commits by itself, `patience` seconds at most from now. Raises psycopg.Error."""
    return await psycopg.AsyncConnection.connect(
        url, autocommit=True, connect_timeout=patience, application_name=called(run)
    )
