"""Connections: accounts on systems, with their sealed secrets."""

from sqlalchemy import bindparam, delete, select, update

from bot.connections import Connection
from memory import codec, spaces
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import connections as t

_IN_SPACE = t.c.space == bindparam("in_space")
_ADD = PerDialect(lambda insert: insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing())
_GET = select(t.c.body).where(_IN_SPACE, t.c.name == bindparam("this"))
_SWAP = (
    update(t)
    .where(
        _IN_SPACE,
        t.c.name == bindparam("this"),
        t.c.id == bindparam("old_id"),
        t.c.revision == bindparam("old_revision"),
    )
    .values(values(t, leave=("seq", "space", "name")))
)
_REMOVE = delete(t).where(_IN_SPACE, t.c.name == bindparam("this"))
_ALL = select(t.c.body).where(_IN_SPACE).order_by(t.c.name)


class Connections:
    """See `bot.store.Connections`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, connection: Connection) -> bool:
        row = {"space": self._space, "name": connection.name, **self._row(connection)}
        return added(self._hands, _ADD, row)

    def get(self, name: str) -> Connection | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": name}).scalar_one_or_none()
        return None if body is None else codec.CONNECTION.load(body)

    def swap(self, before: Connection, after: Connection) -> bool:
        row = {
            "in_space": self._space,
            "this": before.name,
            "old_id": before.id,
            "old_revision": before.revision,
            **self._row(after),
        }
        return self._hands.changes(_SWAP, row)

    def remove(self, name: str) -> bool:
        return self._hands.changes(_REMOVE, {"in_space": self._space, "this": name})

    def all(self) -> tuple[Connection, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space}).scalars()
        return tuple(codec.CONNECTION.load(body) for body in found)

    def _row(self, connection: Connection) -> dict[str, object]:
        spaces.check(connection, self._space)
        return {
            "id": connection.id,
            "revision": connection.revision,
            "body": codec.CONNECTION.dump(connection),
        }
