"""The index that recall searches, as rows: shelves, the things on them, and the terms of each.

A shelf is one scope's lines or notes in one space; every row names its shelf first, so a search reads nothing else. The newest
lines of a place may wait to be put on theirs (`memory.sql.lines`): a search reads them where they stand.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice

from sqlalchemy import and_, bindparam, delete, insert, select, update

from bot.journal import Line
from bot.notes import Note
from bot.recall import Found
from memory.codec import Codec
from memory.moments import micros
from memory.recall import index, meaning, search
from memory.recall.index import Entry, Thing, Top
from memory.recall.meaning import Embedder
from memory.recall.question import asked
from memory.recall.shelf import LINES, NOTES, PLACE, Doc, kinds
from memory.sql.hands import Hands, without_nul
from memory.sql.people import People
from memory.sql.shelves import SqlShelf, doc_of
from memory.sql.statements import values
from memory.tables import recall_docs as d
from memory.tables import recall_owed as o
from memory.tables import recall_shelves as s
from memory.tables import recall_terms as t
from memory.tables import recall_vectors as v

AT_ONCE = 20_000
"""How many things are put on a shelf at once: their terms are held in memory until then."""

_TOP = Codec[Top]("shelf", Top)
_NONE = 0
"""The number of no shelf: nothing is on it."""

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
_STANDING = (
    select(s.c.seq, s.c.body, *_DOC_COLUMNS, d.c.terms)
    .select_from(s.outerjoin(d, and_(d.c.shelf == s.c.seq, d.c.ref == bindparam("this"))))
    .where(*_HERE)
)
"""A shelf, and the thing on it that is about to be changed, if it is there."""
_ADD_DOC = insert(d).values(values(d))
_CHANGE_DOC = (
    update(d)
    .where(_ON, d.c.doc == bindparam("this"))
    .values({name: bindparam(f"new_{name}") for name in ("who", "words", "traits", "terms")})
)
_DROP_DOC = delete(d).where(_ON, d.c.doc == bindparam("this"))

_ON_TERM = (t.c.shelf == bindparam("on"), t.c.term == bindparam("this"))
_OWE = insert(o).values(values(o))
_PAID = delete(o).where(o.c.shelf == bindparam("on"), o.c.doc == bindparam("this"))
_DROP_VECTOR = delete(v).where(v.c.shelf == bindparam("on"), v.c.doc == bindparam("this"))
_DROP_TERM = delete(t).where(*_ON_TERM, t.c.doc == bindparam("of"))

# PostgreSQL writes all of a thing at once: the way there costs more than the writing, and a line has some thirty terms.
_PUT_TERMS = """
INSERT INTO recall_terms (shelf, term, doc, times)
SELECT %(shelf)s, x.term, %(doc)s, x.times FROM unnest(%(these)s::text[], %(times)s::bigint[]) AS x (term, times)"""
_SUM_UP_TOO = """summed AS (UPDATE recall_shelves SET body = %(body)s WHERE seq = %(shelf)s),
owing AS (INSERT INTO recall_owed (shelf, doc) VALUES (%(shelf)s, %(doc)s))"""
_ENTER = f"""
WITH thing AS (
    INSERT INTO recall_docs (shelf, doc, ref, at, who, session, pos, words, traits, terms)
    VALUES (%(shelf)s, %(doc)s, %(ref)s, %(at)s, %(who)s, %(session)s, %(pos)s, %(words)s, %(traits)s, %(terms)s)),
{_SUM_UP_TOO}{_PUT_TERMS}"""  # noqa: S608  all of it is above
_WRITE = f"""
WITH thing AS (
    UPDATE recall_docs SET who = %(who)s, words = %(words)s, traits = %(traits)s, terms = %(terms)s
    WHERE shelf = %(shelf)s AND doc = %(doc)s),
{_SUM_UP_TOO}{_PUT_TERMS}"""  # noqa: S608  all of it is above
_DROP_TERMS = (
    "DELETE FROM recall_terms WHERE shelf = %(on)s AND term = ANY(%(these)s::text[]) AND doc = %(of)s"
)


class Index:
    """The shelves of one space, as they are written."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands, self._space = hands, space
        self._together = hands.dialect.name == "postgresql"

    def put(self, kind: str, scope: str, thing: Thing) -> None:
        """Adds a thing, or gives it other words."""
        shelf, top, before, terms = self._found(kind, scope, thing.ref)
        if before is None:
            top, entry = index.entered(top, thing, alone=kind == NOTES)
        else:
            entry = index.written(before, thing.text)
            top = replace(top, sums=index.changed(top.sums, before, entry.doc))
            self._drop_terms(shelf, before.doc, terms)
            self._drop_vector(shelf, before.doc)
        row = {"shelf": shelf, "doc": entry.doc.doc, **_worn(entry)}
        if before is None:
            row |= {
                "ref": thing.ref,
                "at": micros(thing.at),
                "session": entry.doc.session,
                "pos": entry.doc.pos,
            }
        if self._together:
            terms_of = {"these": [*entry.counts], "times": [*entry.counts.values()]}
            whole = {**without_nul({**row, "body": _TOP.dump(top)}), **terms_of}
            self._hands.say(_ENTER if before is None else _WRITE, whole)
            return
        if before is None:
            self._hands.execute(_ADD_DOC, row)
        else:
            new = {f"new_{name}": value for name, value in _worn(entry).items()}
            self._hands.execute(_CHANGE_DOC, {"on": shelf, "this": before.doc, **new})
        self._hands.execute(_OWE, {"shelf": shelf, "doc": entry.doc.doc})
        self._hands.pour(t, _term_rows(shelf, (entry,)))
        self._sum_up(shelf, top)

    def fill(self, kind: str, scope: str, things: Iterable[Thing]) -> int:
        """Puts many new things on a shelf in their order; returns how many. At once, because the terms of a thing lie far from
        each other: sorted, those of many are written side by side."""
        shelf, top, *_ = self._found(kind, scope)
        before, coming = top.doc, iter(things)
        while some := tuple(islice(coming, AT_ONCE)):
            top, entries = index.all_entered(top, some, alone=kind == NOTES)
            self._hands.pour(d, [_doc_row(shelf, entry) for entry in entries])
            self._hands.pour(o, [(shelf, entry.doc.doc) for entry in entries])
            self._hands.pour(t, _term_rows(shelf, entries))
            if kind == LINES:
                top = replace(top, indexed=int(some[-1].ref))
        # In PostgreSQL none wait, and a version that knows of no waiting may write on the same shelf.
        self._sum_up(shelf, replace(top, indexed=None) if self._together else top)
        return top.doc - before

    def indexed(self, scope: str) -> int | None:
        """Up to which number the lines of a place are on their shelf; None when all are."""
        found = self._hands.execute(_SHELF, self._here(LINES, scope)).first()
        return 0 if found is None else _TOP.load(found[1]).indexed

    def end(self, scope: str, newest: int) -> None:
        """The newest lines of a place are gone, and their numbers will be given again."""
        if (standing := self._standing(LINES, scope)) is None:
            return
        shelf, top, *_ = standing
        if top.indexed is not None and top.indexed > newest:
            self._sum_up(shelf, replace(top, indexed=newest))

    def drop(self, kind: str, scope: str, ref: str) -> None:
        """Takes a thing and all its terms off its shelf; nothing when it is not there."""
        if (standing := self._standing(kind, scope, ref)) is None:
            return
        shelf, top, before, terms = standing
        if before is None:
            return
        self._drop_terms(shelf, before.doc, terms)
        self._drop_vector(shelf, before.doc)
        self._hands.execute(_DROP_DOC, {"on": shelf, "this": before.doc})
        self._sum_up(shelf, replace(top, sums=index.changed(top.sums, before, None)))

    def _found(self, kind: str, scope: str, ref: str = "") -> tuple[int, Top, Doc | None, str]:
        """The shelf, made where there is none, and what stands on it under this `ref` with its terms."""
        if (standing := self._standing(kind, scope, ref)) is not None:
            return standing
        top = Top() if kind == NOTES or self._together else Top(indexed=0)
        new = {"space": self._space, "kind": kind, "scope": scope, "body": _TOP.dump(top)}
        return self._hands.execute(_NEW_SHELF, new).scalar_one(), top, None, ""

    def _standing(self, kind: str, scope: str, ref: str = "") -> tuple[int, Top, Doc | None, str] | None:
        """The same, None where there is no shelf."""
        found = self._hands.execute(_STANDING, {**self._here(kind, scope), "this": ref}).first()
        if found is None:
            return None
        shelf, body, *standing, terms = found
        return shelf, _TOP.load(body), None if terms is None else doc_of(standing), terms or ""

    def _here(self, kind: str, scope: str) -> dict[str, object]:
        return {"in_space": self._space, "in_kind": kind, "in_scope": scope}

    def _sum_up(self, shelf: int, top: Top) -> None:
        self._hands.execute(_SUM_UP, {"on": shelf, "new_body": _TOP.dump(top)})

    def _drop_vector(self, shelf: int, doc: int) -> None:
        """What it meant goes with what it said."""
        for statement in (_DROP_VECTOR, _PAID):
            self._hands.execute(statement, {"on": shelf, "this": doc})

    def _drop_terms(self, shelf: int, doc: int, terms: str) -> None:
        these = [*index.unspelled(terms)]
        if self._together:
            self._hands.say(_DROP_TERMS, {"on": shelf, "these": these, "of": doc})
            return
        rows = [{"on": shelf, "this": term, "of": doc} for term in these]
        if rows:
            self._hands.execute(_DROP_TERM, rows)


