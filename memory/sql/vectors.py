"""What remembered things mean, as vectors beside the index, and which are still owed one.

A thing owes a vector from the transaction that put it there until one is kept, so that none is missed whatever is
interrupted, and also while nothing on this machine can make one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from memory.recall.shelf import LINES, PLACE
from memory.sql.hands import Hands
from memory.sql.lines import Lines
from memory.sql.marks import Marks
from memory.sql.notes import Notes

_MARK = "recall:model"
"""Kept in no space: one model serves all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """A thing without a vector, and its text."""

    space: str
    shelf: int
    doc: int
    kind: str
    scope: str
    ref: str
    text: str = ""


class Vectors:
    """The vectors of every space."""

    def __init__(self, hands: Hands) -> None:
        self._hands = hands
        self._mark = "%s" if hands.dialect.name == "postgresql" else "?"

    def adopt(self, name: str) -> None:
        """From now on vectors are of this model; those of another are thrown away, and owed again."""
        marks = Marks(self._hands, "")
        if marks.get(_MARK) == name:
            return
        self._say("DELETE FROM recall_vectors")
        self._say("DELETE FROM recall_owed")
        self._say("INSERT INTO recall_owed (shelf, doc) SELECT shelf, doc FROM recall_docs")
        marks.put(_MARK, name)

    def owed(self, most: int) -> tuple[Owed, ...]:
        """Some of what is owed, with the text as it is now."""
        rows = self._say(
            "SELECT s.space, o.shelf, o.doc, s.kind, s.scope, d.ref FROM recall_owed AS o"
            " JOIN recall_docs AS d ON d.shelf = o.shelf AND d.doc = o.doc"
            " JOIN recall_shelves AS s ON s.seq = o.shelf ORDER BY o.shelf, o.doc LIMIT ?",
            most,
        )
        found = [
            Owed(space=space, shelf=shelf, doc=doc, kind=kind, scope=scope, ref=ref)
            for space, shelf, doc, kind, scope, ref in rows
        ]
        return tuple(self._with_text(each) for each in found)

    def keep(self, made: Sequence[tuple[Owed, bytes]]) -> int:
        """Keeps vectors, and returns how many. What was forgotten or has other words by now is passed over: it owes none
        any more, or another one."""
        kept = 0
        for each, vector in made:
            here = (each.shelf, each.doc)
            if not self._say("SELECT 1 FROM recall_owed WHERE shelf = ? AND doc = ?", *here):
                continue
            if self._with_text(each).text != each.text:
                continue
            self._say("DELETE FROM recall_owed WHERE shelf = ? AND doc = ?", *here)
            self._say("INSERT INTO recall_vectors (shelf, doc, body) VALUES (?, ?, ?)", *here, vector)
            kept += 1
        return kept

    def _with_text(self, each: Owed) -> Owed:
        if each.kind == LINES:
            seq = int(each.ref)
            found = Lines(self._hands, each.space).many(each.scope.removeprefix(PLACE), (seq,)).get(seq)
        else:
            found = Notes(self._hands, each.space).get(each.ref)
        return replace(each, text="" if found is None else found.text)

    def _say(self, words: str, *values: object) -> list[Any]:
        return [*self._hands.say(words.replace("?", self._mark), values)]
