"""The ledger: an append-only chain of what happened and why. Pure: rows in, verdict out.

Each entry's hash covers its content and the hash before it, so an edited, removed or moved row shows.
Entries are written in the same transaction as the change they speak of.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.values import Json, canonical

GENESIS = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`seq` counts from 1 in its space without a gap. `body` is JSON and holds no secret."""

    space: str
    seq: int
    at: datetime
    kind: str
    body: Mapping[str, Json]
    before: str
    hash: str


def link(*, space: str, seq: int, at: datetime, kind: str, body: Mapping[str, Json], before: str) -> Entry:
    """The entry that follows the one whose hash is `before`."""
    return Entry(
        space=space,
        seq=seq,
        at=at,
        kind=kind,
        body=body,
        before=before,
        hash=_hash(space, seq, at, kind, body, before),
    )


def _hash(space: str, seq: int, at: datetime, kind: str, body: Mapping[str, Json], before: str) -> str:
    text = canonical([space, seq, at.astimezone(UTC).isoformat(), kind, body, before])
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """`bad` is the seq of the first row that does not follow, None when the chain holds."""

    rows: int
    head: str
    bad: int | None = None
    why: str = ""

    @property
    def holds(self) -> bool:
        return self.bad is None


def verify(entries: Iterable[Entry], *, anchor: tuple[int, str] | None = None) -> Verdict:
    """Walks a space's chain in order. `anchor` is a (seq, hash) kept elsewhere: it shows a cut tail."""
    before, expected, anchored = GENESIS, 1, anchor is None
    for entry in entries:
        if entry.seq != expected:
            return Verdict(rows=expected - 1, head=before, bad=expected, why="a row is missing or moved")
        if entry.before != before:
            return Verdict(
                rows=expected - 1, head=before, bad=entry.seq, why="it does not follow the row before"
            )
        if entry.hash != _hash(entry.space, entry.seq, entry.at, entry.kind, entry.body, entry.before):
            return Verdict(rows=expected - 1, head=before, bad=entry.seq, why="its content was changed")
        if anchor == (entry.seq, entry.hash):
            anchored = True
        before, expected = entry.hash, expected + 1
    if not anchored and anchor is not None:
        return Verdict(
            rows=expected - 1, head=before, bad=anchor[0], why="it differs from its anchor, or was cut off"
        )
    return Verdict(rows=expected - 1, head=before)
