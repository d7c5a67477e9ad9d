"""The night's tidying of what is remembered, without a model: what is over becomes history, deeds become episodes, episodes
become facts, duplicates become one, what nobody came back to fades.

Nothing is lost by it. Whatever takes the place of something names it as its source, every step is in the ledger by ids, and
the whole night can be taken back. What was pinned or decided is never changed.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from bot import ids, notes
from bot.effects import EffectState, Run
from bot.house import House
from bot.ledger import Entry
from bot.notes import Note, NoteKind, person_scope, place_scope
from bot.people import HOME
from bot.places import Place
from bot.rules import OWN
from bot.store import Tx
from bot.values import Json

HOUR = 2
"""From this hour of the day (UTC) on, the night before is tidied."""
TIMES = 3
"""So many episodes alike are a fact."""
STALE = timedelta(days=90)
AGAIN = timedelta(days=30)
FADES_BY = 20
ENTRIES = 5_000
"""Rows of the ledger looked at in one night."""
_LAST = "night"


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a night came to: notes as they are from now on, notes that are new, and the steps by name, each with ids."""

    changed: tuple[Note, ...] = ()
    made: tuple[Note, ...] = ()
    steps: dict[str, list[str]] = field(default_factory=dict[str, list[str]])


def tidied(every: Sequence[Note], *, now: datetime) -> Night:
    """What tidying one scope comes to. Pure; the same notes give the same night."""
    after = {note.id: note for note in every}
    steps: dict[str, list[str]] = defaultdict(list)
    for note in every:
        if not note.over and note.expires is not None and note.expires <= now:
            after[note.id] = note.expired()
            steps["expired"].append(note.id)
    for group in _alike(_free(after.values()), notes.plain):
        kept, rest = _best(group)
        after[kept.id] = replace(kept, sources=(*kept.sources, *(each.id for each in rest)))
        for each in rest:
            after[each.id] = replace(each, superseded_by=kept.id, closed=now)
            steps["merged"].append(each.id)
    made: list[Note] = []
    episodes = [note for note in _free(after.values()) if note.kind is NoteKind.EPISODE]
    for group in _alike(episodes, _without_numbers):
        if len(group) < TIMES:
            continue
        fact = _fact(group, now)
        made.append(fact)
        for each in group:
            after[each.id] = replace(after[each.id], superseded_by=fact.id, closed=now)
            steps["gathered"].append(each.id)
    for note in _free(after.values()):
        last = note.faded + AGAIN if note.faded else note.learned + STALE
        if last <= now and note.confidence > 0:
            after[note.id] = replace(note, confidence=max(note.confidence - FADES_BY, 0), faded=now)
            steps["faded"].append(note.id)
    before = {note.id: note for note in every}
    changed = tuple(note for note in after.values() if note != before[note.id])
    return Night(changed=changed, made=tuple(made), steps=dict(steps))


def _free(every: Iterable[Note]) -> list[Note]:
    """What may be changed."""
    return [note for note in every if not note.over and not note.lasting]


def _alike(every: Sequence[Note], how: Callable[[str], str]) -> list[list[Note]]:
    """Groups of at least two that say the same, in the order they were learned. A stranger's words are never of one
    group with a person's."""
    groups: dict[tuple[object, ...], list[Note]] = defaultdict(list)
    for note in sorted(every, key=lambda note: (note.learned, note.id)):
        said = " ".join(re.findall(r"\w+", how(note.text)))
        groups[(said, note.kind, note.tainted, note.expires)].append(note)
    return [group for group in groups.values() if len(group) > 1]


def _without_numbers(text: str) -> str:
    return re.sub(r"\d+", " ", notes.plain(text))


def _best(group: Sequence[Note]) -> tuple[Note, list[Note]]:
    """The one that stays (the surest, then the newest), and the others."""
    kept = max(group, key=lambda note: (note.confidence, note.learned, note.id))
    return kept, [note for note in group if note.id != kept.id]


def _fact(group: Sequence[Note], now: datetime) -> Note:
    first, last = group[0], group[-1]
    text = f"{last.text} ({len(group)} ×, {first.learned.date()} – {last.learned.date()})"
    return Note(
        id=ids.derived("not", "night", *(note.id for note in group)),
        space=last.space,
        scope=last.scope,
        text=text,
        kind=NoteKind.FACT,
        sources=tuple(note.id for note in group),
        tainted=any(note.tainted for note in group),
        confidence=min(notes.INFERRED, *(note.confidence for note in group)),
        learned=now,
    )


# From the ledger ------------------------------------------------------------------------------------------------


