"""Sentry's webhooks for integrations: issues, alerts of both kinds, errors. (docs.sentry.io, "Webhooks".)"""

from adapters.signals.senders.reading import Delivery, Letter, Unreadable, labels, link, part, text
from bot.events import Alert, Condition, Signal

_OVER = frozenset({"resolved", "archived", "ignored"})


def read(letter: Letter) -> Delivery | None:
    """None when the integration itself was installed or removed. An issue, or a metric that is alarming, is an
    incident. Raises Unreadable."""
    resource, action = (
        text(letter.headers.get("sentry-hook-resource"), 60),
        text(letter.body.get("action"), 60),
    )
    data = letter.body.get("data")
    if not resource or not action or data is None:
        raise Unreadable("Sentry says which resource it is and what became of it")
    if resource == "installation":
        return None
    request = letter.headers.get("request-id", "")
    issue = part(data, "issue") or part(data, "event") or part(data, "error") or part(data, "metric_alert")
    title = text(part(issue, "title") or part(data, "description_title") or part(issue, "message"))
    group = text(part(issue, "issue_id") or part(issue, "id") or part(issue, "identifier"), 100)
    level = text(part(issue, "level") or (action if resource == "metric_alert" else ""), 20)
    condition = Condition.RESOLVED if action in _OVER else Condition.FIRING
    address = link(part(issue, "web_url") or part(issue, "permalink") or part(data, "web_url"))
    signal = Signal(
        source=letter.source,
        name=f"{resource}.{action}",
        what=resource,
        summary=f"{text(part(issue, 'project', 'slug') or part(issue, 'project'))}: {title}".strip(": "),
        body=letter.body,
        labels=labels(
            {"action": action, "level": level, "rule": part(data, "triggered_rule"), "issue": group}
        ),
        severity=level,
        link=address,
        group=f"{resource}:{group}" if group and resource != "error" else "",
        condition=condition if group and resource != "error" else None,
        alerts=(Alert(id=group, title=title or resource, condition=condition, severity=level, link=address),)
        if group and resource != "error"
        else (),
        window=letter.window,
    )
    return Delivery(id=request if 8 <= len(request) <= 100 else letter.digest, signal=signal)
