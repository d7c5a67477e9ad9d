"""Carries decisions, open questions and numbers over as Notes before their lines leave the window, and says where a
conversation stood. Works without a model; one transaction, that of the turn's end.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot import ids
from bot.gists import NEAR, Gist, Why, gists
from bot.journal import OURSELVES, Answer, Ask, Line, Outcome, Thought
from bot.notes import Note, NoteKind, place_scope, words
from bot.store import Tx
from bot.values import Json, is_mapping

LINES = 30
"""How many of the newest lines nothing is carried from yet: fewer than a mind is shown."""
CHARACTERS = 4_000
"""And how many characters of them, with what stands around each line: fewer than a mind is shown."""
LONGEST_LINE = 1_200
"""A line past this is shown cut, so that it is carried at once."""
AROUND = 80
CHUNK = 10
"""How many lines are carried together."""
WINDOW = LINES + 2 * CHUNK
"""How many lines are read to see which leave: those that left since the last look are among them."""
BEHIND = 400
"""How many lines are looked at together, of a conversation that nothing was carried from before."""
TOGETHER = 560
"""Characters of one note of numbers."""
KEPT = 60
"""How many carried notes of a place are told again; older ones are found by recall."""
PAUSE = timedelta(days=14)
"""After so long a silence a conversation is resumed, and says where it stood."""
TOLD = 3
"""How many decisions, questions and numbers each are said when it is resumed."""
_KEEPS = frozenset(
    f"vigie.{name}"
    for name in (
        *("remember", "recall", "history", "forget", "pin", "unpin", "briefing", "rule"),
        *(
            "show_list",
            "list_history",
            "add_to_list",
            "add_to_total",
            "count",
            "edit_item",
            "remove_item",
            "undo_list",
        ),
    )
)
"""Actions that keep what they are given where it can be corrected and taken back, and those that ask for it."""
_OF_ITSELF = frozenset(
    f"vigie.{name}"
    for name in (
        "recap",
        "recall",
        "history",
        "briefing",
        "rules",
        "lists",
        "show_list",
        "status",
        "missions",
        "pending",
    )
)
"""Actions that answer a question of which nothing stays open."""
FRAMING = 3
"""Words that only say what to do with a decision: “remember that …”, “souviens-toi que …”."""
_DIGIT = re.compile(r"\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a conversation stood, newest last."""

    since: datetime | None = None
    decisions: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    tainted: bool = False

    @property
    def nothing(self) -> bool:
        return not (self.decisions or self.questions or self.numbers)

    def told(self) -> dict[str, Json]:
        """The same for a mind."""
        return {
            "decisions": list(self.decisions),
            "questions": list(self.questions),
            "numbers": list(self.numbers),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class _Cursor:
    """Up to which line of a place was carried, which was its newest when that was looked at, and the newest notes of
    it."""

    seq: int = 0
    looked: int = 0
    notes: tuple[str, ...] = ()


def carry(tx: Tx, place: str) -> None:
    """Writes the notes of the lines that are about to leave the window. Doing it again changes nothing."""
    cursor, newest = _cursor(tx, place), tx.lines.last(place, 1)
    if not newest or newest[0].seq - cursor.looked < CHUNK:
        # To read the window costs more than all else of a turn's end; what leaves meanwhile is told by `carried`.
        return
    recent = tx.lines.last(place, WINDOW)
    leaving = _leaving(tx, place, cursor, recent)
    if not leaving or (len(leaving) < CHUNK and not _pressing(leaving)):
        _keep(tx, place, replace(cursor, looked=newest[0].seq))
        return
    notes = _notes(tx, place, leaving, [line for line in recent if line.seq > leaving[-1].seq])
    for note in notes:
        tx.notes.put(note)
    kept = (*cursor.notes, *(note.id for note in notes))[-KEPT:]
    _keep(tx, place, _Cursor(seq=leaving[-1].seq, looked=newest[0].seq, notes=kept))


def carried(tx: Tx, place: str) -> tuple[Note, ...]:
    """What was carried from this place and still holds, oldest first, and what would be carried now: nothing that is
    cut from the window is missing in both."""
    cursor = _cursor(tx, place)
    kept = [note for each in cursor.notes if (note := tx.notes.get(each)) is not None]
    recent = tx.lines.last(place, WINDOW)
    leaving = _leaving(tx, place, cursor, recent)
    following = [line for line in recent if leaving and line.seq > leaving[-1].seq]
    return (
        *(note for note in kept if not note.superseded_by),
        *_notes(tx, place, leaving, following),
    )


def stood(tx: Tx, place: str, *, leave: str = "") -> Standing:
    """What was decided, is open and was counted here last: of what was carried, and of the newest lines. Those of
    the turn `leave` are left out: who asks where it stood does not hear their own question."""
    lines = [line for line in tx.lines.last(place, LINES) if not leave or line.turn != leave]
    found = [told for each in carried(tx, place) for told in _told(each)]
    found += [
        (each.why, f"{_name(tx, each.who)}: {each.text}", each.tainted) for _, each, _ in _each(tx, lines, ())
    ]
    unique = {text: (why, tainted) for why, text, tainted in found}

    def newest(why: Why) -> tuple[str, ...]:
        return tuple(text for text, (each, _) in unique.items() if each is why)[-TOLD:]

    decisions, questions, numbers = newest(Why.DECISION), newest(Why.QUESTION), newest(Why.NUMBER)
    return Standing(
        since=lines[-1].at if lines else None,
        decisions=decisions,
        questions=questions,
        numbers=numbers,
        tainted=any(unique[text][1] for text in (*decisions, *questions, *numbers)),
    )


def _leaving(tx: Tx, place: str, cursor: _Cursor, recent: Sequence[Line]) -> list[Line]:
    """The lines before the window that were not carried yet."""
    room, first = CHARACTERS, 0
    for index in range(len(recent) - 1, -1, -1):
        length = len(recent[index].text)
        room -= min(length, LONGEST_LINE) + AROUND
        if len(recent) - index > LINES or room < 0 or length > LONGEST_LINE:
            first = index + 1
            break
    if first == 0:
        return []
    border = recent[first - 1].seq
    if border <= cursor.seq:
        return []
    if recent[0].seq <= cursor.seq + 1:
        return [line for line in recent[:first] if line.seq > cursor.seq]
    return [line for line in tx.lines.last(place, BEHIND, before=border + 1) if line.seq > cursor.seq]


def _pressing(leaving: Sequence[Line]) -> bool:
    """They would be cut before there are enough of them."""
    return sum(min(len(line.text), LONGEST_LINE) + AROUND for line in leaving) > CHARACTERS // 4 or any(
        len(line.text) > LONGEST_LINE for line in leaving
    )


