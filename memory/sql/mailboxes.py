"""Mailboxes that are watched, and the mails that were taken from them."""

from sqlalchemy import bindparam, delete, select

from bot.mailboxes import Mailbox
from memory import codec, spaces
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import mailboxes as t
from memory.tables import mails as m


def _upsert(insert: Inserting):
    add = insert(t).values(values(t))
    return add.on_conflict_do_update(index_elements=[t.c.space, t.c.name], set_={"body": add.excluded.body})


def _saw(insert: Inserting):
    add = insert(m).values(values(m, leave=("seq",)))
    return add.on_conflict_do_update(
        index_elements=[m.c.space, m.c.mailbox, m.c.digest], set_={"validity": add.excluded.validity}
    )


_PUT, _SAW = PerDialect(_upsert), PerDialect(_saw)
_GET = select(t.c.body).where(t.c.space == bindparam("in_space"), t.c.name == bindparam("this"))
_IN_BOX = (m.c.space == bindparam("in_space"), m.c.mailbox == bindparam("this"))
_SEEN = select(m.c.validity).where(*_IN_BOX, m.c.digest == bindparam("sought"))
_BORDER = (
    select(m.c.seq).where(*_IN_BOX).order_by(m.c.seq.desc()).limit(1).offset(bindparam("keep"))
).scalar_subquery()
_FORGET = delete(m).where(*_IN_BOX, m.c.seq <= _BORDER)


class Mailboxes:
    """See `bot.store.Mailboxes`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def get(self, name: str) -> Mailbox | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": name}).scalar_one_or_none()
        return None if body is None else codec.MAILBOX.load(body)

    def put(self, mailbox: Mailbox) -> None:
        spaces.check(mailbox, self._space)
        row = {"space": self._space, "name": mailbox.name, "body": codec.MAILBOX.dump(mailbox)}
        self._hands.execute(_PUT(self._hands), row)

    def saw(self, name: str, digest: str, validity: int) -> None:
        row = {"space": self._space, "mailbox": name, "digest": digest, "validity": validity}
        self._hands.execute(_SAW(self._hands), row)

    def seen(self, name: str, digest: str) -> int | None:
        row = {"in_space": self._space, "this": name, "sought": digest}
        return self._hands.execute(_SEEN, row).scalar_one_or_none()

    def forget(self, name: str, keep: int) -> None:
        row = {"in_space": self._space, "this": name, "keep": max(keep, 0)}
        self._hands.execute(_FORGET, row)
