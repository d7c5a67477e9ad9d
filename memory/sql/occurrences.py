"""The due times of missions, and what became of each."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, text

from bot.occurrences import Occurrence
from memory import codec, spaces
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, added, values
from memory.tables import occurrences as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    new = add.excluded
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.id],
        set_={"mission": new.mission, "due": new.due, "over": new.over, "body": new.body},
    )


_IN_SPACE = t.c.space == bindparam("in_space")
_ADD = PerDialect(lambda insert: insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing())
_PUT = PerDialect(_upsert)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_LAST = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.mission == bindparam("of"))
    .order_by(t.c.due.desc(), t.c.seq.desc())
    .limit(bindparam("most"))
)
_FORGET = delete(t).where(_IN_SPACE, text("over = 1"), t.c.due < bindparam("before")).returning(t.c.seq)


class Occurrences:
    """See `bot.store.Occurrences`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, occurrence: Occurrence) -> bool:
        return added(self._hands, _ADD, self._row(occurrence))

    def put(self, occurrence: Occurrence) -> None:
        self._hands.execute(_PUT(self._hands), self._row(occurrence))

    def get(self, occurrence: str) -> Occurrence | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": occurrence}).scalar_one_or_none()
        return None if body is None else codec.OCCURRENCE.load(body)

    def last(self, mission: str, n: int) -> tuple[Occurrence, ...]:
        row = {"in_space": self._space, "of": mission, "most": max(n, 0)}
        return tuple(codec.OCCURRENCE.load(body) for body in self._hands.execute(_LAST, row).scalars())

    def forget(self, before: datetime) -> int:
        row = {"in_space": self._space, "before": micros(before)}
        return sum(1 for _ in self._hands.execute(_FORGET, row).scalars())

    def _row(self, occurrence: Occurrence) -> dict[str, object]:
        spaces.check(occurrence, self._space)
        return {
            "space": self._space,
            "id": occurrence.id,
            "mission": occurrence.mission,
            "due": micros(occurrence.due),
            "over": int(occurrence.fate.over),
            "body": codec.OCCURRENCE.dump(occurrence),
        }
