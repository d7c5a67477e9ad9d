"""The shop's writes. Each is one plan: what it would change, and the statements that change it. A preview
shows the plan; a run makes it, over what it finds in the same transaction. Pure but for finding things.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.systems.demo import finding
from adapters.systems.demo.books import Books, Write
from adapters.systems.demo.nouns import CURRENCY, Order, Status
from bot.actions import Change, Preview, Receipt, Undo
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money
from bot.world import Context

Arguments = Mapping[str, Json]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What a write would do. The receipt says it in the past tense."""

    preview: Preview
    receipt: Receipt
    writes: tuple[Write, ...]


Planner = Callable[[Books, Arguments, Context], Plan]


def note_order(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    order = finding.order(books, arguments["order"], tongue)
    note: str = arguments.get("note", "")
    return _plan(
        subject=finding.subject(order, tongue),
        version=order.version,
        changes=(Change(title="Note", before=order.note, after=note),),
        text=tongue("The note on order {number} now reads as asked.", number=order.id)
        if note
        else tongue("Order {number} has no note any more.", number=order.id),
        undo=Undo(
            action="demo.note_order",
            arguments={"order": order.id, "note": order.note} if order.note else {"order": order.id},
        ),
        writes=[("update orders set note = ? where id = ?", (note, order.id))],
    )


def set_stock(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    product = finding.product(books, arguments["product"], tongue)
    count: int = arguments["count"]
    if not 0 <= count <= 1_000_000:
        raise BadInput(tongue("the count is a number from 0 to 1,000,000."), field="count")
    return _plan(
        subject=tongue("{title} ({code})", title=product.title, code=product.id),
        version=product.version,
        changes=(Change(title="In stock", before=product.stock, after=count),),
        text=tongue("The stock of {title} is now {count}.", title=product.title, count=count),
        undo=Undo(action="demo.set_stock", arguments={"product": product.id, "count": product.stock}),
        writes=[("update products set stock = ? where id = ?", (count, product.id))],
    )


def message_customer(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue, recipient = context.tongue, str(arguments["recipient"])
    known = [each for each in books.customers() if each.email.casefold() == recipient.casefold()]
    name = known[0].name if known else ""
    return _plan(
        subject=name,
        recipient=finding.mailbox(name, recipient),
        version=known[0].version if known else "nobody",
        notes=() if known else ("This address belongs to no customer.",),
        text=tongue("The message went to {recipient}.", recipient=finding.mailbox(name, recipient)),
        id=_number("M", len(books.letters()) + 1),
        writes=[_letter(recipient, arguments["subject"], arguments["body"], context)],
    )


def ship_order(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    order = _in_status(finding.order(books, arguments["order"], tongue), Status.OPEN, tongue)
    tracking: str = arguments["tracking"]
    today = finding.today(context.now, context.zone).isoformat()
    letter = _letter(
        order.email,
        tongue("Your order {number} is on its way", number=order.id),
        tongue("The carrier's number is {tracking}.", tracking=tracking),
        context,
    )
    return _plan(
        subject=finding.subject(order, tongue),
        recipient=finding.mailbox(order.name, order.email),
        version=order.version,
        changes=(_status_change(order, Status.SHIPPED, tongue),),
        text=tongue("Order {number} is marked as shipped and its customer is told.", number=order.id),
        writes=[
            (
                "update orders set status = ?, tracking = ?, shipped = ? where id = ?",
                (Status.SHIPPED, tracking, today, order.id),
            ),
            letter,
        ],
    )


def refund(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue, amount = context.tongue, Money.of(arguments["amount"])
    order = finding.order(books, arguments["order"], tongue)
    if amount.currency != CURRENCY:
        raise BadInput(tongue("the demo shop refunds in {currency} only.", currency=CURRENCY), field="amount")
    if amount.minor > order.refundable.minor:
        raise BadInput(
            tongue(
                "only {left} of order {number} is left to refund.",
                left=tongue.money(order.refundable),
                number=order.id,
            ),
            field="amount",
        )
    after = Money(order.refunded + amount.minor, CURRENCY)
    return _plan(
        subject=finding.subject(order, tongue),
        recipient=finding.mailbox(order.name, order.email),
        version=order.version,
        changes=(
            Change(title="Paid back", before=order.paid_back.as_json(), after=after.as_json()),
            Change(
                title="Left to refund",
                before=order.refundable.as_json(),
                after=Money(order.total.minor - after.minor, CURRENCY).as_json(),
            ),
        ),
        text=tongue(
            "{amount} of order {number} went back to {customer}.",
            amount=tongue.money(amount),
            number=order.id,
            customer=finding.called(order, tongue),
        ),
        id=_number("R", len(books.refunds()) + 1),
        writes=[
            ("update orders set refunded = ? where id = ?", (after.minor, order.id)),
            (
                "insert into refunds (order_id, amount, reason, key) values (?, ?, ?, ?)",
                (order.id, amount.minor, arguments.get("reason", ""), context.key),
            ),
        ],
    )


def discount(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue, percent = context.tongue, int(arguments["percent"])
    order = _in_status(finding.order(books, arguments["order"], tongue), Status.OPEN, tongue)
    if not 0 <= percent <= 50:
        raise BadInput(tongue("a discount is from 0 to 50 percent."), field="percent")
    after = order.discounted(percent)
    if after.refundable.minor < 0:
        raise BadInput(tongue("more than that is paid back already."), field="percent")
    return _plan(
        subject=finding.subject(order, tongue),
        version=order.version,
        changes=(
            Change(title="Discount (%)", before=order.percent, after=percent),
            Change(title="Total", before=order.total.as_json(), after=after.total.as_json()),
        ),
        text=tongue("Order {number} now costs {total}.", number=order.id, total=tongue.money(after.total)),
        undo=Undo(action="demo.discount", arguments={"order": order.id, "percent": order.percent}),
        writes=[("update orders set percent = ? where id = ?", (percent, order.id))],
    )


def cancel_order(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    order = _in_status(finding.order(books, arguments["order"], tongue), Status.OPEN, tongue)
    return _plan(
        subject=finding.subject(order, tongue),
        version=order.version,
        changes=(_status_change(order, Status.CANCELLED, tongue),),
        text=tongue("Order {number} is cancelled.", number=order.id),
        undo=Undo(action="demo.reopen_order", arguments={"order": order.id}),
        writes=[("update orders set status = ? where id = ?", (Status.CANCELLED, order.id))],
    )


def reopen_order(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    order = _in_status(finding.order(books, arguments["order"], tongue), Status.CANCELLED, tongue)
    return _plan(
        subject=finding.subject(order, tongue),
        version=order.version,
        changes=(_status_change(order, Status.OPEN, tongue),),
        text=tongue("Order {number} is open again.", number=order.id),
        undo=Undo(action="demo.cancel_order", arguments={"order": order.id}),
        writes=[("update orders set status = ? where id = ?", (Status.OPEN, order.id))],
    )


def delete_customer(books: Books, arguments: Arguments, context: Context) -> Plan:
    tongue = context.tongue
    customer = finding.customer(books, arguments["customer"], tongue)
    waiting = [o.id for o in books.orders() if o.customer == customer.id and o.status is Status.OPEN]
    if waiting:
        raise BadInput(
            tongue(
                "{customer} still waits for order {numbers}.",
                customer=customer.name,
                numbers=", ".join(waiting),
            ),
            field="customer",
        )
    return _plan(
        subject=tongue("Customer {number} · {name}", number=customer.id, name=customer.name),
        version=customer.version,
        changes=(Change(title="Customer", before=customer.name, after=""),),
        notes=("Past orders stay, without a name.",),
        text=tongue("{customer} is deleted.", customer=customer.name),
        writes=[("delete from customers where id = ?", (customer.id,))],
    )


PLANS: Mapping[str, Planner] = {
    "demo.note_order": note_order,
    "demo.set_stock": set_stock,
    "demo.message_customer": message_customer,
    "demo.ship_order": ship_order,
    "demo.refund": refund,
    "demo.discount": discount,
    "demo.cancel_order": cancel_order,
    "demo.reopen_order": reopen_order,
    "demo.delete_customer": delete_customer,
}


def _plan(
    *,
    subject: str,
    version: str,
    text: str,
    writes: list[Write],
    changes: tuple[Change, ...] = (),
    recipient: str = "",
    notes: tuple[str, ...] = (),
    undo: Undo | None = None,
    id: str = "",
) -> Plan:
    return Plan(
        preview=Preview(subject=subject, recipient=recipient, changes=changes, version=version, notes=notes),
        receipt=Receipt(id=id, text=text, changes=changes, undo=undo),
        writes=tuple(writes),
    )


def _in_status(order: Order, wanted: Status, tongue: Tongue) -> Order:
    if order.status is wanted:
        return order
    raise BadInput(
        tongue("order {number} is {status}.", number=order.id, status=finding.standing(order.status, tongue)),
        field="order",
    )


def _status_change(order: Order, after: Status, tongue: Tongue) -> Change:
    return Change(
        title="Status", before=finding.standing(order.status, tongue), after=finding.standing(after, tongue)
    )


def _letter(recipient: str, subject: str, body: str, context: Context) -> Write:
    return (
        "insert into letters (recipient, subject, body, key) values (?, ?, ?, ?)",
        (recipient, subject, body, context.key),
    )


def _number(letter: str, n: int) -> str:
    return f"{letter}{n:04}"
