"""Secrets of the settings that changed between two starts: noted in the ledger, by their names and never by themselves."""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.store import Tx
from bot.values import Json, as_list

_MARK = "secrets:"


def note(tx: Tx, secrets: Mapping[str, Sequence[str]], *, key: bytes, now: datetime) -> tuple[str, ...]:
    """Compares the secrets of each setting with those of the start before, by keyed digests, and appends a ledger row for
    each setting that changed. Returns the names of those. The first start only remembers."""
    changed: list[str] = []
    for name, values in sorted(secrets.items()):
        digests: Json = sorted(_digest(value, key) for value in values)
        before: Json = tx.marks.get(_MARK + name)
        if before == digests:
            continue
        tx.marks.put(_MARK + name, digests)
        if before is None:
            continue
        old, new = set(as_list(before)), set(as_list(digests))
        body = {"setting": name, "added": len(new - old), "removed": len(old - new), "valid": len(new)}
        tx.ledger.append("secret_rotated", body, now)
        changed.append(name)
    return tuple(changed)


def _digest(value: str, key: bytes) -> str:
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
