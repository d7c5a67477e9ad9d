"""Watches, and the numbers that were read."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Executable, bindparam, delete, select, update

from bot.thresholds import Sample
from bot.watches import Watch
from memory import codec, spaces
from memory.moments import micros, moment
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import samples as s
from memory.tables import watches as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    new = add.excluded
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.id],
        set_={
            "series": new.series,
            "due": new.due,
            "asked": new.asked,
            "revision": new.revision,
            "body": new.body,
        },
    )


_IN_SPACE = t.c.space == bindparam("in_space")
_PUT = PerDialect(_upsert)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_OF = select(t.c.body).where(_IN_SPACE, t.c.series == bindparam("of")).order_by(t.c.seq)
_ALL = select(t.c.body).where(_IN_SPACE).order_by(t.c.seq)
_SWAP = (
    update(t)
    .where(_IN_SPACE, t.c.id == bindparam("this"), t.c.revision == bindparam("old_revision"))
    .values(values(t, leave=("seq", "space", "id")))
)


class Watches:
    """See `bot.store.Watches`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def put(self, watch: Watch) -> None:
        row = {"space": self._space, "id": watch.id, **self._row(watch)}
        self._hands.execute(_PUT(self._hands), row)

    def get(self, watch: str) -> Watch | None:
        return next(iter(self._many(_GET, this=watch)), None)

    def of(self, series: str) -> tuple[Watch, ...]:
        return self._many(_OF, of=series)

    def all(self) -> tuple[Watch, ...]:
        return self._many(_ALL)

    def swap(self, before: Watch, after: Watch) -> bool:
        row = {
            "in_space": self._space,
            "this": before.id,
            "old_revision": before.revision,
            **self._row(after),
        }
        return self._hands.changes(_SWAP, row)

    def _many(self, statement: Executable, **row: object) -> tuple[Watch, ...]:
        found = self._hands.execute(statement, {"in_space": self._space, **row}).scalars()
        return tuple(codec.WATCH.load(body) for body in found)

    def _row(self, watch: Watch) -> dict[str, object]:
        spaces.check(watch, self._space)
        return {
            "series": watch.source.series,
            "due": None if watch.due is None else micros(watch.due),
            "asked": None if watch.asked is None else micros(watch.asked),
            "revision": watch.revision,
            "body": codec.WATCH.dump(watch),
        }


_HERE = s.c.space == bindparam("in_space")
_SERIES = s.c.series == bindparam("of")
_ADD = PerDialect(lambda insert: insert(s).values(values(s)).on_conflict_do_nothing())
_BETWEEN = (
    select(s.c.at, s.c.value)
    .where(_HERE, _SERIES, s.c.at >= bindparam("since"), s.c.at < bindparam("until"))
    .order_by(s.c.at)
)
_LAST = select(s.c.at, s.c.value).where(_HERE, _SERIES).order_by(s.c.at.desc()).limit(1)
_DROP = delete(s).where(_HERE, _SERIES, s.c.at.in_(bindparam("these", expanding=True)))
_FORGET = delete(s).where(_HERE, s.c.at < bindparam("before")).returning(s.c.at)
_AT_ONCE = 500
"""So many values one statement names at most."""


class Samples:
    """See `bot.store.Samples`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, series: str, sample: Sample) -> None:
        row = {"space": self._space, "series": series, "at": micros(sample.at), "value": sample.value}
        self._hands.execute(_ADD(self._hands), row)

    def between(self, series: str, since: datetime, until: datetime) -> tuple[Sample, ...]:
        row = {"in_space": self._space, "of": series, "since": micros(since), "until": micros(until)}
        found = self._hands.execute(_BETWEEN, row)
        return tuple(Sample(at=moment(at), value=value) for at, value in found)

    def last(self, series: str) -> Sample | None:
        found = self._hands.execute(_LAST, {"in_space": self._space, "of": series}).first()
        return None if found is None else Sample(at=moment(found[0]), value=found[1])

    def drop(self, series: str, these: Sequence[Sample]) -> None:
        moments = [micros(each.at) for each in these]
        for begin in range(0, len(moments), _AT_ONCE):
            row = {"in_space": self._space, "of": series, "these": moments[begin : begin + _AT_ONCE]}
            self._hands.execute(_DROP, row)

    def forget(self, before: datetime) -> int:
        row = {"in_space": self._space, "before": micros(before)}
        return sum(1 for _ in self._hands.execute(_FORGET, row).scalars())
