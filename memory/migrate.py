"""Brings a database to this version's tables. Knows revisions; knows no row.

A new database is made from `memory.tables` at once and stamped; an older one climbs Alembic's steps, in one
transaction; one from a newer Vigie is left alone.
"""

from collections.abc import Iterable
from pathlib import Path

from sqlalchemy import Connection, Engine, String, column, inspect, select, table, text

from bot.errors import Misconfigured, SchemaTooNew
from memory.sql.hands import Hands
from memory.tables import metadata

HEAD = "0016"
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


def climb(connection: Connection, revision: str | None) -> None:
    """Alembic's steps from `revision` (None: from nothing) to the newest. Raises SchemaTooNew."""
    # Alembic takes a third of a second to load, and only an older database needs it.
    from alembic import command  # noqa: PLC0415
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(STEPS).replace("%", "%%"))
    known = {step.revision for step in ScriptDirectory.from_config(config).walk_revisions()}
    if revision is not None and revision not in known:
        raise SchemaTooNew(
            f"the database is at revision {revision} and this Vigie knows revisions up to {HEAD}: "
            "run the newer Vigie, or restore a backup made before the upgrade"
        )
    config.attributes["connection"] = connection
    command.upgrade(config, "head")
    _compare_bytes(connection)


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


def _current(connection: Connection, tables: Iterable[str]) -> str | None:
    if _VERSIONS not in tables:
        return None
    return connection.execute(text(f"SELECT version_num FROM {_VERSIONS}")).scalar_one_or_none()  # noqa: S608
