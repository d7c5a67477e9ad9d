"""Invoices: listed, made and sent, voided.

One that is sent takes five requests: the draft, its line, the finished number, the e-mail, and a mark that the e-mail
went out. Each has a key of its own made from the effect's id, and the draft carries that id in its metadata, so that
an interrupted one is taken up where it stands and never made twice.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta

from adapters.systems.client import segment
from adapters.systems.stripe import customers
from adapters.systems.stripe.lines import (
    invoice_name,
    invoice_standing,
    limit_of,
    listed,
    mailbox,
    metadata,
    money,
)
from adapters.systems.stripe.money import to_wire
from adapters.systems.stripe.wire import MARK, Missing, Thing, Wire
from bot.actions import Change, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Unknowable
from bot.speech import Tongue
from bot.values import Json, Money, digest
from bot.world import Context

_SENT = "vigie_sent"
_VOIDED = "vigie_voided_by"
_LOOKED_AT = 1000
_LOOKED_BACK = timedelta(days=7)
"""How long after its approval a deed can still be looked for; nothing stays under way for so long."""


async def find(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    tongue, limit = context.tongue, limit_of(arguments, context.tongue)
    filters: dict[str, Json] = {}
    if "customer" in arguments:
        filters["customer"] = (await customers.resolve(wire, arguments["customer"], tongue))["id"]
    if "status" in arguments:
        filters["status"] = arguments["status"]
    page = await wire.some("/v1/invoices", limit=limit, **filters)
    text = listed(
        tongue.many("{n} invoice found.", "{n} invoices found.", len(page.things)),
        [_line(each, tongue) for each in page.things],
        tongue,
        whole=page.whole,
    )
    data = [
        {
            "invoice": each["id"],
            "number": each.get("number") or "",
            "customer": _whose(each, tongue),
            "amount": money(each, "total").as_json(),
            "status": each.get("status"),
            "link": each.get("hosted_invoice_url") or "",
        }
        for each in page.things
    ]
    return Receipt(text=text, data=data)


def _line(invoice: Thing, tongue: Tongue) -> str:
    total = tongue.money(money(invoice, "total"))
    standing = invoice_standing(invoice.get("status"), tongue)
    return " · ".join([invoice_name(invoice), _whose(invoice, tongue), total, standing])


def _whose(invoice: Thing, tongue: Tongue) -> str:
    return mailbox({"name": invoice.get("customer_name"), "email": invoice.get("customer_email")}, tongue)


async def options(wire: Wire, query: str, tongue: Tongue) -> tuple[Option, ...]:
    """Invoices that can be voided."""
    found = (await wire.some("/v1/invoices", limit=100)).things
    lines = [(str(each["id"]), _line(each, tongue)) for each in found if each.get("status") == "open"]
    return tuple(
        Option(value=value, label=line) for value, line in lines if query.casefold() in line.casefold()
    )


# Sending -----------------------------------------------------------------------------------------------------


async def preview_send(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Preview:
    tongue = context.tongue
    who = await _addressee(wire, arguments, tongue)
    amount = Money.of(arguments["amount"])
    to_wire(amount, field="amount")
    if not 1 <= arguments["days"] <= 365:
        raise BadInput(
            tongue("{name} is a number from {low} to {high}.", name="days", low=1, high=365), field="days"
        )
    return Preview(
        subject=tongue("Invoice over {amount}", amount=tongue.money(amount)),
        recipient=mailbox(who, tongue),
        version=digest([who["id"], who.get("name"), who.get("email")]),
        notes=("Stripe sends the customer an e-mail with a link to pay; in test mode it sends none.",),
    )


async def _addressee(wire: Wire, arguments: Mapping[str, Json], tongue: Tongue) -> Thing:
    who = await customers.resolve(wire, arguments["customer"], tongue)
    if not who.get("email"):
        raise BadInput(
            tongue("{customer} has no e-mail address in Stripe.", customer=mailbox(who, tongue)),
            field="customer",
        )
    return who


async def send(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    """Makes what is missing of it, from the draft to the mark."""
    invoice = await _marked(wire, arguments, context)
    if invoice is None:
        await preview_send(wire, arguments, context)
        invoice = await _draft(wire, arguments, context)
    return _sent(await _finished(wire, invoice, arguments, context), context.tongue)


async def _draft(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Thing:
    who = await _addressee(wire, arguments, context.tongue)
    _, currency = to_wire(Money.of(arguments["amount"]), field="amount")
    return await wire.post(
        "/v1/invoices",
        {
            "customer": who["id"],
            "currency": currency,
            "collection_method": "send_invoice",
            "days_until_due": arguments["days"],
            "auto_advance": False,
            # What else waits for this customer's next invoice is not on the card.
            "pending_invoice_items_behavior": "exclude",
            "metadata": {MARK: context.key},
        },
        key=f"{context.key}:draft",
    )


async def _finished(wire: Wire, invoice: Thing, arguments: Mapping[str, Json], context: Context) -> Thing:
    path, key = f"/v1/invoices/{invoice['id']}", context.key
    number, currency = to_wire(Money.of(arguments["amount"]), field="amount")
    if invoice.get("status") == "draft":
        item = {
            "customer": invoice["customer"],
            "invoice": invoice["id"],
            "amount": number,
            "currency": currency,
            "description": arguments["description"],
            "metadata": {MARK: key},
        }
        if int(invoice.get("total") or 0) == 0:
            await wire.post("/v1/invoiceitems", item, key=f"{key}:line")
        invoice = await wire.post(f"{path}/finalize", {"auto_advance": False}, key=f"{key}:finalize")
    if metadata(invoice).get(_SENT):
        return invoice
    if invoice.get("status") == "open":
        await wire.post(f"{path}/send", {}, key=f"{key}:send")
    return await wire.post(path, {"metadata": {_SENT: "yes"}}, key=f"{key}:sent")


async def send_done(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt | None:
    """The receipt of an invoice that went out; None while something of it is left to do."""
    invoice = await _marked(wire, arguments, context)
    return _sent(invoice, context.tongue) if invoice is not None and metadata(invoice).get(_SENT) else None


async def _marked(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Thing | None:
    """The invoice that carries the key. Raises Unknowable when there are too many newer ones to be sure."""
    since = int((context.now - _LOOKED_BACK).timestamp())
    filters: dict[str, Json] = {"created": {"gte": since}}
    with suppress(BadInput):  # a namesake was added meanwhile; the invoice may be there all the same
        filters["customer"] = (await customers.resolve(wire, arguments["customer"], context.tongue))["id"]
    found = await wire.some("/v1/invoices", limit=_LOOKED_AT, **filters)
    for each in found.things:
        if metadata(each).get(MARK) == context.key:
            return each
    if not found.whole:
        raise Unknowable(
            context.tongue("so many invoices were made since that this one cannot be looked for.")
        )
    return None


def _sent(invoice: Thing, tongue: Tongue) -> Receipt:
    total = money(invoice, "total")
    return Receipt(
        id=str(invoice["id"]),
        text=tongue(
            "Invoice {number} over {amount} went to {customer}.",
            number=invoice_name(invoice),
            amount=tongue.money(total),
            customer=_whose(invoice, tongue),
        ),
        link=str(invoice.get("hosted_invoice_url") or ""),
        data={"invoice": invoice["id"], "number": invoice.get("number"), "amount": total.as_json()},
        undo=Undo(action="void_invoice", arguments={"invoice": invoice["id"]}),
    )


# Voiding -----------------------------------------------------------------------------------------------------


async def _voidable(wire: Wire, arguments: Mapping[str, Json], tongue: Tongue) -> Thing:
    number = arguments["invoice"]
    try:
        invoice = await wire.one(f"/v1/invoices/{segment(number)}")
    except Missing as error:
        raise BadInput(tongue("Stripe has no invoice {id}.", id=number), field="invoice") from error
    if invoice.get("status") not in ("open", "uncollectible"):
        standing = invoice_standing(invoice.get("status"), tongue)
        raise BadInput(
            tongue("invoice {number} is {status}.", number=invoice_name(invoice), status=standing),
            field="invoice",
        )
    return invoice


async def preview_void(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Preview:
    tongue = context.tongue
    invoice = await _voidable(wire, arguments, tongue)
    return Preview(
        subject=tongue(
            "Invoice {number} over {amount}",
            number=invoice_name(invoice),
            amount=tongue.money(money(invoice, "total")),
        ),
        recipient=_whose(invoice, tongue),
        changes=_void_changes(invoice, str(invoice.get("status")), tongue),
        version=digest([invoice["id"], invoice.get("status"), invoice.get("total")]),
    )


def _void_changes(invoice: Thing, before: str, tongue: Tongue) -> tuple[Change, ...]:
    return (
        Change(
            title="Status", before=invoice_standing(before, tongue), after=invoice_standing("void", tongue)
        ),
    )


async def void(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    if (done := await void_done(wire, arguments, context)) is not None:
        return done
    invoice = await _voidable(wire, arguments, context.tongue)
    path, key = f"/v1/invoices/{invoice['id']}", context.key
    # The mark first: a void invoice takes none any more.
    kept = {"metadata": {_VOIDED: key, "vigie_status_before": invoice.get("status")}}
    await wire.post(path, kept, key=f"{key}:mark")
    return _voided(await wire.post(f"{path}/void", {}, key=key), context.tongue)


async def void_done(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt | None:
    try:
        invoice = await wire.one(f"/v1/invoices/{segment(arguments['invoice'])}")
    except Missing:
        return None
    marked = metadata(invoice).get(_VOIDED) == context.key
    return _voided(invoice, context.tongue) if marked and invoice.get("status") == "void" else None


def _voided(invoice: Thing, tongue: Tongue) -> Receipt:
    before = str(metadata(invoice).get("vigie_status_before") or "open")
    return Receipt(
        id=str(invoice["id"]),
        text=tongue("Invoice {number} is void.", number=invoice_name(invoice)),
        changes=_void_changes(invoice, before, tongue),
        data={"invoice": invoice["id"]},
    )
