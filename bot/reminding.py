"""Reminding: brings what waits to the people whose working hours have begun. One message each, once a day."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bot import reminders, resting, sayings, whereabouts
from bot.effects import Text
from bot.house import House
from bot.people import HOME, Person
from bot.proposals import Proposal
from bot.rules import Hours
from bot.store import Tx
from bot.values import Json


async def sweep(*, house: House, space: str = HOME) -> int:
    """Tells everyone whose working hours have begun what waits for them: one message each, with the cards."""
    now, quiet = house.clock.now(), house.policy().quiet

    def look(tx: Tx) -> list[str]:
        pending = tx.proposals.pending()
        people = tx.people.all() if pending else ()
        return [person.id for person in people if _due(tx, person, pending, people, now, quiet)]

    told = 0
    for person in await house.store.read(look, space=space):
        told += await house.store.write(lambda tx, p=person: _remind(tx, p, now, quiet, house), space=space)
    return told


def _due(
    tx: Tx,
    person: Person,
    pending: Sequence[Proposal],
    people: Sequence[Person],
    now: datetime,
    quiet: Hours | None,
) -> tuple[Proposal, ...]:
    if resting.asleep(person, now):
        return ()
    mark: Json = tx.marks.get(f"reminded:{person.id}")
    last = datetime.fromisoformat(mark["at"]) if mark else None
    if last is not None and last - now > timedelta(days=1):
        last = None  # by a clock that has been set right since
    return reminders.due(person, pending, people, now=now, last=last, quiet=quiet)


def _remind(tx: Tx, person_id: str, now: datetime, quiet: Hours | None, house: House) -> int:
    person = tx.people.get(person_id)
    if person is None:
        return 0
    due = _due(tx, person, tx.proposals.pending(), tx.people.all(), now, quiet)
    if not due:
        return 0
    tongue = house.tongues(person.lang)
    text = tongue.many("{n} request waits for you.", "{n} requests wait for you.", len(due))
    place = whereabouts.alone_with(tx, person).key
    tx.marks.put(f"reminded:{person.id}", {"at": now.isoformat()})
    slot = f"reminder:{person.id}:{now.date().isoformat()}"
    sayings.say(tx, place=place, slot=slot, content=Text(text=text), now=now, lang=person.lang)
    sayings.bring(tx, place, due, now=now)
    body: Mapping[str, Json] = {"person": person.id, "proposals": [each.id for each in due]}
    tx.ledger.append("reminded", body, now)
    return 1
