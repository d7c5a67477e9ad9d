"""A sensitive action waits for a press, bound to exactly what will run."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.systems.demo import Fault
from bot import ledger
from bot.effects import EffectState, Question
from bot.events import Verb
from bot.people import Identity, Person, Role
from bot.places import Place
from bot.values import Money
from tests.stage import HERE, MARK, OLIVIA, Stage, stage

REFUND = "do demo.refund order=1007 amount=5"
ELSEWHERE = Place(platform="twin", channel="elsewhere", private=True)


async def kinds(s: Stage) -> list[str]:
    return [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]


async def test_a_refund_waits_for_the_press_and_the_card_becomes_the_receipt(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        assert s.shop.refunds() == ()
        assert [b.verb for b in s.card.buttons] == [Verb.APPROVE, Verb.DENY, Verb.EDIT, Verb.DETAILS]
        await s.press(s.card)
        assert [refund.amount for refund in s.shop.refunds()] == [Money(500, "EUR")]
        assert len(s.chat.messages) == 1, "the card is edited, nothing is posted beside it"
        became, who = s.card.status.splitlines()
        assert became.startswith("✓ Done: ")
        assert who.startswith("Approved by Olivia")
        assert "R0001" in s.card.status
        assert s.card.buttons == ()
        assert ledger.verify(await s.look(lambda tx: tx.ledger.read())).holds


async def test_what_was_said_is_what_runs_and_the_digest_is_in_the_ledger(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.press(s.card)
        entries = {entry.kind: entry.body for entry in await s.look(lambda tx: tx.ledger.read())}
        assert (
            entries["proposed"]["digest"] == entries["approved"]["digest"] == entries["confirmed"]["digest"]
        )
        assert entries["confirmed"]["arguments"] == {
            "order": "1007",
            "amount": {"minor": 500, "currency": "EUR"},
        }
        assert entries["confirmed"]["approver"] == "per_olivia"


async def test_deny_does_nothing_and_says_so(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.press(s.card, Verb.DENY)
        assert s.shop.refunds() == ()
        assert "Denied by Olivia" in s.card.status
        assert s.card.buttons == ()


@pytest.mark.parametrize("who", [MARK, Identity(platform="twin", user="nobody")])
async def test_only_an_approver_may_press(tmp_path: Path, who: Identity) -> None:
    """SAFETY 12, 36"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.press(s.card, who=who)
        assert s.shop.refunds() == ()
        assert s.card.buttons, "the card still waits"
        assert [notice.content for notice in s.chat.notices if "not for you" in str(notice.content)]
        assert "press_refused" in await kinds(s)


async def test_an_unknown_button_and_a_foreign_one_get_the_same_words(tmp_path: Path) -> None:
    """SAFETY 12"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.press(s.card, who=MARK)
        foreign = s.chat.notices[-1].content
        await s.press(replace(s.card, ref="x" * 22), who=MARK)
        assert s.chat.notices[-1].content == foreign


async def test_a_card_counts_only_where_it_was_delivered(tmp_path: Path) -> None:
    """SAFETY 13, 38"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.press(s.card, place=ELSEWHERE)
        await s.press(s.card, message="another message")
        assert s.shop.refunds() == ()
        await s.press(s.card, message=next(iter(s.chat.messages)))
        assert len(s.shop.refunds()) == 1


async def test_a_double_press_is_one_refund(tmp_path: Path) -> None:
    """SAFETY 14"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        card = s.card
        await s.press(card)
        await s.press(card)
        await s.press(card, Verb.DENY)
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.card.status
        assert (await kinds(s)).count("press_refused") == 2


async def test_the_deadline_itself_is_too_late(tmp_path: Path) -> None:
    """SAFETY 16"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        card = s.card
        s.clock.forward(timedelta(hours=4))
        await s.press(card)
        assert s.shop.refunds() == ()
        assert "Expired" in s.card.status


async def test_just_before_the_deadline_is_in_time(tmp_path: Path) -> None:
    """SAFETY 16"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        s.clock.forward(timedelta(hours=4) - timedelta(seconds=1))
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1


async def test_an_unanswered_card_expires_as_a_no(tmp_path: Path) -> None:
    """SAFETY 76"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.forward(timedelta(hours=5))
        assert "Expired" in s.card.status
        assert s.card.buttons == ()
        assert s.shop.refunds() == ()
        assert not await s.look(lambda tx: tx.turns.parked())


