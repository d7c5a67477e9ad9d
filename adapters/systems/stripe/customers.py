"""Customers: found by what people type (a name, an address, an id), and listed."""

from collections.abc import Mapping, Sequence

from adapters.systems.client import segment
from adapters.systems.stripe.lines import folded, limit_of, listed, mailbox
from adapters.systems.stripe.wire import Missing, Thing, Wire
from bot.actions import Option, Receipt
from bot.errors import BadInput, Failed
from bot.speech import Tongue
from bot.values import Json
from bot.world import Context

_MOST_NAMED = 5
_SHORTEST_SEARCH = 3
"""Characters Stripe's substring search needs at least."""


async def resolve(wire: Wire, text: str, tongue: Tongue, *, field: str = "customer") -> Thing:
    """The one customer that is meant. Raises BadInput: nobody is, or several are, and then it names them."""
    text = text.strip()
    if text.startswith("cus_"):
        try:
            return await wire.one(f"/v1/customers/{segment(text)}")
        except Missing as error:
            raise BadInput(tongue("Stripe has no customer {id}.", id=text), field=field) from error
    found = await matching(wire, text)
    exact = [each for each in found if folded(text) in (folded(_name(each)), folded(_email(each)))]
    meant = exact or found
    if len(meant) == 1:
        return meant[0]
    if not meant:
        raise BadInput(tongue("Stripe has no customer “{name}”.", name=text), field=field)
    named = "; ".join(f"{mailbox(each, tongue)} ({each['id']})" for each in meant[:_MOST_NAMED])
    raise BadInput(
        tongue(
            "{n} customers match “{name}”: {choices}. Say which, by the id or the e-mail address.",
            n=len(meant),
            name=text,
            choices=named,
        ),
        field=field,
    )


async def matching(wire: Wire, text: str) -> Sequence[Thing]:
    """Customers whose name or address holds every word, the newest first."""
    if "@" in text:
        for spelling in dict.fromkeys((text, text.lower())):
            # Stripe compares addresses letter by letter, case included.
            if found := (await wire.some("/v1/customers", email=spelling)).things:
                return found
    searched = await _searched(wire, text)
    newest = (await wire.some("/v1/customers", limit=100 if searched is not None else 1000)).things
    # The search lags behind: who was added a moment ago is only in the list.
    candidates = {str(each["id"]): each for each in (*newest, *(searched or ()))}
    words = folded(text).split()
    return [
        each
        for each in sorted(candidates.values(), key=lambda each: -int(each.get("created") or 0))
        if all(word in folded(f"{_name(each)} {_email(each)}") for word in words)
    ]


async def _searched(wire: Wire, text: str) -> Sequence[Thing] | None:
    """None where the account's search cannot help."""
    if len(text) < _SHORTEST_SEARCH:
        return None
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    try:
        return await wire.search("/v1/customers", f'name~"{quoted}" OR email~"{quoted}"')
    except Failed:
        return None


async def find(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    tongue, limit = context.tongue, limit_of(arguments, context.tongue)
    query = str(arguments.get("query", ""))
    if query:
        found = await matching(wire, query)
        shown, whole = found[:limit], len(found) <= limit
    else:
        page = await wire.some("/v1/customers", limit=limit)
        shown, whole = page.things, page.whole
    text = listed(
        tongue.many("{n} customer found.", "{n} customers found.", len(shown)),
        [f"{each['id']} · {mailbox(each, tongue)}" for each in shown],
        tongue,
        whole=whole,
    )
    data = [{"customer": each["id"], "name": _name(each), "email": _email(each)} for each in shown]
    return Receipt(text=text, data=data)


async def options(wire: Wire, query: str, tongue: Tongue) -> tuple[Option, ...]:
    found = await matching(wire, query) if query else (await wire.some("/v1/customers", limit=20)).things
    return tuple(Option(value=str(each["id"]), label=mailbox(each, tongue)) for each in found)


def _name(customer: Thing) -> str:
    return str(customer.get("name") or "")


def _email(customer: Thing) -> str:
    return str(customer.get("email") or "")
