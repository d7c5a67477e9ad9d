"""Incidents."""

from datetime import datetime

from sqlalchemy import Executable, bindparam, func, select, text, update

from bot.incidents import Incident, Stage
from memory import codec, spaces
from memory.moments import micros
from memory.sql.hands import Hands
from memory.sql.statements import PerDialect, added, values
from memory.tables import incidents as t

_IN_SPACE = t.c.space == bindparam("in_space")
_ADD = PerDialect(
    lambda insert: (
        insert(t).values(values(t, leave=("seq",))).on_conflict_do_nothing(index_elements=[t.c.space, t.c.id])
    )
)
_GET = select(t.c.body).where(_IN_SPACE, t.c.id == bindparam("this"))
_BY_REF = select(t.c.body).where(_IN_SPACE, t.c.ref == bindparam("this"))
_BY_NUMBER = select(t.c.body).where(_IN_SPACE, t.c.number == bindparam("this"))
_NEXT = select(func.coalesce(func.max(t.c.number), 0) + 1).where(_IN_SPACE)
_LATEST = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.source == bindparam("from_source"), t.c.topic == bindparam("of_topic"))
    .order_by(t.c.number.desc())
    .limit(1)
)
_SWAP = (
    update(t)
    .where(_IN_SPACE, t.c.id == bindparam("this"), t.c.revision == bindparam("old_revision"))
    .values(values(t, leave=("seq", "space", "id", "number", "ref", "source", "topic")))
)
_OPEN = select(t.c.body).where(_IN_SPACE, t.c.open == text("1")).order_by(t.c.number)
_DUE = (
    select(t.c.body)
    .where(_IN_SPACE, t.c.due.is_not(None), t.c.due <= bindparam("until"))
    .order_by(t.c.due, t.c.number)
    .limit(bindparam("most"))
)
_RECENT = select(t.c.body).where(_IN_SPACE).order_by(t.c.number.desc()).limit(bindparam("most"))


class Incidents:
    """See `bot.store.Incidents`."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space

    def add(self, incident: Incident) -> bool:
        row = {
            "space": self._space,
            "id": incident.id,
            "number": incident.number,
            "ref": incident.ref,
            "source": incident.source,
            "topic": incident.group,
            **self._row(incident),
        }
        return added(self._hands, _ADD, row)

    def get(self, incident: str) -> Incident | None:
        return self._one(_GET, this=incident)

    def by_ref(self, ref: str) -> Incident | None:
        return self._one(_BY_REF, this=ref)

    def by_number(self, number: int) -> Incident | None:
        return self._one(_BY_NUMBER, this=number)

    def next_number(self) -> int:
        return self._hands.execute(_NEXT, {"in_space": self._space}).scalar_one()

    def latest(self, source: str, group: str) -> Incident | None:
        return self._one(_LATEST, from_source=source, of_topic=group)

    def swap(self, before: Incident, after: Incident) -> bool:
        row = {
            "in_space": self._space,
            "this": before.id,
            "old_revision": before.revision,
            **self._row(after),
        }
        return self._hands.changes(_SWAP, row)

    def open(self) -> tuple[Incident, ...]:
        return self._many(_OPEN)

    def due(self, now: datetime, limit: int) -> tuple[Incident, ...]:
        return self._many(_DUE, until=micros(now), most=max(limit, 0))

    def recent(self, limit: int) -> tuple[Incident, ...]:
        return self._many(_RECENT, most=max(limit, 0))

    def _one(self, statement: Executable, **row: object) -> Incident | None:
        body = self._hands.execute(statement, {"in_space": self._space, **row}).scalar_one_or_none()
        return None if body is None else codec.INCIDENT.load(body)

    def _many(self, statement: Executable, **row: object) -> tuple[Incident, ...]:
        found = self._hands.execute(statement, {"in_space": self._space, **row}).scalars()
        return tuple(codec.INCIDENT.load(body) for body in found)

    def _row(self, incident: Incident) -> dict[str, object]:
        spaces.check(incident, self._space)
        return {
            "open": int(incident.stage is not Stage.RESOLVED),
            "due": None if incident.escalate_at is None else micros(incident.escalate_at),
            "revision": incident.revision,
            "body": codec.INCIDENT.dump(incident),
        }
