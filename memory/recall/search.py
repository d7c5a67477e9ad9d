"""From a question to the things that bear on it: gathers candidates from the shelves, then ranks them.

What it costs is bounded whatever the words: a word that stands nearly everywhere is read only where the rarer ones have
already led, or in the newest things when there is no rarer one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from memory.recall.question import Question
from memory.recall.rank import Candidate, order
from memory.recall.shelf import Doc, Shelf

RARE = 3_000
"""A word in more things than this is not read to its end."""
POOL = 240
"""How many things are ranked, besides what was said right before and after them."""
AROUND = 3
"""How many lines before and after a candidate are looked at."""
STEPS = tuple(step for step in range(-AROUND, AROUND + 1) if step)
K1, B = 1.2, 0.6
"""BM25: how soon a repeated word stops to count, and how much length matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found: the position of its shelf, the thing, and its score (only comparable within one answer)."""

    shelf: int
    doc: Doc
    score: float


@dataclass(slots=True)
class _Reading:
    """What is known of one shelf for one question: how often each concept stands in each thing."""

    shelf: Shelf
    weights: list[float]
    tf: dict[int, dict[int, int]] = field(default_factory=dict[int, dict[int, int]])
    partly: list[int] = field(default_factory=list[int])

    def add(self, concept: int, doc: int, times: int) -> None:
        seen = self.tf.setdefault(doc, {})
        seen[concept] = max(seen.get(concept, 0), times)

    def rough(self, doc: int) -> float:
        return sum(
            self.weights[concept] * (1 + 0.2 * min(times, 3)) for concept, times in self.tf[doc].items()
        )


def find(question: Question, shelves: Sequence[Shelf], limit: int) -> list[Hit]:
    """The best `limit` things of all shelves for a question, best first. A thing that shares no word with it, and stands
    beside none that does, is never found."""
    if limit <= 0:
        return []
    best = order(question, candidates(question, shelves))[:limit]
    return [Hit(shelf=each.shelf, doc=each.doc, score=score) for score, each in best]


def candidates(question: Question, shelves: Sequence[Shelf]) -> list[Candidate]:
    """What is worth ranking, of all shelves."""
    if not question.concepts:
        return []
    return [
        candidate
        for position, shelf in enumerate(shelves)
        if shelf.sums.docs
        for candidate in _gathered(position, _read(question, shelf))
    ]


def _read(question: Question, shelf: Shelf) -> _Reading:
    total = shelf.sums.docs
    frequencies = [max(shelf.frequency(term, RARE + 1) for term in concept) for concept in question.concepts]
    weights = [
        math.log(1 + (total - min(n, total) + 0.5) / (min(n, total) + 0.5)) if n else 0.0 for n in frequencies
    ]
    reading = _Reading(shelf=shelf, weights=weights)
    for number in sorted(range(len(frequencies)), key=lambda each: frequencies[each]):
        common = frequencies[number] > RARE
        if common:
            reading.partly.append(number)
        if not frequencies[number] or (common and len(reading.tf) >= POOL):
            continue
        for term in question.concepts[number]:
            for doc, times in shelf.postings(term, RARE):
                reading.add(number, doc, times)
    return _completed(reading, question)


def _completed(reading: _Reading, question: Question) -> _Reading:
    """Keeps the most promising things with their neighbours, and reads for them what was not read to its end."""
    pool = sorted(reading.tf, key=lambda doc: (-reading.rough(doc), -doc))[:POOL]
    wanted = {near for doc in pool for near in range(doc - AROUND, doc + AROUND + 1) if near > 0}
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
            possible=sum(reading.weights),
        )
        for number, doc in docs.items()
    ]
    return [each for each in found if each.own or any(theirs for _, theirs in each.near.values())]
