"""Notes; those in force stand in the index that recall searches."""

from collections.abc import Collection

from sqlalchemy import bindparam, delete, select, text

from bot.notes import Note
from memory import codec, spaces
from memory.moments import micros
from memory.recall.index import Thing
from memory.recall.shelf import NOTES
from memory.sql.hands import Hands
from memory.sql.recall import Index
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import notes as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    new = add.excluded
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.id],
        set_={
            "scope": new.scope,
            "learned": new.learned,
            "live": new.live,
            "pinned": new.pinned,
            "body": new.body,
        },
    ).returning(t.c.seq)


_IN_SPACE = t.c.space == bindparam("in_space")
_PUT = PerDialect(_upsert)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_MANY = select(t.c.id, t.c.body).where(_IN_SPACE, t.c.id.in_(bindparam("these", expanding=True)))
_ALL = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.scope == bindparam("in_scope"), t.c.live == text("1"))
    .order_by(t.c.learned, t.c.seq)
)
_PINNED = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.scope == bindparam("in_scope"), t.c.live == text("1"), t.c.pinned == text("1"))
    .order_by(t.c.learned, t.c.seq)
)
_HISTORY = (
    select(t.c.body).where(_IN_SPACE, t.c.scope == bindparam("in_scope")).order_by(t.c.learned, t.c.seq)
)
_SCOPES = select(t.c.scope).where(_IN_SPACE).distinct().order_by(t.c.scope)
_FORGET = delete(t).where(_IN_SPACE, t.c.id == bindparam("this")).returning(t.c.scope)


class Notes:
    """See `bot.store.Notes`. `forgot` says that this transaction removed a text: once it is committed, the
    write-ahead log must be emptied too before the text is nowhere in the files."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        self._index = Index(hands, space)
        self.forgot = False

    def put(self, note: Note) -> None:
        spaces.check(note, self._space)
        row = {
            "space": self._space,
            "id": note.id,
            "scope": note.scope,
            "learned": micros(note.learned),
            "live": int(not note.over),
            "pinned": int(note.pinned),
            "body": codec.NOTE.dump(note),
        }
        before = self.get(note.id)
        self._hands.execute(_PUT(self._hands), row)
        if before is not None and (before.scope != note.scope or note.over):
            self._index.drop(NOTES, before.scope, note.id)
        if not note.over:
            thing = Thing(ref=note.id, text=note.text, who="", at=note.learned)
            self._index.put(NOTES, note.scope, thing)

    def get(self, note: str) -> Note | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": note}).scalar_one_or_none()
        return None if body is None else codec.NOTE.load(body)

    def many(self, notes: Collection[str]) -> dict[str, Note]:
        """Those of them that are there, by id."""
        rows = self._hands.execute(_MANY, {"in_space": self._space, "these": [*notes]})
        return {note: codec.NOTE.load(body) for note, body in rows}

    def all(self, scope: str) -> tuple[Note, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space, "in_scope": scope}).scalars()
        return tuple(codec.NOTE.load(body) for body in found)

    def pinned(self, scope: str) -> tuple[Note, ...]:
        found = self._hands.execute(_PINNED, {"in_space": self._space, "in_scope": scope}).scalars()
        return tuple(codec.NOTE.load(body) for body in found)

    def history(self, scope: str) -> tuple[Note, ...]:
        found = self._hands.execute(_HISTORY, {"in_space": self._space, "in_scope": scope}).scalars()
        return tuple(codec.NOTE.load(body) for body in found)

    def scopes(self) -> tuple[str, ...]:
        return tuple(self._hands.execute(_SCOPES, {"in_space": self._space}).scalars())

    def forget(self, note: str) -> bool:
        row = {"in_space": self._space, "this": note}
        scope = self._hands.execute(_FORGET, row).scalar_one_or_none()
        if scope is None:
            return False
        self._index.drop(NOTES, scope, note)
        self.forgot = True
        return True
