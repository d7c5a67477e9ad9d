"""The gate: deny before ask before allow, the floor no file loosens, and what the shipped policy says."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import policy, rulebook
from bot.actions import Account, Action, Call, Field, Kind, Part, Risk
from bot.effects import Outlay
from bot.missions import Mission
from bot.people import Person, Role
from bot.policy import Circumstances, Decision, Verdict, judge, stricter
from bot.rules import FieldTest, Hours, Limit, Policy, Rule, When
from bot.values import Money

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)  # a Saturday
SHOP = Account(system="shop", label="Main shop", live=True)
REFUND = Action(
    name="shop.refund",
    title="Refund",
    risk=Risk.R3,
    fields=(
        Field(name="order", title="Order", kind=Kind.OBJECT, part=Part.OBJECT),
        Field(name="amount", title="Amount", kind=Kind.MONEY, part=Part.AMOUNT),
    ),
)
MAIL = Action(
    name="shop.mail",
    title="Write",
    risk=Risk.R2,
    fields=(Field(name="to", title="To", kind=Kind.JSON, part=Part.RECIPIENT),),
)
READ = Action(name="shop.read", title="Read", risk=Risk.R0)
FETCH = Action(name="shop.fetch", title="Open", risk=Risk.R0, egress=True)
NOTE = Action(name="shop.note", title="Note", risk=Risk.R1)
UNCLASSIFIED = Action(name="shop.whatever", title="?")
ACTIONS = (REFUND, MAIL, READ, FETCH, NOTE, UNCLASSIFIED)
ANN = Person(id="per_ann", name="Ann", role=Role.OWNER, identities=("slack:T1:U1",))
SHIPPED = rulebook.shipped()
OPEN = Policy(rules=(Rule(name="all", effect=Decision.ALLOW),))


def at(action: Action = REFUND, **given: object) -> Circumstances:
    """Circumstances of one call of the action."""
    arguments = {"order": "1007", "amount": Money(500, "EUR").as_json()} if action is REFUND else {}
    call = Call(action=action.name, fingerprint="f", account=SHOP, arguments=arguments)
    base = Circumstances(person=ANN, call=call, now=NOW)
    return replace(base, **given)


def refund_of(minor: int, currency: str = "EUR") -> Call:
    arguments = {"order": "1007", "amount": Money(minor, currency).as_json()}
    return Call(action=REFUND.name, fingerprint="f", account=SHOP, arguments=arguments)


def mail_to(*recipients: str) -> Call:
    return Call(action=MAIL.name, fingerprint="f", account=SHOP, arguments={"to": list(recipients)})


def one(rule: Rule) -> Policy:
    return Policy(rules=(rule, *OPEN.rules))


# The shipped policy.


@pytest.mark.parametrize("tainted", [False, True])
@pytest.mark.parametrize("own_words", [False, True])
@pytest.mark.parametrize("role", [Role.OWNER, Role.APPROVER, Role.MEMBER])
def test_what_is_r3_always_asks(tainted: bool, own_words: bool, role: Role) -> None:
    """SAFETY 64"""
    person = replace(ANN, role=role)
    verdict = judge(REFUND, at(person=person, tainted=tainted, own_words=own_words), SHIPPED)
    assert (verdict.decision, verdict.rule) == (Decision.ASK, "R3-always-asks")
    assert verdict.lifetime == timedelta(hours=4)


@pytest.mark.parametrize(
    ("action", "tainted", "own_words", "expected"),
    [
        (READ, False, False, Decision.ALLOW),
        (READ, True, False, Decision.ALLOW),
        (FETCH, False, False, Decision.ALLOW),
        (FETCH, True, False, Decision.ASK),
        (FETCH, True, True, Decision.ALLOW),
        (NOTE, False, False, Decision.ALLOW),
        (NOTE, True, False, Decision.ASK),
        (NOTE, True, True, Decision.ALLOW),
        (MAIL, False, False, Decision.ALLOW),
        (MAIL, True, False, Decision.ASK),
        (MAIL, True, True, Decision.ALLOW),
        (UNCLASSIFIED, False, True, Decision.ASK),
        (UNCLASSIFIED, True, True, Decision.ASK),
    ],
)
def test_after_reading_strangers_words_whatever_acts_asks(
    action: Action, tainted: bool, own_words: bool, expected: Decision
) -> None:
    """SAFETY 63, 67"""
    assert judge(action, at(action, tainted=tainted, own_words=own_words), SHIPPED).decision is expected


def test_the_assistants_own_deeds_ask_too_once_tainted_but_anybody_may_stop_everything() -> None:
    link = Action(name="vigie.link", title="Link", risk=Risk.R1)
    stop = Action(name="vigie.freeze", title="Freeze", risk=Risk.R1)
    assert judge(link, at(link, tainted=True), SHIPPED).decision is Decision.ASK
    assert judge(stop, at(stop, tainted=True), SHIPPED).decision is Decision.ALLOW
    everything = Policy(rules=(Rule(name="no", effect=Decision.DENY),))
    assert judge(stop, at(stop), everything).decision is Decision.ALLOW


# Unknown tools, and tools that call tools.


def test_an_action_nobody_classified_is_r3() -> None:
    """SAFETY 65"""
    assert UNCLASSIFIED.risk is Risk.R3


CALL_TOOL = Action(
    name="hub.call_tool",
    title="Call a tool",
    risk=Risk.R0,
    fields=(Field(name="tool", title="Tool"),),
    inner="tool",
)


@pytest.mark.parametrize(
    ("inner", "expected"),
    [(READ, Decision.ALLOW), (REFUND, Decision.ASK), (UNCLASSIFIED, Decision.ASK)],
)
def test_a_tool_that_calls_tools_is_judged_by_what_it_would_call(inner: Action, expected: Decision) -> None:
    """SAFETY 66"""
    verdict = judge(CALL_TOOL, at(CALL_TOOL, inner=inner), SHIPPED)
    assert verdict.decision is expected


def test_a_rule_about_a_tool_catches_it_behind_another() -> None:
    """SAFETY 66"""
    no_refunds = one(Rule(name="no", effect=Decision.DENY, when=When(action=("shop.refund",))))
    assert judge(CALL_TOOL, at(CALL_TOOL, inner=REFUND), no_refunds).rule == "no"


def test_a_mission_may_call_behind_a_tool_only_what_it_lists() -> None:
    mission = Mission(
        id="m",
        number=1,
        space="home",
        owner=ANN.id,
        place="p",
        goal="g",
        may=("hub.call_tool",),
        created=NOW,
    )
    assert judge(CALL_TOOL, at(CALL_TOOL, inner=REFUND, mission=mission), OPEN).rule == "not-in-mission"


# The floor.


def test_nothing_acts_in_a_freeze_and_reading_goes_on() -> None:
    """SAFETY 96"""
    assert judge(NOTE, at(NOTE, frozen="fire"), OPEN).rule == "frozen"
    assert judge(FETCH, at(FETCH, frozen="fire"), OPEN).rule == "frozen"
    assert judge(READ, at(READ, frozen="fire"), OPEN).decision is Decision.ALLOW


def test_somebody_must_answer_for_it() -> None:
    assert judge(READ, at(READ, person=None), OPEN).rule == "nobody-answers"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action.name)
def test_guests_only_talk_whatever_a_rule_says(action: Action) -> None:
    guest = replace(ANN, role=Role.GUEST)
    assert judge(action, at(action, person=guest), OPEN).rule == "guests-only-talk"


@pytest.mark.parametrize("action", [NOTE, MAIL, REFUND, FETCH], ids=lambda action: action.name)
def test_a_mission_takes_none_but_its_own_actions(action: Action) -> None:
    """SAFETY 74"""
    mission = Mission(id="m", number=1, space="home", owner=ANN.id, place="p", goal="g", created=NOW)
    assert judge(action, at(action, mission=mission), OPEN).rule == "not-in-mission"
    listed = replace(mission, may=(action.name,))
    assert judge(action, at(action, mission=listed), OPEN).decision is Decision.ALLOW


def test_where_no_rule_speaks_it_asks() -> None:
    """SAFETY 68"""
    verdict = judge(READ, at(READ), Policy())
    assert (verdict.decision, verdict.rule) == (Decision.ASK, "no-rule-allows")


# Order.

effects = st.sampled_from(list(Decision))
whens = st.builds(
    When,
    action=st.sampled_from([(), ("shop.*",), ("shop.refund", "shop.note"), ("x.*",)]),
    min_risk=st.none() | st.sampled_from(list(Risk)),
    max_risk=st.none() | st.sampled_from(list(Risk)),
    tainted=st.none() | st.booleans(),
    own_words=st.none() | st.booleans(),
    egress=st.none() | st.booleans(),
    mission=st.none() | st.booleans(),
    live=st.none() | st.booleans(),
    fields=st.sampled_from([(), (FieldTest(field="amount", test="more", wanted=("1 EUR",)),)]),
)
rules = st.builds(Rule, name=st.text(min_size=1), effect=effects, when=whens, unless=st.none() | whens)
policies = st.lists(rules, max_size=6).map(lambda found: Policy(rules=tuple(found)))


def a_case(action: Action, tainted: bool, own_words: bool, role: Role) -> tuple[Action, Circumstances]:
    return action, at(action, tainted=tainted, own_words=own_words, person=replace(ANN, role=role))


circumstances = st.builds(
    a_case, st.sampled_from(ACTIONS), st.booleans(), st.booleans(), st.sampled_from(list(Role))
)
HARD = {Decision.ALLOW: 0, Decision.ASK: 1, Decision.DENY: 2}


@given(policies, rules, circumstances, st.integers(0, 6))
def test_a_deny_or_ask_rule_more_never_allows_more(
    before: Policy, rule: Rule, case: tuple[Action, Circumstances], where: int
) -> None:
    """SAFETY 68"""
    if rule.effect is Decision.ALLOW:
        return
    found = list(before.rules)
    found.insert(where, rule)
    after = Policy(rules=tuple(found))
    action, circumstances = case
    assert (
        HARD[judge(action, circumstances, after).decision]
        >= HARD[judge(action, circumstances, before).decision]
    )


@given(policies, rules, circumstances)
def test_an_allow_rule_more_never_lifts_a_denial_or_an_ask_by_rule(
    before: Policy, rule: Rule, case: tuple[Action, Circumstances]
) -> None:
    allowing = replace(rule, effect=Decision.ALLOW)
    action, circumstances = case
    old = judge(action, circumstances, before)
    new = judge(action, circumstances, Policy(rules=(allowing, *before.rules)))
    if old.rule != "no-rule-allows" and old.decision is not Decision.ALLOW:
        assert new == old


@given(policies, circumstances)
def test_explaining_names_the_rule_that_decides(before: Policy, case: tuple[Action, Circumstances]) -> None:
    action, circumstances = case
    verdict = judge(action, circumstances, before)
    steps = policy.explain(action, circumstances, before)
    decided = [step.rule for step in steps if not step.silent]
    assert decided == ([] if verdict.rule == "no-rule-allows" else [verdict.rule])


@given(st.sampled_from(list(Decision)), st.sampled_from(list(Decision)), st.integers(1, 2), st.integers(1, 2))
def test_of_two_verdicts_the_stricter_binds(one: Decision, other: Decision, few: int, many: int) -> None:
    """SAFETY 69"""
    first = Verdict(decision=one, rule="then", why="", people=few)
    second = Verdict(decision=other, rule="now", why="", people=many)
    bound = stricter(first, second)
    assert HARD[bound.decision] == max(HARD[one], HARD[other])
    if one is other is Decision.ASK:
        assert bound.people == max(few, many)


# Conditions.


@pytest.mark.parametrize(
    ("when", "speaks"),
    [
        (When(action=("shop.refund",)), True),
        (When(action=("SHOP.*",)), True),
        (When(action=("shop.refun",)), False),
        (When(action=("shop[.]refund",)), False),
        (When(system=("shop",)), True),
        (When(system=("sho",)), False),
        (When(account=("main*",)), True),
        (When(account=("Other",)), False),
        (When(live=True), True),
        (When(live=False), False),
        (When(min_risk=Risk.R3), True),
        (When(max_risk=Risk.R2), False),
        (When(role=(Role.OWNER,)), True),
        (When(role=(Role.MEMBER,)), False),
        (When(person=("per_ann",)), True),
        (When(person=("slack:T1:U1",)), True),
        (When(person=("slack:T2:U1",)), False),
        (When(mission=False), True),
        (When(mission=True), False),
        (When(mission=(1,)), False),
        (When(tainted=False), True),
        (When(own_words=True), False),
        (When(egress=False), True),
        (When(fields=(FieldTest(field="order", test="equals", wanted=("1007",)),)), True),
        (When(fields=(FieldTest(field="order", test="equals", wanted=("100",)),)), False),
        (When(fields=(FieldTest(field="order", test="in", wanted=("1", "1007")),)), True),
        (When(fields=(FieldTest(field="order", test="matches", wanted=("10*",)),)), True),
        (When(fields=(FieldTest(field="amount", test="more", wanted=("4.99 EUR",)),)), True),
        (When(fields=(FieldTest(field="amount", test="more", wanted=("5 EUR",)),)), False),
        (When(fields=(FieldTest(field="amount", test="less", wanted=("5.01 EUR",)),)), True),
        (When(fields=(FieldTest(field="amount", test="equals", wanted=("5 EUR",)),)), True),
        (When(fields=(FieldTest(field="nothing", test="equals", wanted=("5",)),)), False),
    ],
    ids=str,
)
def test_a_condition_holds_or_does_not(when: When, speaks: bool) -> None:
    for effect in Decision:
        rule = Rule(name="it", effect=effect, when=when)
        assert (judge(REFUND, at(), Policy(rules=(rule,))).rule == "it") == speaks


def test_another_currency_cannot_slip_under_a_bound() -> None:
    above = When(fields=(FieldTest(field="amount", test="more", wanted=("200 EUR",)),))
    below = When(fields=(FieldTest(field="amount", test="less", wanted=("200 EUR",)),))
    yen = at(call=refund_of(1, "JPY"))
    assert judge(REFUND, yen, one(Rule(name="it", effect=Decision.DENY, when=above))).rule == "it"
    assert (
        judge(REFUND, yen, Policy(rules=(Rule(name="it", effect=Decision.ALLOW, when=below),))).rule != "it"
    )
    trusting = Rule(name="it", effect=Decision.ASK, unless=below)
    assert judge(REFUND, yen, one(trusting)).rule == "it"


def test_one_strange_recipient_is_enough_to_hold_back_and_all_must_be_known_to_let_through() -> None:
    ours = When(fields=(FieldTest(field="to", test="matches", wanted=("*@example.com",)),))
    mixed = at(MAIL, call=mail_to("ann@example.com", "eve@evil.example"))
    known = at(MAIL, call=mail_to("ann@example.com", "bob@Example.com"))
    asks = one(Rule(name="asks", effect=Decision.ASK, unless=ours))
    assert judge(MAIL, mixed, asks).rule == "asks"
    assert judge(MAIL, known, asks).rule == "all"
    lets = Policy(rules=(Rule(name="lets", effect=Decision.ALLOW, when=ours),))
    assert judge(MAIL, mixed, lets).rule != "lets"
    assert judge(MAIL, known, lets).rule == "lets"
    theirs = When(fields=(FieldTest(field="to", test="matches", wanted=("*@evil.example",)),))
    assert judge(MAIL, mixed, one(Rule(name="no", effect=Decision.DENY, when=theirs))).rule == "no"


@pytest.mark.parametrize(
    ("hours", "moment", "inside"),
    [
        (Hours(start=time(9), end=time(17)), NOW, True),
        (Hours(start=time(9), end=time(12)), NOW, False),
        (Hours(start=time(12), end=time(13)), NOW, True),
        (Hours(start=time(22), end=time(7)), NOW.replace(hour=23), True),
        (Hours(start=time(22), end=time(7)), NOW.replace(hour=6), True),
        (Hours(start=time(22), end=time(7)), NOW.replace(hour=7), False),
        (Hours(days=frozenset({5})), NOW, True),
        (Hours(days=frozenset({6})), NOW, False),
        # Saturday's night reaches into Sunday.
        (Hours(start=time(22), end=time(7), days=frozenset({5})), NOW.replace(day=22, hour=6), True),
        (Hours(start=time(22), end=time(7), days=frozenset({5})), NOW.replace(hour=6), False),
        (Hours(start=time(20), end=time(22), zone="Asia/Tokyo"), NOW, True),
    ],
)
def test_hours_follow_the_wall_clock(hours: Hours, moment: datetime, inside: bool) -> None:
    rule = Rule(name="it", effect=Decision.ASK, when=When(hours=hours))
    assert (judge(REFUND, at(now=moment), one(rule)).rule == "it") == inside
    quiet = replace(one(replace(rule, when=When(quiet=True))), quiet=hours)
    assert (judge(REFUND, at(now=moment), quiet).rule == "it") == inside


# Limits.


def spent(
    minor: int, hours: float, *, currency: str = "EUR", effect: str = "", action: str = "shop.refund"
) -> Outlay:
    return Outlay(
        effect=effect or f"eff{minor}{hours}",
        action=action,
        account="shop/Main shop/live",
        person=ANN.id,
        recipients=("eve@evil.example",),
        amounts=(Money(minor, currency),),
        at=NOW - timedelta(hours=hours),
    )


CAP = Rule(
    name="cap",
    effect=Decision.DENY,
    when=When(
        action=("shop.refund",),
        limit=Limit(per="account", within=timedelta(hours=24), amount=Money(1_000_000, "EUR")),
    ),
)


@pytest.mark.parametrize(
    ("before", "asked", "denied"),
    [
        ((), refund_of(1_000_000), False),
        ((), refund_of(1_000_001), True),
        ((spent(999_900, 1),), refund_of(999_900), True),
        ((spent(999_900, 1),), refund_of(100), False),
        ((spent(999_900, 24),), refund_of(999_900), False),
        ((spent(999_900, 1, action="shop.other"),), refund_of(999_900), False),
        ((), refund_of(1, "USD"), True),
    ],
)
def test_a_limit_counts_what_was_done_in_its_window(
    before: tuple[Outlay, ...], asked: Call, denied: bool
) -> None:
    verdict = judge(REFUND, at(call=asked, outlays=before), one(CAP))
    assert (verdict.rule == "cap") == denied


def test_three_deeds_just_under_the_limit_are_not_under_it() -> None:
    """SAFETY 71"""
    outlays: tuple[Outlay, ...] = ()
    went: list[bool] = []
    for n in range(3):
        verdict = judge(REFUND, at(call=refund_of(999_900), outlays=outlays), one(CAP))
        went.append(verdict.decision is Decision.ALLOW)
        if went[-1]:
            outlays = (*outlays, spent(999_900, 0.1, effect=f"e{n}"))
    assert went == [True, False, False]


def test_a_count_is_for_each_recipient_and_an_allow_rule_holds_within_it() -> None:
    few = Limit(per="recipient", within=timedelta(hours=1), count=1)
    lets = Policy(
        rules=(Rule(name="lets", effect=Decision.ALLOW, when=When(action=("shop.mail",), limit=few)),)
    )
    sent = (spent(0, 0.5, action="shop.mail"),)
    assert judge(MAIL, at(MAIL, call=mail_to("bob@x.example"), outlays=sent), lets).rule == "lets"
    assert judge(MAIL, at(MAIL, call=mail_to("eve@evil.example"), outlays=sent), lets).rule != "lets"
    both = at(MAIL, call=mail_to("bob@x.example", "EVE@evil.example"), outlays=sent)
    assert judge(MAIL, both, lets).rule != "lets"
