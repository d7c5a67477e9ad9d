"""A hook: an address at which one sender of signals is heard, and the secrets it proves itself with.

The secrets are one sealed text; nothing here can open it. While a secret is being changed the one before it is good
too, until a moment.
"""

import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from bot.errors import BadInput

_NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}", re.ASCII)
LONGEST_WINDOW = 3_600
"""Seconds that signals of one hook may be gathered for."""


class Shape(StrEnum):
    """Who speaks at a hook: how it proves itself, and how what it says reads."""

    HMAC = "hmac"
    BEARER = "bearer"
    GITHUB = "github"
    STRIPE = "stripe"
    ALERTMANAGER = "alertmanager"
    GRAFANA = "grafana"
    SENTRY = "sentry"

    @property
    def brings_its_own(self) -> bool:
        """The sender makes the secret, and people bring it here."""
        return self in (Shape.STRIPE, Shape.SENTRY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hook:
    """`window` is for how many seconds what arrives is gathered into one wake; `place` is where its incidents stand
    when no mission waits for them. `revision` moves with every change."""

    id: str
    space: str
    name: str
    shape: Shape
    sealed: str = field(repr=False)
    window: int = 0
    place: str
    by: str
    lang: str = "en"
    since: datetime
    revision: int = 1

    @property
    def source(self) -> str:
        """What its signals say they come from."""
        return f"hook:{self.name}"

    def resealed(self, sealed: str) -> "Hook":
        """The same under other secrets."""
        return replace(self, sealed=sealed, revision=self.revision + 1)


def checked_name(name: str) -> str:
    """A name that can stand in the address. Raises BadInput."""
    folded = name.strip().lower()
    if not _NAME.fullmatch(folded):
        raise BadInput(
            "“{name}” cannot name a hook: small letters, digits, - and _, beginning with a letter, at most 40",
            name=name[:60],
            field="name",
        )
    return folded


def checked_window(seconds: int) -> int:
    """Raises BadInput."""
    if not 0 <= seconds <= LONGEST_WINDOW:
        raise BadInput("a window is 0 to {most} seconds", most=LONGEST_WINDOW, field="window")
    return seconds
