"""What holds back: freezes and budget accounts, on shelves."""

from collections.abc import Collection, Mapping

from bot.budgets import Reservation
from bot.freezes import Freeze, Scope
from memory import codec
from memory.twin.kept import Kept


class Freezes:
    """See `bot.store.Freezes`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.freezes
        self._space = space

    def put(self, freeze: Freeze) -> bool:
        key = (self._space, freeze.scope.key)
        if self._shelf.get(key) is not None:
            return False
        self._shelf.put(key, codec.FREEZE.copy(freeze))
        return True

    def lift(self, scope: Scope) -> bool:
        return self._shelf.drop((self._space, scope.key))

    def all(self) -> tuple[Freeze, ...]:
        return tuple(
            codec.FREEZE.copy(each) for (space, _), each in self._shelf.rows() if space == self._space
        )


class Spending:
    """See `bot.store.Spending`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._accounts = kept.spending
        self._held = kept.reservations
        self._space = space

    def used(self, accounts: Collection[str]) -> Mapping[str, int]:
        found = {account: self._accounts.get((self._space, account)) for account in accounts}
        return {account: amount for account, amount in found.items() if amount}

    def of_day(self, day: str) -> Mapping[str, int]:
        found = {
            account: amount
            for (space, account), amount in self._accounts.rows()
            if space == self._space and amount and account.startswith(f"{day}|")
        }
        return {account: found[account] for account in sorted(found)}

    def reserve(self, reservation: Reservation) -> bool:
        if self._held.get((self._space, reservation.id)) is not None:
            return False
        self._held.put((self._space, reservation.id), codec.RESERVATION.copy(reservation))
        self._add(reservation.amounts)
        return True

    def settle(self, reservation: str, spent: Mapping[str, int] | None) -> bool:
        held = self._held.get((self._space, reservation))
        if held is None:
            return False
        self._held.drop((self._space, reservation))
        if spent is not None:
            self._add({account: -amount for account, amount in held.amounts.items()})
            self._add(spent)
        return True

    def get(self, reservation: str) -> Reservation | None:
        held = self._held.get((self._space, reservation))
        return None if held is None else codec.RESERVATION.copy(held)

    def reserved(self) -> tuple[Reservation, ...]:
        return tuple(
            codec.RESERVATION.copy(each) for (space, _), each in self._held.rows() if space == self._space
        )

    def _add(self, amounts: Mapping[str, int]) -> None:
        for account, amount in amounts.items():
            key = (self._space, account)
            self._accounts.put(key, (self._accounts.get(key) or 0) + amount)
