"""Orders: found, looked at, and what can be written on them (note, tags, shipping address)."""

from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation

from adapters.systems.shopify.graph import Graph, Thing
from adapters.systems.shopify.plans import Arguments, Plan
from adapters.systems.shopify.queries import ORDER, ORDERS, UPDATE_ORDER
from bot.actions import Change, Option, Receipt, Undo
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money, exponent, is_mapping
from bot.world import Context

_STATES = {"open": "status:open", "closed": "status:closed", "cancelled": "status:cancelled"}
_LONG_ID = 10
"""An order's own number is shorter; Shopify's numeric ids are longer."""

ADDRESS = {
    "first_name": "firstName",
    "last_name": "lastName",
    "company": "company",
    "street": "address1",
    "street2": "address2",
    "city": "city",
    "zip": "zip",
    "province": "provinceCode",
    "country": "countryCodeV2",
    "phone": "phone",
}
"""Our fields and Shopify's."""


# Words -------------------------------------------------------------------------------------------------------


def money(bag: Json) -> Money:
    """What the customer sees of a MoneyBag. Raises BadInput when it is none."""
    match bag:
        case {"presentmentMoney": {"amount": amount, "currencyCode": str(code)}}:
            try:
                return Money(int(Decimal(str(amount)).scaleb(exponent(code))), code)
            except InvalidOperation:
                pass
        case _:
            pass
    raise BadInput("Shopify sent an amount that cannot be read")


def nodes(connection: Json) -> Sequence[Thing]:
    found = connection.get("nodes") if is_mapping(connection) else None
    return [each for each in found or () if is_mapping(each)]


def who(order: Thing) -> str:
    """The customer's name and address, as far as the token may read them."""
    customer = order.get("customer")
    name = str(customer.get("displayName") or "") if is_mapping(customer) else ""
    email = str(order.get("email") or "")
    return f"{name} <{email}>" if name and email and name != email else name or email


def called(order: Thing, tongue: Tongue) -> str:
    """`Order #1007 · Gigi Hamilton <gigi@example.com>`."""
    return " · ".join(part for part in (tongue("Order {number}", number=order["name"]), who(order)) if part)


def standing(state: Json, tongue: Tongue) -> str:
    """Shopify's words for where an order stands, in ours."""
    match state:
        case "PAID":
            return tongue("paid")
        case "PENDING":
            return tongue("not paid yet")
        case "AUTHORIZED":
            return tongue("authorised")
        case "PARTIALLY_PAID":
            return tongue("partly paid")
        case "PARTIALLY_REFUNDED":
            return tongue("partly paid back")
        case "REFUNDED":
            return tongue("paid back")
        case "FULFILLED":
            return tongue("shipped")
        case "UNFULFILLED":
            return tongue("not shipped")
        case "PARTIALLY_FULFILLED":
            return tongue("partly shipped")
        case "ON_HOLD":
            return tongue("on hold")
        case _:
            return str(state or "—").replace("_", " ").lower()


def _line(order: Thing, tongue: Tongue) -> str:
    parts = [
        str(order["name"]),
        who(order),
        tongue.money(money(order["totalPriceSet"])),
        standing(order.get("displayFinancialStatus"), tongue),
        tongue("cancelled")
        if order.get("cancelledAt")
        else standing(order.get("displayFulfillmentStatus"), tongue),
    ]
    return " · ".join(part for part in parts if part)


def row(order: Thing) -> dict[str, Json]:
    return {
        "order": order["name"],
        "id": order["id"],
        "customer": who(order),
        "total": money(order["totalPriceSet"]).as_json(),
        "paid_back": money(order["totalRefundedSet"]).as_json(),
        "payment": order.get("displayFinancialStatus"),
        "shipping": order.get("displayFulfillmentStatus"),
        "note": order.get("note") or "",
        "tags": list(order.get("tags") or ()),
    }


# Reads -------------------------------------------------------------------------------------------------------


async def find(graph: Graph, arguments: Arguments, context: Context) -> Receipt:
    tongue, limit = context.tongue, limit_of(arguments, context.tongue)
    words = [searched(str(arguments.get("query", ""))), _STATES.get(str(arguments.get("status", "")), "")]
    query = " ".join(word for word in words if word) or None
    page = (await graph.ask(ORDERS, first=limit, query=query))["orders"]
    found = nodes(page)
    lines = [_line(order, tongue) for order in found]
    head = tongue.many("{n} order found.", "{n} orders found.", len(found))
    return Receipt(text=listed(head, lines, tongue, whole=_whole(page)), data=[row(order) for order in found])


