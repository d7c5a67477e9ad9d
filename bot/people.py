"""Who: spaces, persons, roles, and the platform identities that lead to a person."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Role(StrEnum):
    """What a person may do. Owner: everything, and alone resumes after a freeze. Approver: may press.
    Member: may ask and start missions. Guest: may talk and read, never act."""

    OWNER = "owner"
    APPROVER = "approver"
    MEMBER = "member"
    GUEST = "guest"


class Standing(StrEnum):
    """What the platform itself says of a newcomer, before we know the person."""

    MEMBER = "member"
    """Belongs to the connected team: may come in."""
    GUEST = "guest"
    """External to the team (a Slack Connect or multi-channel guest)."""
    STRANGER = "stranger"
    """Anyone at all (Telegram): told once how to be let in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """One account on one platform. `team` is empty where the platform has none.

    Telegram's `user` is the numeric id, never the user name, which can change hands.
    """

    platform: str
    team: str = ""
    user: str

    @property
    def key(self) -> str:
        """`slack:T0123:U0456`, `telegram:789`, `web:per_...`."""
        return ":".join(part for part in (self.platform, self.team, self.user) if part)

    @staticmethod
    def parse(key: str) -> "Identity":
        """The inverse of `key`. Raises ValueError when it has neither two nor three parts."""
        match key.split(":"):
            case [platform, user] if platform and user:
                return Identity(platform=platform, user=user)
            case [platform, team, user] if platform and team and user:
                return Identity(platform=platform, team=team, user=user)
            case _:
                raise ValueError(f"an identity reads platform:user or platform:team:user, not {key!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputy:
    """Who presses in an absent approver's place, and until when: at that moment it is over."""

    person: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One human, however many accounts lead to them. `zone` is an IANA name; `deputy` presses in their place while they are away; `quiet` are their quiet hours (`bot.quiets`)."""

    id: str
    name: str
    role: Role
    lang: str = "en"
    zone: str = "UTC"
    identities: tuple[str, ...] = ()
    deputy: Deputy | None = None
    quiet: str = ""

    def linked(self, identity: Identity) -> "Person":
        """The same person, also reached through `identity`."""
        return replace(self, identities=tuple(dict.fromkeys((*self.identities, identity.key))))

    @property
    def may_act(self) -> bool:
        """Guests may talk and read; everyone else may ask for actions."""
        return self.role is not Role.GUEST

    @property
    def may_approve(self) -> bool:
        """Owners and approvers settle proposals."""
        return self.role in (Role.OWNER, Role.APPROVER)


def called(text: str, people: Iterable[Person]) -> tuple[Person, ...]:
    """Whoever has this id or identity, else this name."""
    wanted, everyone = text.strip().lstrip("@"), tuple(people)
    exact = tuple(each for each in everyone if wanted == each.id or wanted in each.identities)
    return exact or tuple(each for each in everyone if each.name.casefold() == wanted.casefold())


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """One organisation. Everything durable belongs to one."""

    id: str
    name: str = ""


HOME = "home"
"""The space of an installation that serves a single organisation."""
