"""Grafana's groups of alerts, with a title of their own."""

from adapters.signals.senders import alerts
from adapters.signals.senders.reading import Delivery, Letter, text


def read(letter: Letter) -> Delivery:
    return alerts.read(letter, title=text(letter.body.get("title")))
