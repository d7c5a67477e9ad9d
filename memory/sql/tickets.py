"""One-time codes and web sessions."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, select, update

from bot.errors import Refused
from bot.tickets import Purpose, Ticket
from memory import codec
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import tickets as t

_IN_SPACE = t.c.space == bindparam("in_space")
_GOOD = (
    t.c.hash == bindparam("this"),
    t.c.purpose == bindparam("for_purpose"),
    t.c.expires > bindparam("now"),
    t.c.used.is_(None),
)
_ADD = PerDialect(lambda insert: insert(t).values(values(t)).on_conflict_do_nothing())
_PEEK = select(t.c.body).where(_IN_SPACE, *_GOOD)
_USE = update(t).where(_IN_SPACE, *_GOOD).values(used=bindparam("now")).returning(t.c.body)
# Used up at a moment nobody will ever read: that it is used is all that counts.
_REVOKE = (
    update(t)
    .where(_IN_SPACE, t.c.purpose == bindparam("for_purpose"), t.c.used.is_(None))
    .values(used=t.c.expires)
)
_REVOKE_OF = _REVOKE.where(t.c.person == bindparam("of_person"))


class Tickets:
    """See `bot.store.Tickets`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, ticket: Ticket) -> None:
        row = {
            "space": self._space,
            "hash": ticket.hash,
            "purpose": ticket.purpose.value,
            "person": ticket.person,
            "expires": micros(ticket.expires),
            "used": None if ticket.used is None else micros(ticket.used),
            "body": codec.TICKET.dump(ticket),
        }
        if not added(self._hands, _ADD, row):
            raise Refused("this code was given out before; make another")

    def peek(self, hash: str, purpose: Purpose, now: datetime) -> Ticket | None:
        row = {"in_space": self._space, "this": hash, "for_purpose": purpose.value, "now": micros(now)}
        body = self._hands.execute(_PEEK, row).scalar_one_or_none()
        return None if body is None else codec.TICKET.load(body)

    def use(self, hash: str, purpose: Purpose, now: datetime) -> Ticket | None:
        row = {"in_space": self._space, "this": hash, "for_purpose": purpose.value, "now": micros(now)}
        body = self._hands.execute(_USE, row).scalar_one_or_none()
        return None if body is None else replace(codec.TICKET.load(body), used=now)

    def revoke(self, purpose: Purpose, person: str | None = None) -> None:
        row = {"in_space": self._space, "for_purpose": purpose.value}
        if person is None:
            self._hands.execute(_REVOKE, row)
        else:
            self._hands.execute(_REVOKE_OF, {**row, "of_person": person})
