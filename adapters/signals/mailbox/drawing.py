"""What was read of a mail becomes a Signal. Pure. Everything in it is its sender's word, also who that is."""

import re
from collections.abc import Mapping

from bot.events import Signal
from bot.values import Json, as_list

WINDOW = 5
"""Seconds for which mails are gathered into one wake when many come at once."""
_LONGEST = 1_000
_ADDRESS = re.compile(rb"(?im)^from:.*?([^\s<>@\"']{1,64}@[^\s<>@\"']{1,255})")
_SUBJECT = re.compile(rb"(?im)^subject:[ \t]*(.*)$")
KIND = "e-mail"


def signal(name: str, told: Mapping[str, Json], *, size: int, many: bool) -> Signal:
    """The mail as a mission and a mind are told of it. `told` is what `extraction` read."""
    subject, text = str(told.get("subject", "")), str(told.get("text", ""))
    files = [dict(each) for each in as_list(told.get("attachments") or [])]
    first = [line for line in text.split("\n") if line.strip()]
    about = (
        f"{told.get('sender', '')} · {' '.join(first)[:_LONGEST]}" if first else str(told.get("sender", ""))
    )
    return Signal(
        source=f"mail:{name}",
        name=subject,
        summary=about,
        what=KIND,
        labels={
            "from": str(told.get("address", "")),
            "sender": str(told.get("sender", "")),
            "to": ", ".join(str(each) for each in as_list(told.get("recipients") or [])),
            "subject": subject,
            "mailbox": name,
        },
        body={
            "from": told.get("sender", ""),
            "subject": subject,
            "date": told.get("date", ""),
            "message": told.get("message", ""),
            "automatic": told.get("automatic", False),
            "text": text,
            "cut": bool(told.get("cut")),
            "attachments": files,
            "bytes": size,
        },
        window=WINDOW if many else 0,
    )


def unreadable(head: bytes) -> dict[str, Json]:
    """What is told of a mail that could not be read: who and about what, as far as its plain bytes say."""
    address, subject = _ADDRESS.search(head), _SUBJECT.search(head)
    found = address[1].decode("ascii", "replace").casefold() if address else ""
    about = " ".join(subject[1].decode("ascii", "replace").split())[:300] if subject else ""
    note = "This mail could not be read within the limits; it is in the mailbox as it came."
    return {"sender": found, "address": found, "subject": about, "text": note}
