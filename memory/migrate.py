"""Brings a database to this version's tables. Knows revisions; knows no row.

A new database is made from `memory.tables` at once and stamped; an older one climbs Alembic's steps, in one
transaction; one from a newer Vigie is left alone.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, String, column, inspect, select, table, text

from bot.errors import Misconfigured, SchemaTooNew
from memory.sql.hands import Hands
from memory.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

HEAD = "0020"
"""The newest revision under `memory/migrations/versions`."""

STEPS = Path(__file__).parent / "migrations"

_VERSIONS = "alembic_version"
_REVISION = select(column("version_num", String())).select_from(table(_VERSIONS))
_ALONE = 0x76696769655F6462
"""Of the advisory lock: any number, as long as it stays the same."""


def head() -> str:
    """The revision this version writes."""
    return HEAD


def current(engine: Engine) -> str | None:
    """The revision of a database, None for an empty one."""
    with engine.connect() as connection:
        return _current(connection, inspect(connection).get_table_names())


def revision(hands: Hands) -> str | None:
    """The same, on a connection that is at work."""
    return hands.execute(_REVISION, {}).scalar_one_or_none()


def upgrade(engine: Engine) -> None:
    """Makes or upgrades the tables, all of it or nothing.

    Raises SchemaTooNew for a revision this version does not know, Misconfigured for tables of something else.
    """
    with engine.begin() as connection:
        alone(connection)
        tables = inspect(connection).get_table_names()
        revision = _current(connection, tables)
        if revision == HEAD:
            return
        if revision is not None:
            climb(connection, revision)
        elif tables:
            raise Misconfigured("this database belongs to something else; name another file")
        else:
            create(connection)


def alone(connection: Connection) -> None:
    """Holds others up who want to change the tables too, until the transaction ends. A SQLite file has one writer as it
    is."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ALONE})


def create(connection: Connection) -> None:
    """Every table at once, stamped with the newest revision."""
    metadata.create_all(connection, checkfirst=False)
    connection.exec_driver_sql(
        f"CREATE TABLE {_VERSIONS} (version_num VARCHAR(32) NOT NULL, "
        f"CONSTRAINT {_VERSIONS}_pkc PRIMARY KEY (version_num))"
    )
    stamp = text(f"INSERT INTO {_VERSIONS} (version_num) VALUES (:revision)")  # noqa: S608  our own constant
    connection.execute(stamp, {"revision": HEAD})
    _sample_no_words(connection)


def check(revision: str) -> None:
    """Raises SchemaTooNew unless this version can bring a database of that revision to the newest."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    if revision not in {step.revision for step in ScriptDirectory.from_config(_config()).walk_revisions()}:
        raise SchemaTooNew(
            f"the database is at revision {revision} and this Vigie knows revisions up to {HEAD}: "
            "run the newer Vigie, or restore a backup made before the upgrade"
        )


def _config() -> "Config":
    # Alembic takes a third of a second to load, and only an older database needs it.
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    return config


def climb(connection: Connection, revision: str | None) -> None:
    """Alembic's steps from `revision` (None: from nothing) to the newest. Raises SchemaTooNew."""
    from alembic import command  # noqa: PLC0415

    if revision is not None:
        check(revision)
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _compare_bytes(connection)
    _sample_no_words(connection)


def _compare_bytes(connection: Connection) -> None:
    """Every text of ours is compared byte by byte, whatever the language of the database: a column that a step made
    with the database's own rules gets ours."""
    if connection.dialect.name != "postgresql":
        return
    found = connection.execute(
        text(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = current_schema() "
            "AND data_type = 'text' AND collation_name IS DISTINCT FROM 'C'"
        )
    )
    for name, part in found.all():
        if name in metadata.tables:
            connection.exec_driver_sql(f'ALTER TABLE {name} ALTER COLUMN "{part}" TYPE text COLLATE "C"')


WORDS = ("body", "name", "key", "term", "terms", "value")
"""The columns of our tables that may hold what people said."""


def _sample_no_words(connection: Connection) -> None:
    """PostgreSQL's planner keeps samples of columns, which would outlive what is forgotten until the next ANALYZE. Of these
    it takes none: what is looked for is found by keys."""
    if connection.dialect.name != "postgresql":
        return
    found = connection.execute(
        text(
            "SELECT c.relname, a.attname, a.atttypid = 'text'::regtype FROM pg_attribute AS a JOIN pg_class AS c ON"
            " c.oid = a.attrelid WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'"
            " AND a.attname = ANY(:words) AND coalesce(a.attstattarget, -1) <> 0"
        ),
        {"words": [*WORDS]},
    )
    for name, part, is_text in found.all():
        if name in metadata.tables:
            change = f'ALTER TABLE {name} ALTER COLUMN "{part}"'
            connection.exec_driver_sql(f"{change} SET STATISTICS 0")
            if is_text:
                # The same type again: nothing is written anew, and samples that were taken before go.
                connection.exec_driver_sql(f'{change} TYPE text COLLATE "C"')


def _current(connection: Connection, tables: Iterable[str]) -> str | None:
    if _VERSIONS not in tables:
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar_one_or_none()  # noqa: S608
