"""The recall index built again from what is kept: after an upgrade, or when the same text comes to other terms.

Everything in it is derived, so it may be thrown away at any time. Not its business: when it is searched.
"""

import logging

from sqlalchemy import delete, select

from bot.journal import Line
from memory import codec
from memory.moments import micros
from memory.recall.shelf import LINES, NOTES, PLACE, UNSAID
from memory.recall.terms import VERSION
from memory.sql.hands import Hands
from memory.sql.marks import Marks
from memory.sql.recall import Index
from memory.tables import lines, notes, recall_docs, recall_shelves, recall_terms

_MARK = "recall:version"
"""Kept in no space: the terms are the same for all."""

log = logging.getLogger(__name__)


def if_stale(hands: Hands) -> bool:
    """Builds it again unless it is of this version. The caller commits."""
    marks = Marks(hands, "")
    if marks.get(_MARK) == VERSION:
        return False
    for table in (recall_terms, recall_docs, recall_shelves):
        hands.connection.execute(delete(table))
    said = _lines(hands)
    noted = _notes(hands)
    marks.put(_MARK, VERSION)
    if said or noted:
        log.info("recall_rebuilt", extra={"action": "recall_rebuilt", "lines": said, "notes": noted})
    return True


def _lines(hands: Hands) -> int:
    rows = hands.connection.execute(
        select(lines.c.space, lines.c.place, lines.c.seq, lines.c.body).order_by(
            lines.c.space, lines.c.place, lines.c.seq
        )
    )
    count = 0
    for space, place, seq, body in rows.all():
        line: Line = codec.LINE.load(body)
        if line.text.strip() not in UNSAID:
            index = Index(hands, space)
            index.put(LINES, f"{PLACE}{place}", str(seq), line.text, who=line.who, at=micros(line.at))
            count += 1
    return count


def _notes(hands: Hands) -> int:
    rows = hands.connection.execute(
        select(notes.c.space, notes.c.body).where(notes.c.live == 1).order_by(notes.c.seq)
    )
    count = 0
    for space, body in rows.all():
        note = codec.NOTE.load(body)
        index = Index(hands, space)
        index.put(NOTES, note.scope, note.id, note.text, who="", at=micros(note.learned))
        count += 1
    return count
