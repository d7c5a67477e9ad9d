"""The twin's recall: the very shelves of the file store, built in memory for one search."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from bot.journal import Line
from bot.notes import Note
from bot.recall import Found
from memory import codec
from memory.recall import index, meaning, search
from memory.recall.index import Thing, Top
from memory.recall.meaning import Embedder
from memory.recall.question import asked
from memory.recall.shelf import NOTES, PLACE, Doc, Sums, kinds
from memory.twin.kept import Kept


class BuiltShelf:
    """See `memory.recall.shelf.Shelf`."""

    def __init__(
        self,
        things: Iterable[Thing],
        *,
        alone: bool,
        embedder: Embedder | None = None,
    ) -> None:
        """`things` come in their order."""
        top = Top()
        self._docs: dict[int, Doc] = {}
        self._vectors: dict[int, bytes] = {}
        self._postings: dict[str, dict[int, int]] = defaultdict(dict)
        for thing in things:
            top, entry = index.entered(top, thing, alone=alone)
            self._docs[entry.doc.doc] = entry.doc
            if embedder is not None:
                self._vectors[entry.doc.doc] = embedder.embed(thing.text)
            for term, times in entry.counts.items():
                self._postings[term][entry.doc.doc] = times
        self.sums: Sums = top.sums

    def frequencies(self, terms: Collection[str], most: int) -> Mapping[str, int]:
        return {term: min(len(self._postings.get(term, ())), most) for term in terms}

    def postings(self, terms: Collection[str], most: int) -> Iterator[tuple[str, int, int]]:
        for term in terms:
            for doc, times in sorted(self._postings.get(term, {}).items(), reverse=True)[:most]:
                yield term, doc, times

    def exact(self, terms: Collection[str], docs: Collection[int]) -> Iterator[tuple[str, int, int]]:
        for term in terms:
            for doc, times in self._postings.get(term, {}).items():
                if doc in docs:
                    yield term, doc, times

    def vectors(self, most: int) -> dict[int, bytes]:
        return dict(sorted(self._vectors.items(), reverse=True)[:most])

    def vectors_of(self, docs: Collection[int]) -> dict[int, bytes]:
        return {doc: self._vectors[doc] for doc in docs if doc in self._vectors}

    def load(self, docs: Collection[int]) -> Mapping[int, Doc]:
        return {doc: self._docs[doc] for doc in docs if doc in self._docs}


class Recall:
    """See `bot.store.Recall`."""

    def __init__(self, kept: Kept, space: str, embedder: Embedder | None = None) -> None:
        self._kept, self._space, self._embedder = kept, space, embedder

    def find(
        self, words: str, scopes: Sequence[str], limit: int, *, lines: bool = True, notes: bool = True
    ) -> tuple[Found, ...]:
        shelves: list[BuiltShelf] = []
        things: list[Mapping[str, Found]] = []
        for kind, scope in kinds(scopes, lines=lines, notes=notes):
            if kind == NOTES:
                noted = self._notes(scope)
                texts = [Thing(ref=note.id, text=note.text, who="", at=note.learned) for note in noted]
                things.append({note.id: Found(note=note) for note in noted})
            else:
                said = self._lines(scope.removeprefix(PLACE))
                texts = [*index.said(said)]
                things.append({str(line.seq): Found(line=line) for line in said})
            shelves.append(BuiltShelf(texts, alone=kind == NOTES, embedder=self._embedder))
        heard = {who for shelf in shelves for who in shelf.sums.speakers}
        names = {
            who: person.name
            for (space, who), person in self._kept.people.rows()
            if space == self._space and who in heard
        }
        meant = meaning.meant(self._embedder, words) if shelves else None
        hits = search.find(asked(words, names), shelves, limit, meant=meant)
        return tuple(
            replace(things[hit.shelf][hit.doc.ref], score=hit.score, beside=hit.beside) for hit in hits
        )

    def _notes(self, scope: str) -> list[Note]:
        return [
            codec.NOTE.copy(note)
            for (space, _), note in self._kept.notes.rows()
            if space == self._space and note.scope == scope and not note.over
        ]

    def _lines(self, place: str) -> list[Line]:
        found = [
            codec.LINE.copy(line)
            for (space, at, _), line in self._kept.lines.rows()
            if space == self._space and at == place
        ]
        return sorted(found, key=lambda line: line.seq)
