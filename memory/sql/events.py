"""The inbox table: what happened and is not handled yet. Rows are kept after they are closed, for their keys."""

from dataclasses import replace
from datetime import datetime

from sqlalchemy import bindparam, func, select, text, update

from bot.errors import Misconfigured
from bot.events import Event
from memory import codec, spaces
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import events as t

# Literal, not a parameter: only then may a partial index serve the query.
_OPEN = t.c.open == text("1")
_IN_SPACE = t.c.space == bindparam("in_space")
_THIS = t.c.id == bindparam("this")
_ADD = PerDialect(lambda insert: insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing())
_NEXT = (
    select(t.c.seq, t.c.body, t.c.attempts)
    .where(
        _IN_SPACE,
        t.c.place == bindparam("place"),
        t.c.due <= bindparam("now"),
        t.c.urgent == bindparam("urgent"),
        t.c.seq > bindparam("after"),
        _OPEN,
    )
    .order_by(t.c.seq)
    .limit(2)
)
"""The oldest, and whether one stands behind it."""
_MORE = (
    select(t.c.seq)
    .where(
        _IN_SPACE,
        t.c.place == bindparam("place"),
        t.c.due <= bindparam("now"),
        t.c.urgent == bindparam("urgent"),
        t.c.id != bindparam("this"),
        _OPEN,
    )
    .limit(1)
)
_GET = select(t.c.body, t.c.attempts).where(_IN_SPACE, _THIS)
_KNOWS = select(t.c.seq).where(_IN_SPACE, t.c.key == bindparam("key"))
_CLOSE = update(t).where(_IN_SPACE, _THIS, _OPEN).values(open=0)
_POSTPONE = (
    update(t)
    .where(_IN_SPACE, _THIS, _OPEN)
    .values(due=bindparam("until"), attempts=t.c.attempts + 1)
    .returning(t.c.attempts)
)
_OLDEST = select(t.c.body).where(_IN_SPACE, _OPEN).order_by(t.c.seq).limit(1)
_COUNT = select(func.count()).select_from(t).where(_IN_SPACE, _OPEN)


class Events:
    """See `bot.store.Events`. Oldest means: added first, whatever the clocks said."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        self.arrived: list[Event] = []
        """What this transaction added."""
        self._more: dict[tuple[str, datetime], bool] = {}
        """Whether more stood behind the events it asked for, at these times, until it changes one."""

    def add(self, event: Event) -> bool:
        spaces.check(event, self._space)
        row = {
            "space": self._space,
            "id": event.id,
            "key": event.key,
            "place": event.place,
            "open": 1,
            "due": 0,
            "attempts": event.attempts,
            "urgent": int(event.urgent),
            "body": codec.EVENT.dump(event),
        }
        self._more.clear()
        new = added(self._hands, _ADD, row)
        if new:
            self.arrived.append(event)
        return new

    def next(self, place: str, now: datetime, *, urgent: bool = False) -> Event | None:
        """What a newer version wrote about a kind of its own is passed over, and stays open for that one."""
        row = {
            "in_space": self._space,
            "place": place,
            "now": micros(now),
            "urgent": int(urgent),
            "after": -1,
        }
        passed = False
        while found := [*self._hands.execute(_NEXT, row)]:
            row["after"], body, attempts = found[0]
            if (event := _read(body, attempts)) is not None:
                self._more[event.id, now] = passed or len(found) > 1
                return event
            passed = True
        return None

    def more(self, event: Event, now: datetime) -> bool:
        if (known := self._more.get((event.id, now))) is not None:
            return known
        where = {"in_space": self._space, "place": event.place, "now": micros(now)}
        row = {**where, "urgent": int(event.urgent), "this": event.id}
        return self._hands.execute(_MORE, row).first() is not None

    def get(self, event: str) -> Event | None:
        found = self._hands.execute(_GET, {"in_space": self._space, "this": event}).one_or_none()
        return None if found is None else replace(codec.EVENT.load(found[0]), attempts=found[1])

    def knows(self, key: str) -> bool:
        return self._hands.execute(_KNOWS, {"in_space": self._space, "key": key}).first() is not None

    def close(self, event: str) -> bool:
        self._more.clear()
        row = {"in_space": self._space, "this": event}
        return self._hands.changes(_CLOSE, row)

    def postpone(self, event: str, until: datetime) -> int:
        self._more.clear()
        row = {"in_space": self._space, "this": event, "until": micros(until)}
        return self._hands.execute(_POSTPONE, row).scalar_one_or_none() or 0

    def count_open(self) -> int:
        return self._hands.execute(_COUNT, {"in_space": self._space}).scalar_one()

    def oldest_open(self) -> datetime | None:
        body = self._hands.execute(_OLDEST, {"in_space": self._space}).scalar_one_or_none()
        return None if body is None else codec.arrived(body)


def _read(body: str, attempts: int) -> Event | None:
    """None for one of a kind that only a newer version knows. Raises Misconfigured for what nobody can read."""
    try:
        return replace(codec.EVENT.load(body), attempts=attempts)
    except Misconfigured:
        if codec.knows_event(body):
            raise
        return None
