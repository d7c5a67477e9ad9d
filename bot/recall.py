"""What was found to bear on some words: a line of a conversation, or a note."""

from dataclasses import dataclass

from bot.journal import Line
from bot.notes import Note


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One remembered thing: a line or a note. `score` orders the things of one answer and means nothing elsewhere. What was
    found `beside` shares nothing with the words itself: it stands next to what does."""

    line: Line | None = None
    note: Note | None = None
    score: float = 0.0
    beside: bool = False

    @property
    def text(self) -> str:
        """Its words."""
        return self.note.text if self.note is not None else self.line.text if self.line is not None else ""

    @property
    def tainted(self) -> bool:
        """Whether a stranger may have had a hand in it."""
        return any(each.tainted for each in (self.line, self.note) if each is not None)
