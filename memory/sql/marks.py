"""Small named values."""

import json

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
_DROP = delete(t).where(*_THIS)


class Marks:
    """See `bot.store.Marks`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def get(self, name: str) -> Json:
        text = self._hands.execute(_GET, {"in_space": self._space, "this": name}).scalar_one_or_none()
        return None if text is None else json.loads(text)

    def put(self, name: str, value: Json) -> None:
        if value is None:
            self._hands.execute(_DROP, {"in_space": self._space, "this": name})
            return
        row = {"space": self._space, "name": name, "value": codec.JSON.dump(value)}
        self._hands.execute(_PUT(self._hands), row)
