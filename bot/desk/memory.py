"""The desk's memory: remember, correct, recall, history, forget."""

from collections.abc import Mapping
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from bot import forgetting, ids, reports
from bot import notes as words_of
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
    words = words_of.words(replaces)
    recalled = tx.recall.find(replaces, (note.scope,), len(kept), lines=False) if kept else ()
    found = [each.note for each in recalled if each.note is not None and each.note.id != note.id]
    fit = [each for each in found if words <= words_of.words(each.text)] or found
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
    words = words_of.words(about)
    every = [note for scope in readable for note in tx.notes.history(scope)]
    found = tx.recall.find(about, readable, 10, lines=False)
    meant = {each.note.id for each in found if each.note is not None}
    meant |= {note.id for note in every if words and words <= words_of.words(note.text)}
    return tuple(note for note in every if note.id in words_of.ancestry(every, meant))


def forget(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person, place, tongue = somebody(context), context.place, context.tongue
    about = arguments["about"].strip()
    if not words_of.meant(about):
        raise BadInput(tongue("say what to forget in a word or two"))
    gone = forgetting.forget(
        tx,
        about,
        scopes=scopes(person.id, place),
        place=place,
        person=person,
        turn=context.turn,
        tongue=tongue,
        house=means.house(),
    )
    if not gone.nothing:
        tx.ledger.append("forgotten", forgetting.written_down(gone, person.id), context.now)
    return Receipt(text=forgetting.said(gone, place, tongue), data={"forgotten": len(gone.notes)})
