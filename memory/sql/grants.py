"""Standing permissions."""

from sqlalchemy import Executable, bindparam, func, select, text, update

from bot.grants import Grant
from memory import codec, spaces
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import grants as t

_IN_SPACE = t.c.space == bindparam("in_space")
_ADD = PerDialect(
    lambda insert: (
        insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing(index_elements=[t.c.space, t.c.id])
    )
)
_SWAP = (
    update(t)
    .where(
        _IN_SPACE,
        t.c.id == bindparam("this"),
        t.c.used == bindparam("old_used"),
        t.c.live == bindparam("old_live"),
    )
    .values(values(t, leave=("seq", "space", "id")))
)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_BY_NUMBER = select(t.c.body).where(_IN_SPACE, t.c.number == bindparam("number"))
_NEXT = select(func.coalesce(func.max(t.c.number), 0) + 1).where(_IN_SPACE)
_OF_ACTION = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.action == bindparam("action"), t.c.live == text("1"))
    .order_by(t.c.seq)
)
_ALL = select(t.c.body).where(_IN_SPACE).order_by(t.c.number)


class Grants:
    """See `bot.store.Grants`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, grant: Grant) -> bool:
        return added(self._hands, _ADD, {"space": self._space, "id": grant.id, **self._row(grant)})

    def get(self, grant: str) -> Grant | None:
        return self._one(_GET, {"in_space": self._space, "this": grant})

    def by_number(self, number: int) -> Grant | None:
        return self._one(_BY_NUMBER, {"in_space": self._space, "number": number})

    def next_number(self) -> int:
        return self._hands.execute(_NEXT, {"in_space": self._space}).scalar_one()

    def swap(self, before: Grant, after: Grant) -> bool:
        row = {
            "in_space": self._space,
            "this": before.id,
            "old_used": before.used,
            "old_live": int(before.ended is None),
            **self._row(after),
        }
        return self._hands.changes(_SWAP, row)

    def of_action(self, action: str) -> tuple[Grant, ...]:
        return self._many(_OF_ACTION, {"in_space": self._space, "action": action})

    def all(self) -> tuple[Grant, ...]:
        return self._many(_ALL, {"in_space": self._space})

    def _row(self, grant: Grant) -> dict[str, object]:
        spaces.check(grant, self._space)
        return {
            "number": grant.number,
            "action": grant.scope.action,
            "live": int(grant.ended is None),
            "used": grant.used,
            "body": codec.GRANT.dump(grant),
        }

    def _one(self, statement: Executable, row: dict[str, object]) -> Grant | None:
        body = self._hands.execute(statement, row).scalar_one_or_none()
        return None if body is None else codec.GRANT.load(body)

    def _many(self, statement: Executable, row: dict[str, object]) -> tuple[Grant, ...]:
        return tuple(codec.GRANT.load(body) for body in self._hands.execute(statement, row).scalars())
