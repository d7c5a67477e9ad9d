"""Anchoring: once a day the ledger's head is told to the owner and kept in a file, each outside the database."""

import logging
from datetime import datetime

from bot import anchors, ids, resting, sayings, whereabouts
from bot.anchors import Anchor
from bot.doors import owner as owner_of
from bot.effects import Text
from bot.errors import Misconfigured
from bot.house import House
from bot.people import HOME
from bot.store import Tx
from bot.values import Json

log = logging.getLogger(__name__)

_MARK = "anchor"


async def ready(*, house: House, space: str = HOME) -> None:
    """At the start: the ledger still is the one that was anchored last. An emptied database would pass for a new one, and
    whoever comes first for its owner. Raises Misconfigured, and then nothing may be served."""
    last = max(
        (each for each in house.book.read() if each.space == space), key=lambda each: each.seq, default=None
    )
    if last is None:
        return
    found = await house.store.read(lambda tx: tx.ledger.read(after=last.seq - 1, limit=1), space=space)
    if not found or (found[0].seq, found[0].hash) != (last.seq, last.hash):
        raise Misconfigured(
            "the database was emptied, cut off or replaced: its ledger has no longer the row {n} that was anchored on {day}."
            " `vigie restore` the last backup into a new folder; or move ledger-anchors.jsonl out of the data folder, to"
            " go on with this one",
            n=last.seq,
            day=last.day,
        )


async def sweep(*, house: House, space: str = HOME) -> bool:
    """Makes the anchor of the day when it is due and there is none. True when it made one.

    A crash between the post and the file is mended by the next sweep: what was posted is what the file gets.
    """
    now = house.clock.now()
    kept, due = await house.store.read(lambda tx: (_kept(tx), _day(tx, now, house)), space=space)
    made = await house.store.write(lambda tx: _make(tx, now, house), space=space) if due else None
    newest = made or kept
    if newest is not None and newest not in house.book.read():
        house.book.append(newest)
        log.info("ledger_anchored", extra={"action": "ledger_anchored", "seq": newest.seq})
    return made is not None


def _kept(tx: Tx) -> Anchor | None:
    """The newest anchor that was told."""
    mark: Json = tx.marks.get(_MARK)
    return Anchor(**mark) if mark else None


def _day(tx: Tx, now: datetime, house: House) -> str:
    """The day that is owed an anchor, "" when none is: one a day, and none before the ledger had a row."""
    owner, first = owner_of(tx), tx.ledger.read(limit=1)
    if owner is None or not first or house.digest_at is None or resting.asleep(owner, now):
        return ""
    day, since = anchors.day_due(now, zone=owner.zone, hour=house.digest_at)
    kept = _kept(tx)
    late = kept is not None and kept.day >= day.isoformat()
    return "" if late or first[0].at >= since else day.isoformat()


def _make(tx: Tx, now: datetime, house: House) -> Anchor | None:
    owner, day = owner_of(tx), _day(tx, now, house)
    if owner is None or not day:
        return None
    entry = tx.ledger.append("anchored", {"day": day, "person": owner.id}, now)
    anchor = Anchor(space=tx.space, day=day, seq=entry.seq, hash=entry.hash)
    tx.marks.put(_MARK, {"space": anchor.space, "day": day, "seq": anchor.seq, "hash": anchor.hash})
    tongue = house.tongues(owner.lang)
    text = tongue(
        "Ledger of {day}: {n} rows. Head of row {n}: {hash}\nKeep this message: it shows if the ledger is ever"
        " cut or replaced (“vigie ledger verify”).",
        day=day,
        n=anchor.seq,
        hash=anchor.hash,
    )
    sayings.say(
        tx,
        place=whereabouts.alone_with(tx, owner).key,
        slot=f"anchor:{ids.derived('anc', tx.space, day)}",
        content=Text(text=text),
        now=now,
        person=owner.id,
        lang=tongue.lang,
    )
    return anchor
