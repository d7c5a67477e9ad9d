"""The desk's memory: remember, recall, forget."""

import re
import unicodedata
from collections.abc import Mapping

from bot import ids, reports
from bot.actions import Receipt
from bot.briefing import scopes
from bot.desk.means import Means, somebody
from bot.errors import BadInput
from bot.notes import Note, person_scope, place_scope
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def remember(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
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
    tx.notes.put(note)
    whose = context.tongue("for you") if private else context.tongue("for everyone here")
    return Receipt(id=note.id, text=context.tongue("Remembered {whose}: {text}", whose=whose, text=note.text))


def recall(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    about = arguments.get("about", "").strip()
    readable = scopes(person.id, context.place)
    if about.casefold() in {"", "me", "moi"}:
        notes = tuple(note for scope in readable for note in tx.notes.all(scope))[-20:]
    else:
        found = tx.recall.find(about, readable, 10, lines=False)
        notes = tuple(each.note for each in found if each.note is not None)
    return reports.notes(notes, about, context)


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
        for note in tx.notes.all(scope):
            if meant <= _words(note.text):
                tx.notes.forget(note.id)
                gone.append(note.id)
    if gone:
        tx.ledger.append("forgotten", {"notes": gone, "person": person.id}, context.now)
        text = context.tongue.many("Forgotten: {n} note.", "Forgotten: {n} notes.", len(gone))
        text += " " + context.tongue("What was said in this conversation stays in its transcript.")
    else:
        text = context.tongue("I remember nothing about {about}.", about=about)
    return Receipt(text=text, data={"forgotten": len(gone)})
