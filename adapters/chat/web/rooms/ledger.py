"""The room of the ledger: what happened and why, newest first. Owners read all of it; everybody else what is about them.
Nothing here can change a row.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

from adapters.chat.web import drawn
from adapters.chat.web.rooms.now import code_of
from adapters.chat.web.rooms.room import MEMBERS, Asking, Room, View
from bot import reports
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One entry: the number of its row, what kind it is, and its content as name and value."""

    seq: int
    when: str
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
    found = list(islice(_matching(_entries(tx, asking, upto, whole=whole), words), SHOWN + 1))
    newest = next(iter(tx.ledger.newest(1)), None)
    first = (newest.seq if upto is None and newest else upto or 0) - SEARCHED
    return Ledger(
        frame=drawn.frame(tx, asking.viewer, house=asking.house),
        rows=tuple(_row(each, asking) for each in found[:SHOWN]),
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


def _matching(entries: Iterable[Entry], words: str) -> Iterator[Entry]:
    """Those in which every word occurs, wherever it stands."""
    wanted = words.casefold().split()
    for entry in entries:
        text = f"{entry.kind} {canonical(dict(entry.body))} {code_of(entry)}".casefold() if wanted else ""
        if all(word in text for word in wanted):
            yield entry


def _row(entry: Entry, asking: Asking) -> Row:
    said = entry.body.get("result") or entry.body.get("action") or entry.body.get("goal") or ""
    return Row(
        seq=entry.seq,
        when=asking.tongue.day(entry.at, asking.zone),
        kind=entry.kind,
        said=str(said)[:LONGEST_VALUE],
        code=code_of(entry),
        facts=tuple(
            (name, _text(value)) for name, value in entry.body.items() if value not in ("", None, [], {})
        ),
        hash=entry.hash,
    )


def _text(value: Json) -> str:
    text = canonical(value) if is_mapping(value) or is_sequence(value) else str(value)
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
        return reports.why(tx, subject, context).text.splitlines()
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
