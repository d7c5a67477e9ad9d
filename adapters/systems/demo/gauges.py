"""The shop's numbers that can be watched: how many of what. Each is read from the books as they are."""

from collections.abc import Callable, Mapping
from datetime import date

from adapters.systems.demo.books import Books
from adapters.systems.demo.nouns import Status

Gauge = Callable[[Books, date], int]


def _in(status: Status) -> Gauge:
    return lambda books, _: sum(order.status is status for order in books.orders())


GAUGES: Mapping[str, Gauge] = {
    "orders": lambda books, _: len(books.orders()),
    "open_orders": _in(Status.OPEN),
    "shipped_orders": _in(Status.SHIPPED),
    "late_orders": lambda books, today: sum(order.days_late(today) > 0 for order in books.orders()),
    "lowest_stock": lambda books, _: min((product.stock for product in books.products()), default=0),
    "sold_out": lambda books, _: sum(product.stock == 0 for product in books.products()),
}
"""By name: what `watch demo.late_orders above 3` can name."""
