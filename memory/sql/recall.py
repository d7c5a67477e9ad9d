"""The index that recall searches, as rows: shelves, the things on them, and the terms of each.

A shelf is one scope's lines or notes in one space; every row names its shelf first, so a search reads nothing else.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from sqlalchemy import bindparam, delete, func, insert, select, update

from bot.journal import Line
from bot.notes import Note
from bot.recall import Found
from memory.codec import Codec
from memory.moments import moment
from memory.recall import index, search
from memory.recall.index import Entry, Top
from memory.recall.question import asked
from memory.recall.shelf import NOTES, PLACE, Doc, Sums, kinds
from memory.recall.traits import Trait
from memory.sql.hands import Hands
from memory.sql.people import People
from memory.sql.statements import values
from memory.tables import recall_docs as d
from memory.tables import recall_shelves as s
from memory.tables import recall_terms as t

_TOP = Codec[Top]("shelf", Top)

_HERE = (
    s.c.space == bindparam("in_space"),
    s.c.kind == bindparam("in_kind"),
    s.c.scope == bindparam("in_scope"),
)
_SHELF = select(s.c.seq, s.c.body).where(*_HERE)
_NEW_SHELF = insert(s).values(values(s, leave=("seq",))).returning(s.c.seq)
_SUM_UP = update(s).where(s.c.seq == bindparam("on")).values(body=bindparam("new_body"))

_ON = d.c.shelf == bindparam("on")
_DOC_COLUMNS = (d.c.doc, d.c.ref, d.c.at, d.c.who, d.c.session, d.c.pos, d.c.words, d.c.traits)
_BY_REF = select(*_DOC_COLUMNS, d.c.terms).where(_ON, d.c.ref == bindparam("this"))
_LOAD = select(*_DOC_COLUMNS).where(_ON, d.c.doc.in_(bindparam("these", expanding=True)))
_ADD_DOC = insert(d).values(values(d))
_CHANGE_DOC = (
    update(d)
    .where(_ON, d.c.doc == bindparam("this"))
    .values({name: bindparam(f"new_{name}") for name in ("who", "words", "traits", "terms")})
)
_DROP_DOC = delete(d).where(_ON, d.c.doc == bindparam("this"))

_ON_TERM = (t.c.shelf == bindparam("on"), t.c.term == bindparam("this"))
_ADD_TERM = insert(t).values(values(t))
_DROP_TERM = delete(t).where(*_ON_TERM, t.c.doc == bindparam("of"))
_SOME = select(t.c.doc).where(*_ON_TERM).limit(bindparam("most")).subquery()
_FREQUENCY = select(func.count()).select_from(_SOME)
_POSTINGS = select(t.c.doc, t.c.times).where(*_ON_TERM).order_by(t.c.doc.desc()).limit(bindparam("most"))
_EXACT = select(t.c.term, t.c.doc, t.c.times).where(
    t.c.shelf == bindparam("on"),
    t.c.term.in_(bindparam("these", expanding=True)),
    t.c.doc.in_(bindparam("docs", expanding=True)),
)


class SqlShelf:
    """See `memory.recall.shelf.Shelf`."""

    def __init__(self, hands: Hands, shelf: int, sums: Sums) -> None:
        self._hands, self._shelf, self.sums = hands, shelf, sums

    def frequency(self, term: str, most: int) -> int:
        return self._hands.execute(_FREQUENCY, {"on": self._shelf, "this": term, "most": most}).scalar_one()

    def postings(self, term: str, most: int) -> Iterable[tuple[int, int]]:
        return self._hands.execute(_POSTINGS, {"on": self._shelf, "this": term, "most": most})

    def exact(self, terms: Collection[str], docs: Collection[int]) -> Iterable[tuple[str, int, int]]:
        row = {"on": self._shelf, "these": [*terms], "docs": [*docs]}
        return self._hands.execute(_EXACT, row)

    def load(self, docs: Collection[int]) -> Mapping[int, Doc]:
        found = self._hands.execute(_LOAD, {"on": self._shelf, "these": [*docs]})
        return {row[0]: _doc(row) for row in found}


def _doc(row: Sequence[object]) -> Doc:
    doc, ref, at, who, session, pos, words, traits = row[:8]
    return Doc(
        doc=int(str(doc)),
        ref=str(ref),
        at=moment(int(str(at))),
        who=str(who),
        session=int(str(session)),
        pos=int(str(pos)),
        words=int(str(words)),
        traits=Trait(int(str(traits))),
    )


class Index:
    """The shelves of one space, as they are written."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands, self._space = hands, space

    def put(self, kind: str, scope: str, ref: str, text: str, *, who: str, at: int) -> None:
        """Adds a thing, or gives it other words. `at` is in microseconds."""
        shelf, top = self._shelf(kind, scope)
        standing = self._hands.execute(_BY_REF, {"on": shelf, "this": ref}).first()
        if standing is None:
            top, entry = index.entered(top, ref, text, who=who, at=moment(at), alone=kind == NOTES)
            row = {"at": at, "ref": ref, "session": entry.doc.session, "pos": entry.doc.pos, **_worn(entry)}
            self._hands.execute(_ADD_DOC, {"shelf": shelf, "doc": entry.doc.doc, **row})
        else:
            before = _doc(standing)
            entry = index.written(before, text)
            top = Top(
                sums=index.changed(top.sums, before, entry.doc),
                **{name: getattr(top, name) for name in ("doc", "session", "pos", "at")},
            )
            self._drop_terms(shelf, before.doc, standing[8])
            new = {f"new_{name}": value for name, value in _worn(entry).items()}
            self._hands.execute(_CHANGE_DOC, {"on": shelf, "this": before.doc, **new})
        rows = [
            {"shelf": shelf, "term": term, "doc": entry.doc.doc, "times": times}
            for term, times in entry.counts.items()
        ]
        if rows:
            self._hands.execute(_ADD_TERM, rows)
        self._sum_up(shelf, top)

    def drop(self, kind: str, scope: str, ref: str) -> None:
        """Takes a thing and all its terms off its shelf; nothing when it is not there."""
        shelf, top = self._shelf(kind, scope)
        standing = self._hands.execute(_BY_REF, {"on": shelf, "this": ref}).first()
        if standing is None:
            return
        before = _doc(standing)
        self._drop_terms(shelf, before.doc, standing[8])
        self._hands.execute(_DROP_DOC, {"on": shelf, "this": before.doc})
        kept = {name: getattr(top, name) for name in ("doc", "session", "pos", "at")}
        self._sum_up(shelf, Top(sums=index.changed(top.sums, before, None), **kept))

    def _shelf(self, kind: str, scope: str) -> tuple[int, Top]:
        row = {"in_space": self._space, "in_kind": kind, "in_scope": scope}
        found = self._hands.execute(_SHELF, row).first()
        if found is not None:
            return found[0], _TOP.load(found[1])
        top = Top()
        new = {"space": self._space, "kind": kind, "scope": scope, "body": _TOP.dump(top)}
        return self._hands.execute(_NEW_SHELF, new).scalar_one(), top

    def _sum_up(self, shelf: int, top: Top) -> None:
        self._hands.execute(_SUM_UP, {"on": shelf, "new_body": _TOP.dump(top)})

    def _drop_terms(self, shelf: int, doc: int, terms: str) -> None:
        rows = [{"on": shelf, "this": term, "of": doc} for term in terms.split()]
        if rows:
            self._hands.execute(_DROP_TERM, rows)


