"""The desk's missions as they are shown and changed: the card before they start, edits, and handing over."""

from collections.abc import Mapping
from dataclasses import replace

from bot import logbook, periods, schedules, spending, triggers, watching, whereabouts
from bot.actions import Change, Preview, Receipt
from bot.budgets import Holder
from bot.desk import missions
from bot.desk.means import Means, checked_zone, somebody
from bot.desk.roles import named
from bot.errors import BadInput, NotAllowed
from bot.missions import Cron, Mission, OnPhrase, Rule, Step
from bot.places import Place
from bot.reports import phase_words
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json, shown
from bot.world import Context

_WHEN = (
    *("cron", "every_seconds", "at", "rule", "signal"),
    *("mail_from", "mail_subject", "mailbox", "phrase", "watch"),
)
_ANSWERS = ("may", "steps")
"""What only the owner may change: it is the owner who answers for it."""


def facets(mission: Mission, tongue: Tongue, means: Means) -> dict[str, str]:
    """A mission in words, by what each line is called. Nothing in it depends on what time it is."""
    when = [schedules.in_words(trigger, tongue) for trigger in mission.triggers]
    found = {tongue("Goal"): mission.goal, tongue("Wakes"): "; ".join(when)}
    if mission.schedules:
        found[tongue("Missed times")] = schedules.policy(mission.timing, tongue)
    if any(isinstance(trigger, Cron | Rule) for trigger in mission.triggers):
        found[tongue("Clock changes")] = schedules.daylight(tongue)
    if any(isinstance(trigger, OnPhrase) for trigger in mission.triggers):
        alone = not Place.parse(mission.place).private
        found[tongue("Listens")] = (
            tongue("here alone") if alone else tongue("where its owner was seen in the last 30 days")
        )
    if mission.steps:
        found[tongue("Steps")] = "; ".join(step_words(step, tongue) for step in mission.steps)
    found[tongue("May do")] = ", ".join(mission.may) or tongue("reads only")
    found[tongue("Budget a day")] = budget(tongue, means)
    found[tongue("Reports to")] = place_words(mission, tongue)
    found[tongue("Stops")] = _stops(mission, tongue)
    if mission.goals:
        found[tongue("Parts")] = " ".join(
            f"{'☑' if each.done else '☐'} {each.text}" for each in mission.goals
        )
    return found


def step_words(step: Step, tongue: Tongue) -> str:
    """One declared step."""
    told = " ".join(f"{name}={shown(value)}" for name, value in step.arguments.items())
    words = f"{step.action} {told}".strip() if step.action else tongue("say “{text}”", text=step.text)
    if not step.action and not step.text:
        words = tongue("nothing but the message that it began")
    if step.each:
        words = tongue("for each of {list}: {step}", list=step.each, step=words)
    if step.wait:
        from_then = periods.in_period(step.wait, tongue)
        words = tongue("{period} later: {step}", period=from_then, step=words)
    return words


def budget(tongue: Tongue, means: Means) -> str:
    limits = [limit for limit in means.house().budgets.limits if limit.holder is Holder.MISSION]
    words = [
        spending.amount_words(limit.measure, limit.currency, limit.most, tongue)
        for limit in limits
        if limit.currency or limit.measure.value != "money"
    ]
    return ", ".join(dict.fromkeys(words)) or tongue("no limit of its own")


def place_words(mission: Mission, tongue: Tongue) -> str:
    place = Place.parse(mission.place)
    if place.private:
        return tongue("its owner, on {platform}", platform=place.platform)
    return tongue("{channel}, on {platform}", channel=place.channel, platform=place.platform)


def _stops(mission: Mission, tongue: Tongue) -> str:
    found: list[str] = []
    if mission.ends is not None:
        found.append(tongue("at {when}", when=tongue.moment(mission.ends, mission.zone)))
    if mission.most_runs:
        found.append(tongue.many("after {n} run", "after {n} runs", mission.most_runs))
    if mission.goals:
        found.append(tongue("when every part is done"))
    if mission.done_when:
        found.append(tongue("when {what}", what=mission.done_when))
    if not found and all(trigger.kind == "once" for trigger in mission.triggers):
        found.append(tongue("after it ran"))
    return ", ".join(found) or tongue("when somebody pauses or cancels it")


