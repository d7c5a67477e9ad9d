"""Alertmanager's groups of alerts."""

from adapters.signals.senders import alerts
from adapters.signals.senders.reading import Delivery, Letter, Unreadable


def read(letter: Letter) -> Delivery:
    """Raises Unreadable for another version than the fourth."""
    if letter.body.get("version") != "4":
        raise Unreadable("this is not version 4 of Alertmanager's webhook")
    return alerts.read(letter)
