"""How words reach a person: the port for one language's catalogue and formats.

Message ids are the English sentences themselves, with `{name}` places to fill.
"""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from bot.values import Money


class Tongue(Protocol):
    """One language. Values put into a sentence are inserted as they are: escaping is the adapter's."""

    @property
    def lang(self) -> str:
        """The two-letter code, such as `fr`."""
        ...

    def __call__(self, message: str, /, **values: object) -> str:
        """The sentence in this language; the English one when the catalogue has none."""
        ...

    def many(self, one: str, other: str, n: int, /, **values: object) -> str:
        """The plural form for `n`, which is also available as `{n}`."""
        ...

    def money(self, amount: Money) -> str:
        """Major units with the currency, as this language writes it."""
        ...

    def number(self, value: Decimal) -> str:
        """With this language's decimal mark and no marks between thousands, so that it can be typed again."""
        ...

    def date(self, day: date) -> str:
        """A day with its name, such as `Thu 24 Dec 2026`."""
        ...

    def moment(self, at: datetime, zone: str) -> str:
        """An absolute moment with the zone's name and its offset from UTC."""
        ...

    def day(self, at: datetime, zone: str) -> str:
        """A short date and time without the zone, for lists that name it once."""
        ...


Tongues = Callable[[str], Tongue]
"""Language code to Tongue; an unknown code gives English."""
