"""One shelf of the recall index as a search reads it: few statements, and none that reads more than it was allowed to.

A list goes to the database as one argument, so that a statement reads the same for any number of things and is prepared
once. PostgreSQL answers for all terms together: the way there costs more than the answer.
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memory.moments import moment
from memory.recall.index import Entry
from memory.recall.shelf import Doc, Sums
from memory.recall.traits import Trait
from memory.sql.hands import Hands

_DOC = "doc, ref, at, who, session, pos, words, traits"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Words:
    """The statements in one database's words: how often terms stand on a shelf, where, and the things themselves."""

    frequency: str
    postings: str
    exact: str
    load: str
    vectors: str
    vectors_of: str


_SQLITE = _Words(
    frequency="""
SELECT x.value, (SELECT count(*) FROM (SELECT 1 FROM recall_terms WHERE shelf = :on AND term = x.value LIMIT :most))
FROM json_each(:terms) AS x""",
    postings="""
SELECT term, doc, times FROM recall_terms WHERE shelf = :on AND term = :this ORDER BY doc DESC LIMIT :most""",
    exact="""
SELECT t.term, t.doc, t.times FROM json_each(:terms) AS x CROSS JOIN json_each(:runs) AS y
CROSS JOIN recall_terms AS t ON t.shelf = :on AND t.term = x.value
    AND t.doc BETWEEN json_extract(y.value, '$[0]') AND json_extract(y.value, '$[1]')""",
    load=f"""
SELECT {_DOC} FROM json_each(:docs) AS x CROSS JOIN recall_docs ON shelf = :on AND doc = x.value""",  # noqa: S608
    vectors="""
SELECT doc, body FROM recall_vectors WHERE shelf = :on ORDER BY doc DESC LIMIT :most""",
    vectors_of="""
SELECT doc, body FROM json_each(:docs) AS x CROSS JOIN recall_vectors ON shelf = :on AND doc = x.value""",
)
_POSTGRESQL = _Words(
    frequency="""
SELECT x.term, (SELECT count(*) FROM (SELECT 1 FROM recall_terms AS t WHERE t.shelf = %(on)s AND t.term = x.term
                LIMIT %(most)s) AS few)
FROM unnest(%(terms)s::text[]) AS x (term)""",
    postings="""
SELECT x.term, p.doc, p.times FROM unnest(%(terms)s::text[]) AS x (term) CROSS JOIN LATERAL (
    SELECT doc, times FROM recall_terms AS t WHERE t.shelf = %(on)s AND t.term = x.term
    ORDER BY doc DESC LIMIT %(most)s) AS p""",
    exact="""
SELECT t.term, t.doc, t.times
FROM unnest(%(terms)s::text[]) AS x (term) CROSS JOIN unnest(%(first)s::bigint[], %(last)s::bigint[]) AS y (first, last)
CROSS JOIN LATERAL (
    SELECT term, doc, times FROM recall_terms AS r
    WHERE r.shelf = %(on)s AND r.term = x.term AND r.doc BETWEEN y.first AND y.last
    OFFSET 0) AS t""",
    load=f"""
SELECT {_DOC} FROM recall_docs WHERE shelf = %(on)s AND doc = ANY(%(docs)s::bigint[])""",  # noqa: S608
    vectors="""
SELECT doc, body FROM recall_vectors WHERE shelf = %(on)s ORDER BY doc DESC LIMIT %(most)s""",
    vectors_of="""
SELECT doc, body FROM recall_vectors WHERE shelf = %(on)s AND doc = ANY(%(docs)s::bigint[])""",
)


class SqlShelf:
    """See `memory.recall.shelf.Shelf`."""

    def __init__(self, hands: Hands, shelf: int, sums: Sums, waiting: Sequence[Entry] = ()) -> None:
        """`waiting` are the newest things, the newest last, which are counted in `sums` and have no rows yet."""
        self._hands, self._shelf, self._sums = hands, shelf, sums
        self._newest = {entry.doc.doc: entry.doc for entry in waiting}
        self._waiting: dict[str, list[tuple[int, int]]] = {}
        """(doc, how often) for each term of these; the newest first."""
        for entry in reversed(waiting):
            for term, times in entry.counts.items():
                self._waiting.setdefault(term, []).append((entry.doc.doc, times))
        self._together = hands.dialect.name == "postgresql"
        self._words = _POSTGRESQL if self._together else _SQLITE

    @property
    def sums(self) -> Sums:
        return self._sums

    def frequencies(self, terms: Collection[str], most: int) -> Mapping[str, int]:
        posted = dict(self._asked(self._words.frequency, terms=self._list(terms), most=most))
        return {term: min(n + len(self._waiting.get(term, ())), most) for term, n in posted.items()}

    def postings(self, terms: Collection[str], most: int) -> Iterable[tuple[str, int, int]]:
        if self._together and not self._waiting:
            yield from self._asked(self._words.postings, terms=self._list(terms), most=most)
            return
        for term in terms:
            newest = self._waiting.get(term, ())[:most]
            yield from ((term, doc, times) for doc, times in newest)
            this = {"terms": [term]} if self._together else {"this": term}
            yield from self._asked(self._words.postings, **this, most=most - len(newest))

    def exact(self, terms: Collection[str], docs: Collection[int]) -> Iterable[tuple[str, int, int]]:
        for term in terms:
            yield from ((term, doc, times) for doc, times in self._waiting.get(term, ()) if doc in docs)
        # Things are looked at with those beside them: a run is one step in the index, and each of its things another.
        runs = _runs(sorted(docs))
        asked: dict[str, object] = (
            {"first": [first for first, _ in runs], "last": [last for _, last in runs]}
            if self._together
            else {"runs": self._list(runs)}
        )
        yield from self._asked(self._words.exact, terms=self._list(terms), **asked)

    def load(self, docs: Collection[int]) -> Mapping[int, Doc]:
        newest = {doc: self._newest[doc] for doc in docs if doc in self._newest}
        found = self._asked(self._words.load, docs=self._list(sorted({*docs} - newest.keys())))
        return {row[0]: doc_of(row) for row in found} | newest

    def vectors(self, most: int) -> dict[int, bytes]:
        return {doc: bytes(body) for doc, body in self._asked(self._words.vectors, most=most)}

    def vectors_of(self, docs: Collection[int]) -> dict[int, bytes]:
        found = self._asked(self._words.vectors_of, docs=self._list(sorted(docs)))
        return {doc: bytes(body) for doc, body in found}

    def _asked(self, words: str, **row: object) -> Iterable[Any]:
        return self._hands.say(words, {"on": self._shelf, **row})

    def _list(self, values: Collection[object]) -> object:
        return [*values] if self._together else json.dumps([*values])


def _runs(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """Ascending numbers as (first, last) of each unbroken run."""
    runs: list[tuple[int, int]] = []
    for number in numbers:
        if runs and runs[-1][1] == number - 1:
            runs[-1] = (runs[-1][0], number)
        else:
            runs.append((number, number))
    return runs


def doc_of(row: Sequence[Any]) -> Doc:
    """A thing from the first columns of its row, in the table's order without the shelf."""
    doc, ref, at, who, session, pos, words, traits = row[:8]
    return Doc(
        doc=doc, ref=ref, at=moment(at), who=who, session=session, pos=pos, words=words, traits=Trait(traits)
    )
