"""What a mission does about itself: looking again later, its log, its parts, and saying that it is done."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from bot import ids, logbook, triggers
from bot.actions import Receipt
from bot.desk import missions
from bot.desk.means import Means
from bot.errors import BadInput, NotAllowed
from bot.missions import FollowUp, Logged, Mission, Phase, SubGoal, Wrote
from bot.store import Tx
from bot.values import Json
from bot.world import Context

MOST = 10
"""Looks later that one mission may have before it."""
SOONEST, LATEST = 60, 90 * 86_400
"""Seconds."""


def _own(tx: Tx, arguments: Mapping[str, Json], context: Context) -> Mission:
    """The mission that is awake, or the one a person names. A mission speaks for itself alone."""
    awake = tx.missions.get(context.mission) if context.mission else None
    if awake is None:
        if not arguments.get("number"):
            raise BadInput(context.tongue("say which mission, by its number"), field="number")
        return missions.theirs(tx, arguments, context)
    if arguments.get("number", awake.number) != awake.number:
        raise NotAllowed(context.tongue("a mission may do this only about itself"))
    return awake


def follow_up(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """The mission wakes once more, to look at what came of what it did."""
    mission = _own(tx, arguments, context)
    seconds: int = arguments["in_seconds"]
    if not SOONEST <= seconds <= LATEST:
        raise BadInput("in_seconds: a number from {least} to {most}", least=SOONEST, most=LATEST)
    look = ids.derived("look", context.key)
    at = context.now + timedelta(seconds=seconds)
    if mission.follow_up(look) is None:
        if len(mission.follow_ups) >= MOST:
            raise BadInput(
                context.tongue("mission {n} has {most} looks before it already", n=mission.number, most=MOST)
            )
        later = FollowUp(
            id=look,
            at=at,
            look=arguments.get("look", ""),
            step=arguments.get("step", 0),
            saved=arguments.get("saved") or {},
            tainted=context.tainted,
        )
        mission = replace(mission, follow_ups=(*mission.follow_ups, later))
        due = triggers.next_due(mission, mission.last_woke or mission.created, calendar=means.calendar)
        line = Logged(
            kind=Wrote.AWAITS,
            text="a look at {when}: {what}",
            values={"when": at.isoformat(), "what": later.look},
            at=context.now,
            turn=context.turn,
            tainted=context.tainted,
        )
        tx.missions.put(logbook.written(replace(mission, next_due=due), [line]))
        means.nudge(at)
    return Receipt(
        id=look,
        text=context.tongue("I look again at {when}.", when=context.tongue.moment(at, context.zone)),
        data={"at": at.isoformat()},
    )


def log(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """One line that the mission learned."""
    mission = _own(tx, arguments, context)
    line = Logged(
        kind=Wrote.LEARNED, text=arguments["text"], at=context.now, turn=context.turn, tainted=context.tainted
    )
    if not any((each.turn, each.text) == (line.turn, line.text) for each in mission.log):
        tx.missions.put(logbook.written(mission, [line]))
    return Receipt(text=context.tongue("Noted."))


def tick(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """One part of the goal is reached; with the last one, the mission is."""
    mission = _own(tx, arguments, context)
    part: int = arguments["part"]
    if not 1 <= part <= len(mission.goals):
        raise BadInput(
            context.tongue("mission {n} has {parts} parts", n=mission.number, parts=len(mission.goals))
        )
    goals = [*mission.goals]
    reached: SubGoal = goals[part - 1]
    goals[part - 1] = SubGoal(text=reached.text, done=reached.done or context.now)
    mission = replace(mission, goals=tuple(goals))
    tx.missions.put(mission)
    if all(each.done for each in goals):
        return _done(tx, mission, context, "every part is done", values={})
    left = sum(1 for each in goals if each.done is None)
    return Receipt(
        text=context.tongue.many("Ticked off; {n} part is left.", "Ticked off; {n} parts are left.", left)
    )


def finish(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """The mission reached its goal."""
    return _done(tx, _own(tx, arguments, context), context, arguments.get("why", ""), values=None)


def _done(
    tx: Tx, mission: Mission, context: Context, why: str, *, values: Mapping[str, Json] | None
) -> Receipt:
    if mission.phase is not Phase.DONE:
        line = Logged(
            kind=Wrote.DECIDED,
            text=why,
            values=values,
            at=context.now,
            turn=context.turn,
            tainted=context.tainted,
        )
        tx.missions.put(logbook.written(mission, [line]).moved(Phase.DONE))
        body = {"mission": mission.id, "turn": context.turn, "why": "reached"}
        tx.ledger.append("mission_done", body, context.now)
    return Receipt(
        id=str(mission.number), text=context.tongue("Mission {n} reached its goal.", n=mission.number)
    )
