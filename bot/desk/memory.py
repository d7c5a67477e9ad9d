"""The desk's memory: remember, correct, pin, recall, history, forget, take away, and conversations that leave nothing."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot import doors, forgetting, ids, nights, notes, privacy, recollections
from bot.actions import Receipt
from bot.briefing import scopes
from bot.desk.means import Means, somebody, whisper
from bot.errors import BadInput, NotAllowed, Refused
from bot.events import Message
from bot.notes import Note, NoteKind, person_scope, place_scope
from bot.people import Role
from bot.store import Tx
from bot.tickets import Purpose
from bot.values import Json
from bot.world import Context

CHOICES = 9
"""How many notes are named when several fit."""
LISTED = 20
"""How many notes are listed when everything is asked for."""
LONGEST_KEEP = 3650


def remember(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    tongue = context.tongue
    if privacy.standing(tx, context.place.key):
        raise Refused(
            tongue("this conversation is private: I remember nothing of it. “end private mode” ends that")
        )
    note = _new(tx, arguments, context)
    replaces = (arguments.get("replaces") or "").strip()
    old = _meant(tx, note, replaces, context) if replaces else None
    tx.notes.put(note)
    whose = tongue("for you") if context.place.private else tongue("for everyone here")
    text = tongue("Remembered {whose}: {text}", whose=whose, text=note.text)
    if note.expires is not None:
        until = tongue.day(note.expires - timedelta(seconds=1), context.zone)
        text += "\n" + tongue("Until {day}; after that it is history.", day=until)
    if old is not None:
        tx.notes.put(old.supersede(note))
        body: dict[str, Json] = {"note": old.id, "by": note.id, "person": somebody(context).id}
        tx.ledger.append("superseded", body, context.now)
        text += "\n" + tongue("It takes the place of: {text}", text=old.text)
    elif replaces:
        text += "\n" + tongue("I remembered nothing about {about} before.", about=replaces)
    others = [each for each in tx.notes.all(note.scope) if notes.contradict(note, each)]
    for other in (each for each in others if each.current(context.now)):
        text += "\n" + tongue(
            "That is not what I knew: {text}. I keep both and say so. “correct {code} to …” settles it.",
            text=other.text,
            code=ids.short_code(other.id),
        )
    tainted = any(each.tainted for each in (*others, *([old] if old else [])))
    return Receipt(id=note.id, text=text, tainted=tainted)


def _new(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Note:
    """The note, with where it comes from. What a mind says that a person said is held against their words."""
    person, text = somebody(context), arguments["text"].strip()
    heard = _words_of_the_turn(tx, context)
    quoted = (arguments.get("quote") or "").strip()
    if quoted and " ".join(quoted.split()).casefold() not in " ".join(heard.split()).casefold():
        raise BadInput(context.tongue("the quote is not in the words of this message"), field="quote")
    own = bool(heard) and notes.words(text) <= notes.words(heard)
    sure = notes.OWN_WORDS if own else notes.HEARD if quoted else notes.INFERRED
    return Note(
        id=ids.derived("not", context.key),
        space=context.space,
        scope=person_scope(person.id) if context.place.private else place_scope(context.place.key),
        text=text,
        kind=NoteKind(arguments.get("kind") or "fact"),
        turn=context.turn,
        quote=quoted or (heard[:500] if own else ""),
        tainted=context.tainted,
        confidence=notes.DOUBTFUL if context.tainted else sure,
        since=_day(arguments.get("since"), context),
        learned=context.now,
        expires=_day(arguments.get("until"), context, after=True),
    )


def _words_of_the_turn(tx: Tx, context: Context) -> str:
    """What the person said that this turn answers; nothing where it merely passed through."""
    event = tx.events.get(context.turn)
    body = event.body if event is not None else None
    return body.text if isinstance(body, Message) and body.trusted else ""


def _day(value: Json, context: Context, *, after: bool = False) -> datetime | None:
    """The first moment of a day on the person's wall clock, or of the day after. Raises BadInput for one that is over."""
    if not value:
        return None
    day = date.fromisoformat(value) + timedelta(days=1 if after else 0)
    moment = datetime.combine(day, time(), tzinfo=ZoneInfo(context.zone or "UTC"))
    if after and moment <= context.now:
        raise BadInput(context.tongue("{day} is over already", day=value), field="until")
    return moment


