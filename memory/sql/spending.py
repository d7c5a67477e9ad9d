"""Budget accounts, and what is held back on them."""

from collections.abc import Collection, Mapping

from sqlalchemy import bindparam, delete, select

from bot.budgets import Reservation
from memory import codec
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, added, values
from memory.tables import reservations as r
from memory.tables import spending as t


def _plus(insert: Inserting):
    add = insert(t).values(values(t))
    return add.on_conflict_do_update(
        index_elements=[t.c.space, t.c.account], set_={"amount": t.c.amount + add.excluded.amount}
    )


_ADD = PerDialect(_plus)
_USED = select(t.c.account, t.c.amount).where(
    t.c.space == bindparam("in_space"),
    t.c.account.in_(bindparam("accounts", expanding=True)),
    t.c.amount != 0,
)
_OF_DAY = select(t.c.account, t.c.amount).where(
    t.c.space == bindparam("in_space"),
    t.c.account >= bindparam("first"),
    t.c.account.like(bindparam("pattern")),
    t.c.amount != 0,
)
_RESERVE = PerDialect(lambda insert: insert(r).values(values(r, leave=("seq",))).on_conflict_do_nothing())
_END = delete(r).where(r.c.space == bindparam("in_space"), r.c.id == bindparam("this")).returning(r.c.body)
_GET = select(r.c.body).where(r.c.space == bindparam("in_space"), r.c.id == bindparam("this"))
_RESERVED = select(r.c.body).where(r.c.space == bindparam("in_space")).order_by(r.c.seq)


class Spending:
    """See `bot.store.Spending`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def used(self, accounts: Collection[str]) -> Mapping[str, int]:
        row = {"in_space": self._space, "accounts": list(accounts)}
        return dict(self._hands.execute(_USED, row))

    def of_day(self, day: str) -> Mapping[str, int]:
        row = {"in_space": self._space, "first": f"{day}|", "pattern": f"{day}|%"}
        found = dict(self._hands.execute(_OF_DAY, row))
        return {account: found[account] for account in sorted(found)}

    def reserve(self, reservation: Reservation) -> bool:
        body = codec.RESERVATION.dump(reservation)
        row = {"space": self._space, "id": reservation.id, "body": body}
        if not added(self._hands, _RESERVE, row):
            return False
        self._add(reservation.amounts)
        return True

    def settle(self, reservation: str, spent: Mapping[str, int] | None) -> bool:
        row = {"in_space": self._space, "this": reservation}
        body = self._hands.execute(_END, row).scalar_one_or_none()
        if body is None:
            return False
        if spent is not None:
            held = codec.RESERVATION.load(body).amounts
            self._add(
                {account: spent.get(account, 0) - held.get(account, 0) for account in {**held, **spent}}
            )
        return True

    def get(self, reservation: str) -> Reservation | None:
        row = {"in_space": self._space, "this": reservation}
        body = self._hands.execute(_GET, row).scalar_one_or_none()
        return None if body is None else codec.RESERVATION.load(body)

    def reserved(self) -> tuple[Reservation, ...]:
        found = self._hands.execute(_RESERVED, {"in_space": self._space}).scalars()
        return tuple(codec.RESERVATION.load(body) for body in found)

    def _add(self, amounts: Mapping[str, int]) -> None:
        rows = [
            {"space": self._space, "account": account, "amount": amount}
            # In one order: two that lock the same accounts must not wait for each other.
            for account, amount in sorted(amounts.items())
            if amount
        ]
        if rows:
            self._hands.execute(_ADD(self._hands), rows)
