"""Unlearning: procedures that hold what is to be forgotten. A version that nothing runs any more is emptied where it stands:
which actions it took, who put it in force and when stays, what it said does not. One in force stays as it is, because
half of what somebody pressed for is something else; it is named, and its words go with it when it ends.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import cast

from bot import notes
from bot.events import Wake
from bot.missions import Mission, OnDeed, Step
from bot.occurrences import Occurrence
from bot.people import Person, Role
from bot.procedures import Errand, Procedure, Recipe
from bot.store import Tx
from bot.values import Json, is_mapping, is_sequence

GONE = "…"
"""What stands where words were."""
MOST_RUNS = 1_000
"""Runs of one procedure that are looked through, newest first."""
_SHAPE = frozenset({"id", "kind", "action"})
"""What of a trigger is no word of anybody's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unlearnt:
    """What was emptied, as id and version; the names of those that stay, in force or being run; the turns of runs that hold
    the words; and those whose cards showed what was emptied."""

    versions: tuple[str, ...] = ()
    stays: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    cards: tuple[str, ...] = ()


def unlearn(tx: Tx, sought: Collection[str], person: Person) -> Unlearnt:
    """Everything that holds all these words in the procedures that this person answers for; an owner of the space, in all."""
    if not sought:
        return Unlearnt()
    gone: list[str] = []
    stays: list[str] = []
    runs: list[str] = []
    cards: list[str] = []
    thought = set(tx.traces.turns(sought))
    for mission in tx.missions.all(over=True):
        if not mission.procedure or not (mission.owner == person.id or person.role is Role.OWNER):
            continue
        emptied, name = _versions(tx, mission, sought)
        gone += [f"{each.id}:{each.version}" for each in emptied]
        stays += [name] if name else []
        cards += _shown(tx, emptied)
        runs += [
            each.id for each in _runs(tx, mission) if each.id in thought or _holds(_said(tx, each), sought)
        ]
    return Unlearnt(versions=tuple(gone), stays=tuple(stays), runs=tuple(runs), cards=tuple(cards))


def at_the_end(tx: Tx, mission: Mission) -> tuple[str, ...]:
    """A procedure ended: what was to be forgotten of it goes now. Returns the turns whose cards showed it."""
    sought: Json = tx.marks.get(_mark(mission.procedure))
    if not sought:
        return ()
    tx.marks.put(_mark(mission.procedure), None)
    emptied, _ = _versions(tx, mission, sought)
    return tuple(_shown(tx, emptied))


def _shown(tx: Tx, emptied: Collection[Procedure]) -> list[str]:
    """The turns that put these versions before a person: their own, and that of the next, which shows what was before."""
    found: list[str] = []
    for each in emptied:
        after = tx.procedures.get(each.id, each.version + 1)
        found += [turn for turn in (each.turn, after.turn if after is not None else "") if turn]
    return found


def _versions(tx: Tx, mission: Mission, sought: Collection[str]) -> tuple[list[Procedure], str]:
    """Empties those of its versions that hold the words. Returns them, and its name where one has to stay."""
    versions = tx.procedures.versions(mission.procedure)
    name = versions[-1].name if versions else ""
    living = tx.procedures.named(name)
    alive = living is not None and living.id == mission.procedure
    used = {living.version, *_under_way(tx, mission)} if living is not None and alive else set[int]()
    gone: list[Procedure] = []
    stays = False
    for each in versions:
        if not _holds(_words(each), sought):
            continue
        if each.version in used:
            stays = True
            continue
        tx.procedures.rewrite(_bare(each, name=each.name if alive else GONE))
        gone.append(each)
    if gone and not alive:
        tx.missions.put(replace(mission, goal=GONE, triggers=(), steps=_bare_steps(mission.steps)))
    if stays:
        tx.marks.put(_mark(mission.procedure), sorted(sought))
    return gone, name if stays else ""


def _mark(procedure: str) -> str:
    return f"unlearn:{procedure}"


def _under_way(tx: Tx, mission: Mission) -> set[int]:
    """The versions of runs that are not over."""
    return {
        errand.version
        for run in _runs(tx, mission)
        if not run.fate.over and (errand := _errand(tx, run)) is not None
    }


def _runs(tx: Tx, mission: Mission) -> tuple[Occurrence, ...]:
    return tx.occurrences.last(mission.id, MOST_RUNS)


def _errand(tx: Tx, run: Occurrence) -> Errand | None:
    origin = tx.events.get(run.id)
    return origin.body.errand if origin is not None and isinstance(origin.body, Wake) else None


def _said(tx: Tx, run: Occurrence) -> str:
    """What the row of a run says, and what it was begun with."""
    errand = _errand(tx, run)
    given = [*_texts(dict(errand.inputs)), errand.state] if errand is not None else []
    return " ".join((run.why, run.rest, *given))


def _words(procedure: Procedure) -> str:
    """What somebody wrote into it: its name, what begins it, values and words."""
    recipe = procedure.recipe
    trigger = recipe.trigger
    cue = [] if trigger is None or isinstance(trigger, OnDeed) else [*_texts(_of(asdict(trigger)))]
    steps = [text for step in recipe.steps for text in (step.text, *_texts(dict(step.arguments)))]
    return " ".join((procedure.name, *cue, *steps))


def _of(trigger: Mapping[str, Json]) -> dict[str, Json]:
    return {name: value for name, value in trigger.items() if name not in _SHAPE}


def _texts(value: Json) -> Iterator[str]:
    """Every text in a JSON value, keys too: people write names there."""
    if isinstance(value, str):
        yield value
    elif is_mapping(value):
        for name, each in value.items():
            yield str(name)
            yield from _texts(each)
    elif is_sequence(value):
        for each in cast("Collection[Json]", value):
            yield from _texts(each)


def _holds(text: str, sought: Collection[str]) -> bool:
    return notes.words(text).issuperset(sought)


def _bare(procedure: Procedure, *, name: str) -> Procedure:
    """The version without its words. It has its steps still: runs and what came of them are counted by them."""
    return replace(procedure, name=name, recipe=Recipe(steps=_bare_steps(procedure.recipe.steps)))


def _bare_steps(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(
        replace(step, arguments=dict.fromkeys(step.arguments, GONE), text=GONE if step.text else "")
        for step in steps
    )
