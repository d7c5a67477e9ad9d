"""A policy in words: each rule as a sentence, what is odd about it, and why a call was decided as it was.

Rules are said in the reader's language; warnings in English, for the people who write policies. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from bot import renderings
from bot.actions import Action, Field, Risk
from bot.budgets import Budgets, Holder, Measure
from bot.budgets import Limit as DayLimit
from bot.cards import risk_words
from bot.people import Role
from bot.policy import FOR_EVERYONE, Step, Verdict
from bot.rows import titled
from bot.rules import Decision, FieldTest, Hours, Limit, Policy, Rule, When, like
from bot.speech import Tongue
from bot.values import Money

_HOLDERS = {
    Holder.SPACE: "everybody together",
    Holder.PERSON: "each person",
    Holder.MISSION: "each mission",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a rule may be about, so that it is said by what people call it: actions by name, people's names by id and by
    account."""

    actions: Mapping[str, Action] = field(default_factory=dict[str, Action])
    people: Mapping[str, str] = field(default_factory=dict[str, str])


NOBODY = Known()


def sentences(policy: Policy, tongue: Tongue, known: Known = NOBODY) -> tuple[str, ...]:
    """Every rule, in the order in which they are asked: deny, ask, allow."""
    return tuple(sentence(rule, tongue, known) for rule in in_order(policy))


def in_order(policy: Policy) -> tuple[Rule, ...]:
    """The rules in the order in which they are asked."""
    effects = (Decision.DENY, Decision.ASK, Decision.ALLOW)
    return tuple(rule for effect in effects for rule in policy.of(effect))


def budget_sentences(budgets: Budgets) -> tuple[str, ...]:
    """Every limit of a day, and those on wakes. English: the page of the budgets draws them."""
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


def sentence(rule: Rule, tongue: Tongue, known: Known = NOBODY) -> str:
    """One rule: its effect, when, unless, and what it asks for."""
    text = f"{rule.effect.upper():5} {rule.name}: {condition(rule, tongue, known)}"
    if rule.unless is not None:
        text += tongue("; ") + tongue("unless {conditions}", conditions=exception(rule, tongue, known))
    if asked := demand(rule, tongue, known):
        text += f" → {asked}"
    return text + "."


def condition(rule: Rule, tongue: Tongue, known: Known = NOBODY) -> str:
    """Where it speaks."""
    found = _conditions(rule.when, tongue, known, breaks=_holds_back(rule))
    return tongue("; ").join(found) or tongue("always")


def exception(rule: Rule, tongue: Tongue, known: Known = NOBODY) -> str:
    """Where it is silent, "" where it never is."""
    if rule.unless is None:
        return ""
    return tongue(" and ").join(_conditions(rule.unless, tongue, known, breaks=not _holds_back(rule)))


def _holds_back(rule: Rule) -> bool:
    """Whether a limit in it speaks once it would be broken, and not while it holds."""
    return rule.effect is not Decision.ALLOW


def silence(rule: Rule, missing: str, tongue: Tongue, known: Known = NOBODY) -> str:
    """Why a rule said nothing, by the condition that `bot.rules.silent_because` named."""
    if missing == "unless":
        return tongue("silent: {condition}", condition=exception(rule, tongue, known))
    when = rule.when
    match missing.partition(" "):
        case "field", _, name:
            alone = When(action=when.action, system=when.system, fields=tuple(
                test for test in when.fields if test.field == name))  # fmt: skip
            words = [_field(test, alone, tongue, known) for test in alone.fields]
        case "min_risk" | "max_risk", _, _:
            alone = When(min_risk=when.min_risk, max_risk=when.max_risk)
            words = _conditions(alone, tongue, known, breaks=_holds_back(rule))
        case name, _, _:
            alone = replace(When(), **{name: getattr(when, name)})
            words = _conditions(alone, tongue, known, breaks=_holds_back(rule))
    return tongue("silent: it speaks where {condition}", condition=tongue("; ").join(words))