def deeds(tx: Tx, entries: Sequence[Entry]) -> tuple[Note, ...]:
    """One episode for each day, place and action of what was done on other systems. Drawn from the record alone: by the
    name of the action and how often, and no word that a system or a person wrote."""
    groups: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        action = str(entry.body.get("action", ""))
        if entry.kind != EffectState.CONFIRMED or not action or action.partition(".")[0] == OWN:
            continue
        effect = tx.effects.get(str(entry.body.get("effect", "")))
        if effect is None or not isinstance(effect.deed, Run):
            continue
        private = Place.parse(effect.place).private and effect.person
        scope = person_scope(effect.person) if private else place_scope(effect.place)
        groups[(scope, action, entry.at.astimezone(UTC).date().isoformat())].append(entry)
    return tuple(_episode(tx, scope, action, day, rows) for (scope, action, day), rows in groups.items())


def _episode(tx: Tx, scope: str, action: str, day: str, rows: Sequence[Entry]) -> Note:
    return Note(
        id=ids.derived("not", "deeds", scope, action, day, str(rows[0].seq)),
        space=tx.space,
        scope=scope,
        text=f"{day}: {action} × {len(rows)}",
        kind=NoteKind.EPISODE,
        turn=f"ledger:{rows[0].seq}-{rows[-1].seq}",
        learned=rows[-1].at,
    )


# By the clock -----------------------------------------------------------------------------------------------------


async def sweep(*, house: House, space: str = HOME) -> int:
    """Once a night. Returns how many notes were changed or made."""
    now = house.clock.now().astimezone(UTC)
    night = (now - timedelta(hours=HOUR)).date().isoformat()
    kept: Json = await house.store.read(lambda tx: tx.marks.get(_LAST), space=space)
    if kept is not None and kept["night"] >= night:
        return 0
    return await house.store.write(lambda tx: _tidy(tx, night, now), space=space)


def _tidy(tx: Tx, night: str, now: datetime) -> int:
    kept: Json = tx.marks.get(_LAST)
    if kept is not None and kept["night"] >= night:
        return 0
    after = int(kept["entry"]) if kept else 0
    rows = tx.ledger.read(after=after, limit=ENTRIES)
    made = [note for note in deeds(tx, rows) if tx.notes.get(note.id) is None]
    for note in made:
        tx.notes.put(note)
    undo: list[Json] = []
    changes = 0
    for scope in tx.notes.scopes():
        every = tx.notes.history(scope)
        came = tidied(every, now=now)
        before = {note.id: note for note in every}
        for note in (*came.changed, *came.made):
            tx.notes.put(note)
        undo += [_as_it_was(before[note.id]) for note in came.changed]
        fresh = [note.id for note in (*came.made, *(each for each in made if each.scope == scope))]
        if came.steps or fresh:
            steps: dict[str, Json] = {name: list(those) for name, those in came.steps.items()}
            tx.ledger.append("consolidated", {"scope": scope, "made": [*fresh], **steps}, now)
        made += came.made
        changes += len(came.changed)
    entry = rows[-1].seq if rows else after
    tx.marks.put(_LAST, {"night": night, "entry": entry, "undo": undo, "made": [note.id for note in made]})
    return changes + len(made)


def _as_it_was(note: Note) -> Json:
    """What a night may change of a note, and none of its words."""
    return {
        "id": note.id,
        "confidence": note.confidence,
        "sources": list(note.sources),
        "superseded_by": note.superseded_by,
        "closed": note.closed.isoformat() if note.closed else None,
        "faded": note.faded.isoformat() if note.faded else None,
    }


def take_back(tx: Tx, person: str, now: datetime) -> int:
    """The last night as if it had not been: what it changed is as it was, what it made is gone. Returns how many
    notes that were; what was forgotten since stays forgotten."""
    kept: Json = tx.marks.get(_LAST)
    if kept is None:
        return 0
    back: list[str] = []
    for each in kept["undo"]:
        note = tx.notes.get(each["id"])
        if note is not None:
            tx.notes.put(
                replace(
                    note,
                    confidence=each["confidence"],
                    sources=tuple(each["sources"]),
                    superseded_by=each["superseded_by"],
                    closed=_moment(each["closed"]),
                    faded=_moment(each["faded"]),
                )
            )
            back.append(note.id)
    gone = [each for each in kept["made"] if tx.notes.forget(each)]
    tx.marks.put(_LAST, {**kept, "undo": [], "made": []})
    if back or gone:
        tx.ledger.append("night_undone", {"notes": [*back], "gone": [*gone], "person": person}, now)
    return len(back) + len(gone)


def _moment(text: Json) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
