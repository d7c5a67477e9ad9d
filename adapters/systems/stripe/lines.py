"""What Stripe's objects are called in sentences, and lists of them. Pure."""

import unicodedata
from collections.abc import Mapping, Sequence

from adapters.systems.stripe.money import from_wire
from adapters.systems.stripe.wire import Thing
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money, is_mapping


def mailbox(thing: Thing, tongue: Tongue) -> str:
    """`Gigi Hamilton <gigi@example.com>`, or as much of it as there is."""
    name, email = str(thing.get("name") or ""), str(thing.get("email") or "")
    if name and email:
        return f"{name} <{email}>"
    return name or email or tongue("a customer without a name")


def money(thing: Thing, part: str = "amount") -> Money:
    """One of the amounts of an object, in its currency."""
    return from_wire(thing.get(part), thing.get("currency"))


def metadata(thing: Thing) -> Mapping[str, Json]:
    kept = thing.get("metadata")
    return kept if is_mapping(kept) else {}


def payment_standing(status: Json, tongue: Tongue) -> str:
    """Where a payment stands, in words."""
    match status:
        case "succeeded":
            return tongue("paid")
        case "processing":
            return tongue("under way")
        case "requires_payment_method":
            return tongue("not paid yet")
        case "requires_action":
            return tongue("waits for the customer")
        case "canceled":
            return tongue("called off")
        case _:
            return str(status).replace("_", " ")


def invoice_standing(status: Json, tongue: Tongue) -> str:
    """Where an invoice stands, in words."""
    match status:
        case "draft":
            return tongue("a draft")
        case "open":
            return tongue("not paid yet")
        case "paid":
            return tongue("paid")
        case "uncollectible":
            return tongue("given up")
        case "void":
            return tongue("void")
        case _:
            return str(status)


def invoice_name(invoice: Thing) -> str:
    """The number a customer knows it by, or its id while it has none."""
    return str(invoice.get("number") or invoice.get("id"))


def folded(text: str) -> str:
    """Without case and accents."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in plain if not unicodedata.combining(character)).strip()


def listed(head: str, lines: Sequence[str], tongue: Tongue, *, whole: bool) -> str:
    """A sentence and the lines it introduces, one below the other."""
    rest = [] if whole else [tongue("and older ones")]
    return "\n".join([head, *(f"• {line}" for line in [*lines, *rest])])


def limit_of(arguments: Mapping[str, Json], tongue: Tongue) -> int:
    """How many to list. Raises BadInput."""
    number: int = arguments["limit"]
    if not 1 <= number <= 50:
        raise BadInput(
            tongue("{name} is a number from {low} to {high}.", name="limit", low=1, high=50), field="limit"
        )
    return number
