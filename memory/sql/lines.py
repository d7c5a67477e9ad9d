"""The transcript table. `seq` counts the lines of one place from 1."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import Executable, bindparam, case, func, select, update

from bot.journal import Line
from memory import codec
from memory.recall import index
from memory.recall.shelf import LINES, PLACE
from memory.sql.hands import Hands
from memory.sql.recall import Index
from memory.sql.statements import Inserting, PerDialect, added, values
from memory.tables import lines as t

_IN_SPACE = t.c.space == bindparam("in_space")
_IN_PLACE = t.c.place == bindparam("in_place")


def _upsert(insert: Inserting):
    after_last = select(func.coalesce(func.max(t.c.seq), 0) + 1).where(_IN_SPACE, _IN_PLACE).scalar_subquery()
    add = insert(t).values({**values(t), "seq": after_last})
    new = add.excluded
    kept = case((new.ref == "", t.c.ref), else_=new.ref)
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.slot, t.c.place], set_={"ref": kept, "body": new.body}
    ).returning(t.c.seq, t.c.ref)


_PUT = PerDialect(_upsert)
_ADD = PerDialect(lambda insert: insert(t).values(values(t)).on_conflict_do_nothing())
_LINE = select(t.c.seq, t.c.ref, t.c.body).where(_IN_SPACE)
_BY_SLOT = _LINE.where(_IN_PLACE, t.c.slot == bindparam("slot"))
# No place is empty: without a bound for it SQLite reads every line of the space by their order instead.
_OF_SLOT = _LINE.where(t.c.slot == bindparam("slot"), t.c.place > "").order_by(t.c.place)
_REFER = update(t).where(_IN_SPACE, _IN_PLACE, t.c.slot == bindparam("this")).values(ref=bindparam("to"))
_RENAME = (
    update(t)
    .where(_IN_SPACE, _IN_PLACE, t.c.seq == bindparam("this"))
    .values(slot=bindparam("to"), body=bindparam("new_body"))
)
_THESE = _LINE.where(_IN_PLACE, t.c.seq.in_(bindparam("these", expanding=True)))
_LAST = _LINE.where(_IN_PLACE).order_by(t.c.seq.desc()).limit(bindparam("most"))
_BEFORE = _LAST.where(t.c.seq < bindparam("before"))
_SINCE = _LINE.where(_IN_PLACE, t.c.seq > bindparam("after")).order_by(t.c.seq)


TOGETHER = 64
"""So many lines of a place are indexed together. The terms of one lie far from each other, each on a page of its own; those of many
share these. Until then they wait, and a search reads them where they stand. Where each is owed a vector none waits, nor on
PostgreSQL, which takes a line and its terms in one message."""


class Lines:
    """See `bot.store.Lines`. `seq` and `ref` live in their columns, the rest of a line in its body."""

    def __init__(self, hands: Hands, space: str, *, at_once: bool = False) -> None:
        """`at_once`: what is said is owed a vector from the start."""
        self._hands = hands
        self._space = space
        self._index = Index(hands, space)
        self._together = hands.dialect.name == "postgresql"
        self._waits = not (at_once or self._together)
        self._newest: dict[str, tuple[Line, ...]] = {}
        """Of the places that this transaction asked about: a turn's end asks before it writes, and once more after."""

    def put(self, line: Line) -> Line:
        row = {
            "in_space": self._space,
            "in_place": line.place,
            "space": self._space,
            "place": line.place,
            "slot": line.slot or None,
            "ref": line.ref,
            "body": codec.LINE.dump(replace(line, seq=0, ref="") if line.seq or line.ref else line),
        }
        newest = self._newest.get(line.place)
        following = None if newest is None else newest[0].seq + 1 if newest else 1
        # Where the newest is known, to try the next number costs a third of looking for it.
        if following is not None and added(self._hands, _ADD, {**row, "seq": following}):
            kept = replace(line, seq=following)
            self._newest[line.place] = (kept,)
            if self._waits and following % TOGETHER:
                return kept
        else:
            seq, ref = self._hands.execute(_PUT(self._hands), row).one()
            kept = replace(line, seq=seq, ref=ref)
            self._newest.pop(line.place, None)
        self._index_it(kept)
        return kept

    def catch_up(self, place: str) -> None:
        """Puts those that wait on their shelf."""
        scope = f"{PLACE}{place}"
        if (indexed := self._index.indexed(scope)) is not None:
            self._index.fill(LINES, scope, index.said(self.since(place, indexed)))

    def _index_it(self, line: Line) -> None:
        scope = f"{PLACE}{line.place}"
        if not self._together and line.seq > (self._index.indexed(scope) or 0):
            if not self._waits or line.seq % TOGETHER == 0:
                self.catch_up(line.place)
        elif thing := next(index.said((line,)), None):
            self._index.put(LINES, scope, thing)
        else:
            self._index.drop(LINES, scope, str(line.seq))

    def many(self, place: str, seqs: Collection[int]) -> dict[int, Line]:
        """Those of them that are there, by number."""
        return {line.seq: line for line in self._many(_THESE, {"in_place": place, "these": [*seqs]})}

    def by_slot(self, place: str, slot: str) -> Line | None:
        found = self._many(_BY_SLOT, {"in_place": place, "slot": slot})
        return found[0] if found else None

    def of_slot(self, slot: str) -> tuple[Line, ...]:
        return self._many(_OF_SLOT, {"slot": slot})

    def refer(self, place: str, slot: str, ref: str) -> bool:
        self._newest.pop(place, None)
        row = {"in_space": self._space, "in_place": place, "this": slot, "to": ref}
        return self._hands.changes(_REFER, row)

    def rename(self, place: str, slot: str, to: str) -> None:
        self._newest.pop(place, None)
        line = self.by_slot(place, slot)
        if line is None:
            return
        row = {"in_space": self._space, "in_place": place, "this": line.seq, "to": to}
        body = codec.LINE.dump(replace(line, slot=to, seq=0, ref=""))
        self._hands.execute(_RENAME, {**row, "new_body": body})

    def last(self, place: str, n: int, *, before: int | None = None) -> tuple[Line, ...]:
        if n <= 0:
            return ()
        if before is None and n == 1:
            if place not in self._newest:
                self._newest[place] = self._many(_LAST, {"in_place": place, "most": 1})
            return self._newest[place]
        if before is None:
            return self._many(_LAST, {"in_place": place, "most": n})[::-1]
        return self._many(_BEFORE, {"in_place": place, "most": n, "before": before})[::-1]

    def since(self, place: str, seq: int) -> tuple[Line, ...]:
        return self._many(_SINCE, {"in_place": place, "after": seq})

    def _many(self, statement: Executable, row: dict[str, object]) -> tuple[Line, ...]:
        found = self._hands.execute(statement, {"in_space": self._space, **row})
        return tuple(_numbered(body, seq, ref) for seq, ref, body in found)


def _numbered(body: str, seq: int, ref: str) -> Line:
    line = codec.LINE.load(body)
    # Nobody else has it yet. A copy with two other fields costs more than to read it, and a turn reads dozens.
    object.__setattr__(line, "seq", seq)
    object.__setattr__(line, "ref", ref)
    return line
