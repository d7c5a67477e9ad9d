"""Notes and their full-text index."""

from collections.abc import Sequence

from sqlalchemy import bindparam, delete, select, text

from bot.notes import Note
from memory import codec, spaces, words
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import notes as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    new = add.excluded
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.id],
        set_={"scope": new.scope, "learned": new.learned, "live": new.live, "body": new.body},
    ).returning(t.c.seq)


_IN_SPACE = t.c.space == bindparam("in_space")
_PUT = PerDialect(_upsert)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_ALL = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.scope == bindparam("in_scope"), t.c.live == text("1"))
    .order_by(t.c.learned, t.c.seq)
)
_FOUND = select(t.c.seq, t.c.body).where(_IN_SPACE, t.c.seq.in_(bindparam("found", expanding=True)))
_FORGET = delete(t).where(_IN_SPACE, t.c.id == bindparam("this")).returning(t.c.seq)


class Notes:
    """See `bot.store.Notes`. `forgot` says that this transaction removed a text: once it is committed, the
    write-ahead log must be emptied too before the text is nowhere in the files."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        self.forgot = False

    def put(self, note: Note) -> None:
        spaces.check(note, self._space)
        row = {
            "space": self._space,
            "id": note.id,
            "scope": note.scope,
            "learned": micros(note.learned),
            "live": int(not note.superseded_by),
            "body": codec.NOTE.dump(note),
        }
        seq = self._hands.execute(_PUT(self._hands), row).scalar_one()
        self._hands.say(words.REMOVE, (seq,))
        if not note.superseded_by:
            word = words.scope_word(self._space, note.scope)
            self._hands.say(words.ADD, (seq, word, note.text))

    def get(self, note: str) -> Note | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": note}).scalar_one_or_none()
        return None if body is None else codec.NOTE.load(body)

    def all(self, scope: str) -> tuple[Note, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space, "in_scope": scope}).scalars()
        return tuple(codec.NOTE.load(body) for body in found)

    def search(self, words: str, scopes: Sequence[str], limit: int) -> tuple[Note, ...]:
        ranked = self._ranked(words, scopes, limit)
        if not ranked:
            return ()
        rows = self._hands.execute(_FOUND, {"in_space": self._space, "found": ranked})
        found = {seq: codec.NOTE.load(body) for seq, body in rows}
        return tuple(found[seq] for seq in ranked if seq in found)

    def forget(self, note: str) -> bool:
        row = {"in_space": self._space, "this": note}
        seq = self._hands.execute(_FORGET, row).scalar_one_or_none()
        if seq is None:
            return False
        self._hands.say(words.REMOVE, (seq,))
        self._hands.say(words.FORGET)
        self.forgot = True
        return True

    def _ranked(self, text: str, scopes: Sequence[str], limit: int) -> list[int]:
        search = words.expression(text, self._space, scopes)
        if search is None or limit <= 0:
            return []
        return list(self._hands.say(words.SEARCH, (search, limit)).scalars())
