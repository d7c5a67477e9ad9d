"""How words reach a person: the port for one language's catalogue and formats.

Message ids are the English sentences themselves, with `{name}` places to fill.
"""

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

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

    def count(self, n: int) -> str:
        """With this language's marks between thousands: to be read, not to be typed."""
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


def on(at: datetime, tongue: Tongue, zone: str) -> str:
    """The day of a moment, for what was said of a day and of no hour."""
    return tongue.date(at.astimezone(ZoneInfo(zone or "UTC")).date())


class Tongues(Protocol):
    """Every language there is."""

    @property
    def languages(self) -> Mapping[str, str]:
        """By its code, what each language calls itself: `fr` is `Français`. English comes first."""
        ...

    def __call__(self, lang: str, /) -> Tongue:
        """The language of that code; English for one that is not there."""
        ...
