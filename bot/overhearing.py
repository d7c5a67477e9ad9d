"""Overhearing: what people say to one another wakes the missions that wait for those words. No model has a part in it.

Nothing of it is kept unless a mission waits for it. A mission that stands in a shared place hears that place alone;
one that stands in its owner's private place hears the shared places in which its owner was seen lately: nobody is
told through a mission what they could not read themselves. What was said is content from outside, whoever said it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot import ids, masks, signals, waking, watchwords
from bot.events import Event, Signal, Wake
from bot.house import House
from bot.missions import Mission, OnPhrase
from bot.people import HOME, Identity, Person
from bot.places import Place
from bot.store import Tx
from bot.values import Json

LONGEST = 4_000
"""Characters of what was said that are looked at, and kept when they are waited for."""
TOLD = 1_000
PRESENT = timedelta(days=30)
"""For so long after somebody wrote in a shared place they count as one who reads it."""
AGAIN = timedelta(days=1)
"""That they are there is written down no more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overheard:
    """What a person said where others read it. `key` is the platform's delivery id."""

    key: str
    place: Place
    who: Identity
    text: str
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Who said it, whether that they are there is to be written down, and who waits for it."""

    person: Person | None
    present: bool
    waiting: tuple[tuple[Mission, OnPhrase], ...]


async def overhear(words: Overheard, *, house: House, space: str = HOME) -> bool:
    """Wakes who waits for these words. False when nobody does, or they were heard before. Durable on return."""
    if words.place.private or not words.text.strip():
        return False
    now = house.clock.now()
    found = await house.store.read(lambda tx: _found(tx, words, now), space=space)
    if not found.present and not found.waiting:
        return False
    return await house.store.write(lambda tx: _heard(tx, words, now, house), space=space)


def _found(tx: Tx, words: Overheard, now: datetime) -> Found:
    person = tx.people.by_identity(words.who)
    text = words.text[:LONGEST]
    waiting = tuple(
        (mission, trigger)
        for mission in tx.missions.hearing()
        for trigger in mission.triggers
        if isinstance(trigger, OnPhrase)
        if watchwords.among(trigger.words, text)
        if person is None or person.id != mission.owner
        if _reads(tx, mission, words.place, now)
        if _rested(tx, mission, trigger, now)
    )
    return Found(
        person=person, present=person is not None and _news(tx, person, words.place, now), waiting=waiting
    )


def _heard(tx: Tx, words: Overheard, now: datetime, house: House) -> bool:
    found = _found(tx, words, now)
    if found.person is not None and found.present:
        tx.marks.put(_presence(found.person.id, words.place), now.isoformat())
    if not found.waiting:
        return False
    event = _event(tx, words, found, now)
    if not tx.events.add(event):
        return False
    # It is no turn of its own: what follows from it is written here.
    tx.events.close(event.id)
    missions: list[Json] = [mission.id for mission, _ in found.waiting]
    tx.ledger.append("overheard", {"event": event.id, "place": words.place.key, "missions": missions}, now)
    for mission, trigger in found.waiting:
        wake = Wake(mission=mission.id, trigger=trigger.id, due=now, signals=(event.id,))
        key = f"wake:{mission.id}:{trigger.id}:{event.id}"
        if waking.by_event(tx, mission, wake, key=key, cause=event, house=house):
            tx.marks.put(_cooldown(mission, trigger), now.isoformat())
    return True


def _event(tx: Tx, words: Overheard, found: Found, now: datetime) -> Event:
    text = masks.keys(words.text[:LONGEST])
    name = found.person.name if found.person else words.name or words.who.user
    signal = Signal(
        source=f"said:{channel(words.place)}",
        name=name,
        what="message",
        summary=text[:TOLD],
        labels={"who": name, "platform": words.place.platform, "channel": words.place.channel},
        body={"who": name, "text": text, "channel": words.place.channel},
    )
    return Event(
        id=ids.new("evt"),
        space=tx.space,
        key=f"said:{words.key}",
        place=signals.lane(signal.source).key,
        at=now,
        body=signal,
    )


def channel(place: Place) -> str:
    """A shared place without its threads."""
    return Place(platform=place.platform, team=place.team, channel=place.channel).key


def _reads(tx: Tx, mission: Mission, place: Place, now: datetime) -> bool:
    """Whether whoever reads this mission's reports reads that place, too."""
    home = Place.parse(mission.place)
    if not home.private:
        return channel(home) == channel(place)
    seen: Json = tx.marks.get(_presence(mission.owner, place))
    return seen is not None and now - datetime.fromisoformat(seen) < PRESENT


def _news(tx: Tx, person: Person, place: Place, now: datetime) -> bool:
    seen: Json = tx.marks.get(_presence(person.id, place))
    return seen is None or now - datetime.fromisoformat(seen) >= AGAIN


def _rested(tx: Tx, mission: Mission, trigger: OnPhrase, now: datetime) -> bool:
    last: Json = tx.marks.get(_cooldown(mission, trigger))
    if last is None:
        return True
    rested = now - datetime.fromisoformat(last)
    # Less than nothing: the clock was set back since, and nobody knows how long ago that was.
    return rested >= timedelta(seconds=trigger.cooldown) or rested < timedelta(0)


def _presence(person: str, place: Place) -> str:
    return f"present:{person}:{channel(place)}"


def _cooldown(mission: Mission, trigger: OnPhrase) -> str:
    return f"phrase:{mission.id}:{trigger.id}"
