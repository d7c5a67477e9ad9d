"""Dispatch: hands each open event to the rule for its kind, one at a time per place, and delivers what came
of it. Two lanes per place, each drained by one worker at a time: turns, and the outbox.

It does not know what rings it: an in-process loop or a distributed queue (adapters/engine).
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from bot import outbox, posts, presses, turns
from bot.effects import Effect
from bot.events import Event, Form, Message, Press, Resume, Signal, TakeBack, Wake
from bot.house import House
from bot.store import Tx

log = logging.getLogger(__name__)

MOST_ATTEMPTS = 5
"""After so many failures an event is closed with a notice instead of spinning."""


async def handle_next(space: str, place: str, *, house: House) -> tuple[bool, tuple[Effect, ...]]:
    """Handles the oldest open event of the place. (was there one, messages to deliver at once)."""
    now = house.clock.now()
    event = await house.store.read(lambda tx: tx.events.next(place, now), space=space)
    if event is None:
        return False, ()
    try:
        return True, await take(event, house=house)
    except Exception:
        # Whatever broke, the row stays and is taken again; nothing here may stop the place for good.
        log.exception("event_broke", extra={"event": event.id, "kind": event.body.kind})
        await _put_off(event, house)
        return True, ()


async def take(event: Event, *, house: House) -> tuple[Effect, ...]:
    """One event to its end. Returns the messages that were written down as started: deliver them now."""
    match event.body:
        case Message() as message:
            who = message.who
            filling = await house.store.read(lambda tx: _fills_form(tx, event, message), space=event.space)
            if filling:
                return await presses.of_answer(event, who, message.text, house=house)
            return await turns.of_message(event, message, house=house)
        case Press() as press:
            return await presses.of_press(event, press, house=house)
        case Form() as form:
            return await presses.of_form(event, form, house=house)
        case Wake() as wake:
            return await turns.of_wake(event, wake, house=house)
        case Resume() as resume:
            return await turns.of_resume(event, resume, house=house)
        case TakeBack() as wish:
            return await presses.of_take_back(event, wish, house=house)
        case Signal():
            await house.store.write(lambda tx: tx.events.close(event.id), space=event.space)
            return ()


def _fills_form(tx: Tx, event: Event, message: Message) -> bool:
    person = tx.people.by_identity(message.who)
    return person is not None and presses.under_way(tx, event.place, person.id) is not None


async def _put_off(event: Event, house: House) -> None:
    until = turns.later(house.clock.now(), event.attempts)
    tried = await house.store.write(lambda tx: tx.events.postpone(event.id, until), space=event.space)
    if tried >= MOST_ATTEMPTS:
        await turns.give_up(event, house=house, times=tried)


async def deliver(space: str, place: str, *, house: House, born: Sequence[Effect] = ()) -> datetime | None:
    """Everything the outbox holds for the place. Returns when to come back, if something must wait."""
    later = await posts.deliver(space, place, house=house, born=born)
    deeds = await outbox.run_approved(space, place, house=house)
    if deeds is None and later is None:
        return None
    return min(moment for moment in (later, deeds) if moment is not None)


async def recover(space: str, *, house: House) -> None:
    """After a start: what was under way is found out, before anything new is begun."""
    said = await posts.recover(space, house=house)
    done = await outbox.recover(space, house=house)
    log.info("recovered", extra={"space": space, "messages": said, "deeds": done})
