"""What a mind is told: gathered in one read, within a budget, scoped by who asks and where."""

from dataclasses import dataclass

from bot import watchwords
from bot.events import Signal, Wake
from bot.journal import Line
from bot.notes import Note, person_scope, place_scope
from bot.places import Place
from bot.store import Tx

LINES = 40
"""How many lines of the conversation a mind is shown."""
NOTES = 8
"""How many remembered notes a mind is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """What was found for a briefing."""

    transcript: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()


def scopes(person: str, place: Place) -> tuple[str, ...]:
    """Whose notes may be read here: the person's own in private, the place's where others listen too."""
    if place.private:
        return (person_scope(person), place_scope(place.key))
    return (place_scope(place.key),)


def recollect(tx: Tx, *, place: Place, person: str, text: str) -> Recollection:
    """The last lines of the place and the notes that bear on the words. Never another person's or place's."""
    return Recollection(
        transcript=tx.lines.last(place.key, LINES),
        notes=_notes(tx, text, scopes(person, place)) if person else (),
    )


def signalled(tx: Tx, wake: Wake) -> Signal | None:
    """What arrived and led to this wake, None when a clock did."""
    found = (tx.events.get(each) for each in wake.signals)
    return watchwords.joined(
        [each.body for each in found if each is not None and isinstance(each.body, Signal)]
    )


def _notes(tx: Tx, text: str, readable: tuple[str, ...]) -> tuple[Note, ...]:
    found = tx.recall.find(text, readable, NOTES, lines=False)
    return tuple(each.note for each in found if each.note is not None)
