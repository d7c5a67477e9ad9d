"""What a connection keeps sealed: the values a person handed in, and what a grant brought. Pure."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import Refused
from bot.values import Json, canonical, is_mapping

_EARLY = timedelta(seconds=60)
"""A token this close to its end is renewed before it is used: the call it is for takes time too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """An access token, and what renews it. `expires` is None for one that lasts until it is taken back."""

    access: str = field(repr=False)
    refresh: str = field(default="", repr=False)
    expires: datetime | None = None
    scopes: tuple[str, ...] = ()

    def stale(self, now: datetime) -> bool:
        return self.expires is not None and now >= self.expires - _EARLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """All of it. `values` are needs by name."""

    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    grant: Grant | None = None

    def pack(self) -> str:
        grant: Json = None
        if self.grant is not None:
            grant = {
                "access": self.grant.access,
                "refresh": self.grant.refresh,
                "expires": self.grant.expires.isoformat() if self.grant.expires else "",
                "scopes": list(self.grant.scopes),
            }
        return canonical({"values": dict(self.values), "grant": grant})

    @staticmethod
    def unpack(text: str) -> "Secret":
        """The inverse. Raises Refused for a text that is none."""
        kept: Json = json.loads(text)
        if not is_mapping(kept) or not is_mapping(kept.get("values")):
            raise Refused("a kept connection cannot be read; connect it again")
        grant = kept.get("grant")
        return Secret(
            values=kept["values"],
            grant=Grant(
                access=grant["access"],
                refresh=grant["refresh"],
                expires=datetime.fromisoformat(grant["expires"]) if grant["expires"] else None,
                scopes=tuple(grant["scopes"]),
            )
            if is_mapping(grant)
            else None,
        )
