"""What is remembered: one Note per remembered thing, with where it came from and who may read it."""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class NoteKind(StrEnum):
    """What sort of thing is remembered."""

    FACT = "fact"
    SUMMARY = "summary"
    DECISION = "decision"
    EPISODE = "episode"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """`scope` names whose it is: `person:<id>` or `place:<key>`; nobody else's recall finds it.

    `tainted` says that untrusted content had a part in it. `superseded_by` closes an old note without
    losing the history, at the moment `closed`. `learned` is when we came to know it.
    """

    id: str
    space: str
    scope: str
    text: str
    kind: NoteKind = NoteKind.FACT
    turn: str = ""
    tainted: bool = False
    learned: datetime
    superseded_by: str = ""
    closed: datetime | None = None

    def supersede(self, by: "Note") -> "Note":
        """This note as what was known until `by` was learned."""
        return replace(self, superseded_by=by.id, closed=by.learned)

    def held(self, at: datetime) -> bool:
        """Whether this was what we knew at that moment."""
        return self.learned <= at and (
            not self.superseded_by or (self.closed is not None and at < self.closed)
        )


def person_scope(person: str) -> str:
    """Notes only this person's conversations recall."""
    return f"person:{person}"


def place_scope(place: str) -> str:
    """Notes everyone in this place may recall."""
    return f"place:{place}"
