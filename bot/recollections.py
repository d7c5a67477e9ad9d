"""What is remembered, as people read it: each thing with its code, where it comes from and what speaks against it; and
what an answer was made from. Reads the record, writes nothing but the row that says what a mind was told.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from bot import ids, notes, standing
from bot.actions import Receipt
from bot.briefing import Recollection, scopes
from bot.journal import OURSELVES, Line, Turn
from bot.ledger import Entry
from bot.listings import sort
from bot.notes import Note, NoteKind
from bot.places import Place, called
from bot.procedures import Procedure
from bot.speech import Tongue, on
from bot.store import Tx
from bot.values import Json, is_sequence
from bot.world import Context

LONGEST_SAID = 300
"""Characters of a line that is quoted."""


def listed(
    tx: Tx,
    found: Sequence[Note],
    about: str,
    context: Context,
    *,
    said: Sequence[Line] = (),
    besides: Sequence[str] = (),
) -> Receipt:
    """What is remembered, each with its code, the day it was learned, and its source; then what was `said` of it here, and
    what else there is to know."""
    tongue = context.tongue
    if not (found or said):
        text = tongue("I remember nothing about {about}.", about=about or tongue("this"))
        return Receipt(text="\n".join((text, *besides)), data=[])
    lines = [f"• {note.text} ({', '.join(known(tx, note, context.tongue, context.zone))})" for note in found]
    lines += _contradictions(found, tongue)
    if said:
        lines.append(tongue("Said here:"))
        lines += [f"• {quoted(tx, line, tongue, context.zone)}" for line in said]
    data: list[Json] = [each.text for each in (*found, *said)]
    tainted = any(each.tainted for each in (*found, *said))
    return Receipt(text="\n".join((*lines, *besides)), data=data, tainted=tainted)


def quoted(tx: Tx, line: Line, tongue: Tongue, zone: str) -> str:
    """A line in its own words, with who said it and when."""
    person = tx.people.get(line.who)
    text = " ".join(line.text.split())
    return tongue(
        "“{words}” ({who}, {day})",
        words=text if len(text) <= LONGEST_SAID else f"{text[:LONGEST_SAID]}…",
        who=person.name if person is not None else "—",
        day=tongue.day(line.at, zone),
    )


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
        yield tongue("true since {day}", day=on(note.since, tongue, zone))
    if note.expires is not None and note.closed is None:
        yield tongue("until {day}", day=on(note.expires - timedelta(seconds=1), tongue, zone))
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
    where = called(Place.parse(turn.place).platform, tongue)
    if note.confidence >= notes.OWN_WORDS:
        return tongue("{who} said so, on {where}", who=person.name if person else "—", where=where)
    return tongue(
        "noted in a conversation with {who}, on {where}", who=person.name if person else "—", where=where
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


def write_down(
    tx: Tx, turn: Turn, found: Recollection, mind: str, *, procedures: Sequence[Procedure] = ()
) -> None:
    """A mind is about to be told this. By ids: what is forgotten later is not kept here. What is carried from lines that
    leave the window at this moment is in no note yet; its lines are among the last ones."""
    body: dict[str, Json] = {
        "turn": turn.id,
        "mind": mind,
        "rules": [rule.id for rule in found.rules],
        "notes": [note.id for note in found.notes],
        "lists": [each.tally.id for each in found.lists],
        "procedures": [f"{each.id}:{each.version}" for each in procedures],
        "earlier": [line.seq for line in found.earlier],
        "carried": [note.id for note in found.carried if tx.notes.get(note.id) is not None],
        "transcript": [line.seq for line in found.transcript],
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
    carried = body.get("carried", [])
    yield tongue("{mind} was told, in this order:", mind=str(body["mind"]))
    parts = [
        _rules_told(tx, body, turn, context),
        _notes_told(tx, tongue.many("{n} note:", "{n} notes:", len(body["notes"])), body["notes"], context),
        _lists_told(tx, body.get("lists", []), context),
        _procedures_told(tx, body.get("procedures", []), context),
        _earlier_told(tx, body["earlier"], context),
        _notes_told(
            tx,
            tongue.many(
                "{n} decision, open question or number from lines that are not shown any more:",
                "{n} decisions, open questions and numbers from lines that are not shown any more:",
                len(carried),
            ),
            carried,
            context,
        ),
        [_last_told(tx, body["transcript"], context)],
        [tongue("the message itself.")],
    ]
    for nth, (head, *lines) in enumerate((part for part in parts if part), start=1):
        yield f"{nth}. {head}"
        yield from (f"   • {line}" for line in lines if here)


def _rules_told(tx: Tx, body: Mapping[str, Json], turn: Turn | None, context: Context) -> list[str]:
    """In their words of today: a rule is never reworded, only dropped."""
    ids_, tongue = body["rules"], context.tongue
    if not is_sequence(ids_):  # before rules had ids, how many there were
        return [tongue.many("{n} standing rule.", "{n} standing rules.", int(ids_))]
    if not ids_:
        return [tongue.many("{n} standing rule.", "{n} standing rules.", 0)]
    readable = scopes(turn.person, context.place) if turn is not None else ()
    kept = {rule.id: rule.text for scope in readable for rule in standing.kept(tx, scope) if rule.id}
    return [
        tongue.many("{n} standing rule:", "{n} standing rules:", len(ids_)),
        *(kept.get(str(each), tongue("one that was dropped since")) for each in ids_),
    ]


def _notes_told(tx: Tx, head: str, told: Sequence[Json], context: Context) -> list[str]:
    if not told:
        return []
    tongue = context.tongue
    found = [tx.notes.get(str(each)) for each in told]
    return [
        head,
        *(
            tongue("one that was forgotten since")
            if note is None
            else f"{note.text} ({', '.join(known(tx, note, tongue, context.zone))})"
            for note in found
        ),
    ]


def _lists_told(tx: Tx, told: Sequence[Json], context: Context) -> list[str]:
    """With their figures of today: what they were then, their history says."""
    if not told:
        return []
    tongue = context.tongue
    found = [tx.tallies.get(str(each)) for each in told]
    return [
        tongue.many("{n} list:", "{n} lists:", len(told)),
        *(
            tongue("one that was forgotten since")
            if tally is None
            else f"{tally.name} ({sort(tally, tongue)})"
            for tally in found
        ),
    ]


def _procedures_told(tx: Tx, told: Sequence[Json], context: Context) -> list[str]:
    if not told:
        return []
    found = [
        tx.procedures.get(name, int(version)) for name, _, version in (str(e).rpartition(":") for e in told)
    ]
    return [
        context.tongue.many("{n} procedure in force:", "{n} procedures in force:", len(told)),
        *(each.name for each in found if each is not None),
    ]


def _earlier_told(tx: Tx, told: Sequence[Json], context: Context) -> list[str]:
    if not told:
        return []
    tongue = context.tongue
    return [
        tongue.many(
            "{n} older line of this conversation:", "{n} older lines of this conversation:", len(told)
        ),
        *(
            tongue("one that was forgotten since")
            if (line := _line(tx, int(seq), context)) is None
            else f"{tongue.day(line.at, context.zone)}: {line.text[:200]}"
            for seq in told
        ),
    ]


def _last_told(tx: Tx, told: Sequence[Json], context: Context) -> str:
    """How many, and since when: they stand in the chat."""
    tongue = context.tongue
    first = _line(tx, int(told[0]), context) if told else None
    if first is None:
        return tongue.many(
            "the last {n} line of the conversation.", "the last {n} lines of the conversation.", len(told)
        )
    return tongue.many(
        "the last {n} line of the conversation, since {when}.",
        "the last {n} lines of the conversation, since {when}.",
        len(told),
        when=tongue.moment(first.at, context.zone),
    )


def _line(tx: Tx, seq: int, context: Context) -> Line | None:
    lines = tx.lines.last(context.place.key, 1, before=seq + 1)
    return lines[0] if lines and lines[0].seq == seq else None
