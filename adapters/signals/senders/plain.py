"""Anything that can send JSON: a script, a form, a machine. What it means is read from the usual names."""

from datetime import timedelta

from adapters.signals.senders.reading import Delivery, Letter, labels, link, text, words
from bot.events import Alert, Condition, Signal

NAMES = ("idempotency-key", "webhook-id", "x-delivery-id", "x-request-id")
"""Headers by which a sender names its delivery, the first that is there counts."""
UNNAMED = timedelta(minutes=10)
"""For so long the same words without a name are the same delivery."""


def read(letter: Letter) -> Delivery:
    """`name` (or `event`, `type`), `summary` (or `message`, `text`, `title`), `severity`, `url`, `labels`; with a
    `group` and a `status` of `firing` or `resolved` it is part of an incident."""
    body = letter.body
    name = next((found for each in ("name", "event", "type") if (found := text(body.get(each), 100))), "")
    told = next(
        (found for each in ("summary", "message", "text", "title") if (found := words(body.get(each)))), ""
    )
    group = text(body.get("group"), 500)
    condition = {"firing": Condition.FIRING, "resolved": Condition.RESOLVED}.get(text(body.get("status"), 20))
    severity, address = text(body.get("severity"), 20), link(body.get("url") or body.get("link"))
    incident = bool(group and condition)
    alert = Alert(
        id=group,
        title=told or name or group,
        condition=condition or Condition.FIRING,
        severity=severity,
        link=address,
    )
    signal = Signal(
        source=letter.source,
        name=name or letter.source.partition(":")[2],
        summary=told,
        body=body,
        labels=labels(body.get("labels")),
        severity=severity,
        link=address,
        group=group if incident else "",
        condition=condition if incident else None,
        alerts=(alert,) if incident else (),
        window=letter.window,
    )
    given = next((found for each in NAMES if 1 <= len(found := letter.headers.get(each, "")) <= 200), "")
    return Delivery(
        id=f"id:{given}" if given else letter.digest, signal=signal, within=None if given else UNNAMED
    )
