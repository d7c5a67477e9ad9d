"""Errands: which version of a procedure a run has, and which procedures somebody may run. Reads the record; a run keeps
the version it began with, whatever becomes of the procedure meanwhile."""

from collections.abc import Iterable
from dataclasses import replace

from bot.events import Wake
from bot.missions import Mission, Phase
from bot.people import Person
from bot.procedures import Procedure
from bot.store import Tx


def procedure_of(tx: Tx, mission: Mission | None, wake: Wake) -> Procedure | None:
    """The version that this wake runs; None where it runs none."""
    if mission is None or not mission.procedure or wake.errand is None:
        return None
    return tx.procedures.get(mission.procedure, wake.errand.version)


def as_run(tx: Tx, mission: Mission | None, wake: Wake) -> Mission | None:
    """The mission as it is in this run: with the steps and the allow-list of the version that runs."""
    found = procedure_of(tx, mission, wake)
    if mission is None or found is None:
        return mission
    return replace(mission, steps=found.recipe.steps, may=found.recipe.may, version=found.version)


def mission_of(tx: Tx, mission: str, turn: str) -> Mission | None:
    """The mission of a deed, as it is in the run of its turn."""
    found, origin = tx.missions.get(mission) if mission else None, tx.events.get(turn)
    wake = origin.body if origin is not None and isinstance(origin.body, Wake) else None
    return as_run(tx, found, wake) if wake is not None else found


def from_outside(wake: Wake) -> bool:
    """Whether what began the run, or its inputs, may hold a stranger's words."""
    return wake.errand is not None and wake.errand.tainted


def runnable(tx: Tx, procedures: Iterable[Procedure], person: Person | None) -> tuple[Procedure, ...]:
    """Those of them that are switched on and that this person may run: their own, and to an approver all."""
    if person is None:
        return ()
    return tuple(each for each in procedures if _on(tx.missions.get(each.mission), person))


def _on(mission: Mission | None, person: Person) -> bool:
    if mission is None or mission.phase is not Phase.ACTIVE:
        return False
    return person.may_approve or person.id == mission.owner