def demand(rule: Rule, tongue: Tongue, known: Known = NOBODY) -> str:
    """What a rule asks for, or what it holds back; "" for one that only says yes or no."""
    parts = [_asks(rule, tongue, known)] if rule.effect is Decision.ASK else []
    if rule.hold is not None:
        parts.append(
            tongue(
                "what leaves the house waits {period} and can be stopped",
                period=_span(rule.hold.total_seconds(), tongue),
            )
        )
    return " → ".join(parts)


def _asks(rule: Rule, tongue: Tongue, known: Known) -> str:
    who = ", ".join(_who(each, tongue, known) for each in rule.approvers)
    if rule.people == 2:
        text = tongue("two people of {who} must press", who=who) if who else tongue("two people must press")
    else:
        text = tongue("one person of {who} must press", who=who) if who else tongue("one person must press")
    parts = [text]
    if rule.step_up:
        parts.append(tongue("and prove themselves"))
    if rule.lifetime is not None:
        parts.append(tongue("within {period}", period=_span(rule.lifetime.total_seconds(), tongue)))
    return " ".join(parts)


def role_words(role: Role, tongue: Tongue) -> str:
    """A role as people say it."""
    match role:
        case Role.OWNER:
            return tongue("owner")
        case Role.APPROVER:
            return tongue("approver")
        case Role.MEMBER:
            return tongue("member")
        case Role.GUEST:
            return tongue("guest")


def _who(named: str, tongue: Tongue, known: Known) -> str:
    """A role or a person that a rule names."""
    return role_words(Role(named), tongue) if named in set(Role) else known.people.get(named, named)


def _conditions(when: When, tongue: Tongue, known: Known, *, breaks: bool) -> list[str]:
    """What must hold, each as half a sentence."""
    return [
        *_named(when, tongue, known),
        *_risk(when, tongue),
        *_circumstances(when, tongue, known),
        *(_field(test, when, tongue, known) for test in when.fields),
        *([_limit(when.limit, tongue, breaks=breaks)] if when.limit is not None else []),
    ]


def _named(when: When, tongue: Tongue, known: Known) -> Iterable[str]:
    if when.action:
        names = tuple(_action(each, tongue, known) for each in when.action)
        yield tongue("the action is {names}", names=_any(names, tongue))
    if when.system:
        yield tongue("the system is {names}", names=_any(when.system, tongue))
    if when.account:
        yield tongue("the account is {names}", names=_any(when.account, tongue))
    if when.live is not None:
        yield tongue("the account is live") if when.live else tongue("the account is in test mode")


def _action(name: str, tongue: Tongue, known: Known) -> str:
    """What people call it, beside the name that stands in the file."""
    action = known.actions.get(name)
    return f"{titled(action, tongue)} ({name})" if action is not None else name


def _circumstances(when: When, tongue: Tongue, known: Known) -> Iterable[str]:
    for wanted in (when.role, when.person):
        if wanted:
            names = tuple(_who(each, tongue, known) for each in wanted)
            yield tongue("it is done for {names}", names=_any(names, tongue))
    match when.mission:
        case None:
            pass
        case bool():
            yield tongue("in a mission") if when.mission else tongue("outside missions")
        case numbers:
            yield tongue("in mission {names}", names=_any(tuple(map(str, numbers)), tongue))
    flags = (
        (
            when.tainted,
            tongue("content from outside was read before"),
            tongue("nothing from outside was read before"),
        ),
        (
            when.own_words,
            tongue("who and what are the person's own words"),
            tongue("who or what is not the person's own words"),
        ),
        (when.egress, tongue("it carries something out"), tongue("it carries nothing out")),
        (when.quiet, tongue("during quiet hours"), tongue("outside quiet hours")),
    )
    yield from (yes if flag else no for flag, yes, no in flags if flag is not None)
    if when.hours is not None:
        yield _hours(when.hours, tongue)


def _risk(when: When, tongue: Tongue) -> Iterable[str]:
    low, high = when.min_risk, when.max_risk
    if low is not None and low == high:
        yield tongue("the risk is {risk}", risk=_class(low, tongue))
        return
    if low is Risk.R3:
        yield tongue("the risk is {risk}", risk=_class(low, tongue))
    elif low is not None:
        yield tongue("the risk is {risk} or higher", risk=_class(low, tongue))
    if high is Risk.R0:
        yield tongue("the risk is {risk}", risk=_class(high, tongue))
    elif high is not None:
        yield tongue("the risk is {risk} or lower", risk=_class(high, tongue))