def _worn(entry: Entry) -> dict[str, object]:
    return {
        "who": entry.doc.who,
        "words": entry.doc.words,
        "traits": int(entry.doc.traits),
        "terms": index.spelled(entry.counts),
    }


def _doc_row(shelf: int, entry: Entry) -> tuple[object, ...]:
    row = {column.name: getattr(entry.doc, column.name, None) for column in d.columns}
    row |= {"shelf": shelf, "at": micros(entry.doc.at), **_worn(entry)}
    return tuple(row.values())


def _term_rows(shelf: int, entries: Iterable[Entry]) -> list[tuple[object, ...]]:
    """In their order, so that neighbours are written side by side."""
    return sorted(
        (shelf, term, entry.doc.doc, times) for entry in entries for term, times in entry.counts.items()
    )


class Recall:
    """See `bot.store.Recall`."""

    def __init__(
        self,
        hands: Hands,
        space: str,
        *,
        people: People,
        lines: Callable[[str, Collection[int]], Mapping[int, Line]],
        since: Callable[[str, int], Sequence[Line]],
        notes: Callable[[Collection[str]], Mapping[str, Note]],
        embedder: Embedder | None = None,
    ) -> None:
        self._hands, self._space = hands, space
        self._people, self._lines, self._since, self._notes = people, lines, since, notes
        self._embedder = embedder

    def find(
        self, words: str, scopes: Sequence[str], limit: int, *, lines: bool = True, notes: bool = True
    ) -> tuple[Found, ...]:
        found = [
            (kind, scope, shelf)
            for kind, scope in kinds(scopes, lines=lines, notes=notes)
            if (shelf := self._shelf(kind, scope)) is not None
        ]
        shelves = [shelf for _, _, shelf in found]
        heard = dict.fromkeys(who for shelf in shelves for who in shelf.sums.speakers)
        names = {who: person.name for who, person in self._people.many(heard).items()}
        meant = meaning.meant(self._embedder, words) if shelves else None
        hits = search.find(asked(words, names), shelves, limit, meant=meant)
        things = self._things([(*found[hit.shelf][:2], hit.doc.ref) for hit in hits])
        return tuple(
            replace(thing, score=hit.score, beside=hit.beside)
            for hit in hits
            if (thing := things.get((*found[hit.shelf][:2], hit.doc.ref))) is not None
        )

    def _shelf(self, kind: str, scope: str) -> SqlShelf | None:
        """With what waits to be put on it; a place in which little was said has no other."""
        row = {"in_space": self._space, "in_kind": kind, "in_scope": scope}
        found = self._hands.execute(_SHELF, row).first()
        seq, top = (_NONE, Top(indexed=0)) if found is None else (found[0], _TOP.load(found[1]))
        if kind == NOTES or top.indexed is None:
            return None if found is None else SqlShelf(self._hands, seq, top.sums)
        waiting = index.said(self._since(scope.removeprefix(PLACE), top.indexed))
        top, entries = index.all_entered(top, waiting, alone=False)
        return SqlShelf(self._hands, seq, top.sums, entries)

    def _things(self, wanted: Sequence[tuple[str, str, str]]) -> Mapping[tuple[str, str, str], Found]:
        """What stands there, by (kind, scope, ref): one statement for each place, and one for all notes."""
        noted = {ref: (kind, scope, ref) for kind, scope, ref in wanted if kind == NOTES}
        found = {noted[ref]: Found(note=note) for ref, note in self._notes(noted).items()} if noted else {}
        for scope in dict.fromkeys(scope for kind, scope, _ in wanted if kind == LINES):
            seqs = [int(ref) for kind, where, ref in wanted if (kind, where) == (LINES, scope)]
            for seq, line in self._lines(scope.removeprefix(PLACE), seqs).items():
                found[LINES, scope, str(seq)] = Found(line=line)
        return found
