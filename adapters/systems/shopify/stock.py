"""The stock: looked at, and set at one place. Set under Shopify's own idempotency key, and only while the count is
what the card showed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.systems.shopify.graph import Graph, Thing
from adapters.systems.shopify.orders import limit_of, listed, nodes, searched
from adapters.systems.shopify.plans import Arguments, Plan
from adapters.systems.shopify.queries import ITEM, SET_STOCK, STOCK
from bot.actions import Change, Option, Receipt, Undo
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import is_mapping
from bot.world import Context

_MOST = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How many of an item there are at a place."""

    item: str
    sku: str
    title: str
    place: str
    place_name: str
    available: int


def _levels(variants: Sequence[Thing]) -> list[Level]:
    return [
        Level(
            item=str(item["id"]),
            sku=str(variant.get("sku") or ""),
            title=str(variant.get("displayName") or ""),
            place=str(level["location"]["id"]),
            place_name=str(level["location"]["name"]),
            available=int(quantity["quantity"]),
        )
        for variant in variants
        if is_mapping(item := variant.get("inventoryItem"))
        for level in nodes(item.get("inventoryLevels"))
        for quantity in level.get("quantities") or ()
    ]


async def find(graph: Graph, arguments: Arguments, context: Context) -> Receipt:
    tongue, limit = context.tongue, limit_of(arguments, context.tongue)
    page = (await graph.ask(STOCK, first=limit, query=searched(str(arguments.get("query", ""))) or None))[
        "productVariants"
    ]
    levels = _levels(nodes(page))
    if "below" in arguments:
        levels = [level for level in levels if level.available < arguments["below"]]
    info = page.get("pageInfo")
    text = listed(
        tongue.many("{n} product found.", "{n} products found.", len({level.item for level in levels})),
        [
            " · ".join(part for part in (each.sku, each.title, each.place_name, str(each.available)) if part)
            for each in levels
        ],
        tongue,
        whole=not (is_mapping(info) and info.get("hasNextPage")),
    )
    data = [
        {
            "item": each.sku or each.item,
            "title": each.title,
            "location": each.place_name,
            "available": each.available,
        }
        for each in levels
    ]
    return Receipt(text=text, data=data)


async def _level(graph: Graph, arguments: Arguments, tongue: Tongue) -> Level:
    """The one that is meant. Raises BadInput, with what there is to choose from."""
    code = str(arguments["item"])
    if code.startswith("gid://shopify/InventoryItem/"):
        item = (await graph.ask(ITEM, id=code)).get("inventoryItem")
        levels = _levels([_as_variant(item)]) if is_mapping(item) else []
    else:
        page = await graph.ask(STOCK, first=50, query=f"sku:{searched(code)}")
        levels = [e for e in _levels(nodes(page["productVariants"])) if e.sku.casefold() == code.casefold()]
    if not levels:
        raise BadInput(tongue("the shop keeps no stock of {code}.", code=code), field="item")
    if len({each.item for each in levels}) > 1:
        raise BadInput(tongue("several products have the code {code}.", code=code), field="item")
    wanted = str(arguments.get("location", ""))
    here = [
        each for each in levels if not wanted or wanted.casefold() in (each.place_name.casefold(), each.place)
    ]
    if len(here) != 1:
        places = ", ".join(each.place_name for each in levels)
        raise BadInput(tongue("say at which place: {places}.", places=places), field="location")
    return here[0]


def _as_variant(item: Thing) -> Thing:
    variants = nodes(item.get("variants"))
    title = variants[0].get("displayName") if variants else item.get("sku")
    return {"sku": item.get("sku"), "displayName": title, "inventoryItem": item}


async def plan_set(graph: Graph, arguments: Arguments, context: Context) -> Plan:
    tongue, count = context.tongue, int(arguments["count"])
    if not 0 <= count <= _MOST:
        raise BadInput(tongue("the count is a number from 0 to 1,000,000,000."), field="count")
    level = await _level(graph, arguments, tongue)

    async def apply(before: Thing) -> None:
        quantity = {
            "inventoryItemId": level.item,
            "locationId": level.place,
            "quantity": count,
            # As the journal has it: a repetition must ask for the very same.
            "changeFromQuantity": before["available"],
        }
        sent = {
            "name": "available",
            "reason": "correction",
            "referenceDocumentUri": f"gid://vigie/Effect/{context.key}",
            "quantities": [quantity],
        }
        await graph.change(SET_STOCK, "inventorySetQuantities", input=sent, key=context.key)

    def changes(before: Thing) -> tuple[Change, ...]:
        return (Change(title="In stock", before=before["available"], after=count),)

    def receipt(before: Thing) -> Receipt:
        back = {"item": level.sku or level.item, "location": level.place_name, "count": before["available"]}
        return Receipt(
            id=level.item,
            text=tongue(
                "The stock of {title} at {place} is now {count}.",
                title=level.title,
                place=level.place_name,
                count=count,
            ),
            changes=changes(before),
            undo=Undo(action="set_stock", arguments=back),
        )

    return Plan(
        target=f"{level.item} {level.place}",
        subject=tongue("{title} at {place}", title=level.title, place=level.place_name),
        now={"available": level.available},
        reached=level.available == count,
        standing=tongue("the stock is {count} already.", count=count),
        field="count",
        changes=changes,
        apply=apply,
        receipt=receipt,
    )


async def item_options(graph: Graph, query: str) -> tuple[Option, ...]:
    page = await graph.ask(STOCK, first=20, query=searched(query) or None)
    levels = {each.item: each for each in _levels(nodes(page["productVariants"]))}
    return tuple(
        Option(value=each.sku or each.item, label=" · ".join(part for part in (each.title, each.sku) if part))
        for each in levels.values()
    )


async def place_options(graph: Graph, query: str) -> tuple[Option, ...]:
    page = await graph.ask(STOCK, first=20, query=None)
    names = sorted({each.place_name for each in _levels(nodes(page["productVariants"]))})
    return tuple(Option(value=name, label=name) for name in names if query.casefold() in name.casefold())