def _meant(tx: Tx, note: Note, replaces: str, context: Context) -> Note | None:
    """The one note in force in the new note's own scope that is meant."""
    return _one(tx, replaces, (note.scope,), context, leave=note.id, verb=context.tongue("correct CODE to …"))


def _one(
    tx: Tx, about: str, readable: tuple[str, ...], context: Context, *, leave: str = "", verb: str
) -> Note | None:
    """The one current note that a code or words single out, None for none. Raises BadInput when several fit."""
    every = [each for scope in readable for each in tx.notes.all(scope)]
    kept = [each for each in every if each.id != leave and each.current(context.now)]
    by_code = [each for each in kept if about.upper() == ids.short_code(each.id)]
    if by_code:
        return by_code[0]
    sought = notes.words(about)
    recalled = tx.recall.find(about, readable, len(kept) + 1, lines=False) if kept else ()
    ours = {each.id: each for each in kept}
    found = [ours[each.note.id] for each in recalled if each.note is not None and each.note.id in ours]
    fit = [each for each in found if sought <= notes.words(each.text)] or found
    if len(fit) < 2:
        return fit[0] if fit else None
    lines = [f"• {ids.short_code(each.id)}: {each.text}" for each in fit[:CHOICES]]
    raise BadInput(
        context.tongue(
            "several notes fit, and I changed none. Say “{verb}” with the code of the one you mean:\n{notes}",
            verb=verb,
            notes="\n".join(lines),
        ),
        field="about",
    )


