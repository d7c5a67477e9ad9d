"""Is this request from Slack, and what does it say? Pure: headers and raw bytes in, a payload or a refusal out.

The signature covers the raw bytes, so it is checked before anything is read from them. Our own check,
because the SDK's raises on timestamps and signatures that are not ASCII digits. Nothing here logs or
repeats a body. (docs.slack.dev, "Verifying requests from Slack".)
"""

import hashlib
import hmac
import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import cast
from urllib.parse import parse_qsl

from bot.values import Json

LARGEST = 1024 * 1024
"""Bytes of a body we read. Slack's are a few kilobytes."""
WINDOW = 300
"""Seconds a signed request stays good."""
_MOST_FIELDS = 64
_SIGNATURE = re.compile(r"v0=[0-9a-f]{64}", re.ASCII)
_TIMESTAMP = re.compile(r"[0-9]{1,12}", re.ASCII)


class Unreadable(Exception):
    """The body is signed but not something Slack sends: one sentence, without the body."""


def genuine(
    body: bytes,
    *,
    timestamps: Sequence[str],
    signatures: Sequence[str],
    secrets: Sequence[str],
    now: datetime,
) -> bool:
    """Whether one of the secrets signed exactly these bytes within the window. Never raises.

    The headers come as lists: one that was sent twice is refused. Several secrets are good while one is
    being rotated.
    """
    if not fresh(timestamps=timestamps, signatures=signatures, now=now):
        return False
    timestamp, signature = timestamps[0], signatures[0]
    base = b"v0:" + timestamp.encode() + b":" + body
    # Every secret is tried, so that the time taken does not tell which one is in use.
    matches = [hmac.compare_digest(signed(base, secret), signature) for secret in secrets if secret]
    return any(matches)


def fresh(*, timestamps: Sequence[str], signatures: Sequence[str], now: datetime) -> bool:
    """Whether the headers are those of a request of Slack's within the window, whatever secret signed it."""
    if len(timestamps) != 1 or len(signatures) != 1:
        return False
    if not _TIMESTAMP.fullmatch(timestamps[0]) or not _SIGNATURE.fullmatch(signatures[0]):
        return False
    return abs(now.timestamp() - int(timestamps[0])) <= WINDOW


def signed(base: bytes, secret: str) -> str:
    """The v0 signature of a base string."""
    return "v0=" + hmac.new(secret.encode(), base, hashlib.sha256).hexdigest()


def payload(body: bytes, content_type: str) -> dict[str, Json]:
    """The JSON object in the body: an event as JSON, a press or modal as a form with a `payload` field, a
    command as the form itself. Raises Unreadable."""
    kind = content_type.partition(";")[0].strip().lower()
    try:
        text = body.decode()
        match kind:
            case "application/json":
                return _object(text)
            case "application/x-www-form-urlencoded":
                fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
                return _object(fields["payload"]) if "payload" in fields else dict(fields)
            case _:
                raise Unreadable("send JSON or a form")
    except (ValueError, RecursionError):
        # ValueError covers broken UTF-8, JSON and forms, and numbers too long to read.
        raise Unreadable("the body is not readable JSON or form data") from None


def _object(text: str) -> dict[str, Json]:
    found: Json = json.loads(text)
    if not isinstance(found, Mapping):
        raise Unreadable("the body is not a JSON object")
    return cast("dict[str, Json]", found)
