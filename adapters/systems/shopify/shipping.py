"""Fulfilment: what is left of an order goes out in one parcel, and can be called back.

Shopify has no idempotency key here. The parcel's number is what one is found by, after the journal says that it was
begun.
"""

from adapters.systems.shopify.graph import Graph, Thing, mapped
from adapters.systems.shopify.orders import called, nodes, order_of, standing, trackings
from adapters.systems.shopify.plans import Arguments, Plan
from adapters.systems.shopify.queries import CANCEL_FULFILMENT, FULFIL, FULFILLABLE
from bot.actions import Change, Receipt, Undo
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, is_mapping
from bot.world import Context


async def plan_fulfil(graph: Graph, arguments: Arguments, context: Context) -> Plan:
    tongue, tracking = context.tongue, str(arguments["tracking"])
    order = await order_of(graph, arguments["order"], tongue)
    reached = tracking in trackings(order)
    ready = list[Thing]() if reached else await _ready(graph, order, arguments, tongue)
    information = {"number": tracking, "company": arguments.get("carrier"), "url": arguments.get("url")}

    async def apply(_: Thing) -> None:
        sent = {
            "lineItemsByFulfillmentOrder": [{"fulfillmentOrderId": each["id"]} for each in ready],
            "notifyCustomer": arguments["notify"],
            "trackingInfo": {name: value for name, value in information.items() if value},
        }
        await graph.change(FULFIL, "fulfillmentCreate", fulfillment=sent)

    def changes(before: Thing) -> tuple[Change, ...]:
        return (Change(title="Status", before=before["status"], after=tongue("shipped")),)

    def receipt(before: Thing) -> Receipt:
        words = {"number": order["name"], "tracking": tracking}
        return Receipt(
            id=str(order["id"]),
            text=tongue("Order {number} is shipped as {tracking}; its customer is told.", **words)
            if arguments["notify"]
            else tongue("Order {number} is shipped as {tracking}; its customer is not told.", **words),
            changes=changes(before),
            undo=Undo(action="cancel_fulfilment", arguments={"order": order["name"], "tracking": tracking}),
        )

    return Plan(
        target=str(order["id"]),
        subject=called(order, tongue),
        recipient=str(order.get("email") or "") if arguments["notify"] else "",
        now=_now(order, tracking, tongue),
        reached=reached,
        standing=tongue(
            "order {number} is shipped as {tracking} already.", number=order["name"], tracking=tracking
        ),
        field="tracking",
        changes=changes,
        apply=apply,
        receipt=receipt,
    )


def _now(order: Thing, tracking: str, tongue: Tongue) -> Thing:
    status = standing(order.get("displayFulfillmentStatus"), tongue)
    return {"status": status, "sent": tracking in trackings(order)}


async def _ready(graph: Graph, order: Thing, arguments: Arguments, tongue: Tongue) -> list[Thing]:
    """What can go out from one place. Raises BadInput: nothing can, or the place must be named."""
    found = mapped((await graph.ask(FULFILLABLE, id=order["id"])).get("order"))
    ready = [each for each in nodes(found.get("fulfillmentOrders")) if _can_go(each)]
    if not ready:
        raise BadInput(
            tongue("nothing of order {number} is left to ship.", number=order["name"]), field="order"
        )
    places = sorted({_place(each) for each in ready})
    wanted = str(arguments.get("location", ""))
    if not wanted and len(places) > 1:
        raise BadInput(
            tongue("it ships from several places; say which: {places}.", places=", ".join(places)),
            field="location",
        )
    chosen = [each for each in ready if not wanted or _place(each).casefold() == wanted.casefold()]
    if not chosen:
        raise BadInput(
            tongue("it ships from {places}, not from {place}.", places=", ".join(places), place=wanted),
            field="location",
        )
    return chosen


def _can_go(order: Thing) -> bool:
    actions = [each.get("action") for each in order.get("supportedActions") or () if is_mapping(each)]
    return "CREATE_FULFILLMENT" in actions


def _place(order: Thing) -> str:
    assigned: Json = order.get("assignedLocation")
    return str(assigned.get("name") or "") if is_mapping(assigned) else ""


async def plan_cancel(graph: Graph, arguments: Arguments, context: Context) -> Plan:
    tongue, tracking = context.tongue, str(arguments["tracking"])
    order = await order_of(graph, arguments["order"], tongue)
    parcels = [
        each for each in order.get("fulfillments") or () if is_mapping(each) and _carries(each, tracking)
    ]
    if not parcels:
        raise BadInput(
            tongue("order {number} has no parcel {tracking}.", number=order["name"], tracking=tracking),
            field="tracking",
        )
    under_way = [each for each in parcels if each.get("status") == "SUCCESS"]

    async def apply(_: Thing) -> None:
        for each in under_way:
            await graph.change(CANCEL_FULFILMENT, "fulfillmentCancel", id=each["id"])

    def changes(before: Thing) -> tuple[Change, ...]:
        return (Change(title="Status", before=before["status"], after=tongue("not shipped")),)

    def receipt(before: Thing) -> Receipt:
        return Receipt(
            id=str(order["id"]),
            text=tongue(
                "Parcel {tracking} of order {number} is called back.", tracking=tracking, number=order["name"]
            ),
            changes=changes(before),
        )

    return Plan(
        target=str(order["id"]),
        subject=called(order, tongue),
        notes=("Shopify takes it back in its books; the carrier is not told.",),
        now=_now(order, tracking, tongue),
        reached=not under_way,
        standing=tongue("parcel {tracking} is called back already.", tracking=tracking),
        field="tracking",
        changes=changes,
        apply=apply,
        receipt=receipt,
    )


def _carries(parcel: Thing, tracking: str) -> bool:
    information = parcel.get("trackingInfo") or ()
    return any(is_mapping(each) and each.get("number") == tracking for each in information)
