"""The wall between spaces: what belongs to one is never written through another's transaction. Pure."""

from typing import Protocol

from bot.errors import NotAllowed


class Owned(Protocol):
    """A noun that names its space."""

    @property
    def space(self) -> str: ...


def check(noun: Owned, space: str) -> None:
    """Raises NotAllowed when the noun belongs to another space than the transaction."""
    if noun.space != space:
        raise NotAllowed("this belongs to another space")
