"""The shop's reads: each finds something out and says it. They write nothing, not even that they read."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

from adapters.systems.demo import finding
from adapters.systems.demo.books import Books
from adapters.systems.demo.nouns import CURRENCY, Order, Status
from bot.actions import Receipt
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money
from bot.world import Context

Arguments = Mapping[str, Json]
Look = Callable[[Books, Arguments, Context], Receipt]


def find_orders(books: Books, arguments: Arguments, context: Context) -> Receipt:
    tongue, limit = context.tongue, _between(arguments, "limit", 1, 50, context.tongue)
    found = finding.matching(books.orders(), arguments.get("query", ""), finding.order_text)
    if "status" in arguments:
        found = tuple(order for order in found if order.status == arguments["status"])
    shown = found[:limit]
    text = _listed(
        tongue.many("{n} order found.", "{n} orders found.", len(found)),
        [_order_line(order, tongue) for order in shown],
        len(found),
        tongue,
    )
    return Receipt(text=text, data=[_order_row(order) for order in shown])


def get_order(books: Books, arguments: Arguments, context: Context) -> Receipt:
    tongue = context.tongue
    order = finding.order(books, arguments["order"], tongue)
    items = books.items(order.id)
    lines = [f"{item.quantity} × {item.title}" for item in items]
    lines.append(
        tongue(
            "placed {placed}, promised for {promised}",
            placed=_day(order.placed, tongue),
            promised=_day(order.promised, tongue),
        )
    )
    if late := order.days_late(_today(context)):
        lines.append(tongue.many("{n} day late", "{n} days late", late))
    if order.tracking:
        lines.append(
            tongue("shipped {day}, tracking {number}", day=_day(order.shipped, tongue), number=order.tracking)
        )
    if order.percent:
        lines.append(tongue("{percent} % discount", percent=order.percent))
    if order.refunded:
        lines.append(tongue("{amount} paid back", amount=tongue.money(order.paid_back)))
    if order.note:
        lines.append(tongue("note: {note}", note=order.note))
    data = {
        **_order_row(order),
        "shipped": order.shipped,
        "tracking": order.tracking,
        "note": order.note,
        "items": [
            {"product": item.product, "title": item.title, "quantity": item.quantity} for item in items
        ],
    }
    return Receipt(
        id=order.id, text=_listed(_order_line(order, tongue), lines, len(lines), tongue), data=data
    )


def late_orders(books: Books, arguments: Arguments, context: Context) -> Receipt:
    tongue, today = context.tongue, _today(context)
    days = _between(arguments, "days", 0, 3650, tongue)
    late = [order for order in books.orders() if order.days_late(today) > days]
    late.sort(key=lambda order: (order.promised, order.id))
    text = _listed(
        tongue.many("{n} order is late.", "{n} orders are late.", len(late))
        if not days
        else tongue.many(
            "{n} order is late by more than {days} days.",
            "{n} orders are late by more than {days} days.",
            len(late),
            days=days,
        ),
        [_late_line(order, today, tongue) for order in late],
        len(late),
        tongue,
    )
    return Receipt(
        text=text, data=[{**_order_row(order), "days_late": order.days_late(today)} for order in late]
    )


def find_customers(books: Books, arguments: Arguments, context: Context) -> Receipt:
    tongue, limit = context.tongue, _between(arguments, "limit", 1, 50, context.tongue)
    found = finding.matching(books.customers(), arguments.get("query", ""), finding.customer_text)
    shown = found[:limit]
    text = _listed(
        tongue.many("{n} customer found.", "{n} customers found.", len(found)),
        [f"{each.id} · {finding.mailbox(each.name, each.email)} · {each.city}" for each in shown],
        len(found),
        tongue,
    )
    data = [
        {"customer": each.id, "name": each.name, "email": each.email, "city": each.city, "lang": each.lang}
        for each in shown
    ]
    return Receipt(text=text, data=data)


def stock(books: Books, arguments: Arguments, context: Context) -> Receipt:
    tongue, below = context.tongue, arguments.get("below")
    found = finding.matching(books.products(), arguments.get("query", ""), finding.product_text)
    if below is not None:
        found = tuple(each for each in found if each.stock < below)
    text = _listed(
        tongue.many("{n} product found.", "{n} products found.", len(found)),
        [f"{each.id} · {each.title} · {each.stock}" for each in found],
        len(found),
        tongue,
    )
    data = [{"product": each.id, "title": each.title, "stock": each.stock} for each in found]
    return Receipt(text=text, data=data)


def sales(books: Books, arguments: Arguments, context: Context) -> Receipt:
    tongue, today = context.tongue, _today(context)
    days = _between(arguments, "days", 1, 90, tongue)
    sold = [order for order in books.orders() if order.status is not Status.CANCELLED]
    rows: list[dict[str, Json]] = []
    for back in range(days - 1, -1, -1):
        day = (today - timedelta(days=back)).isoformat()
        totals = [order.total.minor for order in sold if order.placed == day]
        rows.append({"day": day, "orders": len(totals), "total": Money(sum(totals), CURRENCY).as_json()})
    orders = sum(row["orders"] for row in rows)
    total = Money(sum(row["total"]["minor"] for row in rows), CURRENCY)
    text = _listed(
        tongue.many(
            "{n} order in {days} days, {total}.",
            "{n} orders in {days} days, {total}.",
            orders,
            days=days,
            total=tongue.money(total),
        ),
        [
            f"{_day(row['day'], tongue)} · {row['orders']} · {tongue.money(Money.of(row['total']))}"
            for row in rows
        ],
        len(rows),
        tongue,
    )
    return Receipt(text=text, data={"orders": orders, "total": total.as_json(), "days": rows})


LOOKS: Mapping[str, Look] = {
    "demo.find_orders": find_orders,
    "demo.get_order": get_order,
    "demo.late_orders": late_orders,
    "demo.find_customers": find_customers,
    "demo.stock": stock,
    "demo.sales": sales,
}


def _today(context: Context) -> date:
    return finding.today(context.now, context.zone)


def _between(arguments: Arguments, name: str, low: int, high: int, tongue: Tongue) -> int:
    number: int = arguments[name]
    if not low <= number <= high:
        raise BadInput(
            tongue("{name} is a number from {low} to {high}.", name=name, low=low, high=high), field=name
        )
    return number


def _order_line(order: Order, tongue: Tongue) -> str:
    status = finding.standing(order.status, tongue)
    return f"{order.id} · {finding.called(order, tongue)} · {tongue.money(order.total)} · {status}"


def _late_line(order: Order, today: date, tongue: Tongue) -> str:
    late = tongue.many("{n} day late", "{n} days late", order.days_late(today))
    return f"{order.id} · {finding.called(order, tongue)} · {tongue.money(order.total)} · {late}"


def _order_row(order: Order) -> dict[str, Json]:
    return {
        "order": order.id,
        "customer": order.name,
        "email": order.email,
        "status": order.status.value,
        "placed": order.placed,
        "promised": order.promised,
        "total": order.total.as_json(),
        "refundable": order.refundable.as_json(),
    }


def _listed(head: str, lines: Sequence[str], all_in_all: int, tongue: Tongue) -> str:
    """A sentence and the lines it introduces, one below the other."""
    more = all_in_all - len(lines)
    rest = [tongue.many("and {n} more", "and {n} more", more)] if more else []
    return "\n".join([head, *(f"• {line}" for line in [*lines, *rest])])


def _day(written: str, tongue: Tongue) -> str:
    """An ISO date as the reader writes dates."""
    return tongue.date(date.fromisoformat(written))
