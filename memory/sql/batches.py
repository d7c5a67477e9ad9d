"""Batches."""

from sqlalchemy import Executable, bindparam, select, update

from bot.batches import Batch
from memory import codec, spaces
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import batches as t

_IN_SPACE = t.c.space == bindparam("in_space")
_ADD = PerDialect(
    lambda insert: (
        insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing(index_elements=[t.c.space, t.c.id])
    )
)
_SWAP = (
    update(t)
    .where(_IN_SPACE, t.c.id == bindparam("this"), t.c.revision == bindparam("old_revision"))
    .values(values(t, leave=("seq", "space", "id")))
)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_BY_REF = select(t.c.body).where(_IN_SPACE, t.c.ref == bindparam("this"))


class Batches:
    """See `bot.store.Batches`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, batch: Batch) -> bool:
        return added(self._hands, _ADD, {"space": self._space, "id": batch.id, **self._row(batch)})

    def get(self, batch: str) -> Batch | None:
        return self._one(_GET, batch)

    def by_ref(self, ref: str) -> Batch | None:
        return self._one(_BY_REF, ref)

    def swap(self, before: Batch, after: Batch) -> bool:
        row = {
            "in_space": self._space,
            "this": before.id,
            "old_revision": before.revision,
            **self._row(after),
        }
        return self._hands.changes(_SWAP, row)

    def _row(self, batch: Batch) -> dict[str, object]:
        spaces.check(batch, self._space)
        return {"ref": batch.ref, "revision": batch.revision, "body": codec.BATCH.dump(batch)}

    def _one(self, statement: Executable, this: str) -> Batch | None:
        row = {"in_space": self._space, "this": this}
        body = self._hands.execute(statement, row).scalar_one_or_none()
        return None if body is None else codec.BATCH.load(body)