async def test_a_form_shows_money_as_its_reader_types_it(tmp_path: Path) -> None:
    """And saved as it stands it changes nothing of the sum."""
    async with stage(tmp_path) as s:
        await s.say("language fr")
        await s.say(REFUND)
        sheet = await s.sheet(s.card)
        shown = {entry.name: entry.value for entry in sheet.entries}
        assert shown["amount"] == "5,00 EUR"
        await s.fill(s.card, {**shown, "reason": "retard"})
        assert "5,00 €" in s.card.plain.replace("\u00a0", " ")


async def test_an_edit_makes_a_new_card_and_approves_nothing(tmp_path: Path) -> None:
    """SAFETY 17"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        old = s.card
        sheet = await s.sheet(old)
        assert {entry.name: entry.value for entry in sheet.entries}["amount"] == "5.00 EUR"
        await s.fill(old, {"amount": "7.50", "order": "1007"})
        assert s.shop.refunds() == ()
        new = s.card
        assert new.revision == 2
        assert "Replaced" in s.chat.cards()[0].status
        assert s.chat.cards()[0].buttons == ()
        await s.press(old)
        assert s.shop.refunds() == (), "the old card is stale"
        await s.press(s.card)
        assert [refund.amount.minor for refund in s.shop.refunds()] == [750]


async def test_an_edit_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.fill(s.card, {"amount": "much"})
        assert "Not saved: amount" in str(s.chat.notices[-1].content)
        await s.fill(s.card, {"amount": "100000"})
        assert "Not saved" in str(s.chat.notices[-1].content)
        assert s.card.revision == 1
        await s.press(s.card)
        assert [refund.amount.minor for refund in s.shop.refunds()] == [500]


async def test_a_form_may_be_filled_question_by_question(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        card = s.card
        await s.press(card, Verb.EDIT)
        assert "Order" in s.last
        await s.say(".")
        assert "Amount" in s.last
        await s.say("lots")
        assert "does not fit" in s.last
        await s.say("6 EUR")
        await s.say("damaged")
        assert s.shop.refunds() == ()
        assert s.card.revision == 2
        await s.press(s.card)
        assert [(r.amount.minor, r.reason) for r in s.shop.refunds()] == [(600, "damaged")]


async def test_a_button_answers_its_own_question_however_late_it_is_pressed(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        card = s.card
        await s.press(card, Verb.EDIT)
        first = list(s.chat.messages.values())[-1].content
        assert isinstance(first, Question)
        await s.press(card, Verb.CHOOSE, value=first.choices[-1][0])
        assert "Amount" in s.last
        await s.press(card, Verb.CHOOSE, value=first.choices[-1][0])
        assert "this question is over" in str(s.chat.notices[-1].content)
        await s.say("6 EUR")
        assert "Reason" in s.last
        await s.say("damaged")
        await s.press(s.card)
        assert [(r.amount.minor, r.reason) for r in s.shop.refunds()] == [(600, "damaged")]


async def test_a_late_keep_it_is_no_reason_to_deny_another_card(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.say("do demo.refund order=1011 amount=3")
        first, second = s.asked()
        await s.press(first, Verb.REASON)
        await s.press(second, Verb.REASON)
        await s.press(first, Verb.CHOOSE, value=".")
        assert "Denied" not in s.chat.cards()[0].status + s.chat.cards()[1].status
        await s.press(second, Verb.CHOOSE, value=".")
        assert "Denied" in s.asked()[1].status
        assert "Denied" not in s.asked()[0].status


async def test_a_form_can_be_left(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.press(s.card, Verb.EDIT)
        await s.say("cancel")
        assert "Left as it was" in s.last
        await s.say("status")
        assert "On watch" in s.last


@pytest.mark.parametrize("words", ["freeze", "stop", "gèle", "arrête tout"])
@pytest.mark.parametrize("verb", [Verb.EDIT, Verb.REASON])
async def test_the_words_that_stop_everything_fill_no_field_and_are_no_reason(
    tmp_path: Path, verb: Verb, words: str
) -> None:
    """SAFETY 96"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        card = s.card
        await s.press(card, verb)
        assert "cancel" in s.last
        await s.say(words)
        assert await s.look(lambda tx: tx.freezes.all())
        assert "Cancelled" in s.card.status
        assert s.card.revision == card.revision
        await s.say("status")
        assert "frozen" in s.last.casefold()


