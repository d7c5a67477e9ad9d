"""The recall index built again from what is kept: after an upgrade, or when the same text comes to other terms.

Everything in it is derived, so it may be thrown away at any time. Not its business: when it is searched.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Executable, bindparam, delete, select, text

from memory import codec
from memory.recall import index
from memory.recall.index import Thing
from memory.recall.shelf import LINES, NOTES, PLACE
from memory.recall.terms import VERSION
from memory.sql.hands import Hands
from memory.sql.lines import Lines
from memory.sql.marks import Marks
from memory.sql.recall import Index
from memory.tables import lines, notes, recall_docs, recall_owed, recall_shelves, recall_terms, recall_vectors

_MARK = "recall:version"
"""Kept in no space: the terms are the same for all."""

PAGE = 5_000
"""How many rows are read at once."""

_LINES = (
    select(lines.c.seq, lines.c.body)
    .where(
        lines.c.space == bindparam("in_space"),
        lines.c.place == bindparam("in_place"),
        lines.c.seq > bindparam("after"),
    )
    .order_by(lines.c.seq)
    .limit(bindparam("most"))
)
_NOTES = (
    select(notes.c.seq, notes.c.body)
    .where(
        notes.c.space == bindparam("in_space"),
        notes.c.scope == bindparam("in_scope"),
        notes.c.live == text("1"),
        notes.c.seq > bindparam("after"),
    )
    .order_by(notes.c.seq)
    .limit(bindparam("most"))
)

log = logging.getLogger(__name__)


def if_stale(hands: Hands) -> bool:
    """Builds it again unless it is of this version. The caller commits."""
    marks = Marks(hands, "")
    if marks.get(_MARK) == VERSION:
        return False
    if hands.dialect.name == "postgresql":
        # Between two loads the server hears nothing of us for seconds, and would take us for hung.
        hands.say("SET LOCAL idle_in_transaction_session_timeout = 0")
    for table in (recall_owed, recall_vectors, recall_terms, recall_docs, recall_shelves):
        hands.connection.execute(delete(table))
    said = _lines(hands)
    noted = _notes(hands)
    marks.put(_MARK, VERSION)
    if said or noted:
        log.info("recall_rebuilt", extra={"action": "recall_rebuilt", "lines": said, "notes": noted})
    return True


def catch_up(hands: Hands) -> None:
    """Puts every line that waits on its shelf. The caller commits."""
    for space, place in _places(hands):
        Lines(hands, space).catch_up(place)


def _lines(hands: Hands) -> int:
    return sum(
        Index(hands, space).fill(LINES, f"{PLACE}{place}", _said(hands, space, place))
        for space, place in _places(hands)
    )


def _places(hands: Hands) -> Sequence[tuple[str, str]]:
    found = select(lines.c.space, lines.c.place).distinct().order_by(lines.c.space, lines.c.place)
    return [(space, place) for space, place in hands.execute(found, {})]


def _said(hands: Hands, space: str, place: str) -> Iterator[Thing]:
    rows = _pages(hands, _LINES, {"in_space": space, "in_place": place})
    yield from index.said(replace(codec.LINE.load(body), seq=seq) for seq, body in rows)


def _notes(hands: Hands) -> int:
    scopes = hands.connection.execute(
        select(notes.c.space, notes.c.scope).distinct().order_by(notes.c.space, notes.c.scope)
    )
    return sum(
        Index(hands, space).fill(NOTES, scope, _noted(hands, space, scope)) for space, scope in scopes.all()
    )


def _noted(hands: Hands, space: str, scope: str) -> Iterator[Thing]:
    for _, body in _pages(hands, _NOTES, {"in_space": space, "in_scope": scope}):
        note = codec.NOTE.load(body)
        yield Thing(ref=note.id, text=note.text, who="", at=note.learned)


def _pages(hands: Hands, statement: Executable, row: Mapping[str, object]) -> Iterator[tuple[int, str]]:
    """(seq, body) of each row, some thousands at a time: all of a million would not fit."""
    after = 0
    while found := [*hands.execute(statement, {**row, "after": after, "most": PAGE})]:
        yield from found
        after = found[-1][0]
