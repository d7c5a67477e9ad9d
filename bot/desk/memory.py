"""The desk's memory: remember, correct, pin, recall, history, forget, take away, and conversations that leave nothing."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import islice
from urllib.parse import quote
from zoneinfo import ZoneInfo

from bot import doors, forgetting, ids, nights, notes, privacy, recollections, standing
from bot.actions import Receipt
from bot.briefing import scopes
from bot.desk.means import Means, somebody, whisper
from bot.errors import BadInput, NotAllowed, Refused
from bot.events import Message
from bot.journal import OURSELVES, Line, Thought
from bot.notes import Note, NoteKind, person_scope, place_scope
from bot.people import Role
from bot.speech import on
from bot.store import Tx
from bot.tallies import scope_of
from bot.tickets import Purpose
from bot.values import Json
from bot.world import Context

CHOICES = 9
"""How many notes are named when several fit."""
LISTED = 20
"""How many notes are listed when everything is asked for."""
ALIKE = 60
"""How many notes of the same subject are compared with a new one."""
SAID = 5
"""How many lines of the conversation are quoted."""
LONGEST_KEEP = 3650
_CODE = re.compile(r"(?=.*[0-9])[0-9A-HJKMNP-TV-Z]{4}", re.IGNORECASE)
"""What can only be a code: letters alone may be a word."""
_EVERYTHING = notes.words("everything all anything tout toute tous toutes")
"""What is no matter to be forgotten: it would look for the word itself."""
_ABOUT_MEMORY = frozenset(
    f"vigie.{name}" for name in ("remember", "recall", "history", "forget", "pin", "unpin", "briefing", "why")
)


def remember(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    tongue = context.tongue
    privacy.refuse(tx, context.place.key, tongue)
    note = _new(tx, arguments, context)
    replaces = (arguments.get("replaces") or "").strip()
    old = _meant(tx, note, replaces, context) if replaces else None
    if old is None and _CODE.fullmatch(replaces):
        raise BadInput(tongue("no note here has the code {code}", code=replaces.upper()), field="replaces")
    tx.notes.put(note)
    whose = tongue("for you") if context.place.private else tongue("for everyone here")
    text = tongue("Remembered {whose}: {text}", whose=whose, text=note.text)
    if note.expires is not None:
        until = on(note.expires - timedelta(seconds=1), tongue, context.zone)
        text += "\n" + tongue("Until {day}; after that it is history.", day=until)
    if old is not None:
        tx.notes.put(old.supersede(note))
        body: dict[str, Json] = {"note": old.id, "by": note.id, "person": somebody(context).id}
        tx.ledger.append("superseded", body, context.now)
        text += "\n" + tongue("It takes the place of: {text}", text=old.text)
    elif replaces:
        text += "\n" + tongue("I remembered nothing about {about} before.", about=replaces)
    others = _others(tx, note)
    for other in (each for each in others if each.current(context.now)):
        text += "\n" + tongue(
            "That is not what I knew: {text}. I keep both and say so. “correct {code} to …” settles it.",
            text=other.text,
            code=ids.short_code(other.id),
        )
    tainted = any(each.tainted for each in (*others, *([old] if old else [])))
    return Receipt(id=note.id, text=text, tainted=tainted)


def _others(tx: Tx, note: Note) -> list[Note]:
    """What is known of the same subject and says something else, oldest first. Looked for by its words: whoever has
    remembered much does not remember more slowly."""
    if not notes.subject(note.text):
        return []
    about = " ".join(sorted(notes.subject(note.text)))
    found = [each.note for each in tx.recall.find(about, (note.scope,), ALIKE, lines=False)]
    return sorted(
        (each for each in found if each is not None and notes.contradict(note, each)),
        key=lambda each: each.learned,
    )


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
        since=_since(arguments.get("since"), context),
        learned=context.now,
        expires=_until(arguments.get("until"), context),
    )


def _words_of_the_turn(tx: Tx, context: Context) -> str:
    """What the person said that this turn answers; nothing where it merely passed through."""
    event = tx.events.get(context.turn)
    body = event.body if event is not None else None
    return body.text if isinstance(body, Message) and body.trusted else ""


def _until(value: Json, context: Context) -> datetime | None:
    """The end of a day on the person's wall clock. Raises BadInput for one that is over."""
    end = _first_moment(value, context, days=1)
    if end is not None and end <= context.now:
        raise BadInput(context.tongue("{day} is over already", day=value), field="until")
    return end


def _since(value: Json, context: Context) -> datetime | None:
    """The beginning of a day. Raises BadInput for one to come: until then something else holds."""
    begin = _first_moment(value, context)
    if begin is not None and begin > context.now:
        raise BadInput(
            context.tongue("{day} is still to come: keep the day in the words of the note", day=value),
            field="since",
        )
    return begin


def _first_moment(value: Json, context: Context, *, days: int = 0) -> datetime | None:
    if not value:
        return None
    day = date.fromisoformat(value) + timedelta(days=days)
    return datetime.combine(day, time(), tzinfo=ZoneInfo(context.zone or "UTC"))


