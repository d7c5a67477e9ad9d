"""Turns and their journals."""

from sqlalchemy import bindparam, select, text

from bot.journal import Answer, Row, Thought, Turn
from memory import codec, spaces
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import journal
from memory.tables import turns as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    new = add.excluded
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.id],
        set_={"state": new.state, "started": new.started, "body": new.body},
    )


_PUT = PerDialect(_upsert)
_GET = select(t.c.body).where(t.c.space == bindparam("in_space"), t.c.id == bindparam("this"))
_PARKED = (
    select(t.c.body)
    .where(t.c.space == bindparam("in_space"), t.c.state == text("'parked'"))
    .order_by(t.c.started, t.c.seq)
)
_APPEND = PerDialect(
    lambda insert: insert(journal).values(values(journal, leave=("seq",))).on_conflict_do_nothing()
)
_ROWS = (
    select(journal.c.body)
    .where(journal.c.space == bindparam("in_space"), journal.c.turn == bindparam("turn"))
    .order_by(journal.c.seq)
)


class Turns:
    """See `bot.store.Turns`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def put(self, turn: Turn) -> None:
        spaces.check(turn, self._space)
        row = {
            "space": self._space,
            "id": turn.id,
            "state": turn.state.value,
            "started": micros(turn.started),
            "body": codec.TURN.dump(turn),
        }
        self._hands.execute(_PUT(self._hands), row)

    def get(self, turn: str) -> Turn | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": turn}).scalar_one_or_none()
        return None if body is None else codec.TURN.load(body)

    def parked(self) -> tuple[Turn, ...]:
        found = self._hands.execute(_PARKED, {"in_space": self._space}).scalars()
        return tuple(codec.TURN.load(body) for body in found)

    def append(self, turn: str, row: Row) -> None:
        match row:
            case Answer():
                ask = row.ask
            case Thought():
                ask = None
        added = {"space": self._space, "turn": turn, "ask": ask, "body": codec.ROW.dump(row)}
        self._hands.execute(_APPEND(self._hands), added)

    def rows(self, turn: str) -> tuple[Row, ...]:
        found = self._hands.execute(_ROWS, {"in_space": self._space, "turn": turn}).scalars()
        return tuple(codec.ROW.load(body) for body in found)
