"""The outbox table."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Executable, Select, bindparam, select, text, update

from bot.effects import Effect, EffectState, Outlay, Per, Run
from bot.errors import Misconfigured
from memory import codec, spaces
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import effects as t

_IN_SPACE = t.c.space == bindparam("in_space")
_ADD = PerDialect(
    lambda insert: (
        insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing(index_elements=[t.c.space, t.c.id])
    )
)
_OLD = (
    _IN_SPACE,
    t.c.id == bindparam("this"),
    t.c.state == bindparam("old_state"),
    t.c.attempts == bindparam("old_attempts"),
)
_STEP = (
    update(t).where(*_OLD).values({name: bindparam(name) for name in ("state", "attempts", "due", "body")})
)
_SWAP = update(t).where(*_OLD).values(values(t, leave=("seq", "space", "id")))
"""Moves it between places, turns or budgets too, which hardly any does: the indexes of all those are then written anew."""
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
# Literals, spelled as the partial indexes are: a parameter would keep them from being used.
_IS_OPEN = text("state IN ('pending', 'started')")
_OPEN = select(t.c.body).where(_IN_SPACE, t.c.place == bindparam("place"), _IS_OPEN).order_by(t.c.seq)


def _in(state: EffectState) -> Select[tuple[str]]:
    found = select(t.c.body).where(_IN_SPACE, text(f"state = '{state.value}'")).order_by(t.c.seq)
    # SQLite does not work out that either of these is open.
    return found.where(_IS_OPEN) if state in (EffectState.PENDING, EffectState.STARTED) else found


_IN_STATE = {state: _in(state) for state in EffectState}


# Who receives is a list: found among the deeds of the window, which is what the index is for.
_COUNTS = text("made IS NOT NULL AND state <> 'failed'")
_MADE = select(t.c.body).where(_IN_SPACE, _COUNTS, t.c.made > bindparam("since")).order_by(t.c.made, t.c.seq)
_OUTLAYS: Mapping[Per, Executable] = {
    "account": _MADE.where(t.c.account == bindparam("subject")),
    "person": _MADE.where(t.c.person == bindparam("subject")),
    "mission": _MADE.where(t.c.mission == bindparam("subject")),
    "recipient": _MADE.where(t.c.recipients.like(bindparam("subject"), escape="\\")),
}


class Effects:
    """See `bot.store.Effects`. Oldest means: added first.

    What a newer version wrote of a kind of its own is left to it wherever something is looked for. Asked for by its id
    it cannot be read, which is an error: who took it for absent would do it once more.
    """

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, effect: Effect) -> bool:
        row = {"space": self._space, "id": effect.id, **self._row(effect)}
        return added(self._hands, _ADD, row)

    def get(self, effect: str) -> Effect | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": effect}).scalar_one_or_none()
        return None if body is None else codec.EFFECT.load(body)

    def swap(self, before: Effect, after: Effect) -> bool:
        row = {
            "in_space": self._space,
            "this": before.id,
            "old_state": before.state.value,
            "old_attempts": before.attempts,
            **self._row(after),
        }
        return self._hands.changes(_STEP if _found_alike(before, after) else _SWAP, row)

    def open(self, place: str) -> tuple[Effect, ...]:
        found = self._hands.execute(_OPEN, {"in_space": self._space, "place": place}).scalars()
        return tuple(_known(found))

    def in_state(self, state: EffectState) -> tuple[Effect, ...]:
        found = self._hands.execute(_IN_STATE[state], {"in_space": self._space}).scalars()
        return tuple(_known(found))

    def outlays(self, per: Per, subject: str, since: datetime) -> tuple[Outlay, ...]:
        if not subject:
            return ()
        sought = _within(subject) if per == "recipient" else subject
        row = {"in_space": self._space, "subject": sought, "since": micros(since)}
        found = [_outlay(each) for each in _known(self._hands.execute(_OUTLAYS[per], row).scalars())]
        return tuple(each for each in found if each is not None and subject in each.subjects(per))

    def _row(self, effect: Effect) -> dict[str, object]:
        spaces.check(effect, self._space)
        outlay = _outlay(effect)
        return {
            "place": effect.place,
            "state": effect.state.value,
            "attempts": effect.attempts,
            "due": micros(effect.due),
            "body": codec.EFFECT.dump(effect),
            "account": outlay and outlay.account,
            "person": outlay and outlay.person,
            "mission": outlay and outlay.mission,
            "recipients": outlay and "\n".join(outlay.recipients),
            "made": outlay and micros(outlay.at),
            "turn": effect.turn or None,
        }


def _found_alike(before: Effect, after: Effect) -> bool:
    """Whether what it is looked for by, besides its state, stays as it is."""
    return (before.place, before.turn, _outlay(before)) == (after.place, after.turn, _outlay(after))


def _known(bodies: Iterable[str]) -> Iterator[Effect]:
    """Those of a kind that this version knows. Raises Misconfigured for what nobody can read."""
    for body in bodies:
        try:
            yield codec.EFFECT.load(body)
        except Misconfigured:
            if codec.knows_effect(body):
                raise


def _within(text: str) -> str:
    """The pattern of a text anywhere in another."""
    for each in "\\%_":
        text = text.replace(each, f"\\{each}")
    return f"%{text}%"


def _outlay(effect: Effect) -> Outlay | None:
    return effect.deed.outlay if isinstance(effect.deed, Run) else None
