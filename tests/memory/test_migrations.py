"""A database is made, upgraded or refused; never half of it."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, PrimaryKeyConstraint, Table, UniqueConstraint, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

from bot.errors import Misconfigured, SchemaTooNew
from bot.store import Tx
from memory import files, migrate, tables
from memory.sqlite import SqliteStore
from tests.contracts.stores import note


def schema(engine: Engine) -> list[tuple[str, ...]]:
    """Every table and index of a database, column by column."""
    with engine.connect() as connection:
        names = connection.execute(
            text(
                "SELECT type, name, tbl_name, replace(replace(sql, char(10), ''), char(9), '') FROM sqlite_master"
            )
        )
        objects = sorted((kind, name, table, _squeezed(sql)) for kind, name, table, sql in names)
        columns = [
            (name, *(str(each) for each in row))
            for kind, name, _, _ in objects
            if kind == "table"
            for row in connection.execute(text(f"PRAGMA table_xinfo({name})"))
        ]
    return [*objects, *columns]


def _squeezed(sql: str | None) -> str:
    return " ".join((sql or "").replace("( ", "(").replace(", ", ",").split())


def stamp(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def one_more_step(folder: Path, monkeypatch: pytest.MonkeyPatch, *statements: str) -> None:
    """A later version of Vigie, whose tables need one step more."""
    steps = folder / "steps"
    shutil.copytree(migrate.STEPS, steps, ignore=shutil.ignore_patterns("__pycache__"))
    lines = [
        "from alembic import op",
        "revision = 'next'",
        f"down_revision = {migrate.head()!r}",
        "def upgrade():",
    ]
    lines += [f"    op.execute({statement!r})" for statement in statements]
    (steps / "versions" / "next.py").write_text("\n".join(lines))
    monkeypatch.setattr(migrate, "STEPS", steps)
    monkeypatch.setattr(migrate, "HEAD", "next")


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return files.engine(tmp_path / "vigie.db")


def test_a_new_database_and_one_that_climbed_every_step_are_alike(engine: Engine, tmp_path: Path) -> None:
    migrate.upgrade(engine)
    climbed = files.engine(tmp_path / "climbed.db")
    with climbed.begin() as connection:
        migrate.climb(connection, None)
    assert schema(climbed) == schema(engine)
    assert migrate.current(climbed) == migrate.current(engine) == migrate.head()


def test_the_tables_are_those_that_the_steps_make(engine: Engine) -> None:
    with engine.begin() as connection:
        migrate.climb(connection, None)
        found = compare_metadata(MigrationContext.configure(connection), tables.metadata)
    assert found == []


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=str)
def test_the_tables_can_be_made_in_postgresql_too(table: Table) -> None:
    dialect = postgresql.dialect()
    sql = [str(CreateTable(table).compile(dialect=dialect))]
    sql += [str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes]
    assert "WITHOUT" not in "".join(sql)
    partial = [index for index in table.indexes if index.dialect_options["sqlite"]["where"] is not None]
    assert sum(" WHERE " in each for each in sql) == len(partial)


@pytest.mark.parametrize("table", tables.metadata.sorted_tables, ids=str)
def test_the_space_comes_first_in_every_unique_key(table: Table) -> None:
    keys = [each for each in table.constraints if isinstance(each, UniqueConstraint | PrimaryKeyConstraint)]
    firsts = {next(column.name for column in key.columns) for key in keys}
    # A shelf of the recall index belongs to one space.
    assert firsts <= {"space", "seq", "shelf"}


def test_the_newest_step_is_the_one_that_is_stamped() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrate.STEPS))
    assert ScriptDirectory.from_config(config).get_heads() == [migrate.head()]


def test_a_new_database_is_ready_at_once(engine: Engine) -> None:
    began = time.perf_counter()
    migrate.upgrade(engine)
    assert time.perf_counter() - began < 1  # tens of milliseconds; a machine may be busy


def test_upgrading_twice_changes_nothing(engine: Engine) -> None:
    migrate.upgrade(engine)
    before = schema(engine)
    migrate.upgrade(engine)
    assert schema(engine) == before


def test_an_empty_database_has_no_revision(engine: Engine) -> None:
    assert migrate.current(engine) is None


def test_a_database_from_a_newer_version_is_refused_and_left_alone(engine: Engine, tmp_path: Path) -> None:
    migrate.upgrade(engine)
    stamp(engine, "9999")
    with pytest.raises(
        SchemaTooNew, match=f"9999.*{migrate.head()}.*run the newer Vigie, or restore a backup"
    ):
        SqliteStore.open(tmp_path / "vigie.db")
    assert migrate.current(engine) == "9999"


def test_a_database_of_something_else_is_refused_and_left_alone(engine: Engine, tmp_path: Path) -> None:
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    with pytest.raises(Misconfigured, match="something else"):
        SqliteStore.open(tmp_path / "vigie.db")
    assert [name for _, name, _, _ in [row for row in schema(engine) if len(row) == 4]] == ["recipes"]


def test_a_step_that_fails_leaves_the_database_as_it_was(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(engine)
    before = schema(engine)
    one_more_step(tmp_path, monkeypatch, "CREATE TABLE half (done INTEGER)", "this is no statement")
    with pytest.raises(Exception, match="syntax error"):
        migrate.upgrade(engine)
    assert schema(engine) == before
    assert migrate.current(engine) != "next"


def test_an_older_database_climbs_when_it_is_opened(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    migrate.upgrade(engine)
    one_more_step(tmp_path, monkeypatch, "CREATE TABLE whole (done INTEGER)")
    migrate.upgrade(engine)
    assert migrate.current(engine) == "next"
    assert "whole" in [row[1] for row in schema(engine)]


async def test_what_was_pinned_before_stays_pinned(tmp_path: Path) -> None:
    """Also what merely says so of itself is not."""
    path = tmp_path / "vigie.db"
    store = SqliteStore.open(path)

    def fill(tx: Tx) -> None:
        for name, pinned in (("one", True), ("two", False)):
            tx.notes.put(replace(note(name, 'it is "pinned":true', scope="person:ann"), pinned=pinned))

    await store.write(fill)
    await store.close()
    engine = files.engine(path)
    with engine.begin() as connection:
        connection.execute(text("DROP INDEX ix_notes_pinned"))
        connection.execute(text("ALTER TABLE notes DROP COLUMN pinned"))
        for later in ("recall_vectors", "recall_owed"):
            connection.execute(text(f"DROP TABLE {later}"))
    stamp(engine, "0017")
    store = SqliteStore.open(path)
    assert [each.id for each in await store.read(lambda tx: tx.notes.pinned("person:ann"))] == ["one"]
    await store.close()
