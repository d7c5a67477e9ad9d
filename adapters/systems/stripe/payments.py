"""Payments and what is paid back of them.

A refund is found again by the effect's id in its metadata, which also keeps what was paid back before it.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.systems.client import segment
from adapters.systems.stripe import customers
from adapters.systems.stripe.lines import (
    limit_of,
    listed,
    mailbox,
    metadata,
    money,
    payment_standing,
)
from adapters.systems.stripe.money import from_wire, to_wire
from adapters.systems.stripe.wire import MARK, Missing, Thing, Wire
from bot.actions import Change, Option, Preview, Receipt
from bot.errors import BadInput, Failed
from bot.speech import Tongue
from bot.values import Json, Money, digest, is_mapping
from bot.world import Context

_BEFORE = "vigie_refunded_before"
_PAGE = 100
_EXPAND = ("data.latest_charge", "data.customer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment and the charge behind it. `charge` is None until money moved."""

    id: str
    charge: Thing | None
    thing: Thing

    @property
    def left(self) -> Money:
        """What can still be paid back."""
        if self.charge is None or self.charge.get("status") not in ("succeeded", None):
            return Money(0, str(self.thing.get("currency")).upper())
        number = int(self.charge["amount"]) - int(self.charge.get("amount_refunded") or 0)
        return from_wire(max(number, 0), self.charge["currency"])

    @property
    def paid_back(self) -> Money:
        charge = self.charge or {**self.thing, "amount_refunded": 0}
        return money(charge, "amount_refunded")


def _payment(thing: Thing) -> Payment:
    charge = thing if thing.get("object") == "charge" else thing.get("latest_charge")
    return Payment(id=str(thing["id"]), charge=charge if is_mapping(charge) else None, thing=thing)


async def payment_of(wire: Wire, id: str, tongue: Tongue) -> Payment:
    """Raises BadInput for one that is not there."""
    kind = "charges" if id.startswith("ch_") else "payment_intents"
    try:
        expand = ("customer",) if kind == "charges" else ("latest_charge", "customer")
        return _payment(await wire.one(f"/v1/{kind}/{segment(id)}", expand=expand))
    except Missing as error:
        raise BadInput(tongue("Stripe has no payment {id}.", id=id), field="payment") from error


