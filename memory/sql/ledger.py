"""The ledger table: append and read. Nothing here changes or removes a row."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Executable, bindparam, insert, select

from bot.ledger import Entry
from bot.values import Json, is_mapping
from memory import entries
from memory.moments import micros, moment
from memory.sql.hands import Hands
from memory.sql.statements import values
from memory.tables import ledger as t
from memory.tables import subjects

_IN_SPACE = t.c.space == bindparam("in_space")
_LAST = select(t.c.seq, t.c.hash).where(_IN_SPACE).order_by(t.c.seq.desc()).limit(1)
_APPEND = insert(t).values(values(t))
_ABOUT = insert(subjects).values(values(subjects))
_ENTRY = select(t.c.seq, t.c.at, t.c.kind, t.c.body, t.c.before, t.c.hash).where(_IN_SPACE)
_READ = _ENTRY.where(t.c.seq > bindparam("after")).order_by(t.c.seq).limit(bindparam("most"))
_NEWEST = _ENTRY.where(t.c.seq < bindparam("below")).order_by(t.c.seq.desc()).limit(bindparam("most"))
_BEYOND = 2**63 - 1
"""Above every seq."""
_FOUND = (
    _ENTRY.join(subjects, (subjects.c.space == t.c.space) & (subjects.c.seq == t.c.seq))
    .where(subjects.c.space == bindparam("in_space"), subjects.c.subject == bindparam("subject"))
    .order_by(subjects.c.seq.desc())
    .limit(bindparam("most"))
)


class LedgerRows:
    """See `bot.store.LedgerRows`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def append(self, kind: str, body: Mapping[str, Json], at: datetime) -> Entry:
        last = self._hands.execute(_LAST, {"in_space": self._space}).one_or_none()
        entry, text = entries.following(
            None if last is None else (last[0], last[1]), space=self._space, kind=kind, body=body, at=at
        )
        row = {
            "space": self._space,
            "seq": entry.seq,
            "at": micros(entry.at),
            "kind": kind,
            "body": text,
            "before": entry.before,
            "hash": entry.hash,
        }
        self._hands.execute(_APPEND, row)
        about = [
            {"space": self._space, "subject": subject, "seq": entry.seq}
            for subject in entries.subjects(entry.body)
        ]
        if about:
            self._hands.execute(_ABOUT, about)
        return entry

    def read(self, *, after: int = 0, limit: int = 1000) -> tuple[Entry, ...]:
        return self._many(_READ, {"after": after, "most": max(limit, 0)})

    def newest(self, limit: int, *, before: int | None = None) -> tuple[Entry, ...]:
        beyond = _BEYOND if before is None else before
        return self._many(_NEWEST, {"below": beyond, "most": max(limit, 0)})

    def about(self, subject: str, *, limit: int = 100) -> tuple[Entry, ...]:
        return self._many(_FOUND, {"subject": subject, "most": max(limit, 0)})[::-1]

    def _many(self, statement: Executable, row: dict[str, object]) -> tuple[Entry, ...]:
        found = self._hands.execute(statement, {"in_space": self._space, **row})
        return tuple(
            Entry(
                space=self._space,
                seq=seq,
                at=_moment(at),
                kind=kind,
                body=_body(body),
                before=before,
                hash=digest,
            )
            for seq, at, kind, body, before, digest in found
        )


def _body(text: str) -> Mapping[str, Json]:
    """A row somebody spoiled is read all the same: checking the chain must be able to name it."""
    try:
        body: Json = json.loads(text)
    except ValueError:
        return {"unreadable": True}
    return body if is_mapping(body) else {"unreadable": True}


def _moment(at: object) -> datetime:
    try:
        return moment(cast("int", at))
    except (OverflowError, TypeError, ValueError):
        return datetime.min.replace(tzinfo=UTC)
