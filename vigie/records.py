"""`vigie ledger verify` and `export`: the record of what happened and why."""

import io
import sys
from typing import TextIO

from bot import (
    anchors,
    exports,
    ledger,
)
from bot.anchors import Anchor
from bot.errors import Misconfigured
from bot.people import HOME
from bot.store import Store
from vigie.settings import Settings, anchor_file
from vigie.storing import open_store


async def entries_of(store: Store) -> list[ledger.Entry]:
    """Every row, from the first."""
    found: list[ledger.Entry] = []
    after = 0
    while batch := await store.read(lambda tx, a=after: tx.ledger.read(after=a)):
        found += batch
        after = batch[-1].seq
    return found


async def verify_ledger(config: Settings, *, anchor: str) -> int:
    """Walks the chain against every anchor that is kept, and against one that a person read in their chat."""
    store = open_store(config)
    entries = await entries_of(store)
    await store.close()
    kept = [each for each in anchor_file(config).read() if each.space == HOME]
    if anchor:
        seq, _, hash_ = anchor.partition(":")
        if not seq.isdecimal() or len(hash_) != 64:
            raise Misconfigured("--anchor reads ROW:HASH, as the daily message says them")
        kept.append(Anchor(space=HOME, day="", seq=int(seq), hash=hash_.lower()))
    verdict = anchors.verify(entries, kept)
    if not verdict.holds:
        print(f"The ledger does not hold: row {verdict.bad}: {verdict.why}.")
        return 1
    print(f"The ledger holds: {verdict.rows} rows, head {verdict.head}.")
    newest = max((each.seq for each in kept), default=0)
    print(
        f"{len(kept)} anchors fit, the newest at row {newest}."
        if kept
        else "No anchor is kept yet: a cut tail would not show."
    )
    return 0


async def export_ledger(config: Settings, *, format: exports.Format, since: str, mission: int | None) -> int:
    """Prints it for other programs, in UTF-8 whatever the terminal's own is."""
    store = open_store(config)
    found = await store.read(lambda tx: tx.missions.by_number(mission)) if mission is not None else None
    if mission is not None and found is None:
        raise Misconfigured("there is no mission {n}", n=mission)
    entries = await entries_of(store)
    await store.close()
    choice = exports.Choice(
        since=exports.since(since) if since else None, mission=found.id if found is not None else ""
    )
    out: TextIO = sys.stdout
    if isinstance(out, io.TextIOWrapper):
        out.reconfigure(encoding="utf-8", errors="strict")
    for line in exports.lines(entries, format=format, choice=choice):
        print(line)
    return 0
