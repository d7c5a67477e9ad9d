"""Does this delivery come from who holds the secret? Pure: headers, raw bytes and secrets in, yes or no out.

Signatures cover the raw bytes, so they are checked before anything is read from them. Compared in constant time, and
every secret that is good is tried whatever the first one says. Nothing here raises, logs or repeats a body.
(docs.github.com "Validating webhook deliveries"; docs.stripe.com "Verify webhook signatures manually"; docs.sentry.io
"Webhooks"; grafana.com "Webhook notifier, HMAC signature".)
"""

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from bot.hooks import Shape

TOLERANCE = 300
"""Seconds a signed moment may lie in the past or the future."""
_HEX = re.compile(r"[0-9a-f]{64}", re.ASCII)
_STAMP = re.compile(r"[0-9]{1,12}", re.ASCII)
_MOST_PARTS = 20

Headers = Mapping[str, Sequence[str]]
"""Small names to every value that was sent under them: a header that comes twice counts as none."""


def proven(shape: Shape, headers: Headers, body: bytes, *, secrets: Sequence[str], now: datetime) -> bool:
    """Whether one of the secrets signed exactly these bytes, or was shown."""
    match shape:
        case Shape.BEARER | Shape.ALERTMANAGER:
            return _bearer(headers, secrets)
        case Shape.GITHUB:
            return _hmac(headers, "x-hub-signature-256", body, secrets, prefix="sha256=")
        case Shape.SENTRY:
            return _hmac(headers, "sentry-hook-signature", body, secrets)
        case Shape.STRIPE:
            return _stripe(headers, body, secrets, now)
        case Shape.GRAFANA:
            if "x-grafana-alerting-signature" not in headers:
                return _bearer(headers, secrets)
            return _stamped(headers, "x-grafana-alerting", b":", body, secrets, now)
        case Shape.HMAC:
            return _stamped(headers, "x", b".", body, secrets, now)


def signature(secret: str, signed: bytes) -> str:
    """HMAC with SHA-256, in hexadecimal."""
    return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _one(headers: Headers, name: str) -> str:
    found = headers.get(name, ())
    return found[0] if len(found) == 1 else ""


def _bearer(headers: Headers, secrets: Sequence[str]) -> bool:
    scheme, _, shown = _one(headers, "authorization").partition(" ")
    # Digests, so that neither length nor alphabet of what was shown plays a part.
    given = hashlib.sha256(shown.strip().encode(errors="replace")).digest()
    right = [hmac.compare_digest(hashlib.sha256(secret.encode()).digest(), given) for secret in secrets]
    return any(right) and scheme.lower() == "bearer"


def _hmac(headers: Headers, name: str, body: bytes, secrets: Sequence[str], *, prefix: str = "") -> bool:
    given = _one(headers, name)
    return _fits(body, [given.removeprefix(prefix)] if given.startswith(prefix) else [], secrets)


def _stamped(
    headers: Headers, stem: str, joint: bytes, body: bytes, secrets: Sequence[str], now: datetime
) -> bool:
    """A signature over the body, or over a moment and the body when a moment is sent."""
    given = _one(headers, f"{stem}-signature") or _one(headers, f"{stem}-signature-256")
    signed = body
    if f"{stem}-timestamp" in headers:
        stamp = _one(headers, f"{stem}-timestamp")
        if not _fresh(stamp, now):
            return False
        signed = stamp.encode() + joint + body
    return _fits(signed, [given.removeprefix("sha256=")], secrets)


def _stripe(headers: Headers, body: bytes, secrets: Sequence[str], now: datetime) -> bool:
    parts = [
        part.strip().partition("=") for part in _one(headers, "stripe-signature").split(",")[:_MOST_PARTS]
    ]
    stamps = [value for name, _, value in parts if name == "t"]
    if len(stamps) != 1 or not _fresh(stamps[0], now):
        return False
    given = [value for name, _, value in parts if name == "v1"]
    return _fits(stamps[0].encode() + b"." + body, given, secrets)


def _fresh(stamp: str, now: datetime) -> bool:
    return bool(_STAMP.fullmatch(stamp)) and abs(now.timestamp() - int(stamp)) <= TOLERANCE


def _fits(signed: bytes, given: Iterable[str], secrets: Sequence[str]) -> bool:
    said = [each for each in given if _HEX.fullmatch(each)] or [""]
    right = [hmac.compare_digest(signature(secret, signed), each) for secret in secrets for each in said]
    return any(right)
