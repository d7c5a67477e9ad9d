"""The room of the ledger: what happened and why, newest first. Owners read all of it; everybody else what is about them.
Nothing here can change a row.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from adapters.chat.web import drawn
from adapters.chat.web.rooms.now import code_of
from adapters.chat.web.rooms.room import MEMBERS, Asking, Room, View
from bot import ledgerwords, masks, reports
from bot.errors import Refused
from bot.ledger import Entry
from bot.people import Role
from bot.store import Tx
from bot.values import Json, canonical, is_mapping, is_sequence
from bot.world import Context

SHOWN = 50
"""Rows of a page."""
SEARCHED = 5_000
"""How far back a search looks."""
_STEP = 500
LONGEST_VALUE = 160
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry: the number of its row, what kind it is (in words, and as the record calls it), and its content as
    name and value."""

    seq: str
    when: str
    words: str
    kind: str
    said: str
    code: str
    facts: tuple[tuple[str, str], ...]
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ledger(View):
    """`whole` for owners; `older` is the row to go on from, 0 at the end; `cut` says that the search stopped early."""

    rows: tuple[Row, ...] = ()
    words: str = ""
    older: int = 0
    cut: bool = False
    whole: bool = False
    subject: str = ""
    why: tuple[str, ...] = ()


def look(tx: Tx, asking: Asking) -> Ledger:
    whole = asking.person.role is Role.OWNER
    words, subject = asking.asked("words"), asking.asked("why", 60)
    before = asking.asked("before", 15)
    upto = int(before) if before.isascii() and before.isdecimal() else None
    kinds = ledgerwords.kinds(asking.tongue)
    found = list(islice(_matching(_entries(tx, asking, upto, whole=whole), words, kinds), SHOWN + 1))
    newest = next(iter(tx.ledger.newest(1)), None)
    first = (newest.seq if upto is None and newest else upto or 0) - SEARCHED
    return Ledger(
        frame=drawn.frame(tx, asking.viewer, house=asking.house),
        rows=tuple(_row(tx, each, kinds, asking) for each in found[:SHOWN]),
        words=words,
        older=found[SHOWN - 1].seq if len(found) > SHOWN else 0,
        cut=whole and bool(words) and len(found) <= SHOWN and first > 0,
        whole=whole,
        subject=subject if whole else "",
        why=tuple(_why(tx, subject, asking)) if whole and subject else (),
    )


def _entries(tx: Tx, asking: Asking, before: int | None, *, whole: bool) -> Iterator[Entry]:
    """Newest first; only those about the viewer, unless the whole of it is theirs to read."""
    if not whole:
        mine = reversed(tx.ledger.about(asking.person.id, limit=SEARCHED))
        yield from (each for each in mine if before is None or each.seq < before)
        return
    seen = 0
    while seen < SEARCHED and (found := tx.ledger.newest(_STEP, before=before)):
        yield from found
        seen, before = seen + len(found), found[-1].seq


def _matching(entries: Iterable[Entry], words: str, kinds: Mapping[str, str]) -> Iterator[Entry]:
    """Those in which every word occurs, wherever it stands."""
    wanted = words.casefold().split()
    for entry in entries:
        text = ""
        if wanted:
            said = kinds.get(entry.kind, "")
            text = f"{entry.kind} {said} {canonical(dict(entry.body))} {code_of(entry)}".casefold()
        if all(word in text for word in wanted):
            yield entry


def _row(tx: Tx, entry: Entry, kinds: Mapping[str, str], asking: Asking) -> Row:
    said = entry.body.get("result") or entry.body.get("action") or _goal(tx, entry)
    return Row(
        seq=asking.tongue.count(entry.seq),
        when=asking.tongue.day(entry.at, asking.zone),
        words=kinds.get(entry.kind, entry.kind),
        kind=entry.kind,
        said=str(said)[:LONGEST_VALUE],
        code=code_of(entry),
        facts=tuple(
            (name, _text(tx, value, asking))
            for name, value in entry.body.items()
            if value not in ("", None, [], {})
        ),
        hash=entry.hash,
    )


def _goal(tx: Tx, entry: Entry) -> Json:
    """What a mission is for; the demo's, whose words are ours, in the language that it speaks by now."""
    mission = tx.missions.get(str(entry.body.get("mission", "")))
    return mission.goal if mission and mission.source == "demo" else entry.body.get("goal", "")


def _text(tx: Tx, value: Json, asking: Asking) -> str:
    """A value as the record holds it, and beside it what that means to the reader: whose id it is, which moment."""
    text = canonical(value) if is_mapping(value) or is_sequence(value) else str(value)
    text = masks.told(text, asking.tongue)
    if isinstance(value, str) and value.startswith("per_") and (person := tx.people.get(value)):
        return f"{person.name} ({text})"
    if isinstance(value, str) and _MOMENT.match(value):
        with suppress(ValueError):
            at = datetime.fromisoformat(value)
            return f"{asking.tongue.moment(at, asking.zone)} ({text})" if at.tzinfo else text
    if isinstance(value, bool):
        return asking.tongue("yes") if value else asking.tongue("no")
    if isinstance(value, int):
        return asking.tongue.count(value)
    return text if len(text) <= 4 * LONGEST_VALUE else f"{text[: 4 * LONGEST_VALUE - 1]}…"


def _why(tx: Tx, subject: str, asking: Asking) -> Iterable[str]:
    context = Context(
        key="page",
        space=tx.space,
        place=asking.viewer.place,
        person=asking.person,
        zone=asking.zone,
        now=asking.house.clock.now(),
        tongue=asking.tongue,
    )
    try:
        return reports.why(tx, subject, context, actions=asking.house.actions()).text.splitlines()
    except Refused as error:
        return [error.said(asking.tongue)]


LEDGER = Room(
    name="ledger",
    title=lambda tongue: tongue("Ledger"),
    lead=lambda tongue: tongue(
        "What happened and why. Rows are only ever added, and each is chained to the one before."
    ),
    look=look,
    roles=MEMBERS,
    group=2,
)