def _meant(tx: Tx, note: Note, replaces: str, context: Context) -> Note | None:
    """The one note in force in the new note's own scope that is meant."""
    return _one(
        tx,
        replaces,
        (note.scope,),
        context,
        leave=note.id,
        corrects=True,
        verb=context.tongue("correct CODE to …"),
    )


def _one(
    tx: Tx,
    about: str,
    readable: tuple[str, ...],
    context: Context,
    *,
    leave: str = "",
    corrects: bool = False,
    verb: str,
) -> Note | None:
    """The one current note that a code or words single out, None for none. Raises BadInput when several fit."""
    every = [each for scope in readable for each in tx.notes.all(scope)]
    kept = [each for each in every if each.id != leave and each.current(context.now)]
    by_code = [each for each in kept if about.upper() == ids.short_code(each.id)]
    if by_code:
        return by_code[0]
    sought = notes.meant(about) or notes.words(about)
    recalled = tx.recall.find(about, readable, len(kept) + 1, lines=False) if kept else ()
    # What was carried over from a conversation is quoted: it is not kept in words that anybody chose.
    ours = {each.id: each for each in kept if each.kind is not NoteKind.SUMMARY}
    found = [ours[each.note.id] for each in recalled if each.note is not None and each.note.id in ours]
    fit = [each for each in found if sought <= notes.words(each.text)]
    fit = fit or [each for each in found if notes.akin(sought, each.text)]
    if corrects:
        fit = notes.corrected(about, fit)
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
    said: tuple[Line, ...] = ()
    besides: tuple[str, ...] = ()
    if as_of:
        end = datetime.combine(date.fromisoformat(as_of), time.max, tzinfo=ZoneInfo(context.zone or "UTC"))
        then = {note.id for scope in readable for note in notes.held(tx.notes.history(scope), end)}
        found = tuple(note for note in _lines_of(tx, about, readable) if note.id in then)
    elif about.casefold() in {"", "me", "moi"}:
        # What was carried over from long conversations is told by “where were we”.
        every = [
            note
            for scope in readable
            for note in tx.notes.all(scope)
            if note.current(context.now) and note.kind is not NoteKind.SUMMARY
        ]
        pinned = [note for note in every if note.pinned]
        found = (*pinned, *[note for note in every if not note.pinned][-LISTED:])
        besides = tuple(_besides(tx, len(every) - len(found), readable, context))
    else:
        recalled = tx.recall.find(about, readable, 10, lines=False)
        found = tuple(
            each.note for each in recalled if each.note is not None and each.note.current(context.now)
        )
        said = _said(tx, about, found, context)
        found = tuple(note for note in found if not _carried_from(note, said))
    return recollections.listed(tx, notes.ranked(found), about, context, said=said, besides=besides)


def _said(tx: Tx, about: str, found: Sequence[Note], context: Context) -> tuple[Line, ...]:
    """What people said of it in this conversation, best first. Not what a note above came from, and not what they asked me
    about my memory: that says nothing of the matter."""
    if privacy.standing(tx, context.place.key):
        return ()
    known = {context.turn, *(note.turn for note in found)}
    recalled = tx.recall.find(about, (place_scope(context.place.key),), SAID * 6, notes=False)
    lines = [each.line for each in recalled if each.line is not None and not each.beside]
    told = (
        line
        for line in lines
        if line.who != OURSELVES and line.turn not in known and not _about_memory(tx, line.turn)
    )
    return tuple(islice(told, SAID))


def _carried_from(note: Note, said: Sequence[Line]) -> bool:
    """Whether it only carries over what is quoted anyway."""
    return note.kind is NoteKind.SUMMARY and any(line.text in note.text for line in said)


def _about_memory(tx: Tx, turn: str) -> bool:
    """Whether its words were about what is remembered, and not about a matter."""
    asks = (ask for row in tx.turns.rows(turn) if isinstance(row, Thought) for ask in row.asks)
    return any(ask.action in _ABOUT_MEMORY for ask in asks)


def _besides(tx: Tx, hidden: int, readable: Sequence[str], context: Context) -> Iterator[str]:
    """What else is known here, and where it is shown."""
    tongue = context.tongue
    if hidden:
        yield tongue.many(
            "{n} older note is not shown here: ask for it by a word, or see “dashboard”, Memory.",
            "{n} older notes are not shown here: ask for them by a word, or see “dashboard”, Memory.",
            hidden,
        )
    rules = sum(len(standing.kept(tx, scope)) for scope in readable)
    lists = len(tx.tallies.all(scope_of(somebody(context).id, context.place)))
    if rules:
        yield tongue.many("And {n} standing rule: “rules”.", "And {n} standing rules: “rules”.", rules)
    if lists:
        yield tongue.many(
            "And {n} list, counter or total: “lists”.", "And {n} lists, counters and totals: “lists”.", lists
        )


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
    if not notes.meant(about) - _EVERYTHING:
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
    return Receipt(
        text=forgetting.said(gone, place, tongue, wiped=means.house().store.wipes),
        data={"forgotten": len(gone.notes)},
    )


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
