"""Lists, counters and totals as people read them: the figure, computed from the strokes, and the items in their order.

Pure; knows no store and no chat.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from bot import quantities
from bot.speech import Tongue
from bot.tallies import Item, Sort, Tally, sums
from bot.values import Json

WRITTEN = 3
"""How many places are named an item was written to."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A tally and what stands in it."""

    tally: Tally
    items: tuple[Item, ...] = ()

    @property
    def tainted(self) -> bool:
        """Whether a stranger may have had a hand in any of it."""
        return any(each.tainted for each in self.items)


def sort(tally: Tally, tongue: Tongue) -> str:
    """What it is, in a word."""
    match tally.sort:
        case Sort.LIST:
            return tongue("list")
        case Sort.COUNTER:
            return tongue("counter")
        case Sort.TOTAL:
            return tongue("total")


def figure(listed: Listed, tongue: Tongue) -> str:
    """How much it is, in words: `2 items`, `17`, `€12.50`; sums of different units side by side."""
    if listed.tally.sort is Sort.LIST:
        return tongue.many("{n} item", "{n} items", len(listed.items))
    found = sums(listed.items)
    if not found:
        return "0"
    return tongue(" and ").join(amount(number, unit, tongue) for unit, number in found.items())


def head(listed: Listed, tongue: Tongue) -> str:
    """Its name with its figure."""
    return tongue("{name}: {figure}", name=listed.tally.name, figure=figure(listed, tongue))


def amount(number: Decimal, unit: str, tongue: Tongue) -> str:
    """A number with its unit as the language writes it."""
    if money := quantities.money(number, unit):
        return tongue.money(money)
    return f"{tongue.number(number)} {unit}".rstrip()


def line(number: int, item: Item, tongue: Tongue, zone: str, names: dict[str, str]) -> str:
    """One item with who and when, and where it was written to."""
    told = " · ".join(part for part in (words(item, tongue), *_source(item, tongue, zone, names)) if part)
    return f"{number}. {told}"


def words(item: Item, tongue: Tongue) -> str:
    """What an item says, without where it came from."""
    if item.number is None:
        return item.text
    number = amount(item.number, item.unit, tongue)
    return tongue("{name}: {figure}", name=item.text, figure=number) if item.text else number


def _source(item: Item, tongue: Tongue, zone: str, names: dict[str, str]) -> tuple[str, ...]:
    who = names.get(item.who, "")
    return (
        ", ".join(part for part in (who, tongue.day(item.at, zone)) if part),
        tongue("from what others wrote") if item.tainted else "",
        *(tongue("written to {where}", where=each) for each in item.written[-WRITTEN:]),
    )


def told(listed: Listed, items: Sequence[tuple[int, Item]]) -> dict[str, Json]:
    """The same for a mind: numbers are texts, so that nothing is rounded on the way."""
    tally = listed.tally
    return {
        "name": tally.name,
        "kind": tally.sort.value,
        "count": len(listed.items),
        "sums": [{"number": f"{number:f}", "unit": unit} for unit, number in sums(listed.items).items()],
        "items": [
            {
                "number": n,
                "text": item.text,
                **({"amount": f"{item.number:f} {item.unit}".rstrip()} if item.number is not None else {}),
                "who": item.who,
                "at": item.at.isoformat(),
                "turn": item.turn,
                **({"written": list(item.written)} if item.written else {}),
            }
            for n, item in items
        ],
    }
