"""Which of the languages there are somebody's browser prefers. Pure: the header in, a code out.

A range matches what it names and what it begins with, the longer first (RFC 9110, "Accept-Language"; RFC 4647, "Lookup"):
`fr-CA` finds French, `fil` never Finnish. What cannot be read is passed over.
"""

import re
from collections.abc import Collection

_RANGE = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8}){0,7}|\*)\s*(?:;\s*[qQ]\s*=\s*([01](?:\.[0-9]{0,3})?)\s*)?"
)
_MOST = 50
"""Ranges of one header that are read; browsers send a handful."""


def preferred(header: str, spoken: Collection[str]) -> str:
    """The code among `spoken` that is wanted most; the first of them where none is, and for `*`."""
    wanted: dict[str, float] = {}
    anything = 0.0
    for part in header.split(",", _MOST)[:_MOST]:
        found = _RANGE.fullmatch(part)
        if found is None:
            continue
        name, weight = found[1].lower(), min(float(found[2] or 1), 1.0)
        if name == "*":
            anything = max(anything, weight)
        elif code := _found(name, spoken):
            wanted[code] = max(wanted.get(code, 0.0), weight)
    for code in spoken:
        wanted.setdefault(code, anything)
    best = max(wanted.values(), default=0.0)
    first = next(iter(spoken))
    # Of those alike, the one that was named first; where nothing but “*” or nothing at all is said, the first there is.
    return next((code for code, weight in wanted.items() if weight == best), first) if best else first


def _found(name: str, spoken: Collection[str]) -> str:
    parts = name.split("-")
    tries = ("-".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((each for each in tries if each in spoken), "")
