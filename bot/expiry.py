"""Proposals past their deadline: nobody pressed in time, and that is a no."""

from datetime import datetime, timedelta

from bot import sayings
from bot.proposals import Proposal, State
from bot.store import Tx
from bot.values import Json


def if_due(tx: Tx, proposal: Proposal, *, now: datetime) -> None:
    """Expires it when its time is over, and leaves it alone otherwise."""
    if proposal.state is State.PENDING and now >= proposal.expires:
        expire(tx, proposal, now=now)


COOL_DOWN = timedelta(hours=24)
"""How long the very same call is not asked for again after a denial."""
UNANSWERED = timedelta(hours=23)
"""And after it was asked for and nobody pressed: less than a day, so that a mission of every morning asks every morning."""


def cool_down(tx: Tx, proposal: Proposal, *, by: str, now: datetime) -> None:
    """People are not asked for this again for a while. `by` is who denied it, "" when nobody pressed."""
    name = f"denied:{proposal.call.digest}"
    before: Json = tx.marks.get(name)
    recent = bool(before) and cooled(before, now) > now
    times = (int(before.get("times", 1)) if recent else 0) + (1 if by else 0)
    at = now if by else min(proposal.created, now)
    tx.marks.put(name, {"at": at.isoformat(), "by": by, "times": times})


def cooled(mark: Json, now: datetime) -> datetime:
    """From when on it may be asked for again. A no that is still to come was given under a clock that was set back since:
    nobody knows how long ago, so it counts from now."""
    at = datetime.fromisoformat(mark["at"])
    return at + (COOL_DOWN if mark["by"] else UNANSWERED) if at <= now else now + COOL_DOWN


def expire(tx: Tx, proposal: Proposal, *, now: datetime) -> bool:
    """Nobody pressed in time: the answer is no, the card says so, the turn goes on."""
    expired = proposal.expire(now)
    if not tx.proposals.swap(proposal, expired):
        return False
    cool_down(tx, expired, by="", now=now)
    tx.ledger.append("expired", {"proposal": proposal.id, "mission": proposal.mission}, now)
    sayings.show(tx, expired, now=now)
    sayings.resume(tx, expired, cause=f"expired:{proposal.id}", now=now)
    return True
