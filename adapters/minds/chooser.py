"""Which mind answers: the built-in one for exact words and declared steps, the model for everything else."""

from collections.abc import Collection
from typing import Protocol

from adapters.minds.builtin.mind import halts
from adapters.minds.filling import Filling
from bot.mind import Briefing, Filler, Mind
from bot.procedures import Procedure


class Understands(Protocol):
    """Whether a text is exact words of control, with these procedures in force."""

    def __call__(self, text: str, procedures: Collection[Procedure] = (), /) -> bool: ...


class Choice:
    """Implements `bot.mind.Chooser`. Without a model the built-in mind answers everything."""

    def __init__(self, *, builtin: Mind, understands: Understands, model: Mind | None = None) -> None:
        self._builtin = builtin
        self._understands = understands
        self._model = model

    @property
    def costly(self) -> bool:
        """True when a model is configured."""
        return self._model is not None and self._model.costly

    @property
    def filler(self) -> Filler | None:
        """The model, where one is configured."""
        return Filling(self._model) if self._model is not None else None

    def pick(self, briefing: Briefing) -> Mind:
        """The same briefing always gets the same mind. Words of control never wait for a model."""
        if self._model is None:
            return self._builtin
        if briefing.mission is not None:
            return self._builtin if briefing.mission.steps else self._model
        if briefing.trusted and self._understands(briefing.text, briefing.procedures):
            return self._builtin
        return self._model

    def halts(self, text: str) -> bool:
        """The same words whatever mind answers."""
        return halts(text)
