"""Named lists, counters and totals, and their strokes."""

from sqlalchemy import bindparam, delete, select

from bot.tallies import Stroke, Tally
from memory import codec, spaces
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, added, values
from memory.tables import strokes as s
from memory.tables import tallies as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    new = add.excluded
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.id], set_={"scope": new.scope, "name": new.name, "body": new.body}
    )


_IN_SPACE = t.c.space == bindparam("in_space")
_PUT = PerDialect(_upsert)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_NAMED = select(t.c.body).where(_IN_SPACE, t.c.scope == bindparam("in_scope"), t.c.name == bindparam("this"))
_ALL = select(t.c.body).where(_IN_SPACE, t.c.scope == bindparam("in_scope")).order_by(t.c.seq)
_FORGET = delete(t).where(_IN_SPACE, t.c.id == bindparam("this"))
_ADD = PerDialect(lambda insert: insert(s).values(values(s, leave=("seq",))).on_conflict_do_nothing())
_OF = (s.c.space == bindparam("in_space"), s.c.tally == bindparam("this"))
_STROKES = select(s.c.body).where(*_OF).order_by(s.c.seq)
_EMPTY = delete(s).where(*_OF)
_DROP = delete(s).where(s.c.space == bindparam("in_space"), s.c.id == bindparam("this"))


class Tallies:
    """See `bot.store.Tallies`. `forgot` says that this transaction removed texts; see `memory.sql.notes`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        self.forgot = False

    def put(self, tally: Tally) -> None:
        spaces.check(tally, self._space)
        row = {
            "space": self._space,
            "id": tally.id,
            "scope": tally.scope,
            "name": tally.key,
            "body": codec.TALLY.dump(tally),
        }
        self._hands.execute(_PUT(self._hands), row)

    def get(self, tally: str) -> Tally | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": tally}).scalar_one_or_none()
        return None if body is None else codec.TALLY.load(body)

    def named(self, scope: str, key: str) -> Tally | None:
        row = {"in_space": self._space, "in_scope": scope, "this": key}
        body = self._hands.execute(_NAMED, row).scalar_one_or_none()
        return None if body is None else codec.TALLY.load(body)

    def all(self, scope: str) -> tuple[Tally, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space, "in_scope": scope}).scalars()
        return tuple(codec.TALLY.load(body) for body in found)

    def add(self, stroke: Stroke) -> bool:
        spaces.check(stroke, self._space)
        row = {
            "space": self._space,
            "id": stroke.id,
            "tally": stroke.tally,
            "body": codec.STROKE.dump(stroke),
        }
        return added(self._hands, _ADD, row)

    def strokes(self, tally: str) -> tuple[Stroke, ...]:
        found = self._hands.execute(_STROKES, {"in_space": self._space, "this": tally}).scalars()
        return tuple(codec.STROKE.load(body) for body in found)

    def drop(self, stroke: str) -> bool:
        gone = self._hands.changes(_DROP, {"in_space": self._space, "this": stroke})
        self.forgot |= gone
        return gone

    def forget(self, tally: str) -> bool:
        row = {"in_space": self._space, "this": tally}
        gone = self._hands.changes(_FORGET, row)
        # Strokes without their tally are somebody's words too.
        emptied = self._hands.changes(_EMPTY, row)
        self.forgot |= gone or emptied
        return gone
