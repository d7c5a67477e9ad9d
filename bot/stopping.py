"""Stopping: the button on what is held. It wins or loses against the moment it goes out, and says which."""

from bot import entries, holds, spending
from bot.effects import Effect, EffectState
from bot.errors import NotAllowed, Stale
from bot.events import Event, Press
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, acknowledge, refuse, stands, vouched
from bot.people import Person
from bot.store import Tx


def stops(tx: Tx, press: Press) -> bool:
    """Whether this press is on a held effect."""
    return holds.held_at(tx, press.ref) is not None


def of_press(tx: Tx, event: Event, press: Press, *, house: House) -> None:
    """Anybody who may act and sees it there may stop it, as anybody may freeze."""
    now = house.clock.now()
    try:
        effect, person = _found(tx, event, press)
        _stop(tx, effect, person, house)
        acknowledge(tx, event, press, house.tongues(person.lang)("Stopped. Nothing was done."), now)
    except (NotAllowed, Stale) as error:
        refuse(tx, event, press, error, house, now)
    tx.events.close(event.id)


def _found(tx: Tx, event: Event, press: Press) -> tuple[Effect, Person]:
    """What is held, and who presses. Raises NotAllowed, with one sentence for all that is wrong."""
    vouched(press.who, press.standing)
    effect, person = holds.held_at(tx, press.ref), tx.people.by_identity(press.who)
    if effect is None or person is None or not person.may_act:
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    if press.who.platform != "web" and not stands(tx, holds.slot(effect), event.place, press.message):
        raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
    return effect, person


def _stop(tx: Tx, effect: Effect, person: Person, house: House) -> None:
    """Raises Stale when it is too late."""
    tongue = house.tongues(person.lang)
    stopped = effect.failed(tongue("{who} stopped it.", who=person.name))
    if effect.state is not EffectState.PENDING or not tx.effects.swap(effect, stopped):
        raise Stale("too late: it went out already, or was stopped before")
    action = house.known(entries.run_of(stopped).call.action)
    body = {**entries.deed(stopped, action), "stopped_by": person.id, "why": "stop"}
    tx.ledger.append("stopped", body, house.clock.now())
    spending.after_deed(tx, stopped)
    holds.tell(tx, stopped, house=house)