async def find(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    tongue, limit = context.tongue, limit_of(arguments, context.tongue)
    filters: dict[str, Json] = {}
    if "customer" in arguments:
        filters["customer"] = (await customers.resolve(wire, arguments["customer"], tongue))["id"]
    wanted = arguments.get("status")
    # Stripe's list has no filter for the status: more is read than is shown.
    page = await wire.some(
        "/v1/payment_intents", limit=limit if wanted is None else 1000, expand=_EXPAND, **filters
    )
    found = [_payment(each) for each in page.things if wanted in (None, each.get("status"))]
    shown = found[:limit]
    text = listed(
        tongue.many("{n} payment found.", "{n} payments found.", len(shown)),
        [_line(each, tongue) for each in shown],
        tongue,
        whole=page.whole and len(found) == len(shown),
    )
    return Receipt(text=text, data=[_row(each, tongue) for each in shown])


def _line(payment: Payment, tongue: Tongue) -> str:
    parts = [
        payment.id,
        tongue.money(money(payment.thing)),
        payment_standing(payment.thing.get("status"), tongue),
    ]
    if payment.paid_back.minor:
        parts.append(tongue("{amount} paid back", amount=tongue.money(payment.paid_back)))
    if who := _customer(payment):
        parts.append(mailbox(who, tongue))
    return " · ".join(parts)


def _row(payment: Payment, tongue: Tongue) -> Json:
    who = _customer(payment)
    return {
        "payment": payment.id,
        "amount": money(payment.thing).as_json(),
        "status": payment.thing.get("status"),
        "refundable": payment.left.as_json(),
        "customer": mailbox(who, tongue) if who else "",
        "description": payment.thing.get("description") or "",
    }


def _customer(payment: Payment) -> Thing | None:
    who = payment.thing.get("customer")
    return who if is_mapping(who) else None


async def options(wire: Wire, query: str, tongue: Tongue) -> tuple[Option, ...]:
    """Payments of which something is left to refund."""
    found = (await wire.some("/v1/payment_intents", expand=_EXPAND)).things
    payments = [each for each in map(_payment, found) if each.left.minor > 0]
    lines = [(each.id, _line(each, tongue)) for each in payments]
    return tuple(
        Option(value=value, label=line) for value, line in lines if query.casefold() in line.casefold()
    )


# Refunds -----------------------------------------------------------------------------------------------------


async def preview_refund(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Preview:
    tongue, amount = context.tongue, Money.of(arguments["amount"])
    payment = await payment_of(wire, arguments["payment"], tongue)
    if payment.charge is None or not payment.left.minor:
        raise BadInput(tongue("nothing is left to refund of payment {id}.", id=payment.id), field="payment")
    if amount.currency != payment.left.currency:
        raise BadInput(
            tongue("the payment was made in {currency}.", currency=payment.left.currency), field="amount"
        )
    to_wire(amount, field="amount")
    if amount.minor > payment.left.minor:
        raise BadInput(
            tongue(
                "only {left} of payment {id} is left to refund.",
                left=tongue.money(payment.left),
                id=payment.id,
            ),
            field="amount",
        )
    who = _customer(payment)
    return Preview(
        subject=tongue(
            "Payment {id} over {amount}", id=payment.id, amount=tongue.money(money(payment.thing))
        ),
        recipient=mailbox(who, tongue) if who else "",
        changes=_changes(payment, payment.paid_back, amount),
        version=digest(
            [payment.id, payment.charge["id"], payment.paid_back.minor, payment.charge.get("status")]
        ),
    )


def _changes(payment: Payment, before: Money, amount: Money) -> tuple[Change, ...]:
    assert payment.charge is not None
    total = money(payment.charge)
    after = Money(before.minor + amount.minor, amount.currency)
    return (
        Change(title="Paid back", before=before.as_json(), after=after.as_json()),
        Change(
            title="Left to refund",
            before=Money(total.minor - before.minor, total.currency).as_json(),
            after=Money(total.minor - after.minor, total.currency).as_json(),
        ),
    )


async def refund(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    if (done := await refund_done(wire, arguments, context)) is not None:
        return done
    await preview_refund(wire, arguments, context)
    payment = await payment_of(wire, arguments["payment"], context.tongue)
    assert payment.charge is not None
    number, _ = to_wire(Money.of(arguments["amount"]), field="amount")
    before = int(payment.charge.get("amount_refunded") or 0)
    made = await wire.post(
        "/v1/refunds",
        {
            "charge": payment.charge["id"],
            "amount": number,
            "reason": arguments.get("reason"),
            "metadata": {MARK: context.key, _BEFORE: before},
        },
        key=context.key,
    )
    return _refunded(payment, made, context.tongue)


async def refund_done(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt | None:
    """The refund that carries the key, among those of the payment."""
    try:
        payment = await payment_of(wire, arguments["payment"], context.tongue)
    except BadInput:
        return None
    if payment.charge is None:
        return None
    made = await wire.some("/v1/refunds", charge=payment.charge["id"], limit=1000)
    for each in made.things:
        if metadata(each).get(MARK) == context.key:
            return _refunded(payment, each, context.tongue)
    return None


def _refunded(payment: Payment, made: Thing, tongue: Tongue) -> Receipt:
    amount = money(made)
    if made.get("status") in ("failed", "canceled"):
        raise Failed(tongue("Stripe could not pay {amount} back.", amount=tongue.money(amount)))
    before = from_wire(metadata(made).get(_BEFORE), made.get("currency"))
    pending = made.get("status") in ("pending", "requires_action")
    words = {"amount": tongue.money(amount), "id": payment.id}
    return Receipt(
        id=str(made["id"]),
        text=tongue("{amount} of payment {id} is on its way back.", **words)
        if pending
        else tongue("{amount} of payment {id} went back.", **words),
        changes=_changes(payment, before, amount),
        data={"refund": made["id"], "payment": payment.id, "amount": amount.as_json()},
    )
