"""Reminders: when a person is told that requests wait for them, and which. Pure.

Once a day, when their working hours begin; never at night, never in quiet hours, and never about what was
asked since those hours began.
"""

from collections.abc import Sequence
from datetime import datetime, time
from zoneinfo import ZoneInfo

from bot import authority
from bot.people import Person
from bot.proposals import Proposal
from bot.rules import Hours

WORK = Hours(start=time(9), end=time(18), days=frozenset(range(5)))
"""Nine to six, Monday to Friday, on the person's own clock."""


def began(
    person: Person, now: datetime, *, hours: Hours = WORK, quiet: Hours | None = None
) -> datetime | None:
    """When the working hours that are running now began, None outside them and in quiet hours."""
    zone = hours.zone or person.zone or "UTC"
    if not hours.hold(now, zone) or (quiet is not None and quiet.hold(now, zone)):
        return None
    wall = now.astimezone(ZoneInfo(zone))
    start = wall.replace(hour=hours.start.hour, minute=hours.start.minute, second=0, microsecond=0)
    return min(start, wall)


def due(
    person: Person,
    pending: Sequence[Proposal],
    people: Sequence[Person],
    *,
    now: datetime,
    last: datetime | None,
    hours: Hours = WORK,
    quiet: Hours | None = None,
) -> tuple[Proposal, ...]:
    """What to remind this person of now: nothing when they were reminded since their hours began."""
    start = began(person, now, hours=hours, quiet=quiet)
    if start is None or (last is not None and last >= start):
        return ()
    return tuple(
        proposal
        for proposal in pending
        if proposal.open_at(now) and proposal.created < start and _awaits(proposal, person, people, now)
    )


def _awaits(proposal: Proposal, person: Person, people: Sequence[Person], now: datetime) -> bool:
    awaited = authority.awaited(
        proposal.demand, people, requester=proposal.requester, given=proposal.approvals, now=now
    )
    return person in awaited
