"""Presses: what a person's button does to a proposal. A refusal is told to the presser alone.

A press is checked on the record: the right person, the place where the card was delivered, the message that
carried it, the revision it showed, before the deadline. One transaction settles it, once.
"""

from dataclasses import replace
from types import MappingProxyType
from typing import Protocol

from bot import (
    acknowledging,
    batching,
    declining,
    discretion,
    doors,
    earning,
    edits,
    fetching,
    joining,
    proving,
    sayings,
    stopping,
    trying,
    undoing,
    withdrawing,
)
from bot.batches import Batch
from bot.effects import Effect
from bot.errors import NotAllowed, Refused, Stale
from bot.events import Event, Press, Verb
from bot.house import House
from bot.locators import UNKNOWN_OR_NOT_YOURS, Found, acknowledge, find, find_batch, refuse, vouched
from bot.settling import approve, approved_words, deny
from bot.store import Tx


async def of_press(event: Event, press: Press, *, house: House) -> tuple[Effect, ...]:
    """A button was pressed."""
    match press.verb:
        case Verb.UNDO:
            return await undoing.of_press(event, press, house)
        case Verb.CHOOSE if await _joins(event, press, house):
            return await joining.of_press(event, press, house=house)
        case Verb.CHOOSE if take := await house.store.read(lambda tx: _buttons(tx, press), space=event.space):
            await house.store.write(lambda tx: take(tx, event, press, house=house), space=event.space)
            return ()
        case Verb.CHOOSE if press.value == declining.NONE and await _gives_reason(event, press, house):
            return await declining.of_answer(event, press.who, press.value, press.standing, house=house)
        case Verb.CHOOSE if await _gives_code(event, press, house):
            return await proving.of_answer(event, press.who, press.value, press.standing, house=house)
        case Verb.CHOOSE:
            return await edits.of_press(event, press, house=house)
        case Verb.EDIT:
            options = await edits.live_options(event, press, house=house)
            await house.store.write(lambda tx: _press(tx, event, press, house, options), space=event.space)
            return ()
        case _:
            await house.store.write(lambda tx: _press(tx, event, press, house), space=event.space)
            return ()


class Take(Protocol):
    """What a button of a message that is no card does."""

    def __call__(self, tx: Tx, event: Event, press: Press, *, house: House) -> None: ...


def _buttons(tx: Tx, press: Press) -> Take | None:
    """Messages with buttons of their own: what is held, and what was done under permissions."""
    if stopping.stops(tx, press):
        return stopping.of_press
    if trying.tries(tx, press):
        return trying.of_press
    if acknowledging.concerns(tx, press):
        return acknowledging.of_press
    return withdrawing.of_press if withdrawing.withdraws(tx, press) else None


async def _gives_reason(event: Event, press: Press, house: House) -> bool:
    return await house.store.read(
        lambda tx: declining.is_asked(tx, event, press.who, of=press.ref), space=event.space
    )


async def _joins(event: Event, press: Press, house: House) -> bool:
    return await house.store.read(lambda tx: joining.is_asked(tx, press.ref), space=event.space)


async def _gives_code(event: Event, press: Press, house: House) -> bool:
    return await house.store.read(
        lambda tx: proving.is_asked(tx, event, press.who, house=house), space=event.space
    )


def _press(
    tx: Tx, event: Event, press: Press, house: House, options: edits.Options = MappingProxyType({})
) -> None:
    now = house.clock.now()
    try:
        vouched(press.who, press.standing)
        if discretion.veils(event.place, house):
            fetching.of_press(tx, event, press, house=house)
            tx.events.close(event.id)
            return
        if batch := tx.batches.by_ref(press.ref):
            _of_batch(tx, event, press, batch, house)
            tx.events.close(event.id)
            return
        found = find(tx, ref=press.ref, who=press.who, place=event.place, message=press.message, now=now)
        trying.arrived(tx, found.person, press.who.platform, now)
        slot = replace(found.proposal, revision=press.revision).slot
        sayings.adopt(tx, place=event.place, slot=slot, message=press.message)
        _settle(tx, event, press, _introduced(tx, found, press, house), house, options)
    except (Refused, Stale) as error:
        refuse(tx, event, press, error, house, now)
    tx.events.close(event.id)


def _of_batch(tx: Tx, event: Event, press: Press, batch: Batch, house: House) -> None:
    if press.verb in (Verb.APPROVE, Verb.PROVE) and proving.asks(tx, batch):
        now = house.clock.now()
        person = find_batch(tx, batch, who=press.who, place=event.place, message=press.message, now=now)
        proving.ask_first(tx, event, press, batch, person, house)
    else:
        batching.press(tx, event, press, batch, house=house)


def _introduced(tx: Tx, found: Found, press: Press, house: House) -> Found:
    """Somebody appointed by an account's id in the settings, who never spoke: their press says what they are
    called."""
    known = found.person.name != press.who.user and not doors.unnamed(found.person, house)
    if not press.name or known:
        return found
    person = replace(found.person, name=press.name)
    tx.people.put(person)
    return replace(found, person=person)


def _settle(tx: Tx, event: Event, press: Press, found: Found, house: House, options: edits.Options) -> None:
    now = house.clock.now()
    proposal, person = found.proposal, found.person
    tongue = house.tongues(person.lang)
    match press.verb:
        case Verb.APPROVE | Verb.PROVE if proving.asks(tx, proposal):
            proving.ask_first(tx, event, press, proposal, person, house)
        case Verb.APPROVE | Verb.PROVE:
            after = approve(tx, proposal, person, press, now, house=house)
            acknowledge(tx, event, press, approved_words(after, tongue), now)
        case Verb.DENY:
            deny(tx, proposal, person, press, now)
            acknowledge(tx, event, press, tongue("Denied. Nothing was done."), now)
        case Verb.DETAILS:
            acknowledge(tx, event, press, "", now)
            sayings.put_card(tx, proposal, place=event.place, now=now, full=True, reader=person.id)
        case Verb.REASON:
            declining.ask_why(tx, event, press, found, house)
        case Verb.MYSELF:
            deny(tx, proposal, person, press, now, by_hand=True)
            acknowledge(tx, event, press, tongue("It is yours. Nothing was done here."), now)
        case Verb.ALWAYS:
            earning.always(tx, proposal, person, now=now, house=house)
            acknowledge(tx, event, press, "", now)
        case Verb.EDIT:
            edits.ask_first(tx, event, press, found, house, now, options)
        case Verb.UNDO | Verb.CHOOSE | Verb.SPLIT:
            raise NotAllowed(UNKNOWN_OR_NOT_YOURS)
