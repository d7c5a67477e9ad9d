"""What becomes of a text when it is indexed: its terms, its traits, and its place in a sitting. Pure."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.journal import Line
from memory.recall import terms, traits
from memory.recall.shelf import UNSAID, Doc, Sums

GAP = timedelta(hours=3)
"""So long a silence ends a sitting."""
MOST_SPEAKERS = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Top:
    """Where a shelf stands: what is counted over it, and its newest thing. Of a place only the lines up to the number `indexed`
    are on it; later ones wait in the transcript. None: all are."""

    sums: Sums = field(default_factory=Sums)
    doc: int = 0
    indexed: int | None = None
    session: int = 0
    pos: int = 0
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What is remembered: the text, who said it and when, and how it is found again."""

    ref: str
    text: str
    who: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A thing and its terms."""

    doc: Doc
    counts: dict[str, int]


def said(lines: Iterable[Line]) -> Iterator[Thing]:
    """What of a transcript is remembered: not what is still to be said."""
    for line in lines:
        if line.text.strip() not in UNSAID:
            yield Thing(ref=str(line.seq), text=line.text, who=line.who, at=line.at)


def entered(top: Top, thing: Thing, *, alone: bool) -> tuple[Top, Entry]:
    """The next thing of a shelf. `alone` is for what belongs to no sitting, as notes do."""
    counts, length = terms.counted(thing.text)
    goes_on = not alone and top.at is not None and abs(thing.at - top.at) <= GAP
    doc = Doc(
        doc=top.doc + 1,
        ref=thing.ref,
        at=thing.at,
        who=thing.who,
        session=top.session if goes_on else top.session + 1,
        pos=top.pos + 1 if goes_on else 1,
        words=length,
        traits=traits.seen(thing.text),
    )
    speakers = top.sums.speakers
    if thing.who and thing.who not in speakers and len(speakers) < MOST_SPEAKERS:
        speakers = (*speakers, thing.who)
    sums = Sums(docs=top.sums.docs + 1, words=top.sums.words + length, speakers=speakers)
    new = replace(top, sums=sums, doc=doc.doc, session=doc.session, pos=doc.pos, at=thing.at)
    return new, Entry(doc=doc, counts=counts)


def all_entered(top: Top, things: Iterable[Thing], *, alone: bool) -> tuple[Top, list[Entry]]:
    """The next things of a shelf, in their order."""
    entries: list[Entry] = []
    for thing in things:
        top, entry = entered(top, thing, alone=alone)
        entries.append(entry)
    return top, entries


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
