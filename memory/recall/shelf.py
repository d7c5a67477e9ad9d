"""What the ranking reads: one shelf per scope and kind, with its postings. The stores implement it; it knows no database."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from memory.recall.traits import Trait

LINES, NOTES = "lines", "notes"
"""The kinds of shelves: what was said in a place, and what was noted in a scope."""

PLACE = "place:"
"""How the scope of a place begins."""

UNSAID = ("", "…")
"""What stands for an answer that is still to come: nothing to be recalled."""


def kinds(scopes: Iterable[str], *, lines: bool, notes: bool) -> Iterator[tuple[str, str]]:
    """The shelves of these scopes, as (kind, scope). Only places have lines."""
    for scope in dict.fromkeys(scopes):
        if notes:
            yield NOTES, scope
        if lines and scope.startswith(PLACE):
            yield LINES, scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Doc:
    """One remembered thing on its shelf. `doc` numbers them in the order they came; what was said in one sitting shares a
    `session` in which `pos` counts from 1. `ref` finds the thing itself. `words` is its length."""

    doc: int
    ref: str
    at: datetime
    who: str
    session: int
    pos: int
    words: int
    traits: Trait


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """What is counted over one shelf. `speakers` are whom it has heard, at most some dozens."""

    docs: int = 0
    words: int = 0
    speakers: tuple[str, ...] = ()


class Shelf(Protocol):
    """The postings of one scope and kind."""

    @property
    def sums(self) -> Sums: ...
    def frequencies(self, terms: Collection[str], most: int) -> Mapping[str, int]:
        """In how many things each term stands, counted no further than `most`."""
        ...

    def postings(self, terms: Collection[str], most: int) -> Iterable[tuple[str, int, int]]:
        """(term, doc, how often) for the newest `most` things in which each term stands."""
        ...

    def exact(self, terms: Collection[str], docs: Collection[int]) -> Iterable[tuple[str, int, int]]:
        """(term, doc, how often) for these terms in these things."""
        ...

    def vectors(self, most: int) -> dict[int, bytes]:
        """What the newest things mean, of those of which it is known."""
        ...

    def vectors_of(self, docs: Collection[int]) -> dict[int, bytes]:
        """What these things mean, of those of which it is known."""
        ...

    def load(self, docs: Collection[int]) -> Mapping[int, Doc]:
        """The things themselves, those that are there."""
        ...
