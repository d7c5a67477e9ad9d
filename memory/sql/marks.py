"""Small named values."""

import json
from collections.abc import Collection

from sqlalchemy import bindparam, delete, select

from bot.values import Json
from memory import codec
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import marks as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t))
    return add.on_conflict_do_update(index_elements=[t.c.space, t.c.name], set_={"value": add.excluded.value})


_THIS = (t.c.space == bindparam("in_space"), t.c.name == bindparam("this"))
_PUT = PerDialect(_upsert)
_GET = select(t.c.value).where(*_THIS)
_THESE = "SELECT name, value FROM (VALUES {}) CROSS JOIN marks ON space = ? AND name = column1"
_ANY = "SELECT name, value FROM marks WHERE space = %(space)s AND name = ANY(%(these)s::text[])"
"""Not by way of SQLAlchemy, which would write the text anew each time. SQLite takes one for every number of names, of which
there are few: to unfold a list of them, or to sort what stands in IN, costs it several times what looking them up does."""
_DROP = delete(t).where(*_THIS)


class Marks:
    """See `bot.store.Marks`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        self._known: dict[str, str | None] = {}

    def gather(self, names: Collection[str]) -> None:
        # PostgreSQL has another name for one with a NUL: it is looked up when it is asked for.
        these = [name for name in names if "\x00" not in name]
        if not these:
            return
        if self._hands.dialect.name == "postgresql":
            found = self._hands.say(_ANY, {"space": self._space, "these": these})
        else:
            found = self._hands.say(_THESE.format(",".join(["(?)"] * len(these))), (*these, self._space))
        self._known |= {**dict.fromkeys(these), **dict(found)}

    def get(self, name: str) -> Json:
        if name not in self._known:
            row = {"in_space": self._space, "this": name}
            self._known[name] = self._hands.execute(_GET, row).scalar_one_or_none()
        text = self._known[name]
        return None if text is None else json.loads(text)

    def put(self, name: str, value: Json) -> None:
        self._known.pop(name, None)
        if value is None:
            self._hands.execute(_DROP, {"in_space": self._space, "this": name})
            return
        row = {"space": self._space, "name": name, "value": codec.JSON.dump(value)}
        self._hands.execute(_PUT(self._hands), row)
