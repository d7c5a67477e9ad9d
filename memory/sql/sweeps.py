"""What the clock asks of all spaces at once: who has something to do, and when. Only reads."""

from datetime import datetime

from sqlalchemy import BigInteger, Select, bindparam, func, select, text, union

from bot.thresholds import AHEAD
from memory.moments import micros, moment
from memory.sql.hands import Hands
from memory.tables import effects, events, missions, proposals, watches

# Literals, spelled as the partial indexes are: a parameter would keep them from being used.
_EVENT_OPEN = events.c.open == text("1")
_EFFECT_OPEN = text("state IN ('pending', 'started')")
_NOW = bindparam("now", type_=BigInteger)
_BUSY = union(
    select(events.c.space, events.c.place).where(_EVENT_OPEN, events.c.due <= _NOW),
    select(effects.c.space, effects.c.place).where(_EFFECT_OPEN, effects.c.due <= _NOW),
).order_by("space", "place")
_DUE = (
    select(missions.c.space, missions.c.id, missions.c.next_due)
    .where(text("phase = 'active' AND next_due IS NOT NULL"), missions.c.next_due <= _NOW)
    .order_by(missions.c.next_due, missions.c.space, missions.c.id)
    .limit(bindparam("most"))
)
_OVERDUE = (
    select(proposals.c.space, proposals.c.id)
    .where(text("state = 'pending'"), proposals.c.expires <= _NOW)
    .order_by(proposals.c.expires, proposals.c.space, proposals.c.id)
    .limit(bindparam("most"))
)
_READ = (
    select(watches.c.space, watches.c.id, watches.c.due)
    .where(text("due IS NOT NULL"), watches.c.due <= _NOW)
    .order_by(watches.c.due, watches.c.space, watches.c.id)
    .limit(bindparam("most"))
)
_SET_BACK = (
    select(watches.c.space, watches.c.id)
    .where(text("due IS NOT NULL"), watches.c.due > _NOW, watches.c.asked > bindparam("ahead"))
    .order_by(watches.c.asked, watches.c.space, watches.c.id)
    .limit(bindparam("most"))
)
_RETRIES: tuple[Select[int | None], ...] = (
    select(func.min(events.c.due)).where(_EVENT_OPEN, events.c.due > _NOW),
    select(func.min(effects.c.due)).where(
        _EFFECT_OPEN, effects.c.state == text("'pending'"), effects.c.due > _NOW
    ),
)


def busy_places(hands: Hands, now: datetime) -> tuple[tuple[str, str], ...]:
    """See `bot.store.Store.busy_places`."""
    return tuple((space, place) for space, place in hands.execute(_BUSY, {"now": micros(now)}))


def due_missions(hands: Hands, until: datetime, limit: int) -> tuple[tuple[str, str, datetime], ...]:
    """See `bot.store.Store.due_missions`."""
    found = hands.execute(_DUE, {"now": micros(until), "most": max(limit, 0)})
    return tuple((space, mission, moment(due)) for space, mission, due in found)


def overdue_proposals(hands: Hands, now: datetime, limit: int) -> tuple[tuple[str, str], ...]:
    """See `bot.store.Store.overdue_proposals`."""
    found = hands.execute(_OVERDUE, {"now": micros(now), "most": max(limit, 0)})
    return tuple((space, proposal) for space, proposal in found)


def due_watches(hands: Hands, until: datetime, limit: int) -> tuple[tuple[str, str, datetime], ...]:
    """See `bot.store.Store.due_watches`."""
    row = {"now": micros(until), "most": max(limit, 0)}
    due = [(space, watch, moment(at)) for space, watch, at in hands.execute(_READ, row)]
    row |= {"ahead": micros(until + AHEAD), "most": max(limit - len(due), 0)}
    return (*due, *((space, watch, until) for space, watch in hands.execute(_SET_BACK, row)))


def retry_at(hands: Hands, now: datetime) -> datetime | None:
    """See `bot.store.Store.retry_at`."""
    dates = [hands.execute(each, {"now": micros(now)}).scalar_one() for each in _RETRIES]
    soonest = min((date for date in dates if date is not None), default=None)
    return None if soonest is None else moment(soonest)
