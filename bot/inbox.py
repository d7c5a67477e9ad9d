"""The inbox: every door puts what arrived in here, once, before it answers the platform.

One row under a unique key in one transaction; only when `accept` returned may the platform be told that
its delivery was received.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot import ids, masks
from bot.clocks import Clock
from bot.events import Body, Event, Form, Message, Press
from bot.people import HOME
from bot.places import Place
from bot.store import Store, Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a door hands over. `key` is the platform's delivery id with the platform before it, such as
    `slack:Ev0123` or `telegram:42:887766`: the same delivery always has the same key."""

    key: str
    place: Place
    body: Body
    space: str = HOME


def pressing(body: Body) -> bool:
    """Presses and forms are urgent wherever they come from."""
    return isinstance(body, Press | Form)


def nobody(space: str, place: str) -> None:
    """Nobody is to be hurried: the next round finds the event."""


async def accept(
    arrival: Arrival,
    *,
    store: Store,
    clock: Clock,
    urgent: Callable[[Body], bool] = pressing,
    hurry: Callable[[str, str], None] = nobody,
) -> bool:
    """Keeps it and rings the place. False when this delivery was kept before. Durable on return.

    What is `urgent` is handled beside the turn under way: `hurry(space, place)` rings for it.
    """
    body = _without_keys(arrival.body)
    event = Event(
        id=ids.new("evt"),
        space=arrival.space,
        key=arrival.key,
        place=arrival.place.key,
        at=clock.now(),
        body=body,
        urgent=urgent(body),
    )

    def keep(tx: Tx) -> bool:
        if not tx.events.add(event):
            return False
        if not event.urgent:
            tx.ring(event.place)
        return True

    kept = await store.write(keep, space=arrival.space)
    if kept and event.urgent:
        hurry(event.space, event.place)
    return kept


def _without_keys(body: Body) -> Body:
    """A key that somebody pasted is never kept: neither in the transcript nor for a mind to read."""
    if not isinstance(body, Message) or (text := masks.keys(body.text)) == body.text:
        return body
    return replace(body, text=text, keys=True)
