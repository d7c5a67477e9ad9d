"""The twin's traces: the same questions, asked of shelves."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from bot.effects import Effect
from bot.events import Form
from bot.journal import Line, Turn
from bot.proposals import Proposal
from memory import codec, traces
from memory.twin.kept import Kept


class Traces:
    """See `bot.store.Traces`."""

    def __init__(self, kept: Kept, space: str) -> None:
        self._kept = kept
        self._space = space

    def lines(self, place: str, words: Collection[str]) -> tuple[Line, ...]:
        found = [
            codec.LINE.copy(line)
            for (space, at, _), line in self._kept.lines.rows()
            if (space, at) == (self._space, place) and traces.holds(traces.of_line(line), words)
        ]
        return tuple(sorted(found, key=lambda line: line.seq))

    def turns(self, words: Collection[str]) -> tuple[str, ...]:
        found = (
            turn
            for (space, turn, _), row in self._kept.rows.rows()
            if space == self._space and traces.holds(traces.of_row(row), words)
        )
        return tuple(dict.fromkeys(found))

    def effects(self, turn: str) -> tuple[Effect, ...]:
        rows = self._kept.effects.rows()
        found = (each for (space, _), each in rows if space == self._space and turn and each.turn == turn)
        return tuple(codec.EFFECT.copy(each) for each in found)

    def proposals(self, turn: str) -> tuple[Proposal, ...]:
        rows = self._kept.proposals.rows()
        found = (each for (space, _), each in rows if space == self._space and each.turn == turn)
        return tuple(codec.PROPOSAL.copy(each) for each in found)

    def between(self, after: datetime, before: datetime, limit: int) -> tuple[Turn, ...]:
        rows = self._kept.turns.rows()
        found = [each for (space, _), each in rows if space == self._space and after < each.started < before]
        return tuple(codec.TURN.copy(each) for each in sorted(found, key=lambda turn: turn.started)[:limit])

    def unsay(self, place: str, seq: int) -> None:
        self._kept.lines.drop((self._space, place, seq))

    def unthink(self, turn: str) -> None:
        for key, _ in list(self._kept.rows.rows()):
            if key[:2] == (self._space, turn):
                self._kept.rows.drop(key)

    def unload(self, turn: str) -> None:
        for key, row in list(self._kept.rows.rows()):
            after = traces.unloaded(row)
            if key[:2] == (self._space, turn) and after != row:
                self._kept.rows.put(key, after)

    def fill(self, event: str, form: Form) -> None:
        found = self._kept.events.get((self._space, event))
        if found is not None:
            self._kept.events.put((self._space, event), replace(found, event=replace(found.event, body=form)))

    def unfill(self, ref: str) -> None:
        for (space, event), found in tuple(self._kept.events.rows()):
            if space == self._space and isinstance(found.event.body, Form) and found.event.body.ref == ref:
                self.unhear(event)

    def unhear(self, event: str) -> None:
        found = self._kept.events.get((self._space, event))
        if found is not None and (after := traces.unheard(found.event)) != found.event:
            self._kept.events.put((self._space, event), replace(found, event=after))
