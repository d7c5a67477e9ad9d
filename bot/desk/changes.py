"""The desk's missions as they are shown and changed: the card before they start, edits, and handing over."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from bot import (
    logbook,
    outlets,
    periods,
    recipes,
    renderings,
    rows,
    schedules,
    spending,
    triggers,
    watching,
    whereabouts,
)
from bot.actions import Action, Change, Kind, Preview, Receipt
from bot.budgets import Holder
from bot.desk import missions
from bot.desk.means import Means, checked_zone, somebody
from bot.desk.roles import named
from bot.errors import BadInput, NotAllowed
from bot.missions import Cron, Mission, OnPhrase, Phase, Rule, Step
from bot.places import Place, called
from bot.reports import phase_words
from bot.speech import Tongue
from bot.store import Tx
from bot.values import Json, shown
from bot.world import Context

_WHEN = (
    *("cron", "every_seconds", "at", "rule", "signal"),
    *("mail_from", "mail_subject", "mailbox", "phrase", "watch"),
)
_SPOKEN = (
    *(
        "goal",
        "cron",
        "every_seconds",
        "at",
        "signal",
        "mail_from",
        "mail_subject",
        "mailbox",
        "phrase",
        "watch",
    ),
    *(
        "cooldown_seconds",
        "missed",
        "grace_seconds",
        "catch_up",
        "spread_seconds",
        "steps",
        "may",
        "until",
        "runs",
    ),
    *("done_when", "goals", "template"),
)
"""What stands on the card in words."""
_ANSWERS = ("may", "steps", "report_to")
"""What only the owner may change: it is the owner who answers for it."""


def facets(mission: Mission, tongue: Tongue, means: Means) -> dict[str, str]:
    """A mission in words, by what each line is called. Nothing in it depends on what time it is."""
    when = [schedules.in_words(trigger, tongue) for trigger in mission.triggers]
    found = {tongue("Goal"): mission.goal, tongue("Wakes"): tongue("; ").join(when)}
    if mission.schedules:
        found[tongue("Missed times")] = schedules.policy(mission.timing, tongue)
    if any(isinstance(trigger, Cron | Rule) for trigger in mission.triggers):
        found[tongue("Clock changes")] = schedules.daylight(tongue)
    if any(isinstance(trigger, OnPhrase) for trigger in mission.triggers):
        alone = not Place.parse(mission.place).private
        found[tongue("Listens")] = (
            tongue("here alone") if alone else tongue("where its owner was seen in the last 30 days")
        )
    actions = means.house().actions()
    if mission.steps:
        found[tongue("Steps")] = steps_words(mission.steps, tongue, actions)
    found[tongue("May do")] = rows.named(mission.may, actions, tongue) or tongue("reads only")
    found[tongue("Budget a day")] = budget(tongue, means)
    found[tongue("Reports to")] = place_words(mission, tongue)
    found[tongue("Stops")] = _stops(mission, tongue)
    if mission.goals:
        found[tongue("Parts")] = " ".join(
            f"{'☑' if each.done else '☐'} {each.text}" for each in mission.goals
        )
    return found


def steps_words(steps: Sequence[Step], tongue: Tongue, actions: Mapping[str, Action]) -> str:
    """The declared steps, as a person would say them. A list is named where not the next step alone takes it up."""
    said: list[str] = []
    for number, step in enumerate(steps):
        words = _deed_words(step, tongue, actions.get(step.action))
        before = steps[number - 1].save if number else ""
        takers = [n for n, each in enumerate(steps) if step.save and step.save in recipes.uses(each)]
        if step.save and takers != [number + 1]:
            words = tongue("{step}, as “{name}”", step=words, name=step.save)
        if step.told:
            words = tongue("{step}, and report it", step=words)
        if step.each and step.each == before:
            words = tongue("for each of these: {step}", step=words)
        elif step.each:
            words = tongue("for each of {list}: {step}", list=step.each, step=words)
        if step.wait:
            words = tongue("{period} later: {step}", period=periods.in_period(step.wait, tongue), step=words)
        said.append(words)
    return tongue("; ").join(said)


def _deed_words(step: Step, tongue: Tongue, action: Action | None) -> str:
    if not step.action:
        if not step.text:
            return tongue("nothing but the message that it began")
        return tongue("post these words: “{text}”", text=step.text)
    words = rows.titled(action, tongue) if action else step.action
    if step.proposed:
        words = tongue("propose “{step}”", step=words)
    facts = tongue(", ").join(_facts(step, tongue, action))
    return f"{words} ({facts})" if facts else words


def _facts(step: Step, tongue: Tongue, action: Action | None) -> Iterator[str]:
    """What it is done with: what is fixed, what a number is when nothing is said, and where the rest comes from."""
    fields = {each.name: each for each in action.fields} if action else {}
    titles = {name: tongue(each.title) for name, each in fields.items()}
    given = {name: step.arguments[name] for name in {**fields, **step.arguments} if name in step.arguments}
    listed = [name for name, value in given.items() if _OF_EACH.fullmatch(str(value))]
    usual = {name: each.default for name, each in fields.items() if each.kind is Kind.INTEGER}
    for name, value in {**usual, **given}.items():
        leaves_out = value is not None and not (name in fields and value == fields[name].all)
        if name not in listed and name not in step.blanks and leaves_out:
            called = renderings.choices(fields[name], tongue) if name in fields else {}
            said = called.get(str(value), shown(value))
            yield tongue("{label}: {value}", label=titles.get(name, name), value=said)
    for names, where in ((listed, tongue("from the list")), (step.blanks, tongue("a person fills it in"))):
        if names:
            label = tongue(", ").join(titles.get(name, name) for name in names)
            yield tongue("{label}: {value}", label=label, value=where)


_OF_EACH = re.compile(r"\{item\.\w+\}")


def budget(tongue: Tongue, means: Means) -> str:
    limits = [limit for limit in means.house().budgets.limits if limit.holder is Holder.MISSION]
    words = [
        spending.amount_words(limit.measure, limit.currency, limit.most, tongue)
        for limit in limits
        if limit.currency or limit.measure.value != "money"
    ]
    return ", ".join(dict.fromkeys(words)) or tongue("no limit of its own")


def place_words(mission: Mission, tongue: Tongue) -> str:
    if mission.outlet is not None:
        home = place_words(replace(mission, outlet=None), tongue)
        return tongue("{name}; what it asks stays with {place}", name=mission.outlet.name, place=home)
    place = Place.parse(mission.place)
    if place.private:
        return tongue("its owner, on {platform}", platform=called(place.platform, tongue))
    return tongue("{channel}, on {platform}", channel=place.channel, platform=called(place.platform, tongue))


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
    first = mission.next_due
    wakes = (context.tongue("First wake"), context.tongue.moment(first, mission.zone)) if first else None
    return Preview(
        subject=mission.goal,
        facts=tuple(told.items()),
        asides=(wakes,) if wakes else (),
        spoken=(*_SPOKEN, "zone"),
    )


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
        raise NotAllowed(
            context.tongue(
                "only its owner may change what mission {n} may do and where it reports", n=before.number
            )
        )
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
    steps = missions.steps_of(arguments.get("steps"), means)
    if not before.steps and means.house().minds.costly and not any(step.action for step in steps):
        # A mind pursues it: words that name no deed are its goal, and not a reminder.
        steps = ()
    if steps:
        after = replace(after, steps=steps)
    if "may" in arguments or steps:
        after = replace(after, may=missions.may_of(arguments.get("may"), after.steps))
    if arguments.get("until"):
        after = replace(after, ends=missions.ends(arguments, after.zone))
    if arguments.get("runs"):
        after = replace(after, most_runs=arguments["runs"])
    if arguments.get("done_when"):
        after = replace(after, done_when=arguments["done_when"])
    if arguments.get("goals"):
        after = replace(after, goals=missions.goals(arguments))
    if arguments.get("report_to"):
        after = replace(after, outlet=missions.outlet(tx, arguments, context))
    outlets.checked(after, context.tongue)
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
    return Preview(
        subject=f"{before.number} · {before.goal}", changes=changes, version=before.id, spoken=_SPOKEN
    )


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
    lines += [
        tongue("{label}: {value}", label=title, value=text)
        for title, text in facets(mission, tongue, means).items()
    ]
    if mission.next_due is not None and mission.phase is Phase.ACTIVE:
        lines.append(tongue("Next wake: {when}.", when=tongue.moment(mission.next_due, context.zone)))
    if mission.log:
        lines.append(tongue("Log:"))
        known = means.house().actions()
        lines += [f"  {logbook.in_words(line, tongue, context.zone, known)}" for line in mission.log[-15:]]
    tainted = mission.tainted or any(line.tainted for line in mission.log)
    return Receipt(text="\n".join(lines), data={"number": mission.number}, tainted=tainted)
