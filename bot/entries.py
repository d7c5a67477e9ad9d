"""What the ledger keeps of proposals, presses and deeds. Pure: records in, JSON without secrets out.

Together the rows about one proposal answer who set the limit (the rule and its author), who controlled the
action (presser, revision, digest of the card that was shown), and who answers for it (mission or requester).
"""

from collections.abc import Mapping

from bot import masks
from bot.actions import Action, Change
from bot.authority import Approval
from bot.effects import Effect, Run
from bot.proposals import Proposal
from bot.values import Json


def deed(effect: Effect, action: Action | None) -> Mapping[str, Json]:
    """What was done or not: what, on which account, by which authority, before → after, with what result."""
    assert isinstance(effect.deed, Run)
    run, receipt = effect.deed, effect.receipt
    # What came of remembering quotes what is remembered.
    quotes = action is not None and action.forgettable
    result = masks.text(receipt.text if receipt else effect.error)
    return {
        "effect": effect.id,
        "turn": effect.turn,
        "mission": effect.mission,
        "person": effect.person,
        "action": run.call.action,
        "account": run.call.account.label,
        "live": run.call.account.live,
        "arguments": masks.arguments(action, run.call.arguments),
        "digest": run.call.sealed,
        "rule": run.authority.rule,
        "approver": run.authority.person,
        "grant": run.authority.grant,
        "grant_said": masks.text(run.authority.said),
        "proposal": run.authority.proposal,
        "receipt": receipt.id if receipt else "",
        "changes": [change(each) for each in receipt.changes] if receipt and not quotes else [],
        "result": "" if quotes else result,
    }


def run_of(effect: Effect) -> Run:
    """The deed of an effect that is one."""
    assert isinstance(effect.deed, Run)
    return effect.deed


def proposed(proposal: Proposal, action: Action | None, *, author: str) -> Mapping[str, Json]:
    """What is asked for, and by whose rule."""
    return {
        "proposal": proposal.id,
        "turn": proposal.turn,
        "mission": proposal.mission,
        "requester": proposal.requester,
        "action": proposal.call.action,
        "account": proposal.call.account.label,
        "live": proposal.call.account.live,
        "arguments": masks.arguments(action, proposal.call.arguments),
        "changes": []
        if action is not None and action.forgettable
        else [change(each) for each in proposal.preview.changes],
        "digest": proposal.call.sealed,
        "rule": proposal.rule,
        "author": author,
        "set_by": {name: origin.value for name, origin in proposal.origins.items()},
        "waits": list(proposal.waits),
    }


def pressed(proposal: Proposal, *, identity: str, card: str) -> Mapping[str, Json]:
    """Who settled it, seeing what: `card` is the digest of the card that stood there."""
    return {
        "proposal": proposal.id,
        "turn": proposal.turn,
        "mission": proposal.mission,
        "person": proposal.settled_by or (proposal.approvals[-1].person if proposal.approvals else ""),
        "identity": identity,
        "approvals": [_yes(each) for each in proposal.approvals],
        "revision": proposal.revision,
        "digest": proposal.call.sealed,
        "card": proposal.call.seal(card),
        "rule": proposal.rule,
        "why": _why(proposal),
        "by_hand": proposal.by_hand,
    }


def _why(proposal: Proposal) -> str:
    """Why it was refused. Where its words may have to be forgotten, a reason that quotes them goes with them."""
    if proposal.note and proposal.call.salt:
        return masks.away(proposal.note)
    return masks.text(proposal.note)


def _yes(approval: Approval) -> Json:
    yes: dict[str, Json] = {"person": approval.person, "at": approval.at.isoformat()}
    if approval.proven:
        yes["second_factor"] = True
    return yes if approval.seat == approval.person else {**yes, "for": approval.seat}


def change(line: Change) -> Json:
    """One before → after. A secret in it is masked; what it is about is in the arguments, whole."""
    return {
        "title": line.title,
        "before": masks.inside(line.before, line.title),
        "after": masks.inside(line.after, line.title),
    }
