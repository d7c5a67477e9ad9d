"""One-time codes and sign-in sessions. Only the hash of a token is ever kept."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

BRINGING = ("claim", "link", "start", "lier", "relie", "relier", "revendique", "revendiquer")
"""The words a person hands in a code with, in every language we speak; the code follows as a word of its own."""


class Purpose(StrEnum):
    """What a token is good for; one minted for one purpose never serves another."""

    CLAIM = "claim"
    """Become the owner of a space that has none."""
    SIGN_IN = "sign_in"
    """Open the web page as a person, once."""
    SESSION = "session"
    """Stay signed in on the web page, until it expires."""
    GRANT = "grant"
    """Bring back what a vendor granted, once."""
    LINK = "link"
    """Join another identity to a person, once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """`hash` is `hashed(token)`. `person` is who it speaks for, "" for CLAIM. `detail` is sealed text that belongs
    to it, of no use without it."""

    hash: str
    purpose: Purpose
    person: str = ""
    expires: datetime
    used: datetime | None = None
    detail: str = field(default="", repr=False)


def hashed(token: str) -> str:
    """What we keep of a token: tokens carry 128 random bits, so a plain digest suffices."""
    return hashlib.sha256(token.encode()).hexdigest()
