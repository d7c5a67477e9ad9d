"""Persons, and the identities that lead to them."""

from collections.abc import Collection
from dataclasses import replace

from sqlalchemy import bindparam, delete, select, update

from bot.people import Identity, Person
from memory import codec
from memory.sql.hands import Hands
from memory.sql.statements import Inserting, PerDialect, values
from memory.tables import identities
from memory.tables import people as t


def _upsert(insert: Inserting):
    add = insert(t).values(values(t, leave=("seq",)))
    return add.on_conflict_do_update(index_elements=[t.c.space, t.c.id], set_={"body": add.excluded.body})


_PUT = PerDialect(_upsert)
_REWRITE = (
    update(t)
    .where(t.c.space == bindparam("in_space"), t.c.id == bindparam("this"))
    .values(body=bindparam("body"))
)
_LEAVE = delete(identities).where(
    identities.c.space == bindparam("in_space"), identities.c.person == bindparam("this")
)
_TAKE = delete(identities).where(
    identities.c.space == bindparam("in_space"), identities.c.identity == bindparam("taken")
)
_JOIN = PerDialect(lambda insert: insert(identities).values(values(identities)))
_GET = select(t.c.body).where(t.c.space == bindparam("in_space"), t.c.id == bindparam("this"))
_MANY = select(t.c.id, t.c.body).where(
    t.c.space == bindparam("in_space"), t.c.id.in_(bindparam("these", expanding=True))
)
_BY_IDENTITY = (
    select(t.c.body)
    .join(identities, (identities.c.space == t.c.space) & (identities.c.person == t.c.id))
    .where(identities.c.space == bindparam("in_space"), identities.c.identity == bindparam("identity"))
)
_ALL = select(t.c.body).where(t.c.space == bindparam("in_space")).order_by(t.c.seq)


class People:
    """See `bot.store.People`. An identity that moves to another person is taken off the one who had it."""

    def __init__(self, hands: Hands, space: str) -> None:
        self._hands = hands
        self._space = space
        # Who speaks is asked for again and again in one transaction.
        self._met: dict[str, Person | None] = {}

    def put(self, person: Person) -> None:
        self._met.clear()
        for key in person.identities:
            self._take(key, person.id)
        row = {"space": self._space, "id": person.id, "body": codec.PERSON.dump(person)}
        self._hands.execute(_PUT(self._hands), row)
        self._hands.execute(_LEAVE, {"in_space": self._space, "this": person.id})
        rows = [
            {"space": self._space, "identity": key, "person": person.id}
            for key in dict.fromkeys(person.identities)
        ]
        if rows:
            self._hands.execute(_JOIN(self._hands), rows)

    def get(self, person: str) -> Person | None:
        body = self._hands.execute(_GET, {"in_space": self._space, "this": person}).scalar_one_or_none()
        return None if body is None else codec.PERSON.load(body)

    def many(self, people: Collection[str]) -> dict[str, Person]:
        """Those of them who are known, by id."""
        rows = self._hands.execute(_MANY, {"in_space": self._space, "these": [*people]}) if people else ()
        return {person: codec.PERSON.load(body) for person, body in rows}

    def by_identity(self, identity: Identity) -> Person | None:
        key = identity.key
        if key not in self._met:
            self._met[key] = self._by_key(key)
        return self._met[key]

    def all(self) -> tuple[Person, ...]:
        found = self._hands.execute(_ALL, {"in_space": self._space}).scalars()
        return tuple(codec.PERSON.load(body) for body in found)

    def _by_key(self, key: str) -> Person | None:
        row = {"in_space": self._space, "identity": key}
        body = self._hands.execute(_BY_IDENTITY, row).scalar_one_or_none()
        return None if body is None else codec.PERSON.load(body)

    def _take(self, key: str, to: str) -> None:
        holder = self._by_key(key)
        if holder is None or holder.id == to:
            return
        left = replace(holder, identities=tuple(each for each in holder.identities if each != key))
        row = {"in_space": self._space, "this": holder.id, "body": codec.PERSON.dump(left)}
        self._hands.execute(_REWRITE, row)
        self._hands.execute(_TAKE, {"in_space": self._space, "taken": key})
