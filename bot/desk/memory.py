"""The desk's memory: remember, correct, recall, history, forget."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot import ids, reports
from bot.actions import Receipt
from bot.briefing import scopes
from bot.desk.means import Means, somebody
from bot.errors import BadInput
from bot.notes import Note, person_scope, place_scope
from bot.store import Tx
from bot.values import Json
from bot.world import Context

CHOICES = 9
"""How many notes are named when several fit."""


def remember(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    tongue = context.tongue
    private = context.place.private
    note = Note(
        id=ids.derived("not", context.key),
        space=context.space,
        scope=person_scope(person.id) if private else place_scope(context.place.key),
        text=arguments["text"].strip(),
        turn=context.turn,
        tainted=context.tainted,
        learned=context.now,
    )
    replaces = (arguments.get("replaces") or "").strip()
    old = _meant(tx, note, replaces, context) if replaces else None
    tx.notes.put(note)
    whose = tongue("for you") if private else tongue("for everyone here")
    text = tongue("Remembered {whose}: {text}", whose=whose, text=note.text)
    if old is not None:
        tx.notes.put(old.supersede(note))
        body = {"note": old.id, "by": note.id, "person": person.id}
        tx.ledger.append("superseded", body, context.now)
        text += "\n" + tongue("It takes the place of: {text}", text=old.text)
    elif replaces:
        text += "\n" + tongue("I remembered nothing about {about} before.", about=replaces)
    return Receipt(id=note.id, text=text, tainted=old is not None and old.tainted)


def _meant(tx: Tx, note: Note, replaces: str, context: Context) -> Note | None:
    """The one note in force in the new note's own scope that is meant. Raises BadInput when several fit."""
    kept = [each for each in tx.notes.all(note.scope) if each.id != note.id]
    by_code = [each for each in kept if replaces.upper() == ids.short_code(each.id)]
    if by_code:
        return by_code[0]
    words = _words(replaces)
    recalled = tx.recall.find(replaces, (note.scope,), len(kept), lines=False) if kept else ()
    found = [each.note for each in recalled if each.note is not None and each.note.id != note.id]
    fit = [each for each in found if words <= _words(each.text)] or found
    if len(fit) < 2:
        return fit[0] if fit else None
    lines = [f"• {ids.short_code(each.id)}: {each.text}" for each in fit[:CHOICES]]
    raise BadInput(
        context.tongue(
            "several notes fit, and I changed none. Say “correct CODE to …” with the code of the one you mean:\n{notes}",
            notes="\n".join(lines),
        ),
        field="replaces",
    )


def recall(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    about = arguments.get("about", "").strip()
    readable = scopes(person.id, context.place)
    as_of = arguments.get("as_of")
    if as_of:
        end = datetime.combine(date.fromisoformat(as_of), time.max, tzinfo=ZoneInfo(context.zone or "UTC"))
        notes = tuple(note for note in _lines_of(tx, about, readable) if note.held(end))
    elif about.casefold() in {"", "me", "moi"}:
        notes = tuple(note for scope in readable for note in tx.notes.all(scope))[-20:]
    else:
        found = tx.recall.find(about, readable, 10, lines=False)
        notes = tuple(each.note for each in found if each.note is not None)
    return reports.notes(notes, about, context)


def history(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    about = arguments["about"].strip()
    notes = _lines_of(tx, about, scopes(somebody(context).id, context.place))
    return reports.notes(notes, about, context)


def _lines_of(tx: Tx, about: str, readable: tuple[str, ...]) -> tuple[Note, ...]:
    """The notes that bear on the words, those they took the place of, and closed ones that hold all the words."""
    words = _words(about)
    every = [note for scope in readable for note in tx.notes.history(scope)]
    found = tx.recall.find(about, readable, 10, lines=False)
    meant = {each.note.id for each in found if each.note is not None}
    meant |= {note.id for note in every if words and words <= _words(note.text)}
    return tuple(note for note in every if note.id in _ancestry(every, meant))


def _ancestry(every: Sequence[Note], meant: set[str]) -> set[str]:
    """These notes and all that they took the place of, however often it changed."""
    grown = meant | {note.id for note in every if note.superseded_by in meant}
    return grown if grown == meant else _ancestry(every, grown)


def _words(text: str) -> set[str]:
    """Whole words, without case and accents: "it" is no reason to forget a city."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    return set(re.findall(r"\w+", "".join(c for c in plain if not unicodedata.combining(c))))


def forget(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    about = arguments["about"].strip()
    meant = {word for word in _words(about) if len(word) > 2}
    if not meant:
        raise BadInput(context.tongue("say what to forget in a word or two"))
    gone: list[str] = []
    for scope in scopes(person.id, context.place):
        every = tx.notes.history(scope)
        named = {note.id for note in every if meant <= _words(note.text)}
        gone += [each for each in sorted(_ancestry(every, named)) if tx.notes.forget(each)]
    if gone:
        tx.ledger.append("forgotten", {"notes": gone, "person": person.id}, context.now)
        text = context.tongue.many("Forgotten: {n} note.", "Forgotten: {n} notes.", len(gone))
        text += " " + context.tongue("What was said in this conversation stays in its transcript.")
    else:
        text = context.tongue("I remember nothing about {about}.", about=about)
    return Receipt(text=text, data={"forgotten": len(gone)})
