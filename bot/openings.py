"""Who opened the full view of which card: what a card that cuts a value, or may be misread, asks for before it can
be approved. Kept per person and revision; written when the full view is delivered, not when it is asked for.
"""

from datetime import datetime

from bot.batches import Batch
from bot.proposals import Proposal
from bot.store import Tx


def record(tx: Tx, card: str, *, revision: int, person: str, now: datetime) -> None:
    """This person has the full view of this revision before them. `card` is the id of a proposal or a batch."""
    name = _mark(card, person)
    if tx.marks.get(name) == revision:
        return
    tx.marks.put(name, revision)
    tx.ledger.append("opened", {"card": card, "revision": revision, "person": person}, now)


def opened(tx: Tx, card: Proposal | Batch, person: str) -> bool:
    """Whether this person opened the full view of the card as it stands."""
    return tx.marks.get(_mark(card.id, person)) == card.revision


def forget(tx: Tx, card: Proposal | Batch, person: str) -> None:
    """It is settled: nothing asks for it any more."""
    if tx.marks.get(_mark(card.id, person)) is not None:
        tx.marks.put(_mark(card.id, person), None)


def _mark(card: str, person: str) -> str:
    return f"opened:{card}:{person}"
