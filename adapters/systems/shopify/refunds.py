"""Refunds: an amount of an order goes back the way it was paid. Sent under Shopify's own idempotency key, and found
again by the effect's id in the refund's note.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from adapters.systems.shopify.graph import Graph, Thing
from adapters.systems.shopify.orders import called, money, order_of, who
from adapters.systems.shopify.plans import Arguments, Plan
from adapters.systems.shopify.queries import REFUND, REFUNDABLE
from bot.actions import Change, Receipt
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money, is_mapping
from bot.world import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One payment of the order that can be paid back over, up to `most`."""

    gateway: str
    parent: str
    most: int


async def plan_refund(graph: Graph, arguments: Arguments, context: Context) -> Plan:
    tongue, amount = context.tongue, Money.of(arguments["amount"])
    order = await order_of(graph, arguments["order"], tongue)
    mark = f"[{context.key}]"
    back, total = money(order["totalRefundedSet"]), money(order["totalPriceSet"])
    reached = any(
        is_mapping(each) and str(each.get("note") or "").endswith(mark) for each in order.get("refunds") or ()
    )
    ways = () if reached else await _ways(graph, order, amount, tongue)
    reason = str(arguments.get("reason", ""))

    async def apply(_: Thing) -> None:
        sent = {
            "orderId": order["id"],
            "currency": amount.currency,
            "note": f"{reason} {mark}".strip(),
            "notify": arguments["notify"],
            "transactions": _transactions(ways, amount, str(order["id"])),
        }
        await graph.change(REFUND, "refundCreate", input=sent, key=context.key)

    def changes(before: Thing) -> tuple[Change, ...]:
        after = Money(before["refunded"] + amount.minor, amount.currency)
        return (
            Change(
                title="Paid back",
                before=Money(before["refunded"], amount.currency).as_json(),
                after=after.as_json(),
            ),
        )

    def receipt(before: Thing) -> Receipt:
        return Receipt(
            id=str(order["id"]),
            text=tongue(
                "{amount} of order {number} went back.", amount=tongue.money(amount), number=order["name"]
            ),
            changes=changes(before),
            data={"order": order["name"], "amount": amount.as_json()},
        )

    return Plan(
        target=str(order["id"]),
        subject=tongue("{order}, over {amount}", order=called(order, tongue), amount=tongue.money(total)),
        recipient=who(order),
        now={"refunded": back.minor},
        reached=reached,
        standing=tongue("this refund was made already."),
        field="order",
        changes=changes,
        apply=apply,
        receipt=receipt,
    )


async def _ways(graph: Graph, order: Thing, amount: Money, tongue: Tongue) -> Sequence[Way]:
    """How it can go back. Raises BadInput when it is more than there is."""
    found = (await graph.ask(REFUNDABLE, id=order["id"])).get("order")
    suggested: Json = found.get("suggestedRefund") if is_mapping(found) else None
    if not is_mapping(suggested):
        raise BadInput(
            tongue("nothing is left to refund of order {number}.", number=order["name"]), field="order"
        )
    left = money(suggested["maximumRefundableSet"])
    if amount.currency != left.currency:
        raise BadInput(tongue("the order was paid in {currency}.", currency=left.currency), field="amount")
    if amount.minor > left.minor:
        raise BadInput(
            tongue(
                "only {left} of order {number} is left to refund.",
                left=tongue.money(left),
                number=order["name"],
            ),
            field="amount",
        )
    return [_way(each) for each in suggested.get("suggestedTransactions") or () if is_mapping(each)]


def _way(suggested: Thing) -> Way:
    parent = suggested.get("parentTransaction")
    most = suggested.get("maximumRefundableSet") or suggested["amountSet"]
    return Way(
        gateway=str(suggested.get("gateway") or ""),
        parent=str(parent["id"]) if is_mapping(parent) else "",
        most=money(most).minor,
    )


def _transactions(ways: Sequence[Way], amount: Money, order: str) -> list[Json]:
    """The amount over the payments, the first as far as it goes."""
    made: list[Json] = []
    left = amount.minor
    for way in ways:
        part = min(left, way.most)
        if part <= 0:
            continue
        left -= part
        made.append(
            {
                "orderId": order,
                "gateway": way.gateway,
                "kind": "REFUND",
                "amount": str(Money(part, amount.currency).major),
                **({"parentId": way.parent} if way.parent else {}),
            }
        )
    if left:
        raise BadInput("the payments of this order cannot be paid back so far", field="amount")
    return made
