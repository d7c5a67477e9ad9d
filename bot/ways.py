"""The port to the ways in which people reach the assistant and it understands them: chats, and the model. What each still
needs, step by step, and what was really tried.

Above it: the page. Below it: the settings, the doors and the record. A step is done when a round trip proved it, and
never because a setting is there.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from bot.people import Person
from bot.speech import Tongue
from bot.store import Tx


class Mark(StrEnum):
    """How a step stands."""

    TODO = "todo"
    DONE = "done"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One step, in the reader's language. `says` is what was found, or what is missing where; `lines` go into the
    settings; `link` leads to where it is done; `words` are what its button says in the chat, and `otherwise` what a second one
    says, with its label, for when the first came to nothing."""

    title: str
    mark: Mark = Mark.TODO
    says: str = ""
    lines: tuple[str, ...] = ()
    link: str = ""
    label: str = ""
    words: str = ""
    otherwise: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way, whole. `model` says that a model can be tried here."""

    name: str
    title: str
    steps: tuple[Step, ...]
    model: bool = False

    @property
    def done(self) -> bool:
        return all(step.mark is Mark.DONE for step in self.steps)

    @property
    def wrong(self) -> bool:
        return any(step.mark is Mark.WRONG for step in self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What came of trying a model: what it answered or what was wrong, and the lines that keep it."""

    well: bool
    says: str
    lines: tuple[str, ...] = ()


class Ways(Protocol):
    """Every way of this installation."""

    async def refresh(self, tongue: Tongue) -> None:
        """Asks the other sides how they are, unless that was asked a moment ago. Raises nothing of its own."""
        ...

    def shown(self, tx: Tx, person: Person, tongue: Tongue) -> tuple[Way, ...]:
        """As they stand for this person."""
        ...

    async def try_model(self, name: str, key: str, tongue: Tongue) -> Trial:
        """Has this model say something, with this key. Changes nothing, whatever comes of it."""
        ...


class NoWays:
    """An installation that tells nothing of itself."""

    async def refresh(self, tongue: Tongue) -> None:
        return

    def shown(self, tx: Tx, person: Person, tongue: Tongue) -> tuple[Way, ...]:
        return ()

    async def try_model(self, name: str, key: str, tongue: Tongue) -> Trial:
        return Trial(well=False, says=tongue("no model can be tried here"))