def pin(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return _pinned(tx, arguments, context, on=True)


def unpin(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return _pinned(tx, arguments, context, on=False)


def _pinned(tx: Tx, arguments: Mapping[str, Json], context: Context, *, on: bool) -> Receipt:
    tongue, readable = context.tongue, scopes(somebody(context).id, context.place)
    verb = tongue("pin CODE") if on else tongue("unpin CODE")
    note = _one(tx, arguments["about"].strip(), readable, context, verb=verb)
    if note is None:
        raise BadInput(tongue("I remember nothing like that"), field="about")
    tx.notes.put(replace(note, pinned=on))
    tx.ledger.append(
        "pinned" if on else "unpinned", {"note": note.id, "person": somebody(context).id}, context.now
    )
    said = (
        tongue("Pinned: {text}", text=note.text) if on else tongue("No longer pinned: {text}", text=note.text)
    )
    return Receipt(id=note.id, text=said, tainted=note.tainted)


def recall(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    about = arguments.get("about", "").strip()
    readable = scopes(person.id, context.place)
    as_of = arguments.get("as_of")
    if as_of:
        end = datetime.combine(date.fromisoformat(as_of), time.max, tzinfo=ZoneInfo(context.zone or "UTC"))
        found = tuple(note for note in _lines_of(tx, about, readable) if note.held(end))
    elif about.casefold() in {"", "me", "moi"}:
        every = [note for scope in readable for note in tx.notes.all(scope) if note.current(context.now)]
        pinned = [note for note in every if note.pinned]
        found = (*pinned, *[note for note in every if not note.pinned][-LISTED:])
    else:
        recalled = tx.recall.find(about, readable, 10, lines=False)
        found = tuple(
            each.note for each in recalled if each.note is not None and each.note.current(context.now)
        )
    return recollections.listed(tx, notes.ranked(found), about, context)


def history(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    about = arguments["about"].strip()
    found = _lines_of(tx, about, scopes(somebody(context).id, context.place))
    return recollections.listed(tx, found, about, context)


def _lines_of(tx: Tx, about: str, readable: tuple[str, ...]) -> tuple[Note, ...]:
    """The notes that bear on the words, those they took the place of, and closed ones that hold all the words."""
    sought = notes.words(about)
    every = [note for scope in readable for note in tx.notes.history(scope)]
    found = tx.recall.find(about, readable, 10, lines=False)
    meant = {each.note.id for each in found if each.note is not None}
    meant |= {note.id for note in every if sought and sought <= notes.words(note.text)}
    within = notes.ancestry(every, meant)
    return tuple(note for note in every if note.id in within)


def forget(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person, place, tongue = somebody(context), context.place, context.tongue
    about = _spelled(tx, arguments["about"].strip(), context)
    if not notes.meant(about):
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


def _spelled(tx: Tx, about: str, context: Context) -> str:
    """The words of the note with that code; the words themselves where it is none."""
    every = [
        note for scope in scopes(somebody(context).id, context.place) for note in tx.notes.history(scope)
    ]
    return next((note.text for note in every if about.upper() == ids.short_code(note.id)), about)


def export(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A one-time link to the page that gives it as files: chats would keep a copy of what is later forgotten."""
    person, house, tongue = somebody(context), means.house(), context.tongue
    if not house.url:
        raise Refused(tongue("there is no web page in this installation"))
    if not context.place.private:
        raise Refused(tongue("ask me that in a private conversation, so that nobody else sees the link"))
    token = doors.mint(tx, purpose=Purpose.SIGN_IN, person=person.id, lifetime=doors.SIGN_IN, house=house)
    url = f"{house.url}/sign-in?token={token}&next={quote('/memory', safe='/')}"
    whisper(tx, context, tongue("Your memory, once and within 10 minutes: {url}", url=url))
    return Receipt(
        text=tongue("The link opens your memory, where it can be taken away as JSON Lines or as Markdown.")
    )


def told(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    return recollections.last_briefing(tx, context)


def begin_private(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    privacy.begin(tx, context.place.key, somebody(context).id, turn=context.turn, now=context.now)
    text = context.tongue(
        "This conversation is private from here on: I remember nothing of it, and nothing of it is recalled anywhere. When"
        " you say “end private mode”, and at the latest in {n} hours, what was said in it is forgotten. What I do"
        " meanwhile stays in the ledger.",
        n=int(privacy.LONGEST.total_seconds() // 3600),
    )
    return Receipt(text=text)


def end_private(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    tongue = context.tongue
    if not privacy.standing(tx, context.place.key):
        return Receipt(text=tongue("This conversation is not private: what is said here may be remembered."))
    n = privacy.end(
        tx, context.place.key, now=context.now, turn=context.turn, tongue=tongue, house=means.house()
    )
    text = tongue.many(
        "Private mode has ended, and what was said on {n} occasion is forgotten.",
        "Private mode has ended, and what was said on {n} occasions is forgotten.",
        n,
    )
    return Receipt(text=text)


def retention(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    if somebody(context).role is not Role.OWNER:
        raise NotAllowed(context.tongue("how long conversations are kept is for an owner to say"))
    days = int(arguments["days"])
    if not 0 <= days <= LONGEST_KEEP:
        raise BadInput(
            context.tongue("between 1 and {most} days, or 0 for ever", most=LONGEST_KEEP), field="days"
        )
    privacy.keep_for(tx, days)
    tx.ledger.append("retention", {"days": days, "person": somebody(context).id}, context.now)
    if not days:
        return Receipt(text=context.tongue("Conversations are kept until somebody asks to forget them."))
    text = context.tongue.many(
        "Conversations are forgotten {n} day after they were had, every night. Facts, decisions and pinned notes stay.",
        "Conversations are forgotten {n} days after they were had, every night. Facts, decisions and pinned notes stay.",
        days,
    )
    return Receipt(text=text)


def undo_night(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """For an owner alone: a night tidies everybody's notes."""
    person = somebody(context)
    if person.role is not Role.OWNER:
        raise NotAllowed(context.tongue("the tidying of the memory is for an owner to take back"))
    n = nights.take_back(tx, person.id, context.now)
    if not n:
        return Receipt(text=context.tongue("The last night changed nothing that could be taken back."))
    text = context.tongue.many(
        "{n} note is as it was before the last night.", "{n} notes are as they were before the last night.", n
    )
    return Receipt(text=text)
