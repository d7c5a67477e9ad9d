"""The policy file: every mistake is named and refuses the file; a broken one asks about everything."""

import os
from pathlib import Path

import pytest

from adapters.speech.languages import tongues
from bot import rulebook
from bot.actions import Action, Risk
from bot.errors import Misconfigured
from bot.people import Person, Role
from bot.policy import Circumstances, Decision, judge
from bot.policywords import sentences, warnings
from bot.rulebook import PolicyFile, asking_everything, parse

ANN = Person(id="per_ann", name="Ann", role=Role.OWNER)
NOTE = Action(name="shop.note", title="Note", risk=Risk.R1)
ASK = '[[rule]]\nname = "a"\neffect = "ask"\n'


def test_every_key_is_read() -> None:
    text = """
    [quiet_hours]
    hours = "22:00-07:00"
    days = ["sat", "sun"]
    zone = "Europe/Paris"

    [[rule]]
    name = "everything"
    effect = "ask"
    reason = "because"
    author = "Olivia"
    approvers = ["owner", "per_1"]
    people = 2
    step_up = true
    lifetime = "30m"
    action = ["shop.*", "till.pay"]
    system = "shop"
    account = "Main*"
    live = true
    min_risk = "R1"
    max_risk = "R3"
    role = ["member"]
    person = "slack:T1:U1"
    mission = [3, 4]
    tainted = true
    own_words = false
    egress = false
    quiet = false
    hours = "09:00-17:00"
    days = "fri-mon"
    zone = "Asia/Tokyo"
    fields = { amount = { more = "200 EUR", less = "300 EUR" }, to = { matches = ["*@a.org", "b*"] } }
    limit = { per = "recipient", within = "7d", amount = "10000 EUR", count = 3 }
    unless = { risk = "R1", mission = true }
    """
    policy = parse(text, source="p.toml")
    (rule,) = policy.rules
    assert (rule.people, rule.step_up, rule.approvers) == (2, True, ("owner", "per_1"))
    assert rule.lifetime is not None
    assert rule.lifetime.total_seconds() == 1800
    assert rule.when.hours is not None
    assert rule.when.hours.days == frozenset({4, 5, 6, 0})
    assert rule.when.mission == (3, 4)
    assert len(rule.when.fields) == 3
    assert rule.when.limit is not None
    assert (rule.when.limit.per, rule.when.limit.count) == ("recipient", 3)
    assert rule.unless is not None
    assert (rule.unless.min_risk, rule.unless.max_risk, rule.unless.mission) == (Risk.R1, Risk.R1, True)
    assert policy.quiet is not None
    assert policy.quiet.zone == "Europe/Paris"
    assert len(sentences(policy, tongues()("en"))) == 1


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("rules = 1", "p.toml: rules: there is no such key"),
        ("[[rule]]\n", "p.toml: rule number 1: effect"),
        ('[[rule]]\neffect = "ask"', "rule number 1: name"),
        ('[[rule]]\nname = "a"\neffect = "maybe"', "rule 'a': effect: one of allow, ask, deny"),
        (ASK + 'colour = "red"', "rule 'a': colour: there is no such key"),
        (ASK + 'action = ""', "rule 'a': action"),
        (ASK + "action = []", "rule 'a': action: an empty list would never match"),
        (ASK + 'risk = "R4"', "rule 'a': risk: one of R0, R1, R2, R3"),
        (ASK + 'risk = "R1"\nmin_risk = "R1"', "rule 'a': risk: either"),
        (ASK + 'role = "boss"', "rule 'a': role"),
        (ASK + 'tainted = "yes"', "rule 'a': tainted: true or false"),
        (ASK + 'mission = "x"', "rule 'a': mission"),
        (ASK + 'hours = "9-17"', "rule 'a': hours"),
        (ASK + 'hours = "25:00-07:00"', "rule 'a': hours"),
        (ASK + 'days = "someday"', "rule 'a': days"),
        (ASK + 'zone = "Mars/Base"', "rule 'a': zone"),
        (ASK + "people = 3", "rule 'a': people: 1 or 2"),
        (ASK + 'lifetime = "soon"', "rule 'a': lifetime"),
        (ASK + "lifetime = 30", "rule 'a': lifetime"),
        (ASK + "fields = { a = 1 }", "rule 'a': fields.a: a table"),
        (ASK + "fields = { a = {} }", "rule 'a': fields.a: name a test"),
        (ASK + "fields = { a = { like = 1 } }", "rule 'a': fields.a: like: there is no such key"),
        (ASK + 'fields = { a = { more = "much" } }', "rule 'a': fields.a.more"),
        (ASK + "fields = { a = { in = [] } }", "rule 'a': fields.a.in"),
        (ASK + 'limit = { per = "account", within = "1d" }', "rule 'a': limit: name an amount or a count"),
        (ASK + 'limit = { per = "planet", within = "1d", count = 1 }', "rule 'a': limit.per"),
        (ASK + 'limit = { per = "account", count = 1 }', "rule 'a': limit.within"),
        (ASK + 'limit = { per = "account", within = "1d", amount = "10" }', "rule 'a': limit.amount"),
        (
            ASK + 'limit = { per = "account", within = "1d", sum = "10 EUR" }',
            "rule 'a': limit: sum: there is no",
        ),
        (ASK + "unless = {}", "rule 'a': unless"),
        (ASK + 'unless = { reason = "x" }', "rule 'a': unless: reason: there is no such key"),
        (ASK + ASK, "rule 'a': there are two of that name"),
        (
            '[[rule]]\nname = "a"\neffect = "deny"\npeople = 2',
            "rule 'a': people: only a rule with the effect ask",
        ),
        ("quiet_hours = 3", "quiet_hours: a table is expected"),
        ("[quiet_hours]\nfrom = 3", "quiet_hours: from: there is no such key"),
        ("rule = 3", "p.toml: rule: rules are written"),
        ("this is no TOML", "p.toml: "),
    ],
)
def test_a_mistake_refuses_the_file_and_names_the_rule_and_the_key(text: str, told: str) -> None:
    """SAFETY 68"""
    with pytest.raises(Misconfigured) as caught:
        parse(text, source="p.toml")
    assert told in str(caught.value)


