"""A policy in words: each rule as a sentence, what is odd about it, and why a call was decided as it was.

English, for the command line and for the people who write policies. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence

from bot.actions import Action, Risk
from bot.budgets import Budgets, Holder, Measure
from bot.budgets import Limit as DayLimit
from bot.people import Role
from bot.policy import FOR_EVERYONE, Step, Verdict
from bot.rules import Decision, FieldTest, Hours, Limit, Policy, Rule, When, like
from bot.values import Money

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_HOLDERS = {
    Holder.SPACE: "everybody together",
    Holder.PERSON: "each person",
    Holder.MISSION: "each mission",
}
_TESTS = {"equals": "is", "in": "is one of", "matches": "looks like", "less": "is below", "more": "is above"}


def sentences(policy: Policy) -> tuple[str, ...]:
    """Every rule, in the order in which they are asked: deny, ask, allow."""
    effects = (Decision.DENY, Decision.ASK, Decision.ALLOW)
    return tuple(sentence(rule) for effect in effects for rule in policy.of(effect))


def budget_sentences(budgets: Budgets) -> tuple[str, ...]:
    """Every limit of a day, and those on wakes."""
    lines = [
        f"LIMIT {_HOLDERS[holder]}: {', '.join(_day_limit(each) for each in found) or 'nothing'} a day."
        for holder in Holder
        for found in [[each for each in budgets.limits if each.holder is holder]]
    ]
    thought = budgets.thought
    held = f"{thought.tokens_in + thought.tokens_out} tokens and {_dollars(thought.micro_usd)}"
    chain = f"{budgets.wake_depth} deep and {budgets.chain_wakes} an hour from one cause"
    hourly = f"{budgets.wakes} an hour by what happens and {budgets.clock_wakes} by its schedule"
    return (
        *lines,
        f"LIMIT one thought: {held} are held back for it.",
        f"LIMIT wakes: {chain}; a mission {hourly}.",
        f"LIMIT other bots: answered {budgets.bot_answers} times an hour in one place.",
    )


def _day_limit(limit: DayLimit) -> str:
    match limit.measure:
        case Measure.TOKENS:
            return f"{limit.most} tokens"
        case Measure.MODEL_MONEY:
            return f"{_dollars(limit.most)} for models"
        case Measure.MONEY if limit.currency:
            return f"{Money(limit.most, limit.currency)}"
        case Measure.MONEY if limit.most:
            return f"{limit.most} of each currency"
        case Measure.MONEY:
            return "no other currency"
        case Measure.MESSAGES:
            return f"{limit.most} outgoing deeds"
        case Measure.EFFECTS:
            return f"{limit.most} deeds"


def _dollars(micro: int) -> str:
    return str(Money(micro // 10_000, "USD"))


def sentence(rule: Rule) -> str:
    """One rule: its effect, when, unless, and what it asks for."""
    when = "; ".join(_conditions(rule.when)) or "always"
    text = f"{rule.effect.upper():5} {rule.name}: {when}"
    if rule.unless is not None:
        text += f"; unless {' and '.join(_conditions(rule.unless))}"
    if rule.effect is Decision.ASK:
        text += f" → {_asks(rule)}"
    if rule.hold is not None:
        text += f" → what leaves the house waits {_span(rule.hold.total_seconds())} and can be stopped"
    return text + "."


def _asks(rule: Rule) -> str:
    people = "two people" if rule.people == 2 else "one person"
    who = f"{people} of {', '.join(rule.approvers)}" if rule.approvers else people
    parts = [f"{who} must press"]
    if rule.step_up:
        parts.append("and prove themselves")
    if rule.lifetime is not None:
        parts.append(f"within {_span(rule.lifetime.total_seconds())}")
    return " ".join(parts)


def _conditions(when: When) -> Iterable[str]:
    if when.action:
        yield f"the action is {_any(when.action)}"
    if when.system:
        yield f"the system is {_any(when.system)}"
    if when.account:
        yield f"the account is {_any(when.account)}"
    if when.live is not None:
        yield "the account is live" if when.live else "the account is in test mode"
    yield from _risk(when)
    if when.role:
        yield f"it is done for {_any(when.role)}"
    if when.person:
        yield f"it is done for {_any(when.person)}"
    match when.mission:
        case None:
            pass
        case bool():
            yield "in a mission" if when.mission else "outside missions"
        case numbers:
            yield f"in mission {_any(tuple(map(str, numbers)))}"
    flags = (
        (when.tainted, "content from outside was read before", "nothing from outside was read before"),
        (
            when.own_words,
            "who and what are the person's own words",
            "who or what is not the person's own words",
        ),
        (when.egress, "it carries something out", "it carries nothing out"),
        (when.quiet, "during quiet hours", "outside quiet hours"),
    )
    yield from (yes if flag else no for flag, yes, no in flags if flag is not None)
    if when.hours is not None:
        yield _hours(when.hours)
    yield from (_field(test) for test in when.fields)
    if when.limit is not None:
        yield _limit(when.limit)


def _risk(when: When) -> Iterable[str]:
    low, high = when.min_risk, when.max_risk
    if low is not None and low == high:
        yield f"the risk is {low.name}"
        return
    if low is not None:
        yield f"the risk is {low.name} or higher"
    if high is not None:
        yield f"the risk is {high.name} or lower"


def _hours(hours: Hours) -> str:
    span = "all day" if hours.start == hours.end else f"from {hours.start:%H:%M} to {hours.end:%H:%M}"
    days = "" if len(hours.days) == 7 else " on " + ", ".join(_DAYS[day] for day in sorted(hours.days))
    return f"{span}{days} ({hours.zone or 'on the clock of whoever asks'})"


def _field(test: FieldTest) -> str:
    return f"{test.field} {_TESTS[test.test]} {_any(test.wanted)}"


def _limit(limit: Limit) -> str:
    most = [
        f"{limit.amount}" if limit.amount else "",
        f"{limit.count} times" if limit.count is not None else "",
    ]
    return f"at most {' or '.join(filter(None, most))} per {limit.per} within {_span(limit.within.total_seconds())}"


def _any(values: Sequence[str]) -> str:
    return " or ".join(values)


def _span(seconds: float) -> str:
    for size, word in ((86400, "d"), (3600, "h"), (60, "m")):
        if seconds % size == 0:
            return f"{seconds / size:g} {word}"
    return f"{seconds:g} s"


def warnings(policy: Policy, actions: Mapping[str, Action]) -> tuple[str, ...]:
    """What can never match, or will not do what it seems to."""
    found: list[str] = []
    for rule in policy.rules:
        found += [f"{rule.name}: {why}" for why in _oddities(rule, policy, actions)]
    if not any(_asks_everything_about(rule, Risk.R3) for rule in policy.rules):
        found.append("no rule asks about everything of class R3: money or access may go without a press")
    return tuple(found)


def _oddities(rule: Rule, policy: Policy, actions: Mapping[str, Action]) -> Iterable[str]:
    when = rule.when
    if when.min_risk is not None and when.max_risk is not None and when.min_risk > when.max_risk:
        yield "can never match: min_risk is above max_risk"
    named = [action for action in actions.values() if _is_named(when, action)]
    if (when.action or when.system) and not named:
        yield "matches no action of the connected systems"
    elif named and not any(_in_class(when, action) for action in named):
        yield "can never match: the actions it names are of another class"
    for test in when.fields:
        if named and not any(test.field == field.name for action in named for field in action.fields):
            yield f"no action it names has a field {test.field}"
    if rule.effect is Decision.ALLOW and when.role == (Role.GUEST,) and not _for_everyone(when):
        yield "guests only talk, whatever a rule says"
    before = policy.of(rule.effect)
    for other in before[: before.index(rule)]:
        if other.unless is None and other.when in (When(), when):
            yield f"can never decide: {other.name} comes first and matches the same"
            break
    if rule.effect is Decision.ALLOW:
        harder = (*policy.of(Decision.DENY), *policy.of(Decision.ASK))
        for other in harder:
            if other.unless is None and other.when in (When(), when):
                yield f"can never decide: {other.name} is asked first and matches the same"
                break


def _for_everyone(when: When) -> bool:
    return bool(when.action) and set(when.action) <= FOR_EVERYONE


def _is_named(when: When, action: Action) -> bool:
    return (not when.action or like(action.name, when.action)) and (
        not when.system or like(action.system, when.system)
    )


def _in_class(when: When, action: Action) -> bool:
    low = when.min_risk is None or action.risk >= when.min_risk
    return low and (when.max_risk is None or action.risk <= when.max_risk)


def _asks_everything_about(rule: Rule, risk: Risk) -> bool:
    when = rule.when
    bare = When(min_risk=when.min_risk, max_risk=when.max_risk)
    covers = (when.min_risk or Risk.R0) <= risk <= (Risk.R3 if when.max_risk is None else when.max_risk)
    return rule.effect is not Decision.ALLOW and rule.unless is None and when == bare and covers


def explained(steps: Sequence[Step], verdict: Verdict) -> tuple[str, ...]:
    """The rules that were looked at, and the verdict."""
    lines = [
        f"{step.effect.upper():5} {step.rule}: {'decides' if not step.silent else f'silent, because of {step.silent}'}"
        for step in steps
    ]
    return (*lines, f"{verdict.decision.upper()} by {verdict.rule}: {verdict.why}.")
