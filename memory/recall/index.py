"""What becomes of a text when it is indexed: its terms, its traits, and its place in a sitting. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from memory.recall import terms, traits
from memory.recall.shelf import Doc, Sums

GAP = timedelta(hours=3)
"""So long a silence ends a sitting."""
MOST_SPEAKERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """Where a shelf stands: what is counted over it, and its newest thing. Of its last `tail` numbers the terms are not among
    the postings yet: they stand with the things alone."""

    sums: Sums = field(default_factory=Sums)
    doc: int = 0
    tail: int = 0
    session: int = 0
    pos: int = 0
    at: datetime | None = None

    @property
    def posted(self) -> int:
        """Up to this number the postings hold everything."""
        return self.doc - self.tail


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A thing and its terms."""

    doc: Doc
    counts: dict[str, int]


def entered(top: Top, ref: str, text: str, *, who: str, at: datetime, alone: bool) -> tuple[Top, Entry]:
    """The next thing of a shelf. `alone` is for what belongs to no sitting, as notes do."""
    counts, length = terms.counted(text)
    goes_on = not alone and top.at is not None and abs(at - top.at) <= GAP
    doc = Doc(
        doc=top.doc + 1,
        ref=ref,
        at=at,
        who=who,
        session=top.session if goes_on else top.session + 1,
        pos=top.pos + 1 if goes_on else 1,
        words=length,
        traits=traits.seen(text),
    )
    speakers = top.sums.speakers
    if who and who not in speakers and len(speakers) < MOST_SPEAKERS:
        speakers = (*speakers, who)
    sums = Sums(docs=top.sums.docs + 1, words=top.sums.words + length, speakers=speakers)
    new = replace(top, sums=sums, doc=doc.doc, tail=top.tail + 1, session=doc.session, pos=doc.pos, at=at)
    return new, Entry(doc=doc, counts=counts)


def spelled(counts: Mapping[str, int]) -> str:
    """The terms of a thing as they stand with it: each as often as it occurs."""
    return " ".join([term for term, times in counts.items() for _ in range(times)])


def unspelled(terms: str) -> Mapping[str, int]:
    """The way back."""
    return Counter(terms.split())


def written(doc: Doc, text: str) -> Entry:
    """The same thing with these words."""
    counts, length = terms.counted(text)
    return Entry(doc=replace(doc, words=length, traits=traits.seen(text)), counts=counts)


def changed(sums: Sums, before: Doc, after: Doc | None) -> Sums:
    """What is counted once a thing has other words, or is gone."""
    words = sums.words - before.words + (after.words if after is not None else 0)
    return replace(sums, words=words, docs=sums.docs - (after is None))
