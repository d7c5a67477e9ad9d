"""The room of what is remembered: by topic or by time, each note with where it comes from, what it replaced, and the
buttons that pin, correct and forget it. A person sees their own and nothing of anybody else's.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.guard import Problem
from adapters.chat.web.rooms.room import Asking, Room, View
from bot import ids, notes, recollections, standing
from bot.briefing import scopes
from bot.notes import Note, NoteKind, person_scope
from bot.standing import StandingRule
from bot.store import Tx

MOST = 300
"""Notes of one page: the search finds the others."""
LONGEST_TEXT = 2_000
_CODE = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteRow:
    """One note: its words, what stands beside them, the words it comes from, and what it took the place of."""

    code: str
    text: str
    facts: tuple[str, ...]
    quote: str
    before: tuple[str, ...]
    pinned: bool
    over: bool
    doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Notes of one topic, or of one month."""

    title: str
    rows: tuple[NoteRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory(View):
    """`by` is how they are grouped, `past` whether history is shown; `odd` are pairs of codes that do not agree."""

    groups: tuple[Group, ...] = ()
    rules: tuple[StandingRule, ...] = ()
    words: str = ""
    by: str = "topic"
    past: bool = False
    shown: int = 0
    every: int = 0
    odd: tuple[tuple[str, str], ...] = ()


def look(tx: Tx, asking: Asking) -> Memory:
    viewer = asking.viewer
    readable = scopes(viewer.person.id, viewer.place)
    words = asking.asked("words")
    by = "time" if asking.asked("by") == "time" else "topic"
    past = asking.asked("past") == "1"
    every = [note for scope in readable for note in tx.notes.history(scope)]
    held = [note for note in every if past or note.current(asking.house.clock.now())]
    found = _found(tx, held, words, readable) if words else list(notes.ranked(reversed(held)))
    return Memory(
        frame=drawn.frame(tx, viewer, house=asking.house),
        groups=_groups(tx, found[:MOST], every, by, asking),
        rules=standing.kept(tx, person_scope(viewer.person.id)),
        words=words,
        by=by,
        past=past,
        shown=min(len(found), MOST),
        every=len(held),
        odd=_odd(found[:MOST]),
    )


def _found(tx: Tx, held: Sequence[Note], words: str, readable: tuple[str, ...]) -> list[Note]:
    """As recall finds them, and whatever of history holds all the words."""
    ours = {note.id: note for note in held}
    recalled = [each.note.id for each in tx.recall.find(words, readable, MOST, lines=False) if each.note]
    sought = notes.words(words)
    literal = [note.id for note in held if sought and sought <= notes.words(note.text)]
    return list(notes.ranked(ours[each] for each in dict.fromkeys((*recalled, *literal)) if each in ours))


def _groups(
    tx: Tx, found: Sequence[Note], every: Sequence[Note], by: str, asking: Asking
) -> tuple[Group, ...]:
    groups: dict[str, list[Note]] = defaultdict(list)
    for note in found:
        groups[_month(note, asking) if by == "time" else _topic(note, asking)].append(note)
    return tuple(
        Group(title=title, rows=tuple(_row(tx, note, every, asking) for note in rows))
        for title, rows in groups.items()
    )


def _topic(note: Note, asking: Asking) -> str:
    """What a fact is about, in its own words; the kind of everything else."""
    tongue = asking.tongue
    if note.pinned:
        return tongue("Pinned")
    match note.kind:
        case NoteKind.DECISION:
            return tongue("Decisions")
        case NoteKind.EPISODE:
            return tongue("What happened")
        case NoteKind.SUMMARY:
            return tongue("Summaries")
        case NoteKind.FACT:
            about = notes.headed(note.text)
            return about[:1].upper() + about[1:] if about else tongue("Other")


def _month(note: Note, asking: Asking) -> str:
    return asking.tongue.day(note.learned, asking.zone)


def _row(tx: Tx, note: Note, every: Sequence[Note], asking: Asking) -> NoteRow:
    code, *facts = recollections.known(tx, note, asking.tongue, asking.zone)
    line = notes.ancestry(every, {note.id}) - {note.id}
    return NoteRow(
        code=code,
        text=note.text,
        facts=tuple(facts),
        quote="" if note.quote == note.text else note.quote,
        before=tuple(each.text for each in every if each.id in line and each.superseded_by),
        pinned=note.pinned,
        over=not note.current(asking.house.clock.now()),
        doubtful=note.tainted,
    )


def _odd(found: Sequence[Note]) -> tuple[tuple[str, str], ...]:
    live = [note for note in found if not note.over]
    return tuple(
        (ids.short_code(one.id), ids.short_code(other.id))
        for at, one in enumerate(live)
        for other in live[at + 1 :]
        if notes.contradict(one, other)
    )


def words(fields: Mapping[str, str]) -> str:
    """The words that correct a note. Raises Problem for a form that is none of ours."""
    code, text = fields.get("code", ""), fields.get("new", "").strip()
    if not _CODE.fullmatch(code) or not text or len(text) > LONGEST_TEXT:
        raise Problem("form", 400)
    return f"correct {code} to {text}"


MEMORY = Room(
    name="memory",
    title=lambda tongue: tongue("Memory"),
    lead=lambda tongue: tongue("What I remember for you, where it comes from, and how it goes."),
    look=look,
    group=1,
)
