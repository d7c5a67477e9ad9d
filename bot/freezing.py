"""Freezing and lifting, in one transaction each; and the question that is asked before anything is started.

A freeze cancels what waits in its scope: cards, and approved deeds that have not begun. What has begun finishes
and is recorded. Lifting it brings nothing back.
"""

import logging

from bot import freezes, holds, sayings
from bot.effects import Effect, EffectState, Run
from bot.freezes import ALL, Freeze, Scope
from bot.house import House
from bot.proposals import Proposal
from bot.store import Tx

log = logging.getLogger(__name__)


def standing(tx: Tx, *, house: House) -> tuple[Freeze, ...]:
    """What stands still now, the brake included. Writes nothing."""
    kept = tx.freezes.all()
    pulled = house.brake.pulled()
    if pulled is None or any(freeze.scope == ALL for freeze in kept):
        return kept
    return (*kept, Freeze(scope=ALL, reason=pulled, by=freezes.FILE, at=house.clock.now()))


def holding(tx: Tx, action: str, mission: str, *, house: House) -> Freeze | None:
    """The freeze that keeps this action from starting, for the mission of this id ("" for none)."""
    found = standing(tx, house=house)
    return freezes.holding(found, action, _number(tx, mission)) if found else None


def meant(tx: Tx, words: str, *, house: House) -> tuple[Scope, str]:
    """What somebody who wants it stopped means by these words: a scope that is here, else everything; and the
    reason."""
    return freezes.read(
        words,
        systems=[name for name in house.systems if name != "vigie"],
        actions=list(house.actions()),
        missions=[mission.number for mission in tx.missions.all()],
    )


def begin(tx: Tx, freeze: Freeze, *, house: House) -> bool:
    """Keeps the freeze and cancels what waits in its scope. False when that scope stands still already."""
    if not tx.freezes.put(freeze):
        return False
    cancelled = [proposal for proposal in tx.proposals.pending() if _covers(tx, freeze, proposal)]
    stopped = [effect for effect in tx.effects.in_state(EffectState.PENDING) if _stops(tx, freeze, effect)]
    tx.ledger.append(
        "frozen",
        {
            "scope": freeze.scope.key,
            "reason": freeze.reason,
            "person": freeze.by,
            "cancelled": len(cancelled),
            "stopped": len(stopped),
        },
        freeze.at,
    )
    for proposal in cancelled:
        cancel(tx, proposal, by=freeze.by, note="freeze", house=house)
    for effect in stopped:
        _stop(tx, effect, house)
    log.warning("frozen", extra={"action": "frozen", "scope": freeze.scope.key, "space": tx.space})
    return True


def lift(tx: Tx, scopes: tuple[Scope, ...], by: str, *, house: House) -> tuple[Freeze, ...]:
    """Ends these freezes (of all, when none is named) and says which there were. The caller has checked that
    an owner asks. The brake is not lifted here: whoever pulled it lets it go."""
    found = [freeze for freeze in tx.freezes.all() if not scopes or freeze.scope in scopes]
    for freeze in found:
        tx.freezes.lift(freeze.scope)
        body = {"scope": freeze.scope.key, "person": by, "since": freeze.at.isoformat(), "was": freeze.by}
        tx.ledger.append("unfrozen", body, house.clock.now())
    return tuple(found)


def heed(tx: Tx, *, house: House) -> bool:
    """A pulled brake becomes a freeze of its own, so that letting it go resumes nothing silently."""
    reason = house.brake.pulled()
    if reason is None:
        return False
    freeze = Freeze(scope=ALL, reason=reason, by=freezes.FILE, at=house.clock.now())
    return begin(tx, freeze, house=house)


def cancel(tx: Tx, proposal: Proposal, *, by: str, note: str, house: House) -> None:
    """Withdraws a waiting card: it says so, and the turn behind it goes on without it."""
    now = house.clock.now()
    cancelled = proposal.cancel(by, now=now, note=note)
    if not tx.proposals.swap(proposal, cancelled):
        return
    body = {"proposal": proposal.id, "mission": proposal.mission, "person": by, "why": note}
    tx.ledger.append("cancelled", body, now)
    sayings.show(tx, cancelled, now=now)
    sayings.resume(tx, cancelled, cause=f"cancelled:{proposal.id}", now=now)


def _covers(tx: Tx, freeze: Freeze, proposal: Proposal) -> bool:
    return freeze.scope.covers(proposal.call.action, _number(tx, proposal.mission))


def _stops(tx: Tx, freeze: Freeze, effect: Effect) -> bool:
    if not isinstance(effect.deed, Run):
        return False
    return freeze.scope.covers(effect.deed.call.action, _number(tx, effect.mission))


def _stop(tx: Tx, effect: Effect, house: House) -> None:
    """Approved and not begun: it will not be."""
    assert isinstance(effect.deed, Run)
    now = house.clock.now()
    proposal = tx.proposals.get(effect.deed.authority.proposal)
    tongue = house.tongues(proposal.lang if proposal else "en")
    if not tx.effects.swap(effect, effect.failed(tongue("it was frozen before it began."))):
        return
    body = {"effect": effect.id, "proposal": proposal.id if proposal else "", "mission": effect.mission}
    tx.ledger.append("stopped", {**body, "action": effect.deed.call.action, "why": "freeze"}, now)
    holds.tell(tx, tx.effects.get(effect.id) or effect, house=house)
    if proposal is not None:
        sayings.show(tx, proposal, now=now)
        sayings.resume(tx, proposal, cause=effect.id, now=now)


def _number(tx: Tx, mission: str) -> int | None:
    found = tx.missions.get(mission) if mission else None
    return found.number if found else None