async def test_a_word_of_freezing_with_more_beside_it_may_be_a_value(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.press(s.card, Verb.EDIT)
        await s.say(".")
        await s.say(".")
        await s.say("freeze the delivery")
        await s.press(s.card)
        assert [r.reason for r in s.shop.refunds()] == ["freeze the delivery"]


async def test_what_changed_under_the_card_is_asked_again(tmp_path: Path) -> None:
    """SAFETY 18"""
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1007 amount=50")
        await s.say("do demo.refund order=1007 amount=10")
        first, second = s.chat.cards()
        await s.press(second)
        await s.press(first)
        assert [refund.amount.minor for refund in s.shop.refunds()] == [1000], "the first saw another balance"
        assert "changed meanwhile" in s.chat.cards()[0].status
        await s.press(s.card)
        assert [refund.amount.minor for refund in s.shop.refunds()] == [1000, 5000]


async def test_a_lost_answer_is_looked_up_and_never_repeated(tmp_path: Path) -> None:
    """SAFETY 25"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        s.shop.misbehave(Fault.LOST, times=1)
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.card.status


async def test_a_system_that_hangs_is_asked_what_happened(tmp_path: Path) -> None:
    """SAFETY 25"""
    async with stage(tmp_path, patience=0.05) as s:
        await s.say(REFUND)
        s.shop.misbehave(Fault.HANG, times=1)
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.card.status


async def test_a_system_out_of_reach_is_tried_again_and_the_card_says_so(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        s.shop.misbehave(Fault.UNREACHABLE, times=2)
        await s.press(s.card)
        assert "tried again" in s.card.status
        assert s.shop.refunds() == ()
        await s.forward(timedelta(minutes=1))
        await s.forward(timedelta(minutes=2))
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.card.status


async def test_an_approval_does_not_hold_for_ever(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        s.shop.fault = Fault.UNREACHABLE
        await s.press(s.card)
        s.clock.forward(timedelta(hours=2))
        s.shop.fault = None
        await s.forward(timedelta(seconds=1))
        assert s.shop.refunds() == ()
        assert "too old" in s.card.status


async def test_a_failure_says_what_happened(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        s.shop.misbehave(Fault.FAIL, times=1)
        await s.press(s.card)
        assert "Failed, nothing was done: the demo shop fails on purpose" in s.card.status
        assert s.shop.refunds() == ()


async def test_a_freeze_stops_what_was_approved_and_cancels_what_waits(tmp_path: Path) -> None:
    """SAFETY 96"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        card = s.card
        await s.say("freeze", who=MARK)
        assert "Cancelled" in s.card.status
        await s.press(card)
        assert s.shop.refunds() == ()
        await s.say("do demo.note_order order=1007 note=hm")
        assert "frozen" in s.last
        await s.say("unfreeze", who=MARK)
        assert "only an owner" in s.last
        await s.say("unfreeze")
        await s.press(card)
        assert s.shop.refunds() == (), "what was cancelled stays cancelled"


async def test_words_and_thumbs_are_no_approval(tmp_path: Path) -> None:
    """SAFETY 27"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        for words in ("yes", "approved", "👍", "approve", "oui"):
            await s.say(words)
        assert s.shop.refunds() == ()
        assert s.chat.cards()[0].buttons


async def test_someone_who_lost_the_role_may_not_press(tmp_path: Path) -> None:
    """SAFETY 22"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        await s.store.write(
            lambda tx: tx.people.put(
                Person(id="per_olivia", name="Olivia", role=Role.GUEST, identities=(OLIVIA.key,))
            )
        )
        await s.press(s.card)
        assert s.shop.refunds() == ()


async def test_undo_on_a_receipt_takes_it_back(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.cancel_order order=1023")
        await s.press(s.card)
        assert s.shop.order("1023").status == "cancelled"
        assert [b.verb for b in s.card.buttons] == [Verb.UNDO]
        await s.press(s.card, Verb.UNDO)
        assert s.shop.order("1023").status == "open"


async def test_undo_in_words_takes_back_what_needed_no_card(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.note_order order=1007 note=fragile")
        assert s.shop.notes() == {"1007": "fragile"}
        code = s.last.rstrip(")").split()[-1]
        await s.say(f"undo {code}")
        assert s.shop.notes() == {}


async def test_pending_lists_and_puts_a_lost_card_back(tmp_path: Path) -> None:
    """SAFETY 30"""
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        code = s.card.code
        s.chat.messages.clear()
        await s.say("pending")
        assert code in " ".join(s.chat.words())
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1


async def test_approvals_survive_a_restart(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        chat = s.chat
    async with stage(tmp_path, chat=chat) as s:
        await s.press(s.card)
        assert len(s.shop.refunds()) == 1
        assert "Done" in s.card.status
        assert not await s.look(lambda tx: tx.effects.in_state(EffectState.STARTED))


async def test_the_card_stands_in_the_place_it_was_asked_in(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say(REFUND)
        assert next(iter(s.chat.messages.values())).place == HERE