def _notes(tx: Tx, place: str, lines: Sequence[Line], after: Sequence[Line]) -> list[Note]:
    """One note per decision and per open question; numbers that one person said stand together, as many as a mind is shown
    of one note."""
    found: list[Note] = []
    numbers: list[tuple[Gist, str]] = []
    for line, gist, nth in _each(tx, lines, after):
        said = f"{_name(tx, gist.who)}: {gist.text}"
        if gist.why is Why.NUMBER:
            numbers.append((gist, said))
        else:
            kind = NoteKind.DECISION if gist.why is Why.DECISION else NoteKind.SUMMARY
            found.append(_note(tx, place, kind, gist, said, f"{line.seq}:{nth}"))
    return found + _together(tx, place, numbers, lines)


def _together(tx: Tx, place: str, numbers: Sequence[tuple[Gist, str]], lines: Sequence[Line]) -> list[Note]:
    groups: list[list[tuple[Gist, str]]] = []
    for gist, said in numbers:
        last = groups[-1] if groups else []
        if (
            not last
            or (last[0][0].tainted, last[0][0].who) != (gist.tainted, gist.who)
            or sum(len(s) + 1 for _, s in last) + len(said) > TOGETHER
        ):
            groups.append([])
        groups[-1].append((gist, said))
    return [
        _note(
            tx,
            place,
            NoteKind.SUMMARY,
            each[-1][0],
            "\n".join(said for _, said in each),
            f"{lines[0].seq}n{n}",
        )
        for n, each in enumerate(groups)
    ]


def _note(tx: Tx, place: str, kind: NoteKind, gist: Gist, text: str, part: str) -> Note:
    return Note(
        id=ids.derived("not", "carried", tx.space, place, part),
        space=tx.space,
        scope=place_scope(place),
        text=text,
        kind=kind,
        turn=gist.turn,
        tainted=gist.tainted,
        learned=gist.at,
    )


def _each(tx: Tx, lines: Sequence[Line], after: Sequence[Line]) -> Iterator[tuple[Line, Gist, int]]:
    """Every gist with the line it is of, numbered within it."""
    for index, line in enumerate(lines):
        rest = (*lines[index + 1 :], *after)[:NEAR]
        found = gists((line,), after=rest)
        done = _done(tx, line.turn) if found and line.who != OURSELVES else []
        yield from ((line, gist, nth) for nth, gist in enumerate(found) if not _settled(gist, line, done))


def _done(tx: Tx, turn: str) -> list[Ask]:
    """What was asked for in this turn, and done."""
    rows = tx.turns.rows(turn)
    done = {row.ask for row in rows if isinstance(row, Answer) and row.outcome is Outcome.DONE}
    return [ask for row in rows if isinstance(row, Thought) for ask in row.asks if ask.id in done]


def _settled(gist: Gist, line: Line, done: Sequence[Ask]) -> bool:
    """Whether it was given to the memory itself, number for number: carried over as well it would be told for ever as it
    was said, whatever is corrected there. Or whether it asked what was told at once."""
    if gist.why is Why.QUESTION:
        return gist.text == line.text.strip() and any(ask.action in _OF_ITSELF for ask in done)
    kept = words(
        " ".join(str(each) for ask in done if ask.action in _KEEPS for each in ask.arguments.values())
    )
    said = words(gist.text)
    rest = said - kept
    if 2 * len(rest) > len(said) or any(map(_DIGIT.search, rest)):
        return False
    return gist.why is Why.NUMBER or len(rest) <= FRAMING


def _name(tx: Tx, who: str) -> str:
    if who == OURSELVES:
        return "Vigie"
    person = tx.people.get(who)
    return person.name if person is not None else "?"


def _told(note: Note) -> list[tuple[Why, str, bool]]:
    if note.kind is NoteKind.DECISION:
        return [(Why.DECISION, note.text, note.tainted)]
    if note.text.rstrip().endswith("?"):
        return [(Why.QUESTION, note.text, note.tainted)]
    return [(Why.NUMBER, each, note.tainted) for each in note.text.splitlines()]


def mark_of(place: str) -> str:
    """Under which name it is kept how far was carried."""
    return f"carried:{place}"


def _cursor(tx: Tx, place: str) -> _Cursor:
    kept: Json = tx.marks.get(mark_of(place))
    if not is_mapping(kept):
        return _Cursor()
    return _Cursor(
        seq=int(kept["seq"]),
        looked=int(kept.get("looked", 0)),
        notes=tuple(str(each) for each in kept["notes"]),
    )


def _keep(tx: Tx, place: str, cursor: _Cursor) -> None:
    tx.marks.put(mark_of(place), {"seq": cursor.seq, "looked": cursor.looked, "notes": list(cursor.notes)})
