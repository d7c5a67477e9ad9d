"""Finding things in the books by what people type, and saying what they are. Pure."""

import unicodedata
from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from adapters.systems.demo.books import Books
from adapters.systems.demo.nouns import Customer, Order, Product, Status
from bot.errors import BadInput
from bot.speech import Tongue

T = TypeVar("T")


def order(books: Books, number: str, tongue: Tongue) -> Order:
    """The order of that number, with or without a #. Raises BadInput."""
    wanted = number.lstrip("#").strip()
    for each in books.orders():
        if each.id == wanted:
            return each
    raise BadInput(tongue("there is no order {number}.", number=number), field="order")


def customer(books: Books, number: str, tongue: Tongue) -> Customer:
    """The customer of that number. Raises BadInput."""
    for each in books.customers():
        if each.id == number.upper():
            return each
    raise BadInput(tongue("there is no customer {number}.", number=number), field="customer")


def product(books: Books, code: str, tongue: Tongue) -> Product:
    """The product of that code. Raises BadInput."""
    for each in books.products():
        if each.id == code.upper():
            return each
    raise BadInput(tongue("there is no product {code}.", code=code), field="product")


def matching(things: Iterable[T], query: str, text: Callable[[T], str]) -> tuple[T, ...]:
    """The things whose text holds every word of the query, those that begin with it first. Case and accents
    do not count."""
    words = _folded(query).split()
    found = [each for each in things if all(word in _folded(text(each)) for word in words)]
    return tuple(sorted(found, key=lambda each: not _folded(text(each)).startswith(_folded(query).strip())))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character))


def order_text(order: Order) -> str:
    """What an order is found by."""
    return f"{order.id} {order.name} {order.email}"


def customer_text(customer: Customer) -> str:
    """What a customer is found by."""
    return f"{customer.id} {customer.name} {customer.email} {customer.city}"


def product_text(product: Product) -> str:
    """What a product is found by."""
    return f"{product.id} {product.title}"


def subject(order: Order, tongue: Tongue) -> str:
    """`Order 1007 · Gigi Hamilton`."""
    return tongue("Order {number} · {customer}", number=order.id, customer=called(order, tongue))


def called(order: Order, tongue: Tongue) -> str:
    """The customer's name, as long as there is one."""
    return order.name or tongue("a deleted customer")


def mailbox(name: str, email: str) -> str:
    """`Gigi Hamilton <gigi.hamilton@example.com>`, or the bare address."""
    return f"{name} <{email}>" if name else email


def standing(status: Status, tongue: Tongue) -> str:
    """Where an order stands, in words."""
    match status:
        case Status.OPEN:
            return tongue("open")
        case Status.SHIPPED:
            return tongue("shipped")
        case Status.DELIVERED:
            return tongue("delivered")
        case Status.CANCELLED:
            return tongue("cancelled")


def today(now: datetime, zone: str) -> date:
    """The day it is where the person is."""
    return now.astimezone(ZoneInfo(zone)).date()
