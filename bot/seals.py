"""The port to secrets at rest: text that only this installation can read, and only where it was put.

What implements it holds the keys. Nothing here knows how sealing is done.
"""

from dataclasses import dataclass
from typing import Protocol

from bot.errors import Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """Where a sealed text stands. Moved to another space, table, row or column, it does not open."""

    space: str
    table: str
    row: str
    column: str


class Seals(Protocol):
    """Seals with the newest key and opens with every key that is still listed."""

    def seal(self, text: str, spot: Spot) -> str: ...

    def open(self, sealed: str, spot: Spot) -> str:
        """Raises Refused when it was sealed for another spot, was changed, or its key is gone. There is no other
        way to the text."""
        ...

    def fresh(self, sealed: str) -> bool:
        """Whether the newest key sealed it. Says nothing about whether it opens."""
        ...


class NoSeals:
    """An installation that keeps no secrets."""

    def seal(self, text: str, spot: Spot) -> str:
        raise Refused("there are no keys for secrets in this installation")

    def open(self, sealed: str, spot: Spot) -> str:
        raise Refused("there are no keys for secrets in this installation")

    def fresh(self, sealed: str) -> bool:
        return True
