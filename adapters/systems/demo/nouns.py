"""What is in the shop. Frozen rows; knows neither SQL nor the assistant's ports."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum

from bot.values import Money, digest

CURRENCY = "EUR"


class Status(StrEnum):
    """Where an order stands."""

    OPEN = "open"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """`lang` is the language the shop writes to them in."""

    id: str
    name: str
    email: str
    city: str
    lang: str

    @property
    def version(self) -> str:
        """Another one whenever the row is another."""
        return _version(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """`price` is in cents."""

    id: str
    title: str
    price: int
    stock: int

    @property
    def version(self) -> str:
        """Changes with the count, not with anything else one may say of the product."""
        return _version({"id": self.id, "stock": self.stock})


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """`gross` and `refunded` are in cents; `name` and `email` are its customer's, "" once that is deleted.

    `placed`, `promised` and `shipped` are ISO dates; `shipped` is "" until it is.
    """

    id: str
    customer: str
    name: str = ""
    email: str = ""
    placed: str
    promised: str
    shipped: str = ""
    status: Status
    gross: int
    percent: int = 0
    refunded: int = 0
    note: str = ""
    tracking: str = ""

    @property
    def total(self) -> Money:
        """What the customer pays: the goods less the discount, rounded down to the cent."""
        return Money(self.gross * (100 - self.percent) // 100, CURRENCY)

    @property
    def paid_back(self) -> Money:
        return Money(self.refunded, CURRENCY)

    @property
    def refundable(self) -> Money:
        """What is left to pay back."""
        return Money(self.total.minor - self.refunded, CURRENCY)

    def days_late(self, today: date) -> int:
        """How many days past its promise an order lies that is not shipped; 0 when it is in time."""
        if self.status is not Status.OPEN:
            return 0
        return max(0, (today - date.fromisoformat(self.promised)).days)

    def discounted(self, percent: int) -> "Order":
        return replace(self, percent=percent)

    @property
    def version(self) -> str:
        """Another one whenever the row is another."""
        return _version(asdict(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """So many of one product in an order."""

    product: str
    title: str
    quantity: int
    price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money that was paid back. `key` is the effect it was done under."""

    id: str
    order: str
    amount: Money
    reason: str
    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A message that went out to somebody."""

    id: str
    recipient: str
    subject: str
    body: str
    key: str


def _version(row: dict[str, object]) -> str:
    return digest(row)[:16]
