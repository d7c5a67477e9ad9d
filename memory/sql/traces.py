"""Where words stand besides the notes, and taking them away. Looks at whole rows: forgetting is rare, and must be sure."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from sqlalchemy import BindParameter, Text, bindparam, delete, func, select, text, update

from bot.effects import Effect
from bot.events import Form
from bot.journal import Line, Turn
from bot.notes import plain
from bot.proposals import Proposal
from memory import codec, traces
from memory.moments import micros
from memory.recall.shelf import LINES, PLACE
from memory.sql.hands import Hands
from memory.sql.recall import Index
from memory.tables import effects, events, journal, lines, proposals, turns

_IN: BindParameter[str] = bindparam("in_space", type_=Text)
_LIKE: BindParameter[str] = bindparam("like", type_=Text)
_LINES = (
    select(lines.c.seq, lines.c.ref, lines.c.body)
    .where(lines.c.space == _IN, lines.c.place == bindparam("in_place"), lines.c.body.ilike(_LIKE))
    .order_by(lines.c.seq)
)
_ROWS = (
    select(journal.c.turn, journal.c.body)
    .where(journal.c.space == _IN, journal.c.body.ilike(_LIKE))
    .order_by(journal.c.seq)
)
_EFFECTS = (
    select(effects.c.body)
    .where(effects.c.space == _IN, text("turn IS NOT NULL"), effects.c.turn == bindparam("of"))
    .order_by(effects.c.seq)
)
_PROPOSALS = (
    select(proposals.c.body)
    .where(proposals.c.space == _IN, proposals.c.turn == bindparam("of"))
    .order_by(proposals.c.seq)
)
_BETWEEN = (
    select(turns.c.body)
    .where(turns.c.space == _IN, turns.c.started > bindparam("after"), turns.c.started < bindparam("before"))
    .order_by(turns.c.started, turns.c.seq)
    .limit(bindparam("most"))
)
_UNSAY = delete(lines).where(
    lines.c.space == _IN, lines.c.place == bindparam("in_place"), lines.c.seq == bindparam("at")
)
_NEWEST = select(func.coalesce(func.max(lines.c.seq), 0)).where(
    lines.c.space == _IN, lines.c.place == bindparam("in_place")
)
_UNTHINK = delete(journal).where(journal.c.space == _IN, journal.c.turn == bindparam("of"))
_JOURNAL = select(journal.c.seq, journal.c.body).where(
    journal.c.space == _IN, journal.c.turn == bindparam("of")
)
_UNLOAD = update(journal).where(journal.c.seq == bindparam("at")).values(body=bindparam("new_body"))
_HEARD = select(events.c.body).where(events.c.space == _IN, events.c.id == bindparam("of"))
_FORMS = select(events.c.body).where(events.c.space == _IN, events.c.body.like(_LIKE))
_UNHEAR = (
    update(events)
    .where(events.c.space == _IN, events.c.id == bindparam("of"))
    .values(body=bindparam("new_body"))
)


class Traces:
    """See `bot.store.Traces`. `forgot` says that this transaction removed words (see `memory.sql.notes.Notes`)."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        self._index = Index(hands, space)
        self.forgot = False

    def lines(self, place: str, words: Collection[str]) -> tuple[Line, ...]:
        row = {"in_space": self._space, "in_place": place, "like": _like(words)}
        found = (
            replace(codec.LINE.load(body), seq=seq, ref=ref)
            for seq, ref, body in self._hands.execute(_LINES, row)
        )
        return tuple(line for line in found if traces.holds(traces.of_line(line), words))

    def turns(self, words: Collection[str]) -> tuple[str, ...]:
        rows = self._hands.execute(_ROWS, {"in_space": self._space, "like": _like(words)})
        found = (turn for turn, body in rows if traces.holds(traces.of_row(codec.ROW.load(body)), words))
        return tuple(dict.fromkeys(found))

    def effects(self, turn: str) -> tuple[Effect, ...]:
        found = self._hands.execute(_EFFECTS, {"in_space": self._space, "of": turn}).scalars()
        return tuple(codec.EFFECT.load(body) for body in found)

    def proposals(self, turn: str) -> tuple[Proposal, ...]:
        found = self._hands.execute(_PROPOSALS, {"in_space": self._space, "of": turn}).scalars()
        return tuple(codec.PROPOSAL.load(body) for body in found)

    def between(self, after: datetime, before: datetime, limit: int) -> tuple[Turn, ...]:
        row = {"in_space": self._space, "after": micros(after), "before": micros(before), "most": limit}
        return tuple(codec.TURN.load(body) for body in self._hands.execute(_BETWEEN, row).scalars())

    def unsay(self, place: str, seq: int) -> None:
        self._hands.execute(_UNSAY, {"in_space": self._space, "in_place": place, "at": seq})
        self._index.drop(LINES, f"{PLACE}{place}", str(seq))
        newest = self._hands.execute(_NEWEST, {"in_space": self._space, "in_place": place}).scalar_one()
        self._index.end(f"{PLACE}{place}", newest)
        self.forgot = True

    def unthink(self, turn: str) -> None:
        self._hands.execute(_UNTHINK, {"in_space": self._space, "of": turn})
        self.forgot = True

    def unload(self, turn: str) -> None:
        rows = self._hands.execute(_JOURNAL, {"in_space": self._space, "of": turn})
        for seq, body in rows:
            before = codec.ROW.load(body)
            after = traces.unloaded(before)
            if after != before:
                self._hands.execute(_UNLOAD, {"at": seq, "new_body": codec.ROW.dump(after)})

    def fill(self, event: str, form: Form) -> None:
        body = self._hands.execute(_HEARD, {"in_space": self._space, "of": event}).scalar_one_or_none()
        if body is not None:
            new = codec.EVENT.dump(replace(codec.EVENT.load(body), body=form))
            self._hands.execute(_UNHEAR, {"in_space": self._space, "of": event, "new_body": new})

    def unfill(self, ref: str) -> None:
        row = {"in_space": self._space, "like": f'%"kind":"form"%"ref":"{ref}"%'}
        for (body,) in self._hands.execute(_FORMS, row):
            event = codec.EVENT.load(body)
            if isinstance(event.body, Form) and event.body.ref == ref:
                self.unhear(event.id)

    def unhear(self, event: str) -> None:
        body = self._hands.execute(_HEARD, {"in_space": self._space, "of": event}).scalar_one_or_none()
        if body is None:
            return
        before = codec.EVENT.load(body)
        after = traces.unheard(before)
        if after != before:
            new = {"in_space": self._space, "of": event, "new_body": codec.EVENT.dump(after)}
            self._hands.execute(_UNHEAR, new)
            self.forgot = True


def _like(words: Collection[str]) -> str:
    """A pattern that lets through every row that may hold the longest word, whatever its accents: letters that can
    carry one, or stand for two, may be anything."""
    longest = max(words, key=len, default="")
    sure = re.sub(r"[^bdfghjkmpqrtvwx0-9]", " ", plain(longest)).split()
    return f"%{'%'.join(each for part in sure for each in part)}%" if sure else "%"
