"""One-time codes and sign-in sessions. Only the hash of a token is ever kept."""

import hashlib
import re
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


_BROUGHT = re.compile(rf"(\s*/?(?:{'|'.join(BRINGING)})\s+)([A-Za-z0-9_-]{{20,}})\s*", re.IGNORECASE)
_KEPT = re.compile(r"sha256-[0-9a-f]{64}")


def hashed(token: str) -> str:
    """What we keep of a token: tokens carry 128 random bits, so a plain digest suffices."""
    return hashlib.sha256(token.encode()).hexdigest()


def without_code(text: str) -> str:
    """What is kept of a message that hands in a code: the code's hash in its stead. Whatever was typed is hashed
    once more, so that the hash itself, read somewhere, hands in nothing."""
    if brought := _BROUGHT.fullmatch(text):
        return f"{brought[1]}sha256-{hashed(brought[2])}"
    return _KEPT.sub(lambda found: f"sha256-{hashed(found[0])}", text)


def handed_in(code: str) -> str:
    """The hash of a code as it came out of a kept message, or as it was typed among other words."""
    return code.removeprefix("sha256-") if _KEPT.fullmatch(code) else hashed(code)
