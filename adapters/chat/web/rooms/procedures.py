"""The room of the procedures: what is done the same way each time, step by step, who put it in force, and its last run.
Theirs; for who approves, everybody's.
"""

from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.rooms.room import MEMBERS, Asking, Room, View
from bot import agendas, blanks, recipes
from bot.missions import Mission, Phase
from bot.procedures import Procedure
from bot.reports import phase_words
from bot.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcedureRow:
    """One procedure. `steps` is its recipe as people write it, `open` what is filled in when it runs and what waits for that
    now."""

    name: str
    number: int
    version: int
    steps: tuple[str, ...]
    open: tuple[str, ...]
    state: str
    by: str
    last: str
    off: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Procedures(View):
    rows: tuple[ProcedureRow, ...] = ()


def look(tx: Tx, asking: Asking) -> Procedures:
    rows = [row for each in tx.procedures.all() if (row := _row(tx, each, asking))]
    return Procedures(frame=drawn.frame(tx, asking.viewer, house=asking.house), rows=tuple(rows))


def _row(tx: Tx, procedure: Procedure, asking: Asking) -> ProcedureRow | None:
    tongue, mission = asking.tongue, tx.missions.get(procedure.mission)
    if mission is None or not (asking.person.may_approve or mission.owner == asking.person.id):
        return None
    person = tx.people.get(procedure.person)
    run = next(iter(tx.occurrences.last(mission.id, 1)), None)
    off = mission.phase is Phase.PAUSED
    return ProcedureRow(
        name=procedure.name,
        number=mission.number,
        version=procedure.version,
        steps=recipes.parts(procedure.recipe, tongue.lang),
        open=_open(tx, procedure, mission, asking),
        state=tongue("in force")
        if mission.phase is Phase.ACTIVE
        else tongue("off")
        if off
        else phase_words(mission.phase, tongue),
        by=f"{person.name if person else '—'}, {tongue.day(procedure.at, asking.zone)}",
        last=f"{tongue.day(run.due, asking.zone)} · {agendas.fate_words(run.fate, tongue)}" if run else "",
        off=off,
    )


def _open(tx: Tx, procedure: Procedure, mission: Mission, asking: Asking) -> tuple[str, ...]:
    tongue, actions, owner = asking.tongue, asking.house.actions(), tx.people.get(mission.owner)
    who = owner.name if owner else "—"
    return (
        *blanks.told(procedure.recipe, who, actions, tongue),
        *agendas.waits(tx, mission, actions, tongue),
    )


PROCEDURES = Room(
    name="procedures",
    title=lambda tongue: tongue("Procedures"),
    lead=lambda tongue: tongue("What is done the same way each time, as a person put it in force."),
    look=look,
    roles=MEMBERS,
    group=1,
)
