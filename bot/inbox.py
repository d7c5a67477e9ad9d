"""The inbox: every door puts what arrived in here, once, before it answers the platform.

One row under a unique key in one transaction; only when `accept` returned may the platform be told that
its delivery was received.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import ids, masks, tickets
from bot.clocks import Clock
from bot.events import Body, Event, Form, Message, Press
from bot.instruments import Instruments, NoInstruments, Part, Step
from bot.people import HOME
from bot.places import Place
from bot.store import Store, Tx
from bot.values import Json

_UNMEASURED = NoInstruments()
MOST_REMEMBERED = 1_000
"""So many nameless deliveries of one place are told from their repetitions."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """What a door hands over. `key` is the platform's delivery id with the platform before it, such as
    `slack:Ev0123` or `telegram:42:887766`: the same delivery always has the same key. Where the sender gives none
    and it is made of the words themselves, it stands for one delivery only `within` some time."""

    key: str
    place: Place
    body: Body
    space: str = HOME
    within: timedelta | None = None


def pressing(body: Body) -> bool:
    """Presses and forms are urgent wherever they come from."""
    return isinstance(body, Press | Form)


def nobody(space: str, place: str) -> None:
    """Nobody is to be hurried: the next round finds the event."""


Ahead = Callable[[Tx, Event], Callable[[], None] | None]
"""Looks, in the transaction that keeps an event, at what handling it begins with: an own transaction for that is spared. It
changes nothing and raises nothing; what it returns is called once the event is kept."""


def no_look(tx: Tx, event: Event) -> None:
    """Whoever handles the event looks for themselves."""


async def accept(
    arrival: Arrival,
    *,
    store: Store,
    clock: Clock,
    urgent: Callable[[Body], bool] = pressing,
    hurry: Callable[[str, str], None] = nobody,
    ahead: Ahead = no_look,
    instruments: Instruments = _UNMEASURED,
) -> bool:
    """Keeps it and rings the place. False when this delivery was kept before. Durable on return.

    What is `urgent` is handled beside the turn under way: `hurry(space, place)` rings for it. What is not may be looked
    `ahead` of.
    """
    now = clock.now()
    event = _event(arrival, now, urgent)

    def write(tx: Tx) -> tuple[bool, Callable[[], None] | None]:
        if arrival.within is not None and not _first(tx, arrival, now, arrival.within):
            return False, None
        if not _keep(tx, event):
            return False, None
        return True, None if event.urgent else ahead(tx, event)

    step = Step(
        part=Part.ACCEPT,
        of=arrival.place.platform,
        kind=event.body.kind,
        event=event.id,
        turn=event.id,
        place=event.place,
    )
    with instruments.over(step) as under:
        kept, seen = await store.write(write, space=arrival.space)
        under.note(fresh=kept)
    if seen is not None:
        seen()
    if kept and event.urgent:
        hurry(event.space, event.place)
    return kept


def keep(tx: Tx, arrival: Arrival, now: datetime) -> bool:
    """The same for what nobody waits for, in a transaction that keeps more than the event."""
    return _keep(tx, _event(arrival, now, lambda body: False))


def _event(arrival: Arrival, now: datetime, urgent: Callable[[Body], bool]) -> Event:
    body = _without_keys(arrival.body)
    return Event(
        id=ids.new("evt"),
        space=arrival.space,
        key=arrival.key if arrival.within is None else f"{arrival.key}@{now.isoformat()}",
        place=arrival.place.key,
        at=now,
        body=body,
        urgent=urgent(body),
    )


def _keep(tx: Tx, event: Event) -> bool:
    if not tx.events.add(event):
        return False
    if not event.urgent:
        tx.ring(event.place)
    return True


def _without_keys(body: Body) -> Body:
    """A key that somebody pasted is never kept: neither in the transcript nor for a mind to read. Nor is a one-time
    code that they hand in."""
    if not isinstance(body, Message):
        return body
    said = tickets.without_code(body.text)
    text = masks.keys(said)
    return body if text == body.text else replace(body, text=text, keys=body.keys or text != said)


def _first(tx: Tx, arrival: Arrival, now: datetime, within: timedelta) -> bool:
    """Whether the same words did not arrive a moment ago; from now on they have. Older ones are forgotten."""
    name = f"arrived:{arrival.place.key}"
    kept: Json = tx.marks.get(name) or {}
    recent = {key: at for key, at in kept.items() if datetime.fromisoformat(at) + within > now}
    if arrival.key in recent:
        return False
    newest = dict(list({**recent, arrival.key: now.isoformat()}.items())[-MOST_REMEMBERED:])
    tx.marks.put(name, newest)
    return True
