"""The room of the policy: every rule in a sentence, in the order in which they are asked, and a case to try: what would
be decided, by which rule, and why not by those before it. Trying decides nothing and does nothing.
"""

from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.rooms.room import APPROVERS, Asking, Room, View
from bot import policy, policywords
from bot.actions import Action, Call
from bot.errors import Refused, VigieError
from bot.people import Person, Role
from bot.policy import Verdict
from bot.policywords import Known, role_words
from bot.rows import titled
from bot.rules import Circumstances, Decision, Rule
from bot.speech import Tongue
from bot.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleRow:
    """One rule. `asks` is what it asks for or holds back, "" for neither."""

    effect: str
    level: str
    name: str
    when: str
    unless: str
    asks: str
    reason: str
    author: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """A rule that was looked at for the case: that it decided, or what kept it silent."""

    rule: str
    effect: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """What a person wants to know about, as they wrote it, and what would be decided; `trouble` where it cannot be
    read."""

    action: str = ""
    role: str = Role.MEMBER
    values: str = ""
    outside: bool = False
    own_words: bool = False
    decision: str = ""
    level: str = ""
    rule: str = ""
    why: str = ""
    looks: tuple[Look, ...] = ()
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy(View):
    rules: tuple[RuleRow, ...] = ()
    source: str = ""
    trouble: str = ""
    actions: tuple[tuple[str, str], ...] = ()
    """Each name and what people call it, by that."""
    roles: tuple[tuple[str, str], ...] = ()
    case: Case = Case()


def look(tx: Tx, asking: Asking) -> Policy:
    house, tongue = asking.house, asking.tongue
    rules, known = house.policy(), _known(tx, asking)
    called = {name: titled(action, tongue) for name, action in house.actions().items()}
    return Policy(
        frame=drawn.frame(tx, asking.viewer, house=house),
        rules=tuple(_row(rule, tongue, known) for rule in policywords.in_order(rules)),
        source=rules.source,
        trouble=rules.trouble,
        actions=tuple(sorted(called.items(), key=lambda each: (each[1].casefold(), each[0]))),
        roles=tuple((role.value, role_words(role, tongue)) for role in Role),
        case=_case(asking, known),
    )


def _known(tx: Tx, asking: Asking) -> Known:
    people = tx.people.all()
    names = {each.id: each.name for each in people}
    accounts = {account: each.name for each in people for account in each.identities}
    return Known(actions=asking.house.actions(), people=names | accounts)


def _row(rule: Rule, tongue: Tongue, known: Known) -> RuleRow:
    return RuleRow(
        effect=decision_words(rule.effect, tongue),
        level=rule.effect.value,
        name=rule.name,
        when=policywords.condition(rule, tongue, known),
        unless=policywords.exception(rule, tongue, known),
        asks=policywords.demand(rule, tongue, known),
        reason=tongue(rule.reason) if rule.reason else "",
        author=rule.author,
    )


def decision_words(decision: Decision, tongue: Tongue) -> str:
    match decision:
        case Decision.ALLOW:
            return tongue("Allowed")
        case Decision.ASK:
            return tongue("Asks")
        case Decision.DENY:
            return tongue("Denied")


# A case ------------------------------------------------------------------------------------------------------


def _case(asking: Asking, known: Known) -> Case:
    name, role = asking.asked("action", 100), asking.asked("role", 20) or Role.MEMBER.value
    if not name:
        return Case()
    case = Case(
        action=name,
        role=role if role in set(Role) else Role.MEMBER.value,
        values=asking.asked("values", 2_000),
        outside=bool(asking.asked("outside")),
        own_words=bool(asking.asked("own_words")),
    )
    try:
        return _decided(case, asking, known)
    except VigieError as error:
        return Case(
            action=case.action,
            role=case.role,
            values=case.values,
            outside=case.outside,
            own_words=case.own_words,
            trouble=error.said(asking.tongue),
        )


def _decided(case: Case, asking: Asking, known: Known) -> Case:
    """Raises BadInput for an action that is not there, or values it does not take."""
    house, tongue = asking.house, asking.tongue
    action = house.action(case.action)
    at = Circumstances(
        person=Person(id="per_example", name="Example", role=Role(case.role)),
        tainted=case.outside,
        own_words=case.own_words,
        call=_call(action, case.values, asking),
        now=house.clock.now(),
        zone=asking.zone,
    )
    rules = house.policy()
    verdict: Verdict = policy.judge(action, at, rules)
    return Case(
        action=case.action,
        role=case.role,
        values=case.values,
        outside=case.outside,
        own_words=case.own_words,
        decision=decision_words(verdict.decision, tongue),
        level=verdict.decision.value,
        rule=verdict.rule,
        why=verdict.said(tongue),
        looks=tuple(
            Look(
                rule=step.rule,
                effect=decision_words(step.effect, tongue),
                says=policywords.looked(step, rules, tongue, known),
            )
            for step in policy.explain(action, at, rules)
        ),
    )


def _call(action: Action, values: str, asking: Asking) -> Call:
    """The call of the case: one field and its value on each line. What is not said is left out, so that a rule
    about it is told as one that could speak."""
    given: dict[str, str] = {}
    for line in filter(str.strip, values.splitlines()):
        name, sign, value = line.partition("=")
        if not sign:
            raise Refused("write one field and its value on each line, such as amount=20 EUR")
        given[name.strip()] = value.strip()
    return Call(
        action=action.name,
        fingerprint=action.fingerprint,
        account=asking.house.system(action.name).account(),
        arguments=action.read(given, waiting={field.name for field in action.fields}),
    )


POLICY = Room(
    name="policy",
    title=lambda tongue: tongue("Policy"),
    lead=lambda tongue: tongue(
        "What runs, what asks, what never happens: the rules in the order in which they are asked."
    ),
    look=look,
    roles=APPROVERS,
    group=2,
)
