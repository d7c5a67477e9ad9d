"""The policy binds where a deed is written down and again where it is made, limits included."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from bot import ledger, outbox, series
from bot.actions import Account
from bot.effects import Authority, Effect, EffectState, Run
from bot.errors import NotAllowed
from bot.events import Press, Verb
from bot.inbox import Arrival
from bot.people import Role
from bot.rulebook import PolicyFile, asking_everything, shipped_text
from tests.stage import HERE, MARK, OLIVIA, Stage, stage

NO_REFUNDS = '\n[[rule]]\nname = "no-refunds"\neffect = "deny"\naction = "demo.refund"\nreason = "refunds are stopped"\n'
CAP = """
[[rule]]
name = "cap"
effect = "deny"
action = "demo.refund"
limit = { per = "account", within = "24h", amount = "10 EUR" }
reason = "at most 10 EUR a day"
"""


def policy(folder: Path, more: str = "") -> PolicyFile:
    path = folder / "policy.toml"
    path.write_text(shipped_text() + more)
    return PolicyFile(path)


async def kinds(s: Stage) -> list[str]:
    return [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]


async def test_a_policy_tightened_while_a_card_waits_binds_at_the_press(tmp_path: Path) -> None:
    """SAFETY 69"""
    rules = policy(tmp_path)
    async with stage(tmp_path, policy=rules) as s:
        await s.say("do demo.refund order=1007 amount=5")
        policy(tmp_path, NO_REFUNDS)
        await s.press(s.card)
        assert s.shop.refunds() == ()
        assert "refunds are stopped" in s.card.status


async def test_a_policy_loosened_while_a_card_waits_still_needs_the_press(tmp_path: Path) -> None:
    """SAFETY 69"""
    rules = policy(tmp_path)
    async with stage(tmp_path, policy=rules) as s:
        await s.say("do demo.refund order=1007 amount=5")
        rules.path.write_text('[[rule]]\nname = "all"\neffect = "allow"\n')
        await s.rest()
        assert s.shop.refunds() == ()
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1


async def test_a_broken_policy_asks_about_reading_too_and_says_so(tmp_path: Path) -> None:
    rules = policy(tmp_path)
    async with stage(tmp_path, policy=rules) as s:
        rules.path.write_text("[[rule")
        await s.say("do demo.late_orders")
        assert s.card.buttons
        await s.press(s.card)
        assert "Done" in s.card.status
        await s.say("status")
        assert "everything asks" in s.last


async def test_the_ledger_says_which_policy_was_in_force(tmp_path: Path) -> None:
    rules = policy(tmp_path)
    async with stage(tmp_path, policy=rules) as s:
        await s.say("do demo.note_order order=1007 note=a")
        await s.say("do demo.note_order order=1008 note=b")
        assert (await kinds(s)).count("policy") == 1
        first = rules().digest
        policy(tmp_path, NO_REFUNDS)
        await s.say("do demo.refund order=1007 amount=5")
        rows = [e.body["digest"] for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "policy"]
        assert rows == [first, rules().digest]
        assert ledger.verify(await s.look(lambda tx: tx.ledger.read())).holds


async def test_three_refunds_just_under_the_limit_pressed_at_once_are_one_refund(tmp_path: Path) -> None:
    """SAFETY 71"""
    async with stage(tmp_path, policy=policy(tmp_path, CAP)) as s:
        for order in ("1007", "1008", "1009"):
            await s.say(f"do demo.refund order={order} amount=9.99")
        cards = s.chat.cards()
        assert len(cards) == 3
        await asyncio.gather(
            *(
                s.accept(
                    Arrival(
                        key=f"p:{card.code}",
                        place=HERE,
                        body=Press(who=OLIVIA, ref=card.ref, revision=card.revision, verb=Verb.APPROVE),
                    ),
                )
                for card in cards
            )
        )
        await s.rest()
        assert [str(refund.amount) for refund in s.shop.refunds()] == ["9.99 EUR"]
        assert sum("at most 10 EUR a day" in card.status for card in s.chat.cards()) == 2


async def test_a_requester_who_became_a_guest_gets_nothing_done(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=policy(tmp_path)) as s:
        await s.say("do demo.refund order=1007 amount=5", who=MARK)
        mark = await s.look(lambda tx: tx.people.get("per_mark"))
        assert mark is not None
        await s.store.write(lambda tx: tx.people.put(replace(mark, role=Role.GUEST)))
        await s.press(s.card)
        assert s.shop.refunds() == ()


async def test_the_executor_does_nothing_on_its_callers_word(tmp_path: Path) -> None:
    """SAFETY 75"""
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=5")
        (proposal,) = await s.look(lambda tx: tx.proposals.pending())
        run = Run(
            call=proposal.call, authority=Authority(by="rule", rule="mine", digest=proposal.call.digest)
        )
        forged = Effect(
            id="eff_forged", space="home", place=HERE.key, deed=run, person="per_olivia", due=s.clock.now()
        ).started()
        context = await outbox.context_of(forged, s.house)
        with pytest.raises(NotAllowed):
            await outbox.perform(forged, context, house=s.house)
        waiting = replace(forged, id="eff_unapproved", state=EffectState.PENDING)
        await s.store.write(lambda tx: tx.effects.add(waiting))
        await s.say("status")
        await series.run_approved("home", HERE.key, house=s.house)
        assert s.shop.refunds() == ()


async def test_an_approval_is_good_only_for_the_account_on_the_card(tmp_path: Path) -> None:
    """SAFETY 59"""
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=5")
        other = Account(system="demo", label="Another shop", live=True)
        s.shop.account = lambda: other
        await s.press(s.card)
        assert s.shop.refunds() == ()
        assert "another account" in s.card.status


def test_asking_everything_still_names_its_trouble() -> None:
    assert asking_everything("policy.toml: gone").trouble == "policy.toml: gone"
