"""The rules of budgets: which limit counts, how it is written, and what a thought may cost."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import budgets, policywords, rulebook
from bot.budgets import Account, Budgets, Holder, Limit, Measure, Over, Payers
from bot.errors import Misconfigured
from bot.journal import Cost
from bot.loops import Tally
from bot.rulebook import PolicyFile, parse, shipped

NOON = datetime(2026, 11, 21, 12, 30, tzinfo=UTC)


def account(measure: Measure = Measure.TOKENS, holder: Holder = Holder.SPACE, currency: str = "") -> Account:
    return Account(holder=holder, id="", measure=measure, day="2026-11-21", currency=currency)


def test_the_file_that_ships_says_the_defaults() -> None:
    found = shipped().budgets
    assert found.limits == Budgets().limits
    assert found == Budgets(author="Vigie")


def test_what_is_not_named_keeps_its_default_and_unlimited_is_said() -> None:
    found = parse('[budgets.space]\ntokens = "unlimited"\nmodels = "1.50 USD"\n', source="p").budgets
    assert found.of(account()) is None
    assert found.of(account(Measure.MODEL_MONEY)) == 1_500_000
    assert found.of(account(Measure.EFFECTS)) == Budgets().of(account(Measure.EFFECTS))


@pytest.mark.parametrize(
    ("written", "euros", "dollars", "yen"),
    [("100", 10_000, 10_000, 100), ('"100 EUR"', 10_000, 0, 0), ('["100 EUR", "5 USD"]', 10_000, 500, 0)],
)
def test_money_is_of_each_currency_or_of_those_that_are_named(
    written: str, euros: int, dollars: int, yen: int
) -> None:
    found = parse(f"[budgets.space]\nmoney = {written}\n", source="p").budgets
    got = [found.of(account(Measure.MONEY, currency=each)) for each in ("EUR", "USD", "JPY")]
    assert got == [euros, dollars, yen]


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[budgets]\ntoken = 1", "budgets: token"),
        ("[budgets.space]\ntoken = 1", "budgets: space: token"),
        ("[budgets.thought]\nmoney = 1", "budgets: thought: money"),
        ("[budgets.space]\ntokens = -1", "budgets: space.tokens"),
        ('[budgets.space]\ntokens = "many"', "budgets: space.tokens"),
        ('[budgets.space]\nmodels = "5 EUR"', "budgets: space.models"),
        ("[budgets.space]\nmodels = 5", "budgets: space.models"),
        ('[budgets.space]\nmoney = ["5 EUR", "6 EUR"]', "budgets: space.money"),
        ("[budgets]\nwake_depth = true", "budgets: wake_depth"),
        ("budgets = 3", "budgets"),
    ],
)
def test_what_is_not_known_stops_the_start_and_is_named(text: str, named: str) -> None:
    with pytest.raises(Misconfigured) as refused:
        parse(text, source="p.toml")
    assert str(refused.value).startswith(f"p.toml: {named}: ")


def test_a_broken_file_leaves_the_budgets_that_were_in_force(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text("[budgets.space]\ntokens = 5\n")
    file = PolicyFile(path)
    assert file().budgets.of(account()) == 5
    path.write_text("[budgets.space]\ntokens = ")
    assert file().trouble
    assert file().budgets.of(account()) == 5


def test_every_limit_is_a_sentence() -> None:
    said = policywords.budget_sentences(
        parse('[budgets.space]\nmoney = "100 EUR"\ntokens = "unlimited"\n', source="p").budgets
    )
    assert said[0].startswith(
        "LIMIT everybody together: 20.00 USD for models, no other currency, 100.00 EUR,"
    )
    assert "each mission: 500000 tokens" in said[2]
    assert rulebook.UNLIMITED == "unlimited"


@given(
    most=st.integers(0, 100), used=st.integers(0, 150), wanted=st.integers(1, 100), raised=st.integers(0, 50)
)
def test_over_is_what_would_pass_the_limit_and_asking_for_more_is_enough(
    most: int, used: int, wanted: int, raised: int
) -> None:
    limits = Budgets(limits=(Limit(holder=Holder.SPACE, measure=Measure.TOKENS, most=most),))
    held = {account().key: used, account().extra: raised}
    over = budgets.over({account(): wanted}, held, limits)
    assert (over is not None) == (used + wanted > most + raised)
    if over is not None:
        assert isinstance(over, Over)
        more = {**held, account().extra: raised + over.by}
        assert budgets.over({account(): wanted}, more, limits) is None


@given(
    st.sampled_from(Holder),
    st.sampled_from(Measure),
    st.sampled_from(["", "EUR"]),
    st.text("abc_0", max_size=5),
)
def test_an_accounts_key_is_read_back(holder: Holder, measure: Measure, currency: str, id: str) -> None:
    one = Account(holder=holder, id=id, measure=measure, day="2026-11-21", currency=currency)
    assert Account.parse(one.key) == one


def test_a_thought_is_expected_to_cost_at_least_what_the_conversation_holds() -> None:
    usual = Cost(calls=1, tokens_in=1_000, tokens_out=100, micro_usd=50)
    assert budgets.expected(usual, None, 0) == usual
    before = Cost(calls=1, tokens_in=5_000, tokens_out=700, micro_usd=300)
    grown = budgets.expected(usual, before, 2)
    assert grown.tokens_in == 5_000 + 700 + 2 * budgets.ANSWER
    assert (grown.tokens_out, grown.micro_usd) == (700, 600)


def test_a_deed_is_charged_to_the_space_the_person_and_the_mission() -> None:
    amounts = {(Measure.EFFECTS, ""): 1}
    found = budgets.charged(amounts, Payers(person="p", mission="m"), now=NOON, budgets=Budgets())
    assert [(each.holder, each.id) for each in found] == [
        (Holder.SPACE, ""),
        (Holder.PERSON, "p"),
        (Holder.MISSION, "m"),
    ]


def test_a_tally_counts_one_hour_of_the_clock_and_the_same_thing_once() -> None:
    tally = Tally()
    for what in ("a", "a", "b"):
        taken = tally.take(what, NOON, most=2)
        assert taken is not None
        tally = taken
    assert tally.count == 2
    assert tally.take("c", NOON, most=2) is None
    assert tally.take("c", NOON.replace(hour=13, minute=0), most=2) is not None
    assert Tally.of(tally.as_json()) == tally
