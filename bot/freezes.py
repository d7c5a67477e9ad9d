"""Freezes: what nobody may start until an owner lifts it. Pure: scopes are read, compared and said here.

Whoever types something that is no scope means it as a reason, and then everything stands still: the safe way
round. Nothing here knows how a freeze is kept or what it cancels.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Protocol

from bot.errors import BadInput
from bot.speech import Tongue

_CONNECTION = re.compile(r"[a-z][a-z0-9_]*")
_ACTION = re.compile(r"[a-z*?][a-z0-9_*?]*\.[a-z0-9_.*?-]+")
_MISSION = re.compile(r"mission[: ]\s*#?([0-9]{1,9})")
_BECAUSE = re.compile(r"^(?:[,;:.–—-]+\s*|(?:because|since|parce qu(?:e |')|car)\s*)+", re.IGNORECASE)
EVERYTHING = frozenset({"", "all", "everything", "tout"})
FILE = "file"
"""`Freeze.by` of the stop file."""
COMMAND_LINE = "command line"
"""`Freeze.by` of whoever has a shell on the machine."""


class Reach(StrEnum):
    """How far a freeze reaches."""

    SPACE = "space"
    MISSION = "mission"
    CONNECTION = "connection"
    ACTION = "action"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What stands still. `name` is a mission's number, a system, or an action name in which `*` and `?` stand
    for others; "" for everything."""

    reach: Reach = Reach.SPACE
    name: str = ""

    @property
    def key(self) -> str:
        """As it is typed and kept: `all`, `mission 3`, `demo`, `demo.refund`, `*.refund`."""
        match self.reach:
            case Reach.SPACE:
                return "all"
            case Reach.MISSION:
                return f"mission {self.name}"
            case Reach.CONNECTION | Reach.ACTION:
                return self.name

    @staticmethod
    def parse(text: str) -> "Scope":
        """The inverse of `key`, forgiving of capitals and spaces. Raises BadInput."""
        folded = " ".join(text.casefold().split())
        if folded in EVERYTHING:
            return Scope()
        if found := _MISSION.fullmatch(folded):
            return Scope(reach=Reach.MISSION, name=str(int(found[1])))
        if _ACTION.fullmatch(folded):
            return Scope(reach=Reach.ACTION, name=folded)
        if _CONNECTION.fullmatch(folded):
            return Scope(reach=Reach.CONNECTION, name=folded)
        raise BadInput(
            "“{text}” is nothing that can be frozen; write all, mission 3, demo or demo.refund", text=text
        )

    def covers(self, action: str, mission: int | None = None) -> bool:
        """Whether this action, for the mission of this number, stands still."""
        match self.reach:
            case Reach.SPACE:
                return True
            case Reach.MISSION:
                return mission is not None and self.name == str(mission)
            case Reach.CONNECTION:
                return action.casefold().partition(".")[0] == self.name
            case Reach.ACTION:
                return fnmatchcase(action.casefold(), self.name)

    def said(self, tongue: Tongue) -> str:
        """In words, for the middle of a sentence."""
        match self.reach:
            case Reach.SPACE:
                return tongue("everything that acts")
            case Reach.MISSION:
                return tongue("mission {n}", n=self.name)
            case Reach.CONNECTION:
                return tongue("the connection {name}", name=self.name)
            case Reach.ACTION:
                return tongue("the action {name}", name=self.name)


ALL = Scope()
"""The whole space."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """`by` is a person's id, FILE or COMMAND_LINE."""

    scope: Scope
    reason: str
    by: str
    at: datetime


class Brake(Protocol):
    """A stop that works when nothing else does: no database, no network, no assistant that answers."""

    def pulled(self) -> str | None:
        """The reason when it is pulled ("" for none given), else None. Takes microseconds; is asked before
        every deed, and where it cannot be read it counts as pulled."""
        ...


class NoBrake:
    """An installation without one."""

    def pulled(self) -> str | None:
        return None


def read(
    text: str, *, systems: Collection[str], actions: Collection[str], missions: Collection[int]
) -> tuple[Scope, str]:
    """What a person means by the words after "freeze": the scope and the reason.

    Only a scope that exists here is one. Everything else is a reason, and freezes all: a slip of the pen must
    not leave running what somebody wants stopped.
    """
    words = text.split()
    for length in (2, 1):
        try:
            scope = Scope.parse(" ".join(words[:length]).rstrip(",;:"))
        except BadInput:
            continue
        if words and _exists(scope, systems, actions, missions):
            return scope, _BECAUSE.sub("", " ".join(words[length:]))
    return ALL, _BECAUSE.sub("", " ".join(words))


def _exists(
    scope: Scope, systems: Collection[str], actions: Collection[str], missions: Collection[int]
) -> bool:
    match scope.reach:
        case Reach.SPACE:
            return True
        case Reach.MISSION:
            return int(scope.name) in missions
        case Reach.CONNECTION:
            return scope.name in systems
        case Reach.ACTION:
            return any(scope.covers(action) for action in actions)


def holding(freezes: Iterable[Freeze], action: str, mission: int | None = None) -> Freeze | None:
    """The freeze that keeps this action from starting, the widest and oldest first; None when it may."""
    found = [freeze for freeze in freezes if freeze.scope.covers(action, mission)]
    order = list(Reach)
    return min(found, key=lambda freeze: (order.index(freeze.scope.reach), freeze.at), default=None)
