"""What a system is held to its contract by. One file per system has its Sample; `__init__` lists them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from bot.values import Json
from bot.world import System

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Recovery(StrEnum):
    """What a look-up finds again in another process, after an answer was lost."""

    WHOLE = "whole"
    """The receipt as it was."""
    OBJECT = "object"
    """What was made or changed: its id and link."""
    STATE = "state"
    """That things stand as was asked, whoever brought it about: its id and link."""
    NOTHING = "nothing"
    """Nobody can know: it raises Unknowable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """A system to hold to the contract, and what may be asked of it.

    `make` connects to what is kept in a folder: twice over one folder is a restart. `deeds` has arguments for
    every action, as a person would type them; `unknown` names a target that is not there for every action that
    has one. `state` is everything that is kept on the other side. `recovers` says what a look-up finds, by
    action where it is not the same for all.
    """

    make: Callable[[Path], System]
    deeds: Mapping[str, Mapping[str, Json]]
    unknown: Mapping[str, Mapping[str, Json]]
    state: Callable[[System], object]
    recovers: Recovery | Mapping[str, Recovery] = Recovery.WHOLE

    def recovery(self, action: str) -> Recovery:
        """What a look-up of that action finds."""
        return self.recovers if isinstance(self.recovers, Recovery) else self.recovers[action]