def searched(text: str) -> str:
    """Words as Shopify's search takes them, nothing in them a command."""
    return " ".join(f'"{word}"' for word in text.replace("\\", " ").replace('"', " ").split())


def _whole(page: Thing) -> bool:
    info = page.get("pageInfo")
    return not (is_mapping(info) and info.get("hasNextPage"))


def listed(head: str, lines: Sequence[str], tongue: Tongue, *, whole: bool) -> str:
    rest = [] if whole else [tongue("and older ones")]
    return "\n".join([head, *(f"• {line}" for line in [*lines, *rest])])


def limit_of(arguments: Arguments, tongue: Tongue) -> int:
    number: int = arguments["limit"]
    if not 1 <= number <= 50:
        raise BadInput(
            tongue("{name} is a number from {low} to {high}.", name="limit", low=1, high=50), field="limit"
        )
    return number


async def order_of(graph: Graph, text: str, tongue: Tongue) -> Thing:
    """The order of that number, or of Shopify's own id. Raises BadInput."""
    number = text.strip().lstrip("#")
    found_by = text if text.startswith("gid://shopify/Order/") else ""
    if number.isdigit() and len(number) >= _LONG_ID:
        found_by = f"gid://shopify/Order/{number}"
    if not found_by:
        page = await graph.ask(ORDERS, first=10, query=f"name:{searched(number)}")
        same = [each for each in nodes(page["orders"]) if str(each["name"]).lstrip("#") == number]
        if len(same) != 1:
            raise BadInput(tongue("the shop has no order {number}.", number=text), field="order")
        found_by = str(same[0]["id"])
    found = (await graph.ask(ORDER, id=found_by)).get("order")
    if not is_mapping(found):
        raise BadInput(tongue("the shop has no order {number}.", number=text), field="order")
    return found


async def get(graph: Graph, arguments: Arguments, context: Context) -> Receipt:
    tongue = context.tongue
    order = await order_of(graph, arguments["order"], tongue)
    items = nodes(order.get("lineItems"))
    lines = [f"{each.get('currentQuantity')} × {each.get('name')}" for each in items]
    back = money(order["totalRefundedSet"])
    if back.minor:
        lines.append(tongue("{amount} paid back", amount=tongue.money(back)))
    address = address_now(order)
    if address:
        lines.append(tongue("goes to {address}", address=", ".join(address.values())))
    lines += [tongue("parcel {number}", number=number) for number in trackings(order)]
    if order.get("tags"):
        lines.append(tongue("tags: {tags}", tags=", ".join(order["tags"])))
    if order.get("note"):
        lines.append(tongue("note: {note}", note=order["note"]))
    data = {
        **row(order),
        "items": [
            {"name": e.get("name"), "sku": e.get("sku"), "quantity": e.get("currentQuantity")} for e in items
        ],
        "address": address,
        "tracking": trackings(order),
    }
    return Receipt(
        id=str(order["id"]), text=listed(_line(order, tongue), lines, tongue, whole=True), data=data
    )


def trackings(order: Thing) -> list[str]:
    """The numbers of the parcels that are under way."""
    sent = [
        each
        for each in order.get("fulfillments") or ()
        if is_mapping(each) and each.get("status") == "SUCCESS"
    ]
    return [
        str(info["number"])
        for each in sent
        for info in each.get("trackingInfo") or ()
        if is_mapping(info) and info.get("number")
    ]


async def options(graph: Graph, query: str, tongue: Tongue) -> tuple[Option, ...]:
    page = await graph.ask(ORDERS, first=20, query=searched(query) or None)
    return tuple(Option(value=str(each["name"]), label=_line(each, tongue)) for each in nodes(page["orders"]))


# Note and tags -----------------------------------------------------------------------------------------------


def tags_of(text: str) -> list[str]:
    """Tags as Shopify keeps them: each once whatever its case, in order of the alphabet."""
    once = {tag.casefold(): tag for tag in reversed([part.strip() for part in text.split(",")]) if tag}
    return [once[folded] for folded in sorted(once)]


