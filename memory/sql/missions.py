"""Missions."""

from sqlalchemy import bindparam, func, select

from bot.missions import Mission, Phase
from memory import codec, spaces
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import missions as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    new = add.excluded
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.id],
        set_={
            "number": new.number,
            "phase": new.phase,
            "next_due": new.next_due,
            "hears": new.hears,
            "body": new.body,
        },
    )


_IN_SPACE = t.c.space == bindparam("in_space")
_PUT = PerDialect(_upsert)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_BY_NUMBER = select(t.c.body).where(_IN_SPACE, t.c.number == bindparam("number"))
_NEXT = select(func.coalesce(func.max(t.c.number), 0) + 1).where(_IN_SPACE)
_ALL = select(t.c.body).where(_IN_SPACE).order_by(t.c.number)
_LIVE = _ALL.where(t.c.phase.not_in([phase.value for phase in Phase if phase.over]))
_HEARING = _ALL.where(t.c.phase == Phase.ACTIVE.value, t.c.hears == 1)


class Missions:
    """See `bot.store.Missions`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def put(self, mission: Mission) -> None:
        spaces.check(mission, self._space)
        row = {
            "space": self._space,
            "id": mission.id,
            "number": mission.number,
            "phase": mission.phase.value,
            "next_due": None if mission.next_due is None else micros(mission.next_due),
            "hears": int(mission.hears),
            "body": codec.MISSION.dump(mission),
        }
        self._hands.execute(_PUT(self._hands), row)

    def get(self, mission: str) -> Mission | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": mission}).scalar_one_or_none()
        return None if body is None else codec.MISSION.load(body)

    def by_number(self, number: int) -> Mission | None:
        row = {"in_space": self._space, "number": number}
        body = self._hands.execute(_BY_NUMBER, row).scalar_one_or_none()
        return None if body is None else codec.MISSION.load(body)

    def next_number(self) -> int:
        return self._hands.execute(_NEXT, {"in_space": self._space}).scalar_one()

    def all(self, *, over: bool = False) -> tuple[Mission, ...]:
        found = self._hands.execute(_ALL if over else _LIVE, {"in_space": self._space}).scalars()
        return tuple(codec.MISSION.load(body) for body in found)

    def hearing(self) -> tuple[Mission, ...]:
        found = self._hands.execute(_HEARING, {"in_space": self._space}).scalars()
        return tuple(codec.MISSION.load(body) for body in found)
