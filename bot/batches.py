"""Batches: neighbouring writes of one thought on one card, settled by one press. Pure.

The members stay proposals of their own, each with its digest, its effect and its receipt; the batch is the
order they stand in, who was left out, and the revision that a button on its card is good for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot import ids
from bot.errors import Stale
from bot.proposals import Proposal
from bot.values import digest

MOST = 12
"""Members of one batch: a card longer than a screen is not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """`members` are ids of proposals in the order of the card; `left_out` those a person took off it."""

    id: str
    space: str
    place: str
    turn: str
    ref: str
    members: tuple[str, ...]
    left_out: tuple[str, ...] = ()
    split: bool = False
    revision: int = 1
    lang: str = "en"
    zone: str = "UTC"
    mission: str = ""
    requester: str = ""
    created: datetime

    @property
    def slot(self) -> str:
        """The one message that shows it, whatever its revision."""
        return f"batch:{self.id}"

    @property
    def code(self) -> str:
        """Four characters that pair the card with its row in `pending`."""
        return ids.short_code(self.id)

    @property
    def chosen(self) -> tuple[str, ...]:
        """The members a press approves, in order."""
        return tuple(member for member in self.members if member not in self.left_out)

    def check(self, revision: int) -> None:
        """Raises Stale when the card on the screen is not this one."""
        if self.split:
            raise Stale("these requests were put on cards of their own")
        if revision != self.revision:
            raise Stale("this card is out of date; the current one follows")

    def leaving_out(self, members: Sequence[str], *, revision: int) -> "Batch":
        """The next revision, with exactly these members taken off. Raises Stale."""
        self.check(revision)
        left_out = tuple(member for member in self.members if member in members)
        return replace(self, left_out=left_out, revision=self.revision + 1)

    def dissolved(self, *, revision: int) -> "Batch":
        """Each member on its own card from now on. Raises Stale."""
        self.check(revision)
        return replace(self, split=True, revision=self.revision + 1)


def gathered(
    proposals: Sequence[Proposal], *, now: datetime
) -> tuple[tuple[Batch | None, tuple[Proposal, ...]], ...]:
    """Proposals of one thought, as the cards they go on: each a batch with its members, or None with one.

    Members of one batch share place and requester; the largest sums come first, because those are what a
    reader must not miss at the end of a list.
    """
    if len(proposals) < 2:
        return tuple((None, (proposal,)) for proposal in proposals)
    ordered = sorted(proposals, key=_weight)
    cards: list[tuple[Batch | None, tuple[Proposal, ...]]] = []
    for start in range(0, len(ordered), MOST):
        part = tuple(ordered[start : start + MOST])
        if len(part) == 1:
            cards.append((None, part))
            continue
        first = part[0]
        batch_id = ids.derived("bat", *(proposal.id for proposal in part))
        batch = Batch(
            id=batch_id,
            space=first.space,
            place=first.place,
            turn=first.turn,
            ref=ids.reference(),
            members=tuple(proposal.id for proposal in part),
            lang=first.lang,
            zone=first.zone,
            mission=first.mission,
            requester=first.requester,
            created=now,
        )
        cards.append((batch, tuple(replace(proposal, batch=batch_id) for proposal in part)))
    return tuple(cards)


def _weight(proposal: Proposal) -> int:
    return -sum(abs(amount.minor) for amount in proposal.call.money())


def sealed(card: str, proposals: Sequence[Proposal]) -> str:
    """The digest of a card that showed all of them, as the ledger keeps it."""
    for proposal in proposals:
        card = proposal.call.seal(card)
    return card


def list_digest(batch: Batch, proposals: Sequence[Proposal]) -> str:
    """Over the ordered list of what a press would approve: an item changed, added or moved changes it."""
    chosen = {proposal.id: proposal for proposal in proposals}
    return digest([[member, chosen[member].revision, chosen[member].call.sealed] for member in batch.chosen])
