"""Named lists, counters and totals of a conversation. What was changed is added, one stroke after the other, and
never overwritten; what stands is computed from the strokes, and no mind has a hand in it. Pure: knows no store.
"""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal, localcontext
from enum import StrEnum

from bot.errors import BadInput
from bot.notes import person_scope, place_scope
from bot.places import Place

LONGEST_NAME = 60
LONGEST_TEXT = 500
"""Characters of one item."""
MOST_TALLIES = 100
"""Lists, counters and totals of one scope."""
MOST_ITEMS = 1_000
"""Items that stand in one list."""


class Sort(StrEnum):
    """What is kept under a name."""

    LIST = "list"
    COUNTER = "counter"
    TOTAL = "total"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """One named list, counter or total. `scope` is whose it is, as of a Note: the person's in private, else the
    place's. `key` is the name as it is looked up."""

    id: str
    space: str
    scope: str
    name: str
    sort: Sort = Sort.LIST
    by: str = ""
    began: datetime

    @property
    def key(self) -> str:
        return folded(self.name)


class Move(StrEnum):
    """What a stroke does."""

    ADD = "add"
    CHANGE = "change"
    REMOVE = "remove"
    CLEAR = "clear"
    UNDO = "undo"
    WROTE = "wrote"
    """An item was written into another system."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stroke:
    """One change of a tally. `deed` is the effect that made it: what it changed is taken back together. `of` is the
    item it changes, or the deed that it takes back; `number` is a decimal written out, so that nothing is rounded.
    `text` of a WROTE stroke names where to.
    """

    id: str
    space: str
    tally: str
    deed: str
    move: Move
    of: str = ""
    text: str = ""
    number: str = ""
    unit: str = ""
    who: str = ""
    at: datetime
    turn: str = ""
    tainted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """What stands in a tally: a text, or a number with its unit. `written` names where it was written to."""

    id: str
    text: str = ""
    number: Decimal | None = None
    unit: str = ""
    who: str = ""
    at: datetime
    turn: str = ""
    tainted: bool = False
    written: tuple[str, ...] = ()


def standing(strokes: Sequence[Stroke]) -> tuple[Item, ...]:
    """The items that stand after all the strokes, in their order."""
    undone = {each.of for each in strokes if each.move is Move.UNDO}
    items: dict[str, Item] = {}
    for stroke in strokes:
        if stroke.deed in undone:
            continue
        item = items.get(stroke.of)
        match stroke.move:
            case Move.ADD:
                items[stroke.id] = Item(
                    id=stroke.id,
                    text=stroke.text,
                    number=Decimal(stroke.number) if stroke.number else None,
                    unit=stroke.unit,
                    who=stroke.who,
                    at=stroke.at,
                    turn=stroke.turn,
                    tainted=stroke.tainted,
                )
            case Move.CHANGE if item is not None:
                number = Decimal(stroke.number) if stroke.number else item.number
                items[stroke.of] = replace(
                    item,
                    text=stroke.text or item.text,
                    number=number,
                    unit=stroke.unit if stroke.number else item.unit,
                    tainted=item.tainted or stroke.tainted,
                )
            case Move.WROTE if item is not None:
                items[stroke.of] = replace(item, written=(*item.written, stroke.text))
            case Move.REMOVE:
                items.pop(stroke.of, None)
            case Move.CLEAR:
                items.clear()
            case _:
                pass
    return tuple(items.values())


def last_deed(strokes: Sequence[Stroke]) -> str:
    """The newest deed that can be taken back, "" when there is none. What was written elsewhere stays written."""
    undone = {each.of for each in strokes if each.move is Move.UNDO}
    kept = [
        each.deed for each in strokes if each.move not in (Move.UNDO, Move.WROTE) and each.deed not in undone
    ]
    return kept[-1] if kept else ""


def sums(items: Iterable[Item]) -> Mapping[str, Decimal]:
    """The exact sum per unit, in the order the units first came. Different units are never added together."""
    found: dict[str, Decimal] = {}
    with localcontext(prec=80):
        for item in items:
            if item.number is not None:
                found[item.unit] = found.get(item.unit, Decimal(0)) + item.number
    return found


def folded(name: str) -> str:
    """A name as it is looked up: without case, accents and doubled spaces."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


def named(name: str) -> str:
    """A name as it is kept. Raises BadInput."""
    name = " ".join(name.split()).strip(' .:,;!?«»"“”')
    if not name or not any(c.isalpha() for c in name) or len(name) > LONGEST_NAME or not name.isprintable():
        raise BadInput("a name has letters and at most {most} characters", most=LONGEST_NAME, field="name")
    return name


def scope_of(person: str, place: Place) -> str:
    """Whose lists are meant here: the person's own in private, in whichever chat; the place's where others listen."""
    return person_scope(person) if place.private else place_scope(place.key)
