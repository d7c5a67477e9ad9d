"""What becomes of a due time while its turn is taken: each step written in the turn's own transaction.

A mission that fails again and again is paused with one notice: it would go on failing with nobody looking.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from bot import logbook, resting
from bot.effects import EffectState, Text
from bot.journal import Answer, Outcome
from bot.missions import Logged, Mission, Phase
from bot.occurrences import Fate, Occurrence
from bot.speech import Tongue
from bot.store import Tx

MOST_FAILURES = 3
"""So many runs that failed, one after the other, pause their mission."""


def follow(
    tx: Tx,
    turn: str,
    fate: Fate,
    at: datetime,
    *,
    why: str = "",
    report: str = "",
    held: bool = False,
    rest: str = "",
) -> None:
    """The due time whose turn this is has come so far. Nothing for turns that no wake began."""
    found = tx.occurrences.get(turn)
    if found is not None and not found.fate.over:
        tx.occurrences.put(replace(found.now(fate, at, why=why, report=report, held=held), rest=rest))


def of_answers(answers: Iterable[Answer]) -> tuple[Fate, str]:
    """How a run ended, and why, from what its asks came to. A no is an outcome like any other."""
    found = sorted(answers, key=lambda answer: answer.outcome is not Outcome.UNKNOWN)
    for answer in found:
        if answer.outcome is Outcome.UNKNOWN:
            return Fate.UNKNOWN, answer.text
        if answer.outcome is Outcome.FAILED or (answer.outcome is Outcome.REFUSED and not answer.shown):
            return Fate.FAILED, answer.text
    return Fate.DONE, ""


def rest(tx: Tx, mission: Mission, at: datetime, tongue: Tongue) -> bool:
    """Pauses a mission whose last runs all failed, and says so once. False when it may go on."""
    ran = [each for each in tx.occurrences.last(mission.id, 4 * MOST_FAILURES) if each.fate.over]
    newest = [each for each in ran if each.fate is not Fate.SKIPPED][:MOST_FAILURES]
    if len(newest) < MOST_FAILURES or any(each.fate is not Fate.FAILED for each in newest):
        return False
    tx.missions.put(mission.moved(Phase.PAUSED))
    tx.ledger.append(
        "mission_paused", {"mission": mission.id, "why": "failures", "result": newest[0].why}, at
    )
    words = tongue(
        "Mission {n} failed {times} times in a row, so I paused it: {why} “resume {n}” wakes it again.",
        n=mission.number,
        times=MOST_FAILURES,
        why=newest[0].why,
    )
    slot = f"failures:{newest[0].id}"
    resting.tell(
        tx,
        place=mission.place,
        slot=slot,
        content=Text(text=words),
        now=at,
        lang=mission.lang,
        mission=mission.id,
        number=mission.number,
        tainted=True,
    )
    return True


def close(
    tx: Tx,
    mission: Mission,
    *,
    trigger: str,
    lines: Iterable[Logged],
    fate: Fate,
    at: datetime,
    tongue: Tongue,
) -> None:
    """After a run: what goes into its log, and whether this was its last."""
    mission = logbook.written(mission, lines)
    looks = tuple(each for each in mission.follow_ups if each.id != trigger)
    mission = replace(mission, follow_ups=looks, ran=mission.ran + 1)
    tx.missions.put(mission)
    if mission.phase is not Phase.ACTIVE or (fate is Fate.FAILED and rest(tx, mission, at, tongue)):
        return
    if _over(mission):
        tx.missions.put(mission.moved(Phase.DONE))
        tx.ledger.append("mission_done", {"mission": mission.id}, at)


def _over(mission: Mission) -> bool:
    """Nothing will wake it any more, or it ran as often and as long as it was to. A look later comes first, and a procedure is there until somebody
    deletes it."""
    if mission.follow_ups or mission.procedure:
        return False
    if mission.most_runs and mission.ran >= mission.most_runs:
        return True
    if mission.ends is not None and not mission.hears:
        return mission.next_due is None or mission.next_due >= mission.ends
    return mission.next_due is None and not mission.hears


def disowned(tx: Tx, mission: Mission, at: datetime, tongue: Tongue) -> bool:
    """Whether nobody answers for it any more: its owner is gone, or a guest now. Then it is paused, with one notice."""
    owner = tx.people.get(mission.owner)
    if owner is not None and owner.may_act:
        return False
    tx.missions.put(mission.moved(Phase.PAUSED))
    tx.ledger.append("mission_paused", {"mission": mission.id, "why": "nobody answers for it"}, at)
    words = tongue(
        "Mission {n} is paused: nobody who may act answers for it. Hand it over, or cancel it.",
        n=mission.number,
    )
    resting.tell(
        tx,
        place=mission.place,
        slot=f"disowned:{mission.id}:{at.isoformat()}",
        content=Text(text=words),
        now=at,
        lang=mission.lang,
        mission=mission.id,
        number=mission.number,
    )
    return True


def delivery(tx: Tx, occurrence: Occurrence) -> EffectState | None:
    """How the delivery of its report stands, by the outbox; None when it said nothing."""
    if not occurrence.report:
        return None
    effect = tx.effects.get(occurrence.report)
    return effect.state if effect is not None else EffectState.UNKNOWN
