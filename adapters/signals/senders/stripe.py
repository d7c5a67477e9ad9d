"""Stripe's events. (docs.stripe.com, "The Event object".)"""

from adapters.signals.senders.reading import Delivery, Letter, Unreadable, labels, part, text
from bot.events import Signal
from bot.values import Json, Money


def read(letter: Letter) -> Delivery:
    """The event's own id is what Stripe brings again. Raises Unreadable."""
    body = letter.body
    kind, event = text(body.get("type"), 100), text(body.get("id"), 100)
    if not kind or not event.startswith("evt_"):
        raise Unreadable("this is no event of Stripe's")
    about = part(body, "data", "object")
    subject, customer = text(part(about, "id"), 100), text(part(about, "customer"), 100)
    mode = "live" if body.get("livemode") is True else "test"
    signal = Signal(
        source=letter.source,
        name=kind,
        what=kind.partition(".")[0],
        summary=" · ".join(each for each in (mode, subject, _amount(about)) if each),
        body=body,
        labels=labels(
            {"object": subject, "customer": customer, "mode": mode, "status": part(about, "status")}
        ),
        window=letter.window,
    )
    return Delivery(id=event, signal=signal)


def _amount(about: Json) -> str:
    currency = text(part(about, "currency"), 3).upper()
    for name in ("amount", "amount_due", "amount_total", "total"):
        minor = part(about, name)
        if isinstance(minor, int) and not isinstance(minor, bool) and len(currency) == 3:
            return str(Money(minor, currency))
    return ""
