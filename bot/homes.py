"""A person's home in a chat that has one: what waits for them, what is on watch, what was done, what stands still.

A card that hangs there counts as delivered there, for the one person who sees it. Knows nothing of how it is drawn.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bot.cards import Card
from bot.store import Tx
from bot.values import Json

MESSAGE = "home"
"""Stands for a message's id in a press that comes from a home: there is no message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """How things stand for one person, in their language. `known` is false for somebody nobody has met, who is
    shown nothing. `more` counts the cards that found no room, `others` the missions."""

    lang: str
    known: bool = True
    frozen: tuple[str, ...] = ()
    stopped: bool = False
    may_freeze: bool = False
    may_lift: bool = False
    cards: tuple[Card, ...] = ()
    more: int = 0
    watch: tuple[str, ...] = ()
    others: int = 0
    done: tuple[str, ...] = ()


def hang(tx: Tx, place: str, slots: Sequence[str]) -> None:
    """These cards hang in the home of whoever reads this private place, and no others."""
    kept = sorted(slots)
    if (tx.marks.get(_mark(place)) or []) != kept:
        tx.marks.put(_mark(place), kept)


def hangs(tx: Tx, place: str, slot: str) -> bool:
    """Whether that card does."""
    kept: Json = tx.marks.get(_mark(place))
    return slot in (kept or [])


def _mark(place: str) -> str:
    return f"home:{place}"
