"""Hooks, with their sealed secrets."""

from sqlalchemy import bindparam, delete, select, update

from bot.hooks import Hook
from memory import codec, spaces
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import hooks as t

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


class Hooks:
    """See `bot.store.Hooks`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, hook: Hook) -> bool:
        return added(self._hands, _ADD, {"space": self._space, "name": hook.name, **self._row(hook)})

    def get(self, name: str) -> Hook | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": name}).scalar_one_or_none()
        return None if body is None else codec.HOOK.load(body)

    def swap(self, before: Hook, after: Hook) -> bool:
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

    def all(self) -> tuple[Hook, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space}).scalars()
        return tuple(codec.HOOK.load(body) for body in found)

    def _row(self, hook: Hook) -> dict[str, object]:
        spaces.check(hook, self._space)
        return {"id": hook.id, "revision": hook.revision, "body": codec.HOOK.dump(hook)}
