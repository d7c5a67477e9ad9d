"""Withdrawing by a button of the weekly message: one press ends one standing permission."""

from bot import granting, weekly
from bot.errors import NotAllowed, Stale
from bot.events import Event, Press
from bot.grants import Grant
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, acknowledge, refuse, stands, vouched
from bot.people import Person
from bot.store import Tx
from bot.weekly import Told


def withdraws(tx: Tx, press: Press) -> bool:
    """Whether this press is on a weekly message."""
    return weekly.found(tx, press.ref) is not None


def of_press(tx: Tx, event: Event, press: Press, *, house: House) -> None:
    """Ends it, and draws the message anew."""
    now = house.clock.now()
    told = weekly.found(tx, press.ref)
    try:
        grant, person = _found(tx, event, press, told)
        granting.withdraw(tx, grant, person, house=house)
        acknowledge(tx, event, press, house.tongues(person.lang)("Withdrawn."), now)
    except (NotAllowed, Stale) as error:
        refuse(tx, event, press, error, house, now)
    if told is not None:
        for line in tx.lines.of_slot(told.slot):
            weekly.show(tx, told, place=line.place, house=house, now=now)
    tx.events.close(event.id)


def _found(tx: Tx, event: Event, press: Press, told: Told | None) -> tuple[Grant, Person]:
    """The permission on the button, and who presses. Raises NotAllowed, with one sentence for all that is
    wrong."""
    vouched(press.who, press.standing)
    person = tx.people.by_identity(press.who)
    grant = tx.grants.by_number(int(press.value)) if press.value.isdecimal() else None
    if person is None or told is None or grant is None or grant.giver != told.person:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if press.who.platform != "web" and not stands(tx, told.slot, event.place, press.message):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return grant, person
