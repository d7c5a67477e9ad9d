"""Groups of alerts as Alertmanager tells them, and Grafana after its example: one incident per group.

(prometheus.io, "webhook_config", version 4; grafana.com, "Configure webhook notifications".)
"""

from adapters.signals.senders.reading import (
    LONGEST_SUMMARY,
    Delivery,
    Letter,
    Unreadable,
    items,
    labels,
    link,
    part,
    text,
)
from bot import ids
from bot.events import Alert, Condition, Signal
from bot.values import Json, is_sequence

MOST_ALERTS = 200


def read(letter: Letter, *, title: str = "", what: str = "alert") -> Delivery:
    """The group as it stands. Told again word for word, it is the same delivery: senders of alerts give none a name
    of its own, and repeat while something goes on. Raises Unreadable."""
    body = letter.body
    condition = _condition(body.get("status"))
    if condition is None or not is_sequence(body.get("alerts")):
        raise Unreadable("this is no group of alerts")
    alerts = tuple(_alert(each) for each in items(body["alerts"], MOST_ALERTS))
    common = labels(body.get("commonLabels")) | labels(body.get("groupLabels"))
    name = common.get("alertname") or (alerts[0].title if alerts else "") or "alert"
    cut = body.get("truncatedAlerts")
    more = len(body["alerts"]) - len(alerts) + (cut if isinstance(cut, int) and 0 < cut < 10**6 else 0)
    signal = Signal(
        source=letter.source,
        name=name,
        what=what,
        summary=title or _summary(body, alerts, more),
        body=body,
        labels=common,
        severity=common.get("severity", "") or _worst(alerts),
        link=link(body.get("externalURL")),
        group=text(body.get("groupKey"), 500) or name,
        condition=condition,
        alerts=alerts,
        window=letter.window,
    )
    return Delivery(id=letter.digest, signal=signal)


def _condition(value: Json) -> Condition | None:
    match value:
        case "firing":
            return Condition.FIRING
        case "resolved":
            return Condition.RESOLVED
        case _:
            return None


def _alert(value: Json) -> Alert:
    own = labels(value.get("labels"))
    told = labels(value.get("annotations"))
    since = text(value.get("startsAt"), 40)
    by_labels = ids.derived("alr", *(f"{name}={own[name]}" for name in sorted(own)))
    return Alert(
        id=text(value.get("fingerprint"), 100) or by_labels,
        title=told.get("summary")
        or told.get("title")
        or told.get("description")
        or own.get("alertname", "alert"),
        condition=_condition(value.get("status")) or Condition.FIRING,
        severity=own.get("severity", ""),
        since=since,
        link=link(value.get("generatorURL")),
    )


def _summary(body: Json, alerts: tuple[Alert, ...], more: int) -> str:
    told = part(body, "commonAnnotations", "summary") or part(body, "commonAnnotations", "description")
    lines = [text(told)] if told else list(dict.fromkeys(alert.title for alert in alerts))[:10]
    if more > 0:
        lines.append(f"+ {more}")
    return "\n".join(lines)[:LONGEST_SUMMARY]


_RANKS = ("critical", "page", "error", "high", "warning", "medium", "low", "info")


def _worst(alerts: tuple[Alert, ...]) -> str:
    said = {alert.severity.casefold() for alert in alerts if alert.severity}
    return next((rank for rank in _RANKS if rank in said), min(said, default=""))
