"""Proposals past their deadline: nobody pressed in time, and that is a no."""

from datetime import datetime

from bot import sayings
from bot.proposals import Proposal, State
from bot.store import Tx


def if_due(tx: Tx, proposal: Proposal, *, now: datetime) -> None:
    """Expires it when its time is over, and leaves it alone otherwise."""
    if proposal.state is State.PENDING and now >= proposal.expires:
        expire(tx, proposal, now=now)


def expire(tx: Tx, proposal: Proposal, *, now: datetime) -> bool:
    """Nobody pressed in time: the answer is no, the card says so, the turn goes on."""
    expired = proposal.expire(now)
    if not tx.proposals.swap(proposal, expired):
        return False
    tx.ledger.append("expired", {"proposal": proposal.id, "mission": proposal.mission}, now)
    sayings.show(tx, expired, now=now)
    sayings.resume(tx, expired, cause=f"expired:{proposal.id}", now=now)
    return True
