"""The clock's side: due missions become Wakes, overdue proposals become noes. Each once, whoever sweeps."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

from bot import (
    alerting,
    anchoring,
    digesting,
    expiry,
    freezing,
    loops,
    nights,
    privacy,
    quieting,
    reminding,
    triggers,
    waking,
    weekly,
)
from bot.events import Wake
from bot.house import House
from bot.missions import Phase
from bot.people import HOME
from bot.proposals import State
from bot.store import Tx
from bot.triggers import Calendar

BATCH = 500
AT_ONCE = 50


async def sweep(*, house: House, calendar: Calendar) -> int:
    """Wakes every mission that is due and expires every overdue proposal. Returns how many rows that made.

    Idempotent: a Wake's key is mission, trigger and due time, so two nodes that ring the same minute make
    one Wake.
    """
    now = house.clock.now()
    made = await _heed(house)
    due = await house.store.due_missions(now, limit=BATCH)
    # Side by side: the store commits together what comes together, and each still stands or falls alone.
    for begin in range(0, len(due), AT_ONCE):
        made += sum(
            await asyncio.gather(
                *(
                    house.store.write(lambda tx, m=mission: _wake(tx, m, now, calendar, house), space=space)
                    for space, mission, _ in due[begin : begin + AT_ONCE]
                )
            )
        )
    for space, proposal in await house.store.overdue_proposals(now, limit=BATCH):
        made += await house.store.write(lambda tx, p=proposal: _expire(tx, p, now), space=space)
    made += await reminding.sweep(house=house)
    made += await weekly.sweep(house=house)
    made += await privacy.sweep(house=house)
    made += await nights.sweep(house=house)
    made += await alerting.sweep(house=house)
    made += await digesting.sweep(house=house)
    made += await quieting.sweep(house=house)
    return made + await anchoring.sweep(house=house)


async def _heed(house: House, space: str = HOME) -> int:
    """A pulled brake cancels what waits, too."""
    if house.brake.pulled() is None:
        return 0
    return await house.store.write(lambda tx: freezing.heed(tx, house=house), space=space)


def _wake(tx: Tx, mission_id: str, now: datetime, calendar: Calendar, house: House) -> int:
    mission = tx.missions.get(mission_id)
    if (
        mission is None
        or mission.phase is not Phase.ACTIVE
        or mission.next_due is None
        or mission.next_due > now
    ):
        return 0
    made = 0
    owed = triggers.reckon(mission, now, calendar=calendar)
    for passed in owed.passed:
        made += waking.pass_over(
            tx, mission, passed.trigger, passed.due, why=mission.timing.missed.value, now=now
        )
    for due in owed.wakes:
        wake = Wake(mission=mission.id, trigger=due.trigger, due=due.due, late=due.late, missed=due.missed)
        kept = waking.by_clock(tx, mission, wake, house=house)
        if kept is None:
            # It owes this wake, and those to come, when the next hour begins.
            tx.missions.put(replace(mission, next_due=loops.next_hour(now)))
            return made
        made += kept
    tx.missions.put(triggers.woken(mission, now, calendar=calendar))
    tx.ring(mission.place)
    return made


def _expire(tx: Tx, proposal_id: str, now: datetime) -> int:
    proposal = tx.proposals.get(proposal_id)
    if proposal is None or proposal.state is not State.PENDING or now < proposal.expires:
        return 0
    return expiry.expire(tx, proposal, now=now)


async def upcoming(until: datetime, *, house: House, limit: int = BATCH) -> list[datetime]:
    """The moments up to then at which a sweep will find something due."""
    return [due for _, _, due in await house.store.due_missions(until, limit=limit)]


SOON = timedelta(seconds=35)
"""How far ahead the alarm looks."""
