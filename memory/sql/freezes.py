"""What stands still."""

from sqlalchemy import bindparam, delete, select

from bot.freezes import Freeze, Scope
from memory import codec
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import freezes as t

_IN_SPACE = t.c.space == bindparam("in_space")
_PUT = PerDialect(lambda insert: insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing())
_LIFT = delete(t).where(_IN_SPACE, t.c.scope == bindparam("this"))
_ALL = select(t.c.body).where(_IN_SPACE).order_by(t.c.seq)


class Freezes:
    """See `bot.store.Freezes`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def put(self, freeze: Freeze) -> bool:
        row = {"space": self._space, "scope": freeze.scope.key, "body": codec.FREEZE.dump(freeze)}
        return added(self._hands, _PUT, row)

    def lift(self, scope: Scope) -> bool:
        row = {"in_space": self._space, "this": scope.key}
        return self._hands.changes(_LIFT, row)

    def all(self) -> tuple[Freeze, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space}).scalars()
        return tuple(codec.FREEZE.load(body) for body in found)
