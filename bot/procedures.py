"""Procedures: what is done the same way each time. A recipe of steps that a person put in force, version by version.

A procedure stands on a mission of its own: that is its owner, its place, its allow-list, its runs, and what pauses
it. Knows nothing of how a recipe is written down; `recipes` does.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.actions import Field, Kind
from bot.missions import Cue, Step
from bot.values import Json

TYPES: tuple[Kind, ...] = (
    Kind.TEXT,
    Kind.INTEGER,
    Kind.MONEY,
    Kind.DATE,
    Kind.MOMENT,
    Kind.BOOLEAN,
    Kind.EMAIL,
    Kind.URL,
)
"""What an input may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One value that whoever runs the procedure names."""

    name: str
    kind: Kind = Kind.TEXT

    def read(self, value: Json) -> Json:
        """The canonical value. Raises BadInput naming the input."""
        return Field(name=self.name, title=self.name, kind=self.kind).read(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What a procedure does: when, with which inputs, in which steps. One without a trigger is run by its name."""

    trigger: Cue | None = None
    inputs: tuple[Input, ...] = ()
    steps: tuple[Step, ...]

    @property
    def may(self) -> tuple[str, ...]:
        """The actions it takes, and so the only ones it may."""
        return tuple(dict.fromkeys(step.action for step in self.steps if step.action))


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedure:
    """One version of a procedure. `person` put it in force, `at` that moment, with the press of `turn`'s card.
    `tainted` says that content from outside was read before it was proposed: then so do all its runs count."""

    id: str
    version: int
    space: str
    name: str
    mission: str
    recipe: Recipe
    person: str
    at: datetime
    turn: str = ""
    tainted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One run of a procedure: which version, and with which inputs. `typed` says that a person typed them in their
    own words. One that is taken up again goes on where `state` says, in the words of the mind that wrote it; `how` is what a person said of a step whose outcome
    nobody knew: "done" or "again"."""

    version: int
    inputs: Mapping[str, Json] = field(default_factory=dict[str, Json])
    person: str = ""
    typed: bool = False
    tainted: bool = False
    state: str = ""
    how: str = ""
