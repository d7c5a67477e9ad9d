"""What both stores agree on about ledger entries: the body as it is hashed, and what it is about. Pure."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from bot import ledger
from bot.errors import BadInput
from bot.ledger import Entry
from bot.values import Json, canonical

_LONGEST = 200
"""Characters of a value that can be asked for: ids are shorter, sentences are not ids."""


def following(
    last: tuple[int, str] | None, *, space: str, kind: str, body: Mapping[str, Json], at: datetime
) -> tuple[Entry, str]:
    """The entry after `last` (its seq and hash), and its body as text. Raises BadInput."""
    seq, before = last or (0, ledger.GENESIS)
    text = canonical(dict(body))
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise BadInput("a ledger entry holds something that cannot be kept as text") from error
    entry = ledger.link(
        space=space, seq=seq + 1, at=at.astimezone(UTC), kind=kind, body=json.loads(text), before=before
    )
    return entry, text


def subjects(body: Mapping[str, Json]) -> list[str]:
    """The values by which an entry can be found."""
    texts = (value for value in body.values() if isinstance(value, str))
    return list(dict.fromkeys(text for text in texts if 0 < len(text) <= _LONGEST))
