"""What a standing permission covers: nothing beside what it says, and nothing once it is over."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import grants
from bot.actions import Account, Action, Call, Field, Kind, Part, Risk
from bot.errors import BadInput, Stale
from bot.grants import Grant, Limits, Scope, Use
from bot.rules import Earning
from bot.terms import Term
from bot.values import Money
from tests.bot.drawing import NOW

PAY = Action(
    name="shop.credit",
    title="Credit",
    risk=Risk.R2,
    fields=(
        Field(name="to", title="To", kind=Kind.OBJECT, part=Part.RECIPIENT),
        Field(name="amount", title="Amount", kind=Kind.MONEY, part=Part.AMOUNT),
    ),
)
SHOP = Account(system="shop", label="Shop", live=True)
SCOPE = Scope(
    action=PAY.name,
    definition=PAY.fingerprint,
    account="Shop",
    live=True,
    requester="per_ann",
    rule="asks",
    terms=(
        Term(field="to", test="is", value="c1"),
        Term(field="amount", test="most", value=Money(500, "EUR").as_json()),
    ),
)
GRANT = Grant(
    id="gra_1",
    number=1,
    space="home",
    scope=SCOPE,
    uses=3,
    total=Money(1000, "EUR"),
    until=NOW + timedelta(days=1),
    giver="per_olivia",
    created=NOW,
)


def call(minor: int = 500, currency: str = "EUR", *, to: str = "c1") -> Call:
    return Call(
        action=PAY.name,
        fingerprint=PAY.fingerprint,
        account=SHOP,
        arguments={"to": to, "amount": {"minor": minor, "currency": currency}},
    )


USE = Use(
    action=PAY, call=call(), requester="per_ann", mission=0, rule="asks", receives="", tainted=False, now=NOW
)


def why(grant: Grant = GRANT, use: Use = USE) -> str:
    return grants.silent_because(grant, use)


def test_what_it_says_is_covered() -> None:
    assert why() == ""


R3 = replace(PAY, risk=Risk.R3)
INNER = replace(PAY, inner="to")
RENAMED = replace(PAY, title="Give away")


@pytest.mark.parametrize(
    ("use", "because"),
    [
        (replace(USE, tainted=True), "tainted"),
        (replace(USE, action=R3), "risk"),
        (replace(USE, action=INNER), "risk"),
        (replace(USE, action=replace(PAY, risk=Risk.R0)), "risk"),
        (replace(USE, action=RENAMED), "definition"),
        (replace(USE, call=replace(call(), action="shop.other")), "action"),
        (replace(USE, call=replace(call(), account=replace(SHOP, label="Other"))), "account"),
        (replace(USE, call=replace(call(), account=replace(SHOP, live=False))), "account"),
        (replace(USE, requester="per_mark"), "requester"),
        (replace(USE, requester=""), "requester"),
        (replace(USE, mission=3), "mission"),
        (replace(USE, rule="night"), "rule"),
        (replace(USE, receives="Eve"), "receiver"),
        (replace(USE, call=call(to="c2")), "terms"),
        (replace(USE, call=call(501)), "terms"),
        (replace(USE, call=call(5, "USD")), "terms"),
        (replace(USE, now=GRANT.until), "over"),
    ],
)
def test_each_difference_asks_again(use: Use, because: str) -> None:
    """SAFETY 70"""
    assert why(use=use) == because


def test_it_ends_with_its_uses_its_money_its_day_and_its_withdrawal() -> None:
    """SAFETY 70"""
    assert why(replace(GRANT, used=2)) == ""
    assert why(replace(GRANT, used=3)) == "used up"
    assert why(replace(GRANT, spent=500)) == ""
    assert why(replace(GRANT, spent=501)) == "amount"
    assert why(replace(GRANT, total=None)) == "amount"
    assert why(replace(GRANT, until=NOW)) == "over"
    withdrawn = GRANT.withdrawn("per_ann", NOW)
    assert why(withdrawn) == "withdrawn"
    assert not withdrawn.stands_at(NOW)
    with pytest.raises(Stale):
        withdrawn.withdrawn("per_ann", NOW)


@given(st.lists(st.integers(1, 600), max_size=8))
def test_however_it_is_used_no_limit_is_passed(amounts: list[int]) -> None:
    """SAFETY 70: count and amount over any sequence of uses."""
    grant, spent = GRANT, list[int]()
    for minor in amounts:
        if not why(grant, replace(USE, call=call(minor))):
            grant = grant.consumed(call(minor))
            spent.append(minor)
    assert len(spent) == grant.used <= GRANT.uses
    assert sum(spent) == grant.spent <= 1000
    assert all(minor <= 500 for minor in spent)


EARNING = Earning(after=3, uses=4, days=10)


def limits(**change: object) -> Limits:
    base = Limits(uses=4, total=Money(2000, "EUR"), until=NOW + timedelta(days=10))
    return replace(base, **change)


def checked(given: Limits, action: Action | None = PAY, earning: Earning = EARNING) -> None:
    grants.check(action, SCOPE, given, earning=earning, now=NOW)


def test_what_is_narrower_may_be_given() -> None:
    checked(limits())
    checked(limits(uses=1, total=Money(1, "EUR"), until=NOW + timedelta(seconds=1)))


@pytest.mark.parametrize(
    "given",
    [
        limits(uses=5),
        limits(uses=0),
        limits(until=NOW),
        limits(until=NOW + timedelta(days=11)),
        limits(total=None),
        limits(total=Money(2001, "EUR")),
        limits(total=Money(5, "USD")),
        limits(total=Money(-1, "EUR")),
    ],
)
def test_what_is_wider_may_not(given: Limits) -> None:
    """SAFETY 70"""
    with pytest.raises(BadInput):
        checked(given)


@pytest.mark.parametrize("action", [None, R3, RENAMED, INNER])
def test_what_may_not_be_granted_is_not(action: Action | None) -> None:
    """SAFETY 70: never for R3."""
    with pytest.raises(BadInput):
        checked(limits(), action)


def test_a_policy_that_allows_none_is_obeyed() -> None:
    with pytest.raises(BadInput):
        checked(limits(), earning=replace(EARNING, after=0))
