"""The numbers by which operators see how the assistant is: what waits, for how long, and how much is used up. Only reads."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot import freezing, spending
from bot.budgets import Account, Holder
from bot.effects import EffectState
from bot.house import House
from bot.people import HOME
from bot.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """One look. Ages are in seconds, 0 when there is nothing that could be old. `missions` are by (phase,), `budgets` the part
    of today's limits of the whole space that is used, by (measure, currency)."""

    events_open: int = 0
    queue_age: float = 0.0
    places_busy: int = 0
    postponed: bool = False
    presses: int = 0
    presses_age: float = 0.0
    unknown: int = 0
    frozen: int = 0
    incidents: int = 0
    missions: Mapping[tuple[str], int] = field(default_factory=dict[tuple[str], int])
    budgets: Mapping[tuple[str, str], float] = field(default_factory=dict[tuple[str, str], float])


async def look(*, house: House, space: str = HOME) -> Vitals:
    """How it is now. Raises what the store raises."""
    now = house.clock.now()
    busy = await house.store.busy_places(now)
    later = await house.store.retry_at(now) is not None
    return await house.store.read(lambda tx: _look(tx, now, len(busy), later, house), space=space)


def _look(tx: Tx, now: datetime, busy: int, later: bool, house: House) -> Vitals:
    pending = tx.proposals.pending()
    return Vitals(
        events_open=tx.events.count_open(),
        queue_age=_age(tx.events.oldest_open(), now),
        places_busy=busy,
        postponed=later,
        presses=len(pending),
        presses_age=_age(pending[0].created if pending else None, now),
        unknown=len(tx.effects.in_state(EffectState.UNKNOWN)),
        frozen=len(freezing.standing(tx, house=house)),
        incidents=len(tx.incidents.open()),
        missions=Counter((mission.phase.value,) for mission in tx.missions.all()),
        budgets=_budgets(tx, house),
    )


def _age(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max((now - since).total_seconds(), 0.0)


def _budgets(tx: Tx, house: House) -> dict[tuple[str, str], float]:
    """Of those limits alone that hold for everyone together: one per person would be a series per person."""
    limits = house.budgets
    found: dict[tuple[str, str], float] = {}
    for key, used in tx.spending.of_day(spending.today(house)).items():
        account = Account.parse(key)
        limit = limits.of(account) if account.holder is Holder.SPACE else None
        if limit is None:
            continue
        most = limit + tx.spending.used([account.extra]).get(account.extra, 0)
        found[account.measure.value, account.currency] = used / most if most else 1.0
    return found
