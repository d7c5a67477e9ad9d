"""Asking: puts what waits for a press on as few cards as it belongs on, and before those who can press."""

from collections.abc import Sequence
from datetime import datetime

from bot import authority, batches, sayings, whereabouts
from bot.proposals import Proposal, State
from bot.store import Tx


def together(tx: Tx, proposals: Sequence[Proposal], *, now: datetime) -> None:
    """Puts pending proposals that are on no card yet on as few as they belong on."""
    bare = [p for p in proposals if p.state is State.PENDING and not p.batch and not tx.lines.of_slot(p.slot)]
    for proposal in bare:
        sayings.picture(tx, proposal, now=now)
        if proposal.waits:  # filled in on a card of its own
            sayings.show(tx, proposal, now=now)
    for batch, members in batches.gathered([each for each in bare if not each.waits], now=now):
        if batch is None:
            sayings.show(tx, members[0], now=now)
            continue
        tx.batches.add(batch)
        tx.marks.put(f"code:{batch.code}", {"batch": batch.id})
        for before in bare:
            for after in members:
                if before.id == after.id:
                    tx.proposals.swap(before, after)
        sayings.show_batch(tx, batch, now=now)
    _bring_to_others(tx, [proposal.id for proposal in bare], now)


def _bring_to_others(tx: Tx, asked: Sequence[str], now: datetime) -> None:
    """Where who asked cannot approve it (alone), the card also goes to where those who can are at home."""
    if not asked:
        return
    people = tx.people.all()
    cards: dict[str, list[Proposal]] = {}
    for proposal in (found for each in asked if (found := tx.proposals.get(each))):
        who = authority.awaited(proposal.demand, people, requester=proposal.requester, now=now)
        if proposal.demand.people == 1 and proposal.requester in {person.id for person in who}:
            continue
        for person in who:
            home = whereabouts.last_seen(tx, person)
            if home is not None and home.key != proposal.place:
                cards.setdefault(home.key, []).append(proposal)
    for place, proposals in cards.items():
        sayings.bring(tx, place, proposals, now=now)
