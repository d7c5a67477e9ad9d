"""A database of somebody's own: one number by one SELECT, to be watched."""

from adapters.systems.sql.numbers import Database
from adapters.systems.vendors import Need, Vendor

__all__ = ["VENDOR", "Database"]

VENDOR = Vendor(
    name="sql",
    title="SQL database",
    needs=(
        Need(
            name="url",
            title="Address with user and password",
            setting="SQL_URL",
            help="PostgreSQL or SQLite: postgresql://reader:password@127.0.0.1/shop, sqlite:////srv/shop.db.",
        ),
    ),
    open=lambda login: Database.open(login.required("url"), name=login.name),
    help="Give an account that can only read. Numbers can be watched: watch sql 'select count(*) from orders' above 9.",
)
