"""What holds back or lets through: freezes, grants and budget accounts, on shelves."""

from collections.abc import Collection, Mapping

from bot.budgets import Reservation
from bot.errors import Stale
from bot.freezes import Freeze, Scope
from bot.grants import Grant
from memory import codec, spaces
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


class Grants:
    """See `bot.store.Grants`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._shelf = kept.grants
        self._space = space

    def add(self, grant: Grant) -> bool:
        spaces.check(grant, self._space)
        if self._shelf.get((self._space, grant.id)) is not None:
            return False
        if self.by_number(grant.number) is not None:
            raise Stale("something else has this name or number already")
        self._shelf.put((self._space, grant.id), codec.GRANT.copy(grant))
        return True

    def get(self, grant: str) -> Grant | None:
        found = self._shelf.get((self._space, grant))
        return None if found is None else codec.GRANT.copy(found)

    def by_number(self, number: int) -> Grant | None:
        return next((grant for grant in self.all() if grant.number == number), None)

    def next_number(self) -> int:
        return max((grant.number for grant in self.all()), default=0) + 1

    def swap(self, before: Grant, after: Grant) -> bool:
        spaces.check(after, self._space)
        found = self._shelf.get((self._space, before.id))
        if found is None or (found.used, found.ended is None) != (before.used, before.ended is None):
            return False
        self._shelf.put((self._space, before.id), codec.GRANT.copy(after))
        return True

    def of_action(self, action: str) -> tuple[Grant, ...]:
        found = [each for (space, _), each in self._shelf.rows() if space == self._space]
        return tuple(
            codec.GRANT.copy(each) for each in found if each.scope.action == action and each.ended is None
        )

    def all(self) -> tuple[Grant, ...]:
        found = [each for (space, _), each in self._shelf.rows() if space == self._space]
        return tuple(codec.GRANT.copy(each) for each in sorted(found, key=lambda each: each.number))


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
