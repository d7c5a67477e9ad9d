"""What is remembered, as people read it: each thing with its code, where it comes from and what speaks against it; and
what an answer was made from. Reads the record, writes nothing but the row that says what a mind was told.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

from bot import ids, notes
from bot.actions import Receipt
from bot.briefing import Recollection
from bot.journal import OURSELVES, Turn
from bot.ledger import Entry
from bot.notes import Note, NoteKind
from bot.places import Place
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def listed(tx: Tx, found: Sequence[Note], about: str, context: Context) -> Receipt:
    """What is remembered, each with its code, the day it was learned, and its source."""
    tongue = context.tongue
    if not found:
        text = tongue("I remember nothing about {about}.", about=about or tongue("this"))
        return Receipt(text=text, data=[])
    lines = [f"• {note.text} ({', '.join(known(tx, note, context.tongue, context.zone))})" for note in found]
    lines += _contradictions(found, tongue)
    data: list[Json] = [note.text for note in found]
    return Receipt(text="\n".join(lines), data=data, tainted=any(note.tainted for note in found))


def known(tx: Tx, note: Note, tongue: Tongue, zone: str) -> Iterable[str]:
    """Since when, from where, how sure, and for how long."""
    yield ids.short_code(note.id)
    since = tongue.day(note.learned, zone)
    yield (
        since
        if note.closed is None
        else tongue("{since} to {end}", since=since, end=tongue.day(note.closed, zone))
    )
    yield source(tx, note, tongue)
    if note.kind is not NoteKind.FACT:
        yield kind_words(note.kind, tongue)
    if note.pinned:
        yield tongue("pinned")
    if note.since is not None:
        yield tongue("true since {day}", day=tongue.day(note.since, zone))
    if note.expires is not None and note.closed is None:
        yield tongue("until {day}", day=tongue.day(note.expires - timedelta(seconds=1), zone))
    if note.confidence <= notes.FADED:
        yield tongue("faded: nobody came back to it for long")


def source(tx: Tx, note: Note, tongue: Tongue) -> str:
    """Who said it, or what it was made from."""
    if note.tainted:
        return tongue("from what others wrote")
    if note.sources:
        return tongue.many("made from {n} note", "made from {n} notes", len(note.sources))
    turn = tx.turns.get(note.turn) if note.turn else None
    if turn is None:
        return tongue("from the ledger") if note.turn.startswith("ledger:") else tongue("source unknown")
    person = tx.people.get(turn.person)
    where = Place.parse(turn.place).platform.title()
    if note.confidence >= notes.OWN_WORDS:
        return tongue("{who} said so, {where}", who=person.name if person else "—", where=where)
    return tongue(
        "noted in a conversation with {who}, {where}", who=person.name if person else "—", where=where
    )


def kind_words(kind: NoteKind, tongue: Tongue) -> str:
    """A kind as people say it."""
    words = {
        NoteKind.FACT: tongue("fact"),
        NoteKind.DECISION: tongue("decision"),
        NoteKind.EPISODE: tongue("episode"),
        NoteKind.SUMMARY: tongue("summary"),
    }
    return words[kind]


def _contradictions(found: Sequence[Note], tongue: Tongue) -> Iterable[str]:
    """Which of them say different things of the same subject; they are shown as they are."""
    for at, one in enumerate(found):
        for other in found[at + 1 :]:
            if not (one.over or other.over) and notes.contradict(one, other):
                yield tongue(
                    "{one} and {other} do not agree. “correct {one} to …” settles it.",
                    one=ids.short_code(one.id),
                    other=ids.short_code(other.id),
                )


# What an answer was made from ---------------------------------------------------------------------------------


def write_down(tx: Tx, turn: Turn, found: Recollection, mind: str) -> None:
    """A mind is about to be told this. By ids: what is forgotten later is not kept here."""
    body: dict[str, Json] = {
        "turn": turn.id,
        "mind": mind,
        "notes": [note.id for note in found.notes],
        "earlier": [line.seq for line in found.earlier],
        "transcript": [line.seq for line in found.transcript],
        "rules": len(found.rules),
    }
    tx.ledger.append("briefed", body, turn.started)


def last_briefing(tx: Tx, context: Context) -> Receipt:
    """What the last answer in this place was made from."""
    turns = [
        line.turn for line in tx.lines.last(context.place.key, 60) if line.who == OURSELVES and line.turn
    ]
    for turn in dict.fromkeys(reversed(turns)):
        if turn != context.turn and (row := _row(tx, turn)) is not None:
            return Receipt(text="\n".join(briefing_of(tx, row, context)), tainted=True)
    return Receipt(
        text=context.tongue("No model was told anything here lately: my own words need no briefing.")
    )


def of_turn(tx: Tx, turn: Turn, context: Context) -> Iterable[str]:
    """Why a turn said what it said."""
    person = tx.people.get(turn.person)
    yield context.tongue(
        "Answered to {who}, {when}.",
        who=person.name if person else "—",
        when=context.tongue.moment(turn.started, context.zone),
    )
    row = _row(tx, turn.id)
    if row is None:
        yield context.tongue("No model was told anything: my own words need no briefing.")
        return
    yield from briefing_of(tx, row, context)


def _row(tx: Tx, turn: str) -> Entry | None:
    return next((entry for entry in tx.ledger.about(turn) if entry.kind == "briefed"), None)


def briefing_of(tx: Tx, row: Entry, context: Context) -> Iterable[str]:
    """What the mind was told, in its order. Only what this person may read here is quoted."""
    tongue, body = context.tongue, row.body
    turn = tx.turns.get(str(body["turn"]))
    here = turn is not None and turn.place == context.place.key
    yield tongue("{mind} was told, in this order:", mind=str(body["mind"]))
    yield "1. " + tongue.many("{n} standing rule.", "{n} standing rules.", int(body["rules"]))
    yield "2. " + tongue.many("{n} note:", "{n} notes:", len(body["notes"]))
    for each in body["notes"]:
        note = tx.notes.get(str(each))
        if note is None:
            yield "   • " + tongue("one that was forgotten since")
        elif here:
            yield f"   • {note.text} ({', '.join(known(tx, note, tongue, context.zone))})"
    yield "3. " + tongue.many(
        "{n} older line of this conversation:", "{n} older lines of this conversation:", len(body["earlier"])
    )
    for seq in body["earlier"] if here else ():
        lines = tx.lines.last(context.place.key, 1, before=int(seq) + 1)
        if lines and lines[0].seq == seq:
            yield f"   • {tongue.day(lines[0].at, context.zone)}: {lines[0].text[:200]}"
        else:
            yield "   • " + tongue("one that was forgotten since")
    yield "4. " + tongue.many(
        "the last {n} line of the conversation.",
        "the last {n} lines of the conversation.",
        len(body["transcript"]),
    )
    yield "5. " + tongue("the message itself.")
