"""Anchors: the ledger's head as it stood on a day, kept where the ledger is not. Pure.

A hash chain shows that a row was changed, not that its end was cut off or all of it written anew. Whoever keeps
an anchor (a message in a chat, a line in another file) can tell.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from bot import ledger
from bot.errors import BadInput
from bot.ledger import Entry, Verdict
from bot.values import canonical


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """On `day`, the row `seq` of the space had this `hash`. There are no gaps, so it was also the count."""

    space: str
    day: str
    seq: int
    hash: str

    @property
    def line(self) -> str:
        """As one line of JSON."""
        return canonical(asdict(self))

    @staticmethod
    def parse(line: str) -> "Anchor":
        """The inverse of `line`. Raises BadInput."""
        try:
            row = json.loads(line)
            anchor = Anchor(**row)
        except (ValueError, TypeError) as error:
            raise BadInput("this line is no anchor") from error
        kinds = {each.name: getattr(anchor, each.name) for each in fields(Anchor)}
        if not all(isinstance(value, int if name == "seq" else str) for name, value in kinds.items()):
            raise BadInput("this line is no anchor")
        return anchor


class AnchorBook(Protocol):
    """Where anchors are kept outside the database."""

    def append(self, anchor: Anchor) -> None:
        """Adds it and makes it durable. Raises Unreachable."""
        ...

    def read(self) -> Sequence[Anchor]:
        """All of them, oldest first. Raises Misconfigured for a line that cannot be read."""
        ...


class NoBook:
    """An installation that keeps none."""

    def append(self, anchor: Anchor) -> None:
        """Nothing is kept."""

    def read(self) -> Sequence[Anchor]:
        return ()


def day_due(now: datetime, *, zone: str, hour: time) -> tuple[date, datetime]:
    """The day whose anchor is due at `now`, and since when: today from `hour` on the wall clock of the zone,
    before that yesterday."""
    local = now.astimezone(ZoneInfo(zone))
    day = local.date() if local.time() >= hour else local.date() - timedelta(days=1)
    return day, datetime.combine(day, hour, tzinfo=ZoneInfo(zone))


def verify(entries: Iterable[Entry], anchors: Iterable[Anchor]) -> Verdict:
    """Walks a chain against all of its anchors. The verdict names the first bad row: one that does not follow,
    one that was there when it was anchored and is gone, or the first after the last anchor that still fits."""
    wanted: dict[int, set[str]] = {}
    for anchor in anchors:
        wanted.setdefault(anchor.seq, set()).add(anchor.hash)
    seen: dict[int, str] = {}
    verdict = ledger.verify(_noting(entries, wanted, seen))
    if not verdict.holds:
        return verdict
    fits = 0
    for seq in sorted(wanted):
        if seq > verdict.rows:
            return _bad(verdict, verdict.rows + 1, f"it was there and is gone: the anchor names {seq} rows")
        if wanted[seq] != {seen.get(seq, "")}:
            return _bad(
                verdict,
                fits + 1,
                f"rows {fits + 1} to {seq} were written anew: the anchor of row {seq} differs",
            )
        fits = seq
    return verdict


def _noting(entries: Iterable[Entry], wanted: Mapping[int, object], seen: dict[int, str]) -> Iterator[Entry]:
    for entry in entries:
        if entry.seq in wanted:
            seen[entry.seq] = entry.hash
        yield entry


def _bad(verdict: Verdict, row: int, why: str) -> Verdict:
    return Verdict(rows=verdict.rows, head=verdict.head, bad=row, why=why)