async def plan_update(graph: Graph, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    order = await order_of(graph, arguments["order"], tongue)
    wanted = _wanted(arguments, tongue)
    now = {
        "note": str(order.get("note") or ""),
        "tags": tags_of(",".join(str(tag) for tag in order.get("tags") or ())),
    }
    now = {name: now[name] for name in wanted}

    async def apply(_: Thing) -> None:
        await graph.change(UPDATE_ORDER, "orderUpdate", input={"id": order["id"], **wanted})

    def changes(before: Thing) -> tuple[Change, ...]:
        lines: list[Change] = []
        if "note" in wanted:
            lines.append(Change(title="Note", before=before["note"], after=wanted["note"]))
        if "tags" in wanted:
            lines.append(Change(title="Tags", before=list(before["tags"]), after=wanted["tags"]))
        return tuple(lines)

    def receipt(before: Thing) -> Receipt:
        return Receipt(
            id=str(order["id"]),
            text=tongue("Order {number} is changed as asked.", number=order["name"]),
            changes=changes(before),
            undo=_back(str(order["name"]), before),
        )

    return Plan(
        target=str(order["id"]),
        subject=called(order, tongue),
        now=now,
        reached=now == wanted,
        standing=tongue("order {number} reads so already.", number=order["name"]),
        field="order",
        changes=changes,
        apply=apply,
        receipt=receipt,
    )


def _wanted(arguments: Arguments, tongue: Tongue) -> dict[str, Json]:
    wanted: dict[str, Json] = {}
    if "note" in arguments:
        wanted["note"] = str(arguments["note"]).strip()
    if "tags" in arguments:
        wanted["tags"] = tags_of(str(arguments["tags"]))
    removed = str(arguments.get("clear", ""))
    for name, nothing in (("note", ""), ("tags", list[str]())):
        if name not in removed:
            continue
        if name in wanted:
            raise BadInput(tongue("either set {name} or clear it, not both.", name=name), field="clear")
        wanted[name] = nothing
    if not wanted:
        raise BadInput(tongue("say what to change: the note, the tags, or what to clear."), field="note")
    return wanted


def _back(number: str, before: Thing) -> Undo:
    arguments: dict[str, Json] = {"order": number}
    if before.get("note"):
        arguments["note"] = before["note"]
    if before.get("tags"):
        arguments["tags"] = ", ".join(before["tags"])
    cleared = [name for name in ("note", "tags") if name in before and not before[name]]
    if cleared:
        arguments["clear"] = ", ".join(cleared)
    return Undo(action="update_order", arguments=arguments)


# Shipping address --------------------------------------------------------------------------------------------


def address_now(order: Thing) -> dict[str, str]:
    """The parts of the shipping address that are filled in, by our names; empty when there is none."""
    address = order.get("shippingAddress")
    if not is_mapping(address):
        return {}
    return {ours: str(address[theirs]) for ours, theirs in ADDRESS.items() if address.get(theirs)}


async def plan_address(graph: Graph, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    order = await order_of(graph, arguments["order"], tongue)
    now = address_now(order)
    wanted = {name: str(arguments[name]) for name in ADDRESS if name in arguments}
    wanted["country"] = wanted["country"].upper()
    if len(wanted["country"]) != 2 or not wanted["country"].isalpha():
        raise BadInput(tongue("the country has two letters, for example FR."), field="country")

    async def apply(_: Thing) -> None:
        # It replaces the whole address: what is not on the card must not stay.
        sent = {theirs: wanted.get(ours) for ours, theirs in ADDRESS.items()}
        sent["countryCode"] = sent.pop("countryCodeV2")
        await graph.change(UPDATE_ORDER, "orderUpdate", input={"id": order["id"], "shippingAddress": sent})

    def changes(before: Thing) -> tuple[Change, ...]:
        return (Change(title="Shipping address", before=_in_words(before), after=_in_words(wanted)),)

    def receipt(before: Thing) -> Receipt:
        complete = {"last_name", "street", "city", "country"} <= before.keys()
        return Receipt(
            id=str(order["id"]),
            text=tongue(
                "Order {number} now goes to {address}.", number=order["name"], address=_in_words(wanted)
            ),
            changes=changes(before),
            undo=Undo(action="change_address", arguments={"order": str(order["name"]), **before})
            if complete
            else None,
        )

    shipped = bool(trackings(order))
    return Plan(
        target=str(order["id"]),
        subject=called(order, tongue),
        recipient=" ".join(part for part in (wanted.get("first_name"), wanted.get("last_name")) if part),
        notes=("A parcel of this order is under way already; it keeps its old address.",) if shipped else (),
        now=now,
        reached=now == wanted,
        standing=tongue("order {number} goes there already.", number=order["name"]),
        field="order",
        changes=changes,
        apply=apply,
        receipt=receipt,
    )


def _in_words(address: Mapping[str, Json]) -> str:
    return ", ".join(str(address[name]) for name in ADDRESS if address.get(name)) or "—"
