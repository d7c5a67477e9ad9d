"""Which store the settings name. Opens it, and knows nothing of who uses it."""

from importlib.util import find_spec

from bot.errors import Misconfigured
from bot.store import Store
from memory import copies, files
from memory.sqlite import SqliteStore
from vigie.settings import Settings


def distributed(database: str) -> bool:
    """Whether the URL names a PostgreSQL database, which any number of machines may share."""
    return database.startswith(("postgresql:", "postgres:", "postgresql+psycopg:"))


def open_store(config: Settings) -> Store:
    """The store of DATABASE_URL, its schema brought up to date. Raises Misconfigured, Unreachable."""
    if not distributed(config.database):
        return SqliteStore.open(embedded(config))
    with_driver()
    # Imported here: its driver is an extra, and who keeps a file does not pay for it.
    from memory.postgres import PostgresStore

    return PostgresStore.open(config.database)


def look_over(config: Settings) -> None:
    """Before a SQLite file is written to: whether it is whole. Raises Misconfigured for one that is not, and leaves it as
    it is."""
    path = files.path_of(embedded(config))
    if path.is_file() and not copies.whole(path, quickly=True):
        raise Misconfigured(
            "{path} is damaged, or no database; nothing was written to it. Keep it, and `vigie restore` the last backup into"
            " a new folder",
            path=path,
        )


def embedded(config: Settings) -> str:
    """The URL of a SQLite file. Raises Misconfigured for what is neither that nor PostgreSQL."""
    if not config.database.startswith("sqlite:/"):
        raise Misconfigured("setting DATABASE_URL: write sqlite:///path/to/vigie.db or postgresql://…")
    return config.database


def with_driver() -> None:
    """Raises Misconfigured where PostgreSQL's driver is not installed."""
    if find_spec("psycopg") is None or find_spec("procrastinate") is None:
        raise Misconfigured(
            "PostgreSQL needs two packages that are not installed: pip install 'vigie[postgres]'"
        )
