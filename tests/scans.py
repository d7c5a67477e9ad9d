"""Where a word is left, in whatever case: in the rows of every table, and in every byte of every file.

Knows no table by name, so that none that is added later is left out.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql


def in_folder(folder: Path, word: str) -> list[str]:
    """The tables of the file store, and the files beside it, that hold the word."""
    return [*_tables(folder / "vigie.db", word), *in_files(folder, word)]


def in_files(folder: Path, word: str) -> list[str]:
    """The files of a folder, and of those in it, that hold the word."""
    sought = word.casefold().encode()
    return [
        each.relative_to(folder).as_posix()
        for each in sorted(folder.rglob("*"))
        if each.is_file() and sought in each.read_bytes().lower()
    ]


def in_rows(url: str, word: str) -> list[str]:
    """The tables of a PostgreSQL database that hold the word in a row."""
    with psycopg.connect(url) as connection:
        names = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        return [
            name
            for (name,) in names
            if word.casefold()
            in str(
                connection.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(name))).fetchall()
            ).casefold()
        ]


def _tables(path: Path, word: str) -> Iterator[str]:
    connection = sqlite3.connect(path)
    try:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        for (name,) in names:
            if word.casefold() in str(connection.execute(f'SELECT * FROM "{name}"').fetchall()).casefold():
                yield name
    finally:
        connection.close()
