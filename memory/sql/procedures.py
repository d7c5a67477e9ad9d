"""Procedures, every version in a row; the newest of a living one is marked."""

from sqlalchemy import bindparam, select, text, update

from bot.procedures import Procedure
from memory import codec, spaces
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import procedures as t

_IN_SPACE = t.c.space == bindparam("in_space")
# Written out, and not a value that is bound: only so does SQLite know that the index of the living ones serves.
_LIVING = t.c.living == text("1")
_THIS = t.c.id == bindparam("this")
_ADD = PerDialect(lambda insert: insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing())
_GET = select(t.c.body).where(_IN_SPACE, _THIS, t.c.version == bindparam("number"))
_NAMED = select(t.c.body).where(_IN_SPACE, t.c.name == bindparam("called"), _LIVING)
_VERSIONS = select(t.c.body).where(_IN_SPACE, _THIS).order_by(t.c.version)
_RETIRE = update(t).where(_IN_SPACE, _THIS, _LIVING).values(living=0)
_REWRITE = (
    update(t)
    .where(_IN_SPACE, _THIS, t.c.version == bindparam("number"))
    .values(name=bindparam("called"), body=bindparam("new_body"))
)
_ALL = select(t.c.body).where(_IN_SPACE, _LIVING).order_by(t.c.name)


class Procedures:
    """See `bot.store.Procedures`. `forgot` says that this transaction removed texts; see `memory.sql.notes`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        self.forgot = False

    def add(self, procedure: Procedure) -> bool:
        spaces.check(procedure, self._space)
        living = self.named(procedure.name)
        if self.get(procedure.id, procedure.version) or (living and living.id != procedure.id):
            return False
        self.retire(procedure.id)
        row = {
            "space": self._space,
            "id": procedure.id,
            "version": procedure.version,
            "name": procedure.name,
            "living": 1,
            "body": codec.PROCEDURE.dump(procedure),
        }
        return added(self._hands, _ADD, row)

    def get(self, procedure: str, version: int) -> Procedure | None:
        row = {"in_space": self._space, "this": procedure, "number": version}
        body = self._hands.execute(_GET, row).scalar_one_or_none()
        return None if body is None else codec.PROCEDURE.load(body)

    def named(self, name: str) -> Procedure | None:
        row = {"in_space": self._space, "called": name}
        body = self._hands.execute(_NAMED, row).scalar_one_or_none()
        return None if body is None else codec.PROCEDURE.load(body)

    def versions(self, procedure: str) -> tuple[Procedure, ...]:
        found = self._hands.execute(_VERSIONS, {"in_space": self._space, "this": procedure}).scalars()
        return tuple(codec.PROCEDURE.load(body) for body in found)

    def rewrite(self, procedure: Procedure) -> None:
        spaces.check(procedure, self._space)
        row = {
            "in_space": self._space,
            "this": procedure.id,
            "number": procedure.version,
            "called": procedure.name,
            "new_body": codec.PROCEDURE.dump(procedure),
        }
        self._hands.execute(_REWRITE, row)
        self.forgot = True

    def retire(self, procedure: str) -> bool:
        row = {"in_space": self._space, "this": procedure}
        return self._hands.changes(_RETIRE, row)

    def all(self) -> tuple[Procedure, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space}).scalars()
        return tuple(codec.PROCEDURE.load(body) for body in found)
