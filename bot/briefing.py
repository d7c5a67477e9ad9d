"""What a mind is told: gathered in one read, within a budget, scoped by who asks and where."""

from dataclasses import dataclass
from datetime import datetime

from bot import carrying, notes, watchwords
from bot import standing as standing_rules
from bot.events import Signal, Wake
from bot.journal import Line
from bot.listings import Listed
from bot.notes import Note, person_scope, place_scope
from bot.places import Place
from bot.standing import StandingRule
from bot.store import Tx
from bot.tallies import scope_of, standing

LINES = 40
"""How many lines of the conversation a mind is shown."""
NOTES = 8
"""How many remembered notes a mind is shown."""
LISTS = 12
"""How many lists, counters and totals a mind is shown, the newest."""
EARLIER = 8
"""How many older lines of the conversation, those that bear on the words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recollection:
    """What was found for a briefing. `earlier` are lines from before the transcript that bear on the words;
    `carried` are the decisions, open questions and numbers of all that is not shown any more; `overheard` says that some of
    it was said to somebody else."""

    transcript: tuple[Line, ...] = ()
    earlier: tuple[Line, ...] = ()
    notes: tuple[Note, ...] = ()
    rules: tuple[StandingRule, ...] = ()
    lists: tuple[Listed, ...] = ()
    carried: tuple[Note, ...] = ()
    overheard: bool = False


def scopes(person: str, place: Place) -> tuple[str, ...]:
    """Whose notes may be read here: the person's own in private, the place's where others listen too."""
    if place.private:
        return (person_scope(person), place_scope(place.key))
    return (place_scope(place.key),)


def recollect(tx: Tx, *, place: Place, person: str, text: str, now: datetime) -> Recollection:
    """The last lines of the place, and the notes and older lines that bear on the words. Never another person's or
    place's."""
    transcript = tx.lines.last(place.key, LINES)
    readable, carried = scopes(person, place), carrying.carried(tx, place.key)
    return Recollection(
        transcript=transcript,
        earlier=_earlier(tx, text, place, transcript),
        notes=_notes(tx, text, readable, now) if person else (),
        rules=standing_rules.in_force(tx, readable) if person else (),
        carried=carried,
        overheard=not place.private and _overheard(tx, carried, person),
        lists=_lists(tx, scope_of(person, place)) if person else (),
    )


def signalled(tx: Tx, wake: Wake) -> Signal | None:
    """What arrived and led to this wake, None when a clock did."""
    found = (tx.events.get(each) for each in wake.signals)
    return watchwords.joined(
        [each.body for each in found if each is not None and isinstance(each.body, Signal)]
    )


def _earlier(tx: Tx, text: str, place: Place, transcript: tuple[Line, ...]) -> tuple[Line, ...]:
    """In the order they were said. What the transcript shows anyway is not told twice."""
    if len(transcript) < LINES:
        return ()
    found = tx.recall.find(text, (place_scope(place.key),), EARLIER + LINES, notes=False)
    older = [each.line for each in found if each.line is not None and each.line.seq < transcript[0].seq]
    return tuple(sorted(older[:EARLIER], key=lambda line: line.seq))


def _notes(tx: Tx, text: str, readable: tuple[str, ...], now: datetime) -> tuple[Note, ...]:
    """What was pinned, then what bears on the words; what strangers had a hand in comes last. What is past its day or
    faded is told to nobody."""
    pinned = [note for scope in readable for note in tx.notes.pinned(scope) if note.current(now)]
    found = [
        each.note for each in tx.recall.find(text, readable, NOTES * 2, lines=False) if each.note is not None
    ]
    fresh = [note for note in found if note.current(now) and note.confidence > notes.FADED]
    every = {note.id: note for note in (*pinned[:NOTES], *fresh[:NOTES])}
    return notes.ranked(list(every.values())[: NOTES * 2])


def _overheard(tx: Tx, carried: tuple[Note, ...], person: str) -> bool:
    """Whether anything of it comes from a turn of somebody else, or of nobody knows whom."""
    turns = (tx.turns.get(each) for each in dict.fromkeys(note.turn for note in carried))
    return any(turn is None or turn.person != person for turn in turns)


def _lists(tx: Tx, scope: str) -> tuple[Listed, ...]:
    newest = tx.tallies.all(scope)[-LISTS:]
    return tuple(Listed(tally=each, items=standing(tx.tallies.strokes(each.id))) for each in newest)