def _class(risk: Risk, tongue: Tongue) -> str:
    return f"{risk.name} ({risk_words(risk, tongue)})"


def _hours(hours: Hours, tongue: Tongue) -> str:
    span = (
        tongue("all day")
        if hours.start == hours.end
        else tongue("from {start} to {end}", start=f"{hours.start:%H:%M}", end=f"{hours.end:%H:%M}")
    )
    if len(hours.days) < 7:
        names = _days(tongue)
        span += " " + tongue("on {days}", days=", ".join(names[day] for day in sorted(hours.days)))
    return f"{span} ({hours.zone or tongue('on the clock of whoever asks')})"


def _days(tongue: Tongue) -> tuple[str, ...]:
    return (
        tongue("Monday"),
        tongue("Tuesday"),
        tongue("Wednesday"),
        tongue("Thursday"),
        tongue("Friday"),
        tongue("Saturday"),
        tongue("Sunday"),
    )


def _field(test: FieldTest, when: When, tongue: Tongue, known: Known) -> str:
    of = [
        each
        for action in known.actions.values()
        if _is_named(when, action)
        for each in action.fields
        if each.name == test.field
    ]
    titles = {each.title for each in of}
    # Fields of one name may be called differently by the actions that have them: then only the name is theirs together.
    name = tongue(titles.pop()) if len(titles) == 1 else test.field
    wanted = _any(tuple(_value(each, of, tongue) for each in test.wanted), tongue)
    match test.test:
        case "equals":
            return tongue("{field} is {wanted}", field=name, wanted=wanted)
        case "in":
            return tongue("{field} is one of {wanted}", field=name, wanted=wanted)
        case "matches":
            return tongue("{field} looks like {wanted}", field=name, wanted=wanted)
        case "less":
            return tongue("{field} is below {wanted}", field=name, wanted=wanted)
        case "more":
            return tongue("{field} is above {wanted}", field=name, wanted=wanted)


def _value(wanted: str, of: Sequence[Field], tongue: Tongue) -> str:
    """A value of fixed choices by what people call it."""
    called = {
        renderings.chosen(wanted, each, tongue=tongue)
        for each in of
        if wanted in renderings.choices(each, tongue)
    }
    return called.pop() if len(called) == 1 else wanted


def _limit(limit: Limit, tongue: Tongue, *, breaks: bool) -> str:
    most = [
        f"{limit.amount}" if limit.amount else "",
        tongue.many("{n} time", "{n} times", limit.count) if limit.count is not None else "",
    ]
    per = {
        "account": tongue("per account"),
        "recipient": tongue("per recipient"),
        "mission": tongue("per mission"),
        "person": tongue("per person"),
    }
    words = {
        "most": tongue(" or ").join(filter(None, most)),
        "per": per[limit.per],
        "period": _span(limit.within.total_seconds(), tongue),
    }
    if breaks:
        return tongue("it would be more than {most} {per} within {period}", **words)
    return tongue("at most {most} {per} within {period}", **words)


def _any(values: Sequence[str], tongue: Tongue) -> str:
    return tongue(" or ").join(values)


def _span(seconds: float, tongue: Tongue) -> str:
    # The signs of units are the same in the languages spoken here, but for the day.
    for size, word in ((86400, tongue("d")), (3600, "h"), (60, "min")):
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


def explained(
    steps: Sequence[Step], verdict: Verdict, policy: Policy, tongue: Tongue, known: Known = NOBODY
) -> tuple[str, ...]:
    """The rules that were looked at, and the verdict."""
    lines = [f"{step.effect.upper():5} {step.rule}: {looked(step, policy, tongue, known)}" for step in steps]
    return (*lines, f"{verdict.decision.upper()} by {verdict.rule}: {verdict.said(tongue)}.")


def looked(step: Step, policy: Policy, tongue: Tongue, known: Known = NOBODY) -> str:
    """What became of one rule that was looked at."""
    rule = next((each for each in policy.of(step.effect) if each.name == step.rule), None)
    if rule is None or not step.silent:
        return tongue("decides")
    return silence(rule, step.silent, tongue, known)
