"""Acknowledging: the buttons of an incident. Whoever may act and sees it there may press; the second hears that it is
taken.
"""

from bot import alerting
from bot.errors import NotAllowed, Stale
from bot.events import Event, Press
from bot.house import House
from bot.incidents import Incident
from bot.locators import UNKNOWN_OR_NOT_YOURS, acknowledge, refuse, stands, vouched
from bot.people import Person
from bot.store import Tx


def concerns(tx: Tx, press: Press) -> bool:
    """Whether this press is on an incident."""
    return tx.incidents.by_ref(press.ref) is not None


def of_press(tx: Tx, event: Event, press: Press, *, house: House) -> None:
    now = house.clock.now()
    try:
        incident, person = _found(tx, event, press)
        after = alerting.settle(tx, incident, press.value, person.id, now=now, house=house)
        tongue = house.tongues(person.lang)
        words = alerting.stage_words(after.stage, tongue)
        acknowledge(tx, event, press, tongue("Incident {n}: {stage}.", n=after.number, stage=words), now)
    except (NotAllowed, Stale) as error:
        refuse(tx, event, press, error, house, now)
    tx.events.close(event.id)


def _found(tx: Tx, event: Event, press: Press) -> tuple[Incident, Person]:
    """Raises NotAllowed, with one sentence for all that is wrong."""
    vouched(press.who, press.standing)
    incident, person = tx.incidents.by_ref(press.ref), tx.people.by_identity(press.who)
    known = press.value in (alerting.ACKNOWLEDGE, alerting.RESOLVE)
    if incident is None or person is None or not person.may_act or not known:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if press.who.platform != "web" and not stands(tx, incident.slot, event.place, press.message):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return incident, person
