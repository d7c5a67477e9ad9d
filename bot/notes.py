"""What is remembered: one Note per remembered thing, with where it came from and who may read it. Pure.

Knows no store. What a note says is content, whoever wrote it: it gives nobody authority and is no rule.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class NoteKind(StrEnum):
    """What sort of thing is remembered."""

    FACT = "fact"
    SUMMARY = "summary"
    DECISION = "decision"
    EPISODE = "episode"


OWN_WORDS = 100
"""How sure a note is that a person said in these words."""
HEARD = 80
"""A mind put it into words, and quotes the person."""
INFERRED = 60
"""A mind put it into words of its own."""
DOUBTFUL = 30
"""A stranger may have had a hand in it."""
FADED = 20
"""At this and below, a note is found when asked for and told to no mind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """`scope` names whose it is: `person:<id>` or `place:<key>`; nobody else's recall finds it.

    `turn` is where it comes from and `quote` the person's exact words there; `sources` are the notes it was made
    from. `tainted` says that untrusted content had a part in it, `confidence` how sure it is (percent). `since` is
    from when on it was so, as far as that was said; `learned` when we came to know it. `superseded_by` closes an old
    note without losing the history, at the moment `closed`; one that reached the day it `expires` is closed alone. It
    `faded` last when nobody had come back to it for long.
    """

    id: str
    space: str
    scope: str
    text: str
    kind: NoteKind = NoteKind.FACT
    turn: str = ""
    quote: str = ""
    sources: tuple[str, ...] = ()
    tainted: bool = False
    confidence: int = OWN_WORDS
    pinned: bool = False
    since: datetime | None = None
    learned: datetime
    expires: datetime | None = None
    superseded_by: str = ""
    closed: datetime | None = None
    faded: datetime | None = None

    def supersede(self, by: "Note") -> "Note":
        """This note as what was known until `by` was learned."""
        return replace(self, superseded_by=by.id, closed=by.learned)

    def expired(self) -> "Note":
        """This note as what was known until its day."""
        return replace(self, closed=self.expires)

    @property
    def over(self) -> bool:
        """Whether it is history."""
        return bool(self.superseded_by) or self.closed is not None

    def current(self, now: datetime) -> bool:
        """Whether it holds now: not history, and not past its day."""
        return not self.over and (self.expires is None or now < self.expires)

    @property
    def begins(self) -> datetime:
        """From when on it was so: the day that was said, else when we learned it."""
        return self.since or self.learned

    @property
    def lasting(self) -> bool:
        """What no night's tidying takes away or changes: what was pinned, and what was decided."""
        return self.pinned or self.kind is NoteKind.DECISION


def person_scope(person: str) -> str:
    """Notes only this person's conversations recall."""
    return f"person:{person}"


def place_scope(place: str) -> str:
    """Notes everyone in this place may recall."""
    return f"place:{place}"


_SMALL = frozenset(
    "the a an my our your his her their le la les l un une mon ma mes notre nos ton ta tes votre vos son sa ses leur"
    " de du des d of that que qu".split()
)
"""Words that single nothing out."""


def words(text: str) -> frozenset[str]:
    """Whole words, without case and accents: "it" is no reason to forget a city."""
    return frozenset(re.findall(r"\w+", plain(text)))


def plain(text: str) -> str:
    """Small letters without accents; ligatures taken apart."""
    folded = unicodedata.normalize("NFKD", text.casefold()).replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in folded if not unicodedata.combining(c))


def meant(about: str) -> frozenset[str]:
    """The words of "forget …" that single something out: "mon adresse" means what says "adresse". None when there are
    none but small ones."""
    return frozenset(word for word in words(about) if len(word) > 2 and word not in _SMALL)


def held(every: Iterable[Note], at: datetime) -> tuple[Note, ...]:
    """What was so at that moment, as far as is known now. What took a place took it from the day on that it was so, which
    may be before we learned of it. `every` holds the history."""
    kept = tuple(every)
    known = {note.id: note for note in kept}

    def end(note: Note) -> datetime | None:
        ends = (
            known[note.superseded_by].begins if note.superseded_by in known else note.closed,
            note.expires,
        )
        return min((each for each in ends if each is not None), default=None)

    def was_so(note: Note) -> bool:
        ended = end(note)
        return note.begins <= at and (at < ended if ended is not None else not note.over)

    return tuple(note for note in kept if was_so(note))


def ancestry(every: Sequence[Note], ids: Iterable[str]) -> set[str]:
    """These notes, all that they took the place of, however often it changed, and all that was made from them."""
    grown = set(ids)
    while True:
        more = {note.id for note in every if note.superseded_by in grown or grown & set(note.sources)} - grown
        if not more:
            return grown
        grown |= more


_IS = re.compile(
    r"\s*(?::|=|\b(?:is|are|was|were|costs?|lives?|est|sont|était|coûte|vaut|habite|s'appelle|changed to)\b)\s*",
    re.IGNORECASE,
)


def subject(text: str) -> frozenset[str]:
    """What a fact is about: the words before "is", ":" and the like; none where it has no such form."""
    found = _IS.search(text)
    if found is None or not text[found.end() :].strip():
        return frozenset()
    about = words(text[: found.start()]) - _SMALL
    return about if len(about) <= 6 else frozenset()


def akin(sought: frozenset[str], text: str) -> bool:
    """Whether each word stands there, in this form or another: "facture" for "factures"."""

    def same(one: str, other: str) -> bool:
        least = max(4, max(len(one), len(other)) - 3)
        return one[:least] == other[:least]

    there = words(text)
    return all(any(same(one, other) for other in there) for one in sought)


_MINE = frozenset("my our mine we i mon ma mes notre nos je j nous".split())


def corrected(about: str, found: Sequence[Note]) -> list[Note]:
    """Those of the notes that somebody can mean who says what is so of a matter now. What is known of exactly that comes
    first; and whoever speaks of what is their own means nobody else's."""
    exact = [note for note in found if subject(note.text) == meant(about)]
    if exact or words(about).isdisjoint(_MINE):
        return exact or list(found)
    return [note for note in found if not subject(note.text) and not words(note.text).isdisjoint(_MINE)]


def headed(text: str) -> str:
    """The same in the words of the note, for a heading; "" where it has no such form."""
    if not subject(text):
        return ""
    found = _IS.search(text)
    said = text[: found.start()].split() if found else []
    while said and plain(said[0]) in _SMALL:
        said = said[1:]
    return " ".join(said)[:60]


def contradict(one: Note, other: Note) -> bool:
    """Whether two facts say different things of the same subject. Neither is mended by that: people are shown both."""
    if NoteKind.FACT not in (one.kind, other.kind) or one.scope != other.scope or one.id == other.id:
        return False
    about = subject(one.text)
    return bool(about) and about == subject(other.text) and words(one.text) != words(other.text)


def ranked(found: Iterable[Note]) -> tuple[Note, ...]:
    """In their order, with what strangers had a hand in behind everything a person said."""
    every = tuple(found)
    return (*(n for n in every if not n.tainted), *(n for n in every if n.tainted))
