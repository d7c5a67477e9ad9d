"""From a question to the things that bear on it: gathers candidates from the shelves, then ranks them.

What it costs is bounded whatever the words: a word that stands nearly everywhere is read only where the rarer ones have
already led, or in the newest things when there is no rarer one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from memory.recall.meaning import Meant
from memory.recall.question import Question
from memory.recall.rank import Candidate, borrowed, order
from memory.recall.shelf import Doc, Shelf
from memory.recall.traits import Trait

RARE = 3_000
"""A word in more things than this is not read to its end."""
POOL = 120
"""How many things are gathered, besides what was said right before and after them."""
MOST = 300
"""How many things of a shelf are looked at closely: those that hold most of the question, by themselves or with what is
around them. What ranks below is never among the first fifty."""
AROUND = 3
"""How many lines before and after a candidate are looked at."""
STEPS = tuple(step for step in range(-AROUND, AROUND + 1) if step)
NEAREST = 40
"""How many things are ranked because of what they mean, whatever their words."""
RELATED = 0.2
"""So near has to mean what shares no word with a question: things that have nothing to do with each other stay below."""
K1, B = 1.2, 0.6
"""BM25: how soon a repeated word stops to count, and how much length matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found: the position of its shelf, the thing, and its score (only comparable within one answer). `beside`:
    only what stands around it bears on the question, and that did not ask."""

    shelf: int
    doc: Doc
    score: float
    beside: bool = False


@dataclass(slots=True)
class _Reading:
    """What is known of one shelf for one question: how often each concept stands in each thing."""

    shelf: Shelf
    weights: list[float]
    tf: dict[int, dict[int, int]] = field(default_factory=dict[int, dict[int, int]])
    partly: list[int] = field(default_factory=list[int])
    alike: dict[int, float] = field(default_factory=dict[int, float])

    def add(self, concept: int, doc: int, times: int) -> None:
        seen = self.tf.setdefault(doc, {})
        seen[concept] = max(seen.get(concept, 0), times)

    def take(self, question: Question, concepts: Sequence[int]) -> None:
        """Reads where these concepts stand, in the newest things if they stand in many."""
        of: dict[str, list[int]] = {}
        for number in concepts:
            for term in question.concepts[number]:
                of.setdefault(term, []).append(number)
        for term, doc, times in self.shelf.postings(tuple(of), RARE) if of else ():
            for number in of[term]:
                self.add(number, doc, times)

    def rough(self, doc: int) -> float:
        return sum(
            self.weights[concept] * (1 + 0.2 * min(times, 3)) for concept, times in self.tf[doc].items()
        )


def find(
    question: Question, shelves: Sequence[Shelf], limit: int, *, meant: Meant | None = None
) -> list[Hit]:
    """The best `limit` things of all shelves for a question, best first. A thing that shares no word with it, and stands
    beside none that does, is found only where it is known what was meant, and then if it means something near."""
    if limit <= 0:
        return []
    best = order(question, candidates(question, shelves, meant))[:limit]
    return [Hit(shelf=each.shelf, doc=each.doc, score=score, beside=not _bears(each)) for score, each in best]


def _bears(each: Candidate) -> bool:
    """By its own words, by what it means, or as the answer to what was asked right before it."""
    before = each.near.get(-1)
    return (
        any(each.own.values())
        or (each.alike or 0.0) >= RELATED
        or (before is not None and Trait.ASKS in before[0].traits and any(before[1].values()))
    )


def candidates(question: Question, shelves: Sequence[Shelf], meant: Meant | None = None) -> list[Candidate]:
    """What is worth ranking, of all shelves."""
    if not question.concepts:
        return []
    return [
        candidate
        for position, shelf in enumerate(shelves)
        if shelf.sums.docs
        for candidate in _gathered(position, _read(question, shelf, meant))
    ]


def _read(question: Question, shelf: Shelf, meant: Meant | None) -> _Reading:
    total = shelf.sums.docs
    counted = shelf.frequencies({term for concept in question.concepts for term in concept}, RARE + 1)
    frequencies = [max(counted.get(term, 0) for term in concept) for concept in question.concepts]
    weights = [
        math.log(1 + (total - min(n, total) + 0.5) / (min(n, total) + 0.5)) if n else 0.0 for n in frequencies
    ]
    reading = _Reading(shelf=shelf, weights=weights)
    rare = [number for number, n in enumerate(frequencies) if 0 < n <= RARE]
    reading.take(question, rare)
    for number, n in enumerate(frequencies):
        if n > RARE:
            reading.partly.append(number)
            if len(reading.tf) < POOL:
                reading.take(question, [number])
    return _completed(reading, question, meant)


def _completed(reading: _Reading, question: Question, meant: Meant | None) -> _Reading:
    """Keeps the most promising things with their neighbours, and reads for them what was not read to its end."""
    pool = sorted(reading.tf, key=lambda doc: (-reading.rough(doc), -doc))[:POOL]
    wanted = {near for doc in pool for near in range(doc - AROUND, doc + AROUND + 1) if near > 0}
    if meant is not None:
        reading.alike = meant.alike(reading.shelf.vectors(RARE))
        wanted.update(sorted(reading.alike, key=lambda doc: (-reading.alike[doc], -doc))[:NEAREST])
        if older := wanted - reading.alike.keys():
            reading.alike |= meant.alike(reading.shelf.vectors_of(older))
    partly = {term: number for number in reading.partly for term in question.concepts[number]}
    reading.tf = {doc: reading.tf.get(doc, {}) for doc in wanted}
    for term, doc, times in reading.shelf.exact(tuple(partly), wanted) if partly else ():
        reading.add(partly[term], doc, times)
    return reading


def _gathered(position: int, reading: _Reading) -> list[Candidate]:
    """The candidates of one shelf with the score of each concept in each, those of neighbours included."""
    sums = reading.shelf.sums
    average = max(sums.words / sums.docs, 1.0)
    docs = reading.shelf.load(reading.tf)

    def scored(doc: Doc) -> dict[int, float]:
        length = 1 - B + B * doc.words / average
        return {
            concept: reading.weights[concept] * times * (K1 + 1) / (times + K1 * length)
            for concept, times in reading.tf[doc.doc].items()
        }

    scores = {number: scored(doc) for number, doc in docs.items()}
    found = [
        Candidate(
            shelf=position,
            doc=doc,
            own=scores[number],
            near={
                step: (other, scores[number + step])
                for step in STEPS
                if (other := docs.get(number + step)) is not None and other.session == doc.session
            },
            alike=reading.alike.get(number),
        )
        for number, doc in docs.items()
    ]
    worth = {each.doc.doc: borrowed(each) for each in found}
    best = sorted(worth, key=lambda number: -worth[number])[:MOST]
    kept = {number for number in best if worth[number]}
    kept |= {number for number in docs if reading.alike.get(number, 0.0) >= RELATED}
    return [each for each in found if each.doc.doc in kept]
