"""Payment links: made, turned off, turned on again. The effect's id is in their metadata: that of the deed that made
one, and that of the last one that turned it on or off.
"""

from collections.abc import Mapping

from adapters.systems.client import segment
from adapters.systems.stripe.lines import metadata
from adapters.systems.stripe.money import to_wire
from adapters.systems.stripe.wire import MARK, Missing, Thing, Wire
from bot.actions import Change, Option, Preview, Receipt, Undo
from bot.errors import BadInput, Unknowable
from bot.speech import Tongue
from bot.values import Json, Money, digest
from bot.world import Context

_TITLE = "vigie_title"
_LOOKED_AT = 1000


async def preview_create(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Preview:
    amount = Money.of(arguments["amount"])
    to_wire(amount, field="amount")
    return Preview(
        subject=context.tongue("Payment link over {amount}", amount=context.tongue.money(amount)),
        version="new",
        notes=("Whoever has the address can pay by it, any number of times.",),
    )


async def create(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    number, currency = to_wire(Money.of(arguments["amount"]), field="amount")
    product = {"name": arguments["title"]}
    priced = {"currency": currency, "unit_amount": number, "product_data": product}
    made = await wire.post(
        "/v1/payment_links",
        {
            "line_items": [{"price_data": priced, "quantity": 1}],
            "metadata": {MARK: context.key, _TITLE: str(arguments["title"])},
        },
        key=context.key,
    )
    return _created(made, arguments, context.tongue)


async def create_done(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt | None:
    found = await wire.some("/v1/payment_links", limit=_LOOKED_AT)
    for each in found.things:
        if metadata(each).get(MARK) == context.key:
            return _created(each, arguments, context.tongue)
    if not found.whole:
        raise Unknowable(
            context.tongue("so many payment links were made that this one cannot be looked for.")
        )
    return None


def _created(link: Thing, arguments: Mapping[str, Json], tongue: Tongue) -> Receipt:
    amount = tongue.money(Money.of(arguments["amount"]))
    return Receipt(
        id=str(link["id"]),
        text=tongue("The payment link over {amount} is {url}", amount=amount, url=link.get("url")),
        link=str(link.get("url") or ""),
        data={"link": link["id"], "url": link.get("url")},
        undo=Undo(action="deactivate_payment_link", arguments={"link": link["id"]}),
    )


async def options(wire: Wire, query: str, tongue: Tongue, *, active: bool) -> tuple[Option, ...]:
    found = (await wire.some("/v1/payment_links", active=active)).things
    lines = [(str(each["id"]), _name(each)) for each in found]
    return tuple(
        Option(value=value, label=line) for value, line in lines if query.casefold() in line.casefold()
    )


def _name(link: Thing) -> str:
    title = str(metadata(link).get(_TITLE) or "")
    return " · ".join(part for part in (title, str(link.get("url") or ""), str(link["id"])) if part)


# On and off --------------------------------------------------------------------------------------------------


async def preview_switch(wire: Wire, arguments: Mapping[str, Json], context: Context, *, on: bool) -> Preview:
    tongue = context.tongue
    link = await _link(wire, arguments, tongue)
    if bool(link.get("active")) is on:
        raise BadInput(
            tongue("payment link {id} is on already.", id=link["id"])
            if on
            else tongue("payment link {id} is off already.", id=link["id"]),
            field="link",
        )
    return Preview(
        subject=tongue("Payment link {id}", id=link["id"]),
        link=str(link.get("url") or ""),
        changes=_switch_changes(on, tongue),
        version=digest([link["id"], link.get("active")]),
    )


def _switch_changes(on: bool, tongue: Tongue) -> tuple[Change, ...]:
    words = (tongue("off"), tongue("on"))
    return (Change(title="Status", before=words[not on], after=words[on]),)


async def _link(wire: Wire, arguments: Mapping[str, Json], tongue: Tongue) -> Thing:
    try:
        return await wire.one(f"/v1/payment_links/{segment(arguments['link'])}")
    except Missing as error:
        raise BadInput(
            tongue("Stripe has no payment link {id}.", id=arguments["link"]), field="link"
        ) from error


async def switch(wire: Wire, arguments: Mapping[str, Json], context: Context, *, on: bool) -> Receipt:
    if (done := await switch_done(wire, arguments, context, on=on)) is not None:
        return done
    await preview_switch(wire, arguments, context, on=on)
    fields = {"active": on, "metadata": {_mark(on): context.key}}
    link = await wire.post(f"/v1/payment_links/{segment(arguments['link'])}", fields, key=context.key)
    return _switched(link, context.tongue, on=on)


async def switch_done(
    wire: Wire, arguments: Mapping[str, Json], context: Context, *, on: bool
) -> Receipt | None:
    """Known by the mark, which is written in the same request."""
    try:
        link = await _link(wire, arguments, context.tongue)
    except BadInput:
        return None
    return _switched(link, context.tongue, on=on) if metadata(link).get(_mark(on)) == context.key else None


def _mark(on: bool) -> str:
    return "vigie_on_by" if on else "vigie_off_by"


def _switched(link: Thing, tongue: Tongue, *, on: bool) -> Receipt:
    which = str(link["id"])
    return Receipt(
        id=which,
        text=tongue("Payment link {id} is on.", id=which)
        if on
        else tongue("Payment link {id} is off.", id=which),
        changes=_switch_changes(on, tongue),
        undo=Undo(
            action="deactivate_payment_link" if on else "activate_payment_link", arguments={"link": which}
        ),
    )
