"""Where a person can be told something alone: where they last wrote in private, else their own page."""

from bot.people import Person
from bot.places import Place
from bot.store import Tx
from bot.values import Json


def note(tx: Tx, person: str, place: Place) -> bool:
    """They wrote here. Only a private place is kept. Returns whether it is the first of theirs."""
    known = tx.marks.get(_mark(person))
    if place.private and known != place.key:
        tx.marks.put(_mark(person), place.key)
    if place.private and tx.marks.get(_on(person, place.platform)) != place.key:
        also(tx, person, place)
    return place.private and known is None


def also(tx: Tx, person: str, place: Place) -> None:
    """They can be told something there too, where they wrote before we knew that it was them."""
    if place.private:
        tx.marks.put(_on(person, place.platform), place.key)


def last_on(tx: Tx, person: str, platform: str) -> Place | None:
    """Where they last wrote in private on this platform, None when they never did."""
    kept: Json = tx.marks.get(_on(person, platform))
    return Place.parse(kept) if kept else None


def whose(tx: Tx, place: Place) -> Person | None:
    """Who is alone with us in this private place, None when nobody has written there."""
    for person in tx.people.all():
        if place.platform == "web" and place.channel == person.id:
            return person
        if tx.marks.get(_on(person.id, place.platform)) == place.key:
            return person
    return None


def alone_with(tx: Tx, person: Person) -> Place:
    """A place that only this person reads."""
    return last_seen(tx, person) or Place(platform="web", channel=person.id, private=True)


def last_seen(tx: Tx, person: Person) -> Place | None:
    """Where they last wrote in private, None when they never did."""
    kept: Json = tx.marks.get(_mark(person.id))
    return Place.parse(kept) if kept else None


def marks_of(person: str, place: Place) -> tuple[str, ...]:
    """Under which names it is kept where they write, as far as `note` asks."""
    return _mark(person), _on(person, place.platform)


def _mark(person: str) -> str:
    return f"private:{person}"


def _on(person: str, platform: str) -> str:
    return f"private:{person}:{platform}"
