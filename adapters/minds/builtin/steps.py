"""Missions that declare their steps, run without a model: one step after the other, across parks and restarts.

Knows the mission and the answers to its own asks; what the actions do is not its business.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

from adapters.minds.builtin import reports, stops
from adapters.minds.builtin.text import quoted
from bot import cues, recipes, templates
from bot.actions import Action, Risk
from bot.errors import BadInput
from bot.journal import Answer, Ask, Outcome, Thought
from bot.mind import Briefing
from bot.missions import Mission, Step
from bot.values import Json, Money, is_amount
from bot.visible import exact

AT_ONCE = 25
"""How many items of one step are asked for in one thought: their cards appear together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands. `step` and `item` point at the first ask that has no answer yet. `waits` says that the rest
    comes later, and `resumed` at which step it was taken up again; `aside` counts the steps that were asked for
    beside this one. `again` are the items of the step of a procedure that were asked for and not done: it stops at
    them, and goes on with them when it is taken up again; of those that are `unsure`, nobody knows."""

    step: int = 0
    item: int = 0
    asked: int = 0
    saved: Mapping[str, Json] = field(default_factory=dict[str, Json])
    lines: tuple[str, ...] = ()
    told_late: bool = False
    waits: bool = False
    resumed: int = -1
    aside: int = 0
    again: tuple[int, ...] = ()
    unsure: tuple[int, ...] = ()

    def as_state(self) -> str:
        return json.dumps(
            {
                "steps": 1,
                "step": self.step,
                "item": self.item,
                "asked": self.asked,
                "saved": dict(self.saved),
                "lines": list(self.lines),
                "told_late": self.told_late,
                "waits": self.waits,
                "resumed": self.resumed,
                "aside": self.aside,
                "again": list(self.again),
                "unsure": list(self.unsure),
            },
            ensure_ascii=False,
        )

    @staticmethod
    def of(state: str) -> "Progress":
        found = json.loads(state)
        return Progress(
            step=found["step"],
            item=found["item"],
            asked=found["asked"],
            saved=found["saved"],
            lines=tuple(found["lines"]),
            told_late=found["told_late"],
            waits=found.get("waits", False),
            resumed=found.get("resumed", -1),
            aside=found.get("aside", 0),
            again=tuple(found.get("again", ())),
            unsure=tuple(found.get("unsure", ())),
        )


def wrote(state: str) -> bool:
    """Whether a state is of a run of steps, and not of another mind."""
    return state.startswith('{"steps"')


def at(state: str, ask: str, declared: Sequence[Step]) -> tuple[int, Mapping[str, Json]]:
    """Which step an ask of the thought with this state is of, counted from nought, and what is known there."""
    progress = Progress.of(state)
    step, _, item = ask.removeprefix("step").partition(".")
    number = int(step) - 1
    return number, _known(progress, declared[number], _items(progress, declared[number])[int(item) - 1])


def advance(briefing: Briefing, mission: Mission, *, state: str, answers: tuple[Answer, ...]) -> Thought:
    """The next asks of the mission, or its report; an empty report when there is nothing to say."""
    progress = Progress.of(state) if state else _begin(briefing)
    strict = briefing.procedure is not None
    if not mission.steps:
        return Thought(text=_reminder(briefing, mission))
    if progress.waits:
        return _report(progress, mission, briefing)
    if progress.asked:
        progress = _heard_all(progress, mission, answers, briefing)
        if strict and (progress.again or progress.unsure):
            return stops.stopped(_stop(progress, answers), briefing)
    while progress.step < len(mission.steps):
        step = mission.steps[progress.step]
        if step.wait and progress.resumed != progress.step:
            return _later(progress, step)
        if strict and (lost := _nowhere(progress, step, briefing)):
            return stops.stopped(
                stops.Stop(state=progress.as_state(), step=progress.step, why=lost), briefing
            )
        if step.action:
            progress, asks = _asks(progress, step, briefing)
            if asks:
                progress, beside = _beside(progress, mission, briefing)
                return _thought(progress, step, (*asks, *beside), briefing)
        else:
            progress = _say(progress, step, briefing)
        progress = replace(progress, step=progress.step + 1, item=0)
    if strict and not progress.lines:
        return stops.done(briefing)
    return _report(progress, mission, briefing)


def _stop(progress: Progress, answers: tuple[Answer, ...]) -> stops.Stop:
    """Where it stands still, and why: the first answer that is no yes, and an unknown one before all others."""
    noes = [each for each in answers if each.outcome is not Outcome.DONE]
    first = next((each for each in noes if each.outcome is Outcome.UNKNOWN), noes[0])
    return stops.Stop(
        state=progress.as_state(),
        step=progress.step,
        why=first.text,
        unknown=first.outcome is Outcome.UNKNOWN,
        told=progress.lines,
    )


def _report(progress: Progress, mission: Mission, briefing: Briefing) -> Thought:
    if not progress.lines:
        return Thought()
    tells = any(step.action or "{signal." in step.text for step in mission.steps)
    told = () if tells else _signalled(briefing)
    return Thought(text="\n".join((*_late(progress, briefing), *progress.lines, *told)))


def _later(progress: Progress, step: Step) -> Thought:
    """The rest comes when its time has come: the mission asks to be woken for it."""
    arguments: dict[str, Json] = {
        "in_seconds": step.wait,
        "look": step.text or step.action,
        "step": progress.step,
        "saved": dict(progress.saved),
    }
    ask = Ask(id=f"later{progress.step + 1}", action="vigie.follow_up", arguments=arguments)
    return Thought(asks=(ask,), state=replace(progress, waits=True, asked=1).as_state())


def _beside(progress: Progress, mission: Mission, briefing: Briefing) -> tuple[Progress, tuple[Ask, ...]]:
    """The asks of the steps behind this one that do not wait for it, once all its own items are asked for."""
    found: list[Ask] = []
    if progress.item < len(_items(progress, mission.steps[progress.step])):
        return progress, ()
    for number, step in enumerate(mission.steps[progress.step + 1 :], start=1):
        if not (step.aside and step.action) or step.wait or len(found) >= AT_ONCE:
            break
        at, asks = _asks(replace(progress, step=progress.step + number, item=0), step, briefing)
        if at.item < len(_items(at, step)):
            break
        progress = replace(progress, lines=at.lines, aside=number)
        found += asks
    return progress, tuple(found)


def _heard_all(
    progress: Progress, mission: Mission, answers: tuple[Answer, ...], briefing: Briefing
) -> Progress:
    """The answers of this step, and of those that were asked for beside it."""
    last = progress.step + progress.aside
    for number in range(progress.step, last + 1):
        own = tuple(each for each in answers if each.ask.startswith(f"step{number + 1}."))
        progress = _heard(progress, mission.steps[number], own, briefing)
    if not progress.aside:
        return progress
    # The loop goes on behind the last of them.
    return replace(progress, step=last + 1, item=0, aside=0)


def _begin(briefing: Briefing) -> Progress:
    errand = briefing.errand
    if errand is not None and errand.state:
        progress = Progress.of(errand.state)
        again = progress.again if errand.how == "done" else tuple(sorted((*progress.again, *progress.unsure)))
        return replace(progress, again=again, unsure=(), lines=())
    if (look := briefing.look) is not None:
        return Progress(step=look.step, resumed=look.step, saved=look.saved)
    given = dict(errand.inputs) if errand is not None else {}
    signal = briefing.signal
    if signal is None:
        return Progress(saved=given)
    # Kept in the state, because a turn that was parked is briefed again without its signal.
    began = briefing.procedure.recipe.trigger if briefing.procedure is not None else None
    return Progress(saved={**given, **cues.told(began, signal)})


def _thought(progress: Progress, step: Step, asks: tuple[Ask, ...], briefing: Briefing) -> Thought:
    action = briefing.actions.get(step.action)
    asks_people = step.proposed or (action is not None and action.risk > Risk.R1)
    found = progress.lines if asks_people and briefing.procedure is None else ()
    late = _late(progress, briefing) if action is not None and action.risk > Risk.R0 else ()
    # Whoever presses reads that it is late, and whoever reads what was found does, too.
    beside = () if found and not _reports_elsewhere(briefing) else late
    progress = replace(
        progress,
        asked=len(asks),
        told_late=progress.told_late or bool(late),
        lines=() if found else progress.lines,
    )
    report = "\n".join((*late, *found)) if found else ""
    return Thought(text="\n".join(beside), asks=asks, state=progress.as_state(), report=report)


def _reports_elsewhere(briefing: Briefing) -> bool:
    return briefing.mission is not None and briefing.mission.outlet is not None


def _late(progress: Progress, briefing: Briefing) -> tuple[str, ...]:
    if not briefing.late or briefing.due is None or progress.told_late:
        return ()
    due = briefing.tongue.moment(briefing.due, briefing.zone)
    return (briefing.tongue("This is late: it was due {moment}.", moment=due),)


def _reminder(briefing: Briefing, mission: Mission) -> str:
    tongue = briefing.tongue
    reminder = tongue("Reminder: {goal}", goal=mission.goal)
    return "\n".join((*_late(Progress(), briefing), reminder, *_signalled(briefing)))


def _signalled(briefing: Briefing) -> tuple[str, ...]:
    """What woke it, where nothing else of the report would say so."""
    if briefing.signal is None:
        return ()
    told = (exact(part) for part in (briefing.signal.name, briefing.signal.summary) if part)
    return (": ".join(told),)


def _items(progress: Progress, step: Step) -> Sequence[Json]:
    """What the step runs over: the saved list, or itself once."""
    if not step.each:
        return (None,)
    try:
        found = templates.look_up(step.each, progress.saved)
    except BadInput:
        return ()
    if found is None:
        return ()
    return cast("Sequence[Json]", found) if isinstance(found, list) else (found,)


def _known(progress: Progress, step: Step, item: Json) -> Mapping[str, Json]:
    return {**progress.saved, "item": item} if step.each else progress.saved


def _asks(progress: Progress, step: Step, briefing: Briefing) -> tuple[Progress, tuple[Ask, ...]]:
    """Asks for the next items of the step. Items whose references lead nowhere become lines instead."""
    if step.action not in briefing.actions:
        why = briefing.tongue("no connected system offers “{name}”", name=step.action)
        return _noted(progress, briefing.tongue("Not done: {why}", why=why)), ()
    items = _items(progress, step)
    while progress.again or progress.item < len(items):
        asks: list[Ask] = []
        for index in progress.again or range(progress.item, min(len(items), progress.item + AT_ONCE)):
            try:
                ask = _ask(progress, step, index, items[index], briefing)
                if not _nothing_left(ask, briefing.actions[step.action]):
                    asks.append(ask)
            except BadInput as error:
                progress = _noted(progress, _leads_nowhere(progress, error, briefing))
        reached = progress.item if progress.again else min(len(items), progress.item + AT_ONCE)
        progress = replace(progress, item=reached, again=())
        if asks:
            return progress, tuple(asks)
    return progress, ()


def _ask(progress: Progress, step: Step, index: int, item: Json, briefing: Briefing) -> Ask:
    known = _known(progress, step, item)
    return Ask(
        id=f"step{progress.step + 1}.{index + 1}",
        action=step.action,
        arguments={name: templates.value(template, known) for name, template in step.arguments.items()},
        reason=quoted(templates.words(step.text, known, briefing.tongue), 300),
        by_hand=step.by_hand,
        picked=step.picked,
        auto=step.auto,
        proposed=step.proposed,
    )


def _nothing_left(ask: Ask, action: Action) -> bool:
    """Whether the amount that the list says is nought: what was paid back in full stays in a list of late orders."""
    amounts = (ask.arguments.get(each.name) for each in action.fields if each.column)
    return any(is_amount(value) and Money.of(value).minor <= 0 for value in amounts)


def _say(progress: Progress, step: Step, briefing: Briefing) -> Progress:
    for item in _items(progress, step):
        try:
            line = templates.words(step.text, _known(progress, step, item), briefing.tongue)
        except BadInput as error:
            line = _leads_nowhere(progress, error, briefing)
        progress = _noted(progress, line)
    return progress


def _nowhere(progress: Progress, step: Step, briefing: Briefing) -> str:
    """Why the step cannot be done at all, "" when it can: nobody offers its action, or a reference leads nowhere."""
    if step.action and step.action not in briefing.actions:
        return briefing.tongue("no connected system offers “{name}”", name=step.action)
    lost = _unnamed(progress, step, briefing)
    if lost:
        return briefing.tongue("it needs {names}", names=", ".join(lost))
    try:
        if step.each:
            templates.look_up(step.each, progress.saved)
        for item in _items(progress, step):
            templates.value([step.text, dict(step.arguments)], _known(progress, step, item))
    except BadInput as error:
        return briefing.tongue("it refers to {reference}, which is not there", reference=error)
    return ""


def _unnamed(progress: Progress, step: Step, briefing: Briefing) -> list[str]:
    """The inputs it uses that nobody named: whatever began the run, it was no person."""
    assert briefing.procedure is not None
    inputs = {each.name for each in briefing.procedure.recipe.inputs}
    return sorted(recipes.uses(step) & inputs - set(progress.saved))


def _leads_nowhere(progress: Progress, error: BadInput, briefing: Briefing) -> str:
    return briefing.tongue(
        "Step {n} of this mission refers to {reference}, which is not there.",
        n=progress.step + 1,
        reference=error,
    )


def _noted(progress: Progress, line: str) -> Progress:
    return replace(progress, lines=(*progress.lines, line)) if line else progress


def _heard(progress: Progress, step: Step, answers: tuple[Answer, ...], briefing: Briefing) -> Progress:
    """The answers to what was asked last: saved where the step says so, put into the report where not."""
    progress = replace(progress, asked=0)
    for answer in answers:
        done = answer.outcome is Outcome.DONE
        if not done and briefing.procedure is not None:
            index = int(answer.ask.partition(".")[2]) - 1
            unknown = answer.outcome is Outcome.UNKNOWN
            progress = replace(
                progress,
                again=progress.again if unknown else (*progress.again, index),
                unsure=(*progress.unsure, index) if unknown else progress.unsure,
            )
        elif done and step.save:
            progress = replace(progress, saved=_saved(progress.saved, step, answer.data))
            if step.told and not _found_nothing(answer.data):
                progress = _noted(progress, reports.line(answer, briefing.tongue))
        elif not (done and _found_nothing(answer.data)) and not _on_a_card(answer, briefing):
            progress = _noted(progress, reports.line(answer, briefing.tongue))
    return progress


def _saved(saved: Mapping[str, Json], step: Step, data: Json) -> Mapping[str, Json]:
    """With `each`, the answers of all items are gathered in a list."""
    if not step.each:
        return {**saved, step.save: data}
    before = saved.get(step.save)
    return {**saved, step.save: [*(before if isinstance(before, list) else ()), data]}


def _on_a_card(answer: Answer, briefing: Briefing) -> bool:
    """What waits from an earlier run stands before whoever it waits for: it is no news for those who read the report."""
    return briefing.mission is not None and answer.shown and answer.outcome is Outcome.WAITING


def _found_nothing(data: Json) -> bool:
    return data is not None and not isinstance(data, bool | int | float) and len(data) == 0