def _worn(entry: Entry) -> dict[str, object]:
    return {
        "who": entry.doc.who,
        "words": entry.doc.words,
        "traits": int(entry.doc.traits),
        "terms": " ".join(entry.counts),
    }


class Recall:
    """See `bot.store.Recall`."""

    def __init__(
        self,
        hands: Hands,
        space: str,
        *,
        people: People,
        line: Callable[[str, int], Line | None],
        note: Callable[[str], Note | None],
    ) -> None:
        self._hands, self._space = hands, space
        self._people, self._line, self._note = people, line, note

    def find(
        self, words: str, scopes: Sequence[str], limit: int, *, lines: bool = True, notes: bool = True
    ) -> tuple[Found, ...]:
        found = [
            (kind, scope, row)
            for kind, scope in kinds(scopes, lines=lines, notes=notes)
            if (row := self._standing(kind, scope)) is not None
        ]
        shelves = [SqlShelf(self._hands, seq, _TOP.load(body).sums) for _, _, (seq, body) in found]
        heard = dict.fromkeys(who for shelf in shelves for who in shelf.sums.speakers)
        names = {who: person.name for who in heard if (person := self._people.get(who)) is not None}
        hits = search.find(asked(words, names), shelves, limit)
        return tuple(
            thing
            for hit in hits
            if (thing := self._thing(*found[hit.shelf][:2], hit.doc.ref, hit.score)) is not None
        )

    def _standing(self, kind: str, scope: str) -> tuple[int, str] | None:
        row = {"in_space": self._space, "in_kind": kind, "in_scope": scope}
        return self._hands.execute(_SHELF, row).first()

    def _thing(self, kind: str, scope: str, ref: str, score: float) -> Found | None:
        if kind == NOTES:
            note = self._note(ref)
            return None if note is None else Found(note=note, score=score)
        line = self._line(scope.removeprefix(PLACE), int(ref))
        return None if line is None else Found(line=line, score=score)
