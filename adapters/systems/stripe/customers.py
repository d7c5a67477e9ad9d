"""Customers: found by what people type (a name, an address, an id), listed, and added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from adapters.systems.client import segment
from adapters.systems.stripe.lines import folded, limit_of, listed, mailbox, metadata
from adapters.systems.stripe.wire import MARK, Missing, Thing, Wire
from bot.actions import MOST_OPTIONS, Option, Preview, Receipt
from bot.errors import BadInput, Failed, Unknowable
from bot.speech import Tongue
from bot.values import Json, digest
from bot.world import Context

_MOST_NAMED = 5
_LOOKED_BACK = timedelta(days=7)
_NEWEST = 1_000
"""How many customers are looked through where the search refuses."""
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
    matched = await matching(wire, text)
    found = matched.things
    exact = [each for each in found if folded(text) in (folded(_name(each)), folded(_email(each)))]
    meant = exact or found
    if len(meant) == 1:
        return meant[0]
    if not meant and matched.refused and not matched.whole:
        raise BadInput(
            tongue(
                "Stripe has no customer “{name}” among its newest {n}, and its search refused: {why}",
                name=text,
                n=_NEWEST,
                why=matched.refused,
            ),
            field=field,
        )
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Matched:
    """Who fits. `refused` says why the search did not look, and `whole` whether the list that was read instead holds all."""

    things: Sequence[Thing]
    refused: str = ""
    whole: bool = True


async def matching(wire: Wire, text: str) -> Matched:
    """Customers whose name or address holds every word, the newest first."""
    if "@" in text:
        for spelling in dict.fromkeys((text, text.lower())):
            # Stripe compares addresses letter by letter, case included.
            if found := (await wire.some("/v1/customers", email=spelling)).things:
                return Matched(things=found)
    refused = ""
    try:
        searched = await _searched(wire, text)
    except Failed as error:
        searched, refused = None, str(error)
    page = await wire.some("/v1/customers", limit=100 if searched is not None else _NEWEST)
    newest = page.things
    # The search lags behind: who was added a moment ago is only in the list.
    candidates = {str(each["id"]): each for each in (*newest, *(searched or ()))}
    words = folded(text).split()
    things = [
        each
        for each in sorted(candidates.values(), key=lambda each: -int(each.get("created") or 0))
        if all(word in folded(f"{_name(each)} {_email(each)}") for word in words)
    ]
    return Matched(things=things, refused=refused, whole=page.whole)


async def _searched(wire: Wire, text: str) -> Sequence[Thing] | None:
    """By the longest word, for Stripe finds parts of a name and not words in any order. None where the search
    takes no word so short. Raises Failed where it refuses."""
    word = max(text.split(), key=len, default="")
    if len(word) < _SHORTEST_SEARCH:
        return None
    quoted = word.replace("\\", "\\\\").replace('"', '\\"')
    return await wire.search("/v1/customers", f'name~"{quoted}" OR email~"{quoted}"')


async def find(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    tongue, limit = context.tongue, limit_of(arguments, context.tongue)
    query = str(arguments.get("query", ""))
    refused = ""
    if query:
        matched = await matching(wire, query)
        found, refused = matched.things, matched.refused
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
    if refused:
        text += "\n" + tongue(
            "Stripe's search refused, and I looked through its newest {n} customers instead: {why}",
            n=_NEWEST,
            why=refused,
        )
    data = [{"customer": each["id"], "name": _name(each), "email": _email(each)} for each in shown]
    return Receipt(text=text, data=data)


async def options(wire: Wire, query: str, tongue: Tongue) -> tuple[Option, ...]:
    found = (
        (await matching(wire, query)).things
        if query
        else (await wire.some("/v1/customers", limit=MOST_OPTIONS)).things
    )
    return tuple(Option(value=str(each["id"]), label=mailbox(each, tongue)) for each in found)


# Adding one --------------------------------------------------------------------------------------------------


async def preview_create(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Preview:
    tongue, email = context.tongue, str(arguments.get("email", ""))
    there = (await matching(wire, email)).things if email else ()
    return Preview(
        subject=str(arguments["name"]),
        recipient=mailbox(arguments, tongue),
        version=digest(sorted(str(each["id"]) for each in there)),
        notes=("A customer with this address is there already.",) if there else (),
    )


async def create(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt:
    fields = {"name": arguments["name"], "email": arguments.get("email"), "metadata": {MARK: context.key}}
    return _created(await wire.post("/v1/customers", fields, key=context.key), context.tongue)


async def create_done(wire: Wire, arguments: Mapping[str, Json], context: Context) -> Receipt | None:
    """The customer that carries the key, among the newest. Raises Unknowable when there are too many of them."""
    filters = {"email": arguments["email"]} if "email" in arguments else {}
    found = await wire.some("/v1/customers", limit=1000, **filters)
    for each in found.things:
        if metadata(each).get(MARK) == context.key:
            return _created(each, context.tongue)
    oldest = int(found.things[-1].get("created") or 0) if found.things else 0
    if not found.whole and oldest > (context.now - _LOOKED_BACK).timestamp():
        raise Unknowable(
            context.tongue("so many customers were added since that this one cannot be looked for.")
        )
    return None


def _created(customer: Thing, tongue: Tongue) -> Receipt:
    return Receipt(
        id=str(customer["id"]),
        text=tongue(
            "{customer} is a customer now ({id}).", customer=mailbox(customer, tongue), id=customer["id"]
        ),
        data={"customer": customer["id"]},
    )


def _name(customer: Thing) -> str:
    return str(customer.get("name") or "")


def _email(customer: Thing) -> str:
    return str(customer.get("email") or "")