def preview_create(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Preview:
    """The mission that would start."""
    mission = missions.drafted(tx, "mis_draft", arguments, somebody(context), context, means)
    told = facets(mission, context.tongue, means)
    told.pop(context.tongue("Goal"))
    return Preview(subject=mission.goal, facts=tuple(told.items()))


# Changing ---------------------------------------------------------------------------------------------------


def _changed(
    tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means
) -> tuple[Mission, Mission]:
    """A mission as it is, and as it would be. Raises BadInput, NotAllowed."""
    before = missions.theirs(tx, arguments, context)
    if before.procedure:
        raise BadInput(
            context.tongue(
                "mission {n} carries a procedure: say the whole procedure again to change it", n=before.number
            )
        )
    if before.phase.over:
        raise BadInput(context.tongue("mission {n} is over and stays so", n=before.number))
    if somebody(context).id != before.owner and any(name in arguments for name in _ANSWERS):
        raise NotAllowed(context.tongue("only its owner may change what mission {n} may do", n=before.number))
    after = replace(
        before,
        zone=checked_zone(arguments.get("zone") or before.zone),
        timing=missions.timing(arguments, before.timing),
        tainted=before.tainted or context.tainted,
    )
    if arguments.get("goal"):
        after = replace(after, goal=str(arguments["goal"]).strip())
    if any(arguments.get(name) for name in _WHEN):
        after = replace(after, triggers=missions.triggers_of(arguments, after.zone, context.now, means))
    if arguments.get("steps"):
        after = replace(after, steps=missions.steps_of(arguments["steps"], means))
    if "may" in arguments or arguments.get("steps"):
        after = replace(after, may=missions.may_of(arguments.get("may"), after.steps))
    if arguments.get("until"):
        after = replace(after, ends=missions.ends(arguments, after.zone))
    if arguments.get("runs"):
        after = replace(after, most_runs=arguments["runs"])
    if arguments.get("done_when"):
        after = replace(after, done_when=arguments["done_when"])
    if arguments.get("goals"):
        after = replace(after, goals=missions.goals(arguments))
    if after == before:
        raise BadInput(
            context.tongue(
                "say what is to change: for example “edit {n} every day at 10:00”", n=before.number
            )
        )
    return before, triggers.armed(after, context.now, calendar=means.calendar)


def preview_edit(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Preview:
    before, after = _changed(tx, arguments, context, means)
    old, new = facets(before, context.tongue, means), facets(after, context.tongue, means)
    changes = tuple(
        Change(title=title, before=old.get(title), after=new.get(title))
        for title in {**old, **new}
        if old.get(title) != new.get(title)
    )
    return Preview(subject=f"{before.number} · {before.goal}", changes=changes, version=before.id)


def edit(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    done: Json = tx.marks.get(f"edited:{context.key}")
    mission = missions.numbered(tx, arguments["number"], context)
    if not done:
        _, mission = _changed(tx, arguments, context, means)
        tx.missions.put(mission)
        if (due := watching.arm(tx, mission, context.now)) is not None:
            means.nudge(due)
        tx.marks.put(f"edited:{context.key}", True)
        body: dict[str, Json] = {"mission": mission.id, "person": somebody(context).id, "turn": context.turn}
        tx.ledger.append(
            "mission_edited", {**body, "changed": sorted(set(arguments) - {"number"})}, context.now
        )
        if mission.next_due is not None:
            means.nudge(mission.next_due)
    text = context.tongue("Mission {n} is changed.", n=mission.number)
    return Receipt(id=str(mission.number), text=text)


# Handing over -----------------------------------------------------------------------------------------------


def preview_hand_over(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Preview:
    mission = missions.theirs(tx, arguments, context)
    to, owner = named(tx, arguments["person"], context.tongue), tx.people.get(mission.owner)
    if not to.may_act:
        raise NotAllowed(context.tongue("a guest cannot answer for a mission"))
    told = facets(mission, context.tongue, means)
    change = Change(title=context.tongue("Owner"), before=owner.name if owner else "—", after=to.name)
    return Preview(
        subject=f"{mission.number} · {mission.goal}",
        recipient=to.name,
        changes=(change,),
        facts=tuple(told.items()),
        version=f"{mission.id}:{mission.owner}",
    )


def hand_over(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    mission = missions.numbered(tx, arguments["number"], context)
    to = named(tx, arguments["person"], context.tongue)
    if mission.owner != to.id:
        if not to.may_act:
            raise NotAllowed(context.tongue("a guest cannot answer for a mission"))
        private = Place.parse(mission.place).private
        place = whereabouts.alone_with(tx, to).key if private else mission.place
        tx.missions.put(replace(mission, owner=to.id, place=place, lang=to.lang if private else mission.lang))
        body = {"mission": mission.id, "before": mission.owner, "person": to.id, "turn": context.turn}
        tx.ledger.append("mission_handed_over", body, context.now)
    text = context.tongue("{who} answers for mission {n} now.", who=to.name, n=mission.number)
    return Receipt(id=str(mission.number), text=text)


# Showing ----------------------------------------------------------------------------------------------------


def show(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """One mission: what it is, how it stands, and its log."""
    tongue, mission = context.tongue, missions.numbered(tx, arguments["number"], context)
    owner = tx.people.get(mission.owner)
    lines = [
        tongue(
            "Mission {n}, {phase}, answered for by {who}",
            n=mission.number,
            phase=phase_words(mission.phase, tongue),
            who=owner.name if owner else "—",
        )
    ]
    lines += [f"{title}: {text}" for title, text in facets(mission, tongue, means).items()]
    if mission.next_due is not None:
        lines.append(tongue("Next wake: {when}.", when=tongue.moment(mission.next_due, context.zone)))
    if mission.log:
        lines.append(tongue("Log:"))
        lines += [f"  {logbook.in_words(line, tongue, context.zone)}" for line in mission.log[-15:]]
    tainted = mission.tainted or any(line.tainted for line in mission.log)
    return Receipt(text="\n".join(lines), data={"number": mission.number}, tainted=tainted)
