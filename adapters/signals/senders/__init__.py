"""What each sender of webhooks says, drawn as a Signal. Pure: headers and JSON in, a Delivery or None out.

None is a delivery with nothing to tell (a ping). `Unreadable` is one that this sender would not make.
"""

from collections.abc import Callable, Mapping

from adapters.signals.senders import alertmanager, github, grafana, plain, sentry, stripe
from adapters.signals.senders.reading import Delivery, Letter, Unreadable
from bot.hooks import Shape

__all__ = ["READ", "Delivery", "Letter", "Unreadable"]

READ: Mapping[Shape, Callable[[Letter], Delivery | None]] = {
    Shape.HMAC: plain.read,
    Shape.BEARER: plain.read,
    Shape.GITHUB: github.read,
    Shape.STRIPE: stripe.read,
    Shape.ALERTMANAGER: alertmanager.read,
    Shape.GRAFANA: grafana.read,
    Shape.SENTRY: sentry.read,
}
