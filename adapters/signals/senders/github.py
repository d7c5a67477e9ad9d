"""GitHub's webhook events. (docs.github.com, "Webhook events and payloads".)"""

from adapters.signals.senders.reading import Delivery, Letter, Unreadable, labels, link, part, text
from bot.events import Signal


def read(letter: Letter) -> Delivery | None:
    """None for its ping. Raises Unreadable."""
    event, delivery = (
        text(letter.headers.get("x-github-event"), 60),
        letter.headers.get("x-github-delivery", ""),
    )
    if not event or not 8 <= len(delivery) <= 100:
        raise Unreadable("GitHub says which event it is and which delivery")
    if event == "ping":
        return None
    body = letter.body
    action = text(body.get("action"), 60)
    subject = next((body[each] for each in _SUBJECTS if part(body, each)), None)
    title = text(part(subject, "title") or part(subject, "name") or part(body, "head_commit", "message"))
    number = text(part(subject, "number"), 20)
    repository, sender = text(part(body, "repository", "full_name")), text(part(body, "sender", "login"))
    branch = text(body.get("ref")).removeprefix("refs/heads/")
    about = " ".join(each for each in (f"#{number}" if number else "", title or branch) if each)
    summary = f"{repository}: {event.replace('_', ' ')} {action}".rstrip()
    signal = Signal(
        source=letter.source,
        name=f"{event}.{action}" if action else event,
        what=event,
        summary=" · ".join(each for each in (summary, about, f"by {sender}" if sender else "") if each),
        body=body,
        labels=labels(
            {
                "repository": repository,
                "sender": sender,
                "action": action,
                "branch": branch,
                "number": number,
                "conclusion": part(subject, "conclusion"),
                "state": part(subject, "state"),
            }
        ),
        link=link(part(subject, "html_url") or body.get("compare") or part(body, "repository", "html_url")),
        window=letter.window,
    )
    return Delivery(id=delivery, signal=signal)


_SUBJECTS = (
    "issue",
    "pull_request",
    "release",
    "workflow_run",
    "check_run",
    "deployment_status",
    "discussion",
    "alert",
)