def test_the_shipped_policy_says_what_it_should_and_nothing_odd() -> None:
    policy = rulebook.shipped()
    assert [rule.name for rule in policy.rules][:3] == [
        "R3-always-asks",
        "tainted-writes-ask",
        "tainted-egress-asks",
    ]
    assert warnings(policy, {}) == ()


def test_the_examples_of_the_shipped_policy_can_be_uncommented() -> None:
    text = rulebook.shipped_text()
    head, _, examples = text.partition("# Examples, ready to be uncommented and changed:\n")
    opened = "\n".join(line.removeprefix("#").removeprefix(" ") for line in examples.splitlines())
    assert len(parse(head + opened, source="p.toml").rules) == len(rulebook.shipped().rules) + 5


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ASK + 'min_risk = "R3"\nmax_risk = "R1"', "can never match"),
        (ASK + 'action = "shop.nothing"', "matches no action"),
        (ASK + 'action = "shop.note"\nrisk = "R3"', "another class"),
        (
            ASK + 'action = "shop.note"\nfields = { text = { equals = "x" } }',
            "no action it names has a field text",
        ),
        (ASK + '[[rule]]\nname = "b"\neffect = "ask"\nrisk = "R1"', "b: can never decide: a comes first"),
        (
            ASK + '[[rule]]\nname = "b"\neffect = "allow"\nrisk = "R1"',
            "b: can never decide: a is asked first",
        ),
        ('[[rule]]\nname = "a"\neffect = "allow"\nrole = "guest"', "guests only talk"),
        ('[[rule]]\nname = "a"\neffect = "allow"', "no rule asks about everything of class R3"),
    ],
)
def test_what_can_never_match_is_warned_of(text: str, told: str) -> None:
    found = warnings(parse(text, source="p.toml"), {NOTE.name: NOTE})
    assert any(told in each for each in found), found


# The file.


def decided(policy: PolicyFile, action: Action = NOTE) -> Decision:
    return judge(action, Circumstances(person=ANN), policy()).decision


def test_an_edited_file_is_in_force_from_the_next_action_on(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('[[rule]]\nname = "a"\neffect = "allow"\n')
    policy = PolicyFile(path)
    assert decided(policy) is Decision.ALLOW
    path.write_text('[[rule]]\nname = "a"\neffect = "deny"\nreason = "no"\n')
    assert decided(policy) is Decision.DENY
    before = policy().digest
    assert policy().digest == before


@pytest.mark.parametrize("how", ["gone", "broken", "unknown key", "not text", "folder"])
def test_a_policy_that_cannot_be_read_asks_about_everything(tmp_path: Path, how: str) -> None:
    """SAFETY 68"""
    path = tmp_path / "policy.toml"
    path.write_text('[[rule]]\nname = "a"\neffect = "allow"\n')
    policy = PolicyFile(path)
    assert decided(policy) is Decision.ALLOW
    match how:
        case "gone":
            path.unlink()
        case "broken":
            path.write_text("[[rule")
        case "unknown key":
            path.write_text('[[rule]]\nname = "a"\neffect = "allow"\nif = true\n')
        case "not text":
            path.write_bytes(b"\xff\xfe\x00")
        case _:
            path.unlink()
            path.mkdir()
    assert decided(policy) is Decision.ASK
    assert decided(policy, Action(name="shop.read", title="Read", risk=Risk.R0)) is Decision.ASK
    assert decided(policy, Action(name="vigie.status", title="Status", risk=Risk.R0)) is Decision.ALLOW
    assert decided(policy, Action(name="vigie.freeze", title="Freeze", risk=Risk.R1)) is Decision.ALLOW
    assert policy().trouble
    if how == "folder":
        path.rmdir()
    path.write_text('[[rule]]\nname = "a"\neffect = "allow"\n')
    os.utime(path, ns=(1, 1))
    assert decided(policy) is Decision.ALLOW
    assert not policy().trouble


def test_asking_everything_lets_nobody_be_locked_out() -> None:
    policy = asking_everything("gone")
    for name in ("vigie.claim", "vigie.link", "vigie.unfreeze", "vigie.freeze"):
        action = Action(name=name, title="x", risk=Risk.R1)
        assert judge(action, Circumstances(person=ANN), policy).decision is Decision.ALLOW
