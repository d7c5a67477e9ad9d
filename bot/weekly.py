"""Weekly: on Monday morning everyone who gave standing permissions hears what was done under them.

Counted from the ledger, not from the permissions' own counters. One message, with a button that withdraws each;
silence where nothing was done.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot import grants, ids, resting, sayings, whereabouts
from bot.effects import Question
from bot.grants import Grant
from bot.house import House
from bot.people import HOME, Person
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json

WEEK = timedelta(days=7)
MOST_ROWS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One message: to whom, about which time. Kept under its reference, so that it can be drawn again."""

    ref: str
    person: str
    since: datetime
    until: datetime

    @property
    def slot(self) -> str:
        return f"weekly:{self.ref}"


async def sweep(*, house: House, space: str = HOME) -> int:
    """Tells everyone whose Monday has begun. Returns how many were told."""
    if house.digest_at is None:
        return 0
    now, hour = house.clock.now(), house.digest_at
    owed = await house.store.read(lambda tx: _owed(tx, now, hour), space=space)
    told = 0
    for person in owed:
        told += await house.store.write(lambda tx, p=person: _tell(tx, p, now, hour, house), space=space)
    return told


def monday(now: datetime, *, zone: str, hour: time) -> datetime:
    """The last Monday, at that hour on that wall clock, that is not after now."""
    wall = now.astimezone(ZoneInfo(zone or "UTC"))
    day = (wall - timedelta(days=wall.weekday())).date()
    at = datetime.combine(day, hour, ZoneInfo(zone or "UTC"))
    return at if at <= now else datetime.combine(day - WEEK, hour, ZoneInfo(zone or "UTC"))


def _owed(tx: Tx, now: datetime, hour: time) -> list[str]:
    givers = {grant.giver: grant.created for grant in reversed(tx.grants.all())}
    people = [person for each in givers if (person := tx.people.get(each))]
    return [
        person.id
        for person in people
        if _last(tx, person.id, givers[person.id]) < monday(now, zone=person.zone, hour=hour)
        and not resting.asleep(person, now)
    ]


def _last(tx: Tx, person: str, first: datetime) -> datetime:
    """Until when they were told; since they gave the first one, when never."""
    mark: Json = tx.marks.get(f"weekly:{person}")
    return datetime.fromisoformat(mark["until"]) if mark else first


def _tell(tx: Tx, person_id: str, now: datetime, hour: time, house: House) -> int:
    person = tx.people.get(person_id)
    if person is None or person_id not in _owed(tx, now, hour):
        return 0
    first = min(grant.created for grant in tx.grants.all() if grant.giver == person.id)
    since = max(_last(tx, person.id, first), now - 2 * WEEK)
    tx.marks.put(f"weekly:{person.id}", {"until": now.isoformat()})
    told = Told(ref=ids.reference(), person=person.id, since=since, until=now)
    done = {grant.id: _done(tx, grant, told) for grant in _given(tx, person.id)}
    if not any(done.values()):
        return 0
    kept = {"person": person.id, "since": since.isoformat(), "until": now.isoformat()}
    tx.marks.put(f"weekly-ref:{told.ref}", kept)
    show(tx, told, place=whereabouts.alone_with(tx, person).key, house=house, now=now)
    body: Mapping[str, Json] = {
        "person": person.id,
        "since": kept["since"],
        "done": {grant: len(effects) for grant, effects in done.items() if effects},
    }
    tx.ledger.append("grants_told", body, now)
    return 1


def found(tx: Tx, ref: str) -> Told | None:
    """The message whose buttons carry this reference."""
    mark: Json = tx.marks.get(f"weekly-ref:{ref}")
    if not mark:
        return None
    since, until = (datetime.fromisoformat(mark[name]) for name in ("since", "until"))
    return Told(ref=ref, person=mark["person"], since=since, until=until)


def show(tx: Tx, told: Told, *, place: str, house: House, now: datetime) -> None:
    """The message, as the permissions stand now."""
    person = tx.people.get(told.person)
    assert person is not None
    tongue = house.tongues(person.lang)
    shown = [
        (grant, len(_done(tx, grant, told)))
        for grant in _given(tx, person.id)
        if grant.stands_at(told.until) or _done(tx, grant, told)
    ]
    lines = [_headline(sum(n for _, n in shown), len(shown), tongue)]
    lines += [_line(grant, n, person, tongue, now) for grant, n in shown]
    choices = tuple(
        (str(grant.number), tongue("Withdraw {n}", n=grant.number))
        for grant, _ in shown
        if grant.stands_at(now)
    )
    question = Question(text="\n".join(lines), ref=told.ref, choices=choices)
    sayings.say(
        tx,
        place=place,
        slot=told.slot,
        content=question,
        now=now,
        person=person.id,
        lang=tongue.lang,
        tainted=True,
    )


def _headline(done: int, given: int, tongue: Tongue) -> str:
    under = tongue.many("your {n} permission", "your {n} permissions", given)
    return tongue.many(
        "This week I did {n} thing under {under}.",
        "This week I did {n} things under {under}.",
        done,
        under=under,
    )


def _line(grant: Grant, done: int, person: Person, tongue: Tongue, now: datetime) -> str:
    state = grants.limits_words(grant, tongue, person.zone)
    if grant.ended is not None:
        state = tongue("withdrawn")
    elif not grant.stands_at(now):
        state = tongue("over")
    times = tongue.many("{n} time", "{n} times", done)
    return f"{grant.number} · {grant.scope.action} · {times} · {state}"


def _given(tx: Tx, person: str) -> list[Grant]:
    return [grant for grant in tx.grants.all() if grant.giver == person]


def _done(tx: Tx, grant: Grant, told: Told) -> set[str]:
    """The deeds under this grant that the ledger calls done in that time."""
    rows = tx.ledger.about(grant.id, limit=MOST_ROWS)
    return {
        str(row.body["effect"])
        for row in rows
        if row.kind == "confirmed" and told.since < row.at <= told.until
    }
