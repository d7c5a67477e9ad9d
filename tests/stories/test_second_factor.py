"""A second factor: enrolled in private, asked for at the press, good once, for one card as it was seen."""

import re
from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from pyotp.totp import TOTP

from bot.cards import Card
from bot.effects import Notice, Say
from bot.errors import NotAllowed
from bot.events import Verb
from bot.people import Identity
from bot.places import Place
from bot.proposals import State
from bot.secondfactor import FIELD, MOST_WRONG, WINDOW
from tests.safety.test_canary import on_disk
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.team import ANA, BEN, gather, place_of, press, ruled, told
from tests.stories.test_batches import mind

REFUND = "do demo.refund order=1007 amount=5"
CODE = """
[[rule]]
name = "refunds-take-a-code"
effect = "ask"
action = "demo.refund"
step_up = true
reason = "whoever refunds proves who they are"
"""
TWO_WITH_CODES = CODE.replace("step_up", "people = 2\nstep_up")


async def enrolled(s: Stage, who: Identity = OLIVIA, place: Place = HERE) -> TOTP:
    """This person's authenticator, in force; its first code was used up."""
    await s.say("second factor", who=who, place=place)
    notice = s.chat.notices[-1].content
    assert isinstance(notice, Notice)
    totp = pyotp.parse_uri(notice.picture)
    assert isinstance(totp, TOTP)
    assert totp.secret in notice.text
    await s.say(f"second factor {code(s, totp)}", who=who, place=place)
    assert s.last == "Your second factor is in place."
    await later(s)
    return totp


def code(s: Stage, totp: TOTP) -> str:
    return totp.at(s.clock.now())


async def later(s: Stage) -> None:
    """The next code."""
    await s.forward(timedelta(seconds=30))


def wrong(s: Stage, totp: TOTP) -> str:
    near = {totp.at(s.clock.now(), counter_offset=n) for n in range(-2, 3)}
    return next(f"{n:06}" for n in range(100) if f"{n:06}" not in near)


async def kinds(s: Stage) -> list[str]:
    return [entry.kind for entry in await s.look(lambda tx: tx.ledger.read())]


async def pending(s: Stage, card: Card) -> bool:
    found = await s.look(lambda tx: tx.proposals.by_ref(card.ref))
    assert found is not None
    return found.state is State.PENDING


async def test_the_card_says_so_and_the_press_is_answered_with_a_question(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(REFUND)
        assert Verb.PROVE in {button.verb for button in s.card.buttons}
        assert Verb.APPROVE not in {button.verb for button in s.card.buttons}
        assert {row.label: row.value for row in s.card.rows}["Second factor"]
        await s.press(s.card, Verb.PROVE)
        assert "6 digits" in s.last
        assert s.shop.refunds() == ()
        await s.say(code(s, totp))
        assert len(s.shop.refunds()) == 1
        approved = [e.body for e in await s.look(lambda tx: tx.ledger.read()) if e.kind == "approved"]
        assert approved[0]["approvals"][0]["second_factor"] is True


async def test_a_form_asks_for_it_where_a_chat_has_forms(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(REFUND)
        sheet = await s.sheet(s.card, verb=Verb.PROVE)
        assert sheet.proves
        assert [entry.name for entry in sheet.entries] == [FIELD]
        await s.fill(s.card, {FIELD: code(s, totp)})
        assert len(s.shop.refunds()) == 1


async def test_who_has_none_is_told_how_to_get_one_and_nothing_is_done(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        await s.say(REFUND)
        await s.press(s.card)
        assert "say “second factor”" in told(s)
        await s.fill(s.card, {FIELD: "123456"})
        assert await pending(s, s.card)
        assert s.shop.refunds() == ()


async def test_an_old_button_asks_for_the_code_all_the_same(tmp_path: Path) -> None:
    """A button that says only “approve”, forged or drawn before the rule, is not a way around."""
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        await enrolled(s)
        await s.say(REFUND)
        await s.press(s.card, Verb.APPROVE)
        assert s.shop.refunds() == ()
        assert "6 digits" in s.last


async def test_the_record_itself_takes_no_yes_without_a_code(tmp_path: Path) -> None:
    """Whoever forgets to ask for the code: the proposal does not."""
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        await s.say(REFUND)
        (waiting,) = await s.look(lambda tx: tx.proposals.pending())
        olivia = await s.look(lambda tx: tx.people.get("per_olivia"))
        assert olivia is not None
        with pytest.raises(NotAllowed, match="second factor"):
            waiting.approve(olivia, revision=1, now=s.clock.now())
        assert waiting.approve(olivia, revision=1, now=s.clock.now(), proven=True).state is State.APPROVED


async def test_each_code_is_good_once_and_for_one_card(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(REFUND)
        first = s.card
        await s.say("do demo.refund order=1008 amount=6")
        second = s.card
        used = code(s, totp)
        await s.fill(first, {FIELD: used})
        await s.fill(second, {FIELD: used})
        assert "used already" in told(s)
        assert len(s.shop.refunds()) == 1
        await later(s)
        # Still near enough in time, and used: no.
        await s.fill(second, {FIELD: used})
        assert len(s.shop.refunds()) == 1
        await s.fill(second, {FIELD: code(s, totp)})
        assert len(s.shop.refunds()) == 2


async def test_a_code_for_an_older_revision_is_stale_and_is_not_used_up(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(REFUND)
        old = s.card
        await s.fill(old, {"amount": "7.00"})
        assert s.card.revision == 2
        await s.fill(old, {FIELD: code(s, totp)})
        assert s.shop.refunds() == ()
        await s.fill(s.card, {FIELD: code(s, totp)})
        assert [refund.amount.minor for refund in s.shop.refunds()] == [700]


async def test_wrong_codes_are_kept_in_the_ledger_and_close_the_door_for_a_while(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(REFUND)
        for _ in range(MOST_WRONG):
            await s.fill(s.card, {FIELD: wrong(s, totp)})
            assert "not the code" in told(s)
        assert (await kinds(s)).count("code_refused") == MOST_WRONG
        await s.fill(s.card, {FIELD: code(s, totp)})
        assert "too many wrong codes" in told(s)
        assert s.shop.refunds() == ()
        await s.forward(WINDOW)
        await s.fill(s.card, {FIELD: code(s, totp)})
        assert len(s.shop.refunds()) == 1


async def test_a_new_key_does_not_open_a_door_that_wrong_codes_closed(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        await s.say("second factor")
        for _ in range(MOST_WRONG):
            await s.say("second factor 000000")
        await s.say("second factor")
        notice = s.chat.notices[-1].content
        assert isinstance(notice, Notice)
        totp = pyotp.parse_uri(notice.picture)
        assert isinstance(totp, TOTP)
        await s.say(f"second factor {code(s, totp)}")
        assert "too many wrong codes" in s.last


async def test_somebody_elses_code_is_a_wrong_one(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        await gather(s)
        hers = await enrolled(s, ANA, place_of(ANA))
        await enrolled(s, BEN, place_of(BEN))
        await s.say(REFUND)
        await press(s, BEN, Verb.PROVE)
        await s.say(code(s, hers), who=BEN, place=place_of(BEN))
        assert "not the code" in told(s)
        assert s.shop.refunds() == ()


async def test_where_two_must_press_each_gives_a_code(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(TWO_WITH_CODES)) as s:
        await gather(s)
        ana, ben = await enrolled(s, ANA, place_of(ANA)), await enrolled(s, BEN, place_of(BEN))
        await s.say(REFUND)
        await press(s, ANA, Verb.PROVE)
        await s.say(code(s, ana), who=ANA, place=place_of(ANA))
        assert s.shop.refunds() == ()
        await press(s, BEN, Verb.PROVE)
        assert s.shop.refunds() == ()
        await s.say(code(s, ben), who=BEN, place=place_of(BEN))
        assert len(s.shop.refunds()) == 1


async def test_a_batch_takes_one_code_for_one_press(tmp_path: Path) -> None:
    async with stage(tmp_path, model=mind(), policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say("pay the late ones back")
        assert Verb.PROVE in {button.verb for button in s.card.buttons}
        await s.press(s.card, Verb.APPROVE)
        assert s.shop.refunds() == ()
        await s.say(wrong(s, totp))
        assert "not the code" in told(s)
        await s.say(code(s, totp))
        assert len(s.shop.refunds()) == 3


async def test_a_batch_asks_for_the_code_in_a_form_too(tmp_path: Path) -> None:
    async with stage(tmp_path, model=mind(), policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say("pay the late ones back")
        assert (await s.sheet(s.card, verb=Verb.PROVE)).proves
        old = s.card
        await s.fill(old, {"item1": "no", "item2": "yes", "item3": "yes"})
        await s.fill(old, {FIELD: code(s, totp)})
        assert s.shop.refunds() == (), "it showed another list"
        await s.fill(s.card, {FIELD: code(s, totp)})
        assert len(s.shop.refunds()) == 2


async def test_the_question_for_a_code_can_be_left_and_does_not_wait_for_ever(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(REFUND)
        card = s.card
        await s.press(card, Verb.PROVE)
        await s.say("cancel")
        assert "still waits" in s.last
        await s.say("status")
        assert "digits" not in s.last
        await s.press(card, Verb.PROVE)
        await s.say("status")
        assert "6 digits" in s.last
        await s.forward(timedelta(minutes=5))
        await s.say(code(s, totp))
        assert s.shop.refunds() == ()
        assert await pending(s, card)


async def test_what_is_passed_on_is_no_code(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(REFUND)
        await s.press(s.card, Verb.PROVE)
        await s.say(code(s, totp), trusted=False)
        assert s.shop.refunds() == ()


async def test_a_policy_that_asks_for_a_code_after_the_press_stops_the_deed(tmp_path: Path) -> None:
    """SAFETY 69: the stricter of the two, at the boundary."""
    rules = {"now": ruled()()}
    async with stage(tmp_path, policy=lambda: rules["now"]) as s:
        await s.say(REFUND)
        rules["now"] = ruled(CODE)()
        await s.press(s.card)
        assert s.shop.refunds() == ()
        assert "second factor" in s.card.status


async def test_it_is_shown_in_private_alone(tmp_path: Path) -> None:
    group = Place(platform="twin", channel="general")
    async with stage(tmp_path) as s:
        await s.say("second factor", place=group)
        assert "private" in s.last
        assert s.chat.notices == []


async def test_the_key_is_shown_once_and_kept_nowhere_in_the_open(tmp_path: Path) -> None:
    """SAFETY 89: neither in the record, once it was delivered, nor in any file."""
    async with stage(tmp_path) as s:
        totp = await enrolled(s)
        ledger = str(await s.look(lambda tx: tx.ledger.read()))
        lines = str(await s.look(lambda tx: tx.lines.last(HERE.key, 100)))
        assert totp.secret not in ledger + lines + str(s.chat.messages)
        said = [e for e in await s.look(lambda tx: tx.effects.open(HERE.key)) if isinstance(e.deed, Say)]
        assert said == []
        await s.say("second factor")
        assert "in place since" in s.last
        assert len(s.chat.notices) == 1
    assert totp.secret.encode() not in on_disk(tmp_path)


async def test_its_own_code_takes_it_away_and_nothing_else_of_that_person_does(tmp_path: Path) -> None:
    async with stage(tmp_path, policy=ruled(CODE)) as s:
        totp = await enrolled(s)
        await s.say(f"remove second factor {wrong(s, totp)}")
        assert "Not removed" in s.last
        await s.say(f"remove second factor {code(s, totp)}")
        assert "gone" in s.last
        assert "factor_removed" in await kinds(s)
        await s.say(REFUND)
        await s.press(s.card, Verb.PROVE)
        assert "second factor" in told(s)


async def test_only_an_owners_press_takes_somebody_elses_away(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await gather(s)
        await enrolled(s, ANA, place_of(ANA))
        await s.say("do vigie.reset_second_factor person=Ana", who=BEN, place=place_of(BEN))
        card = s.card
        await s.press(card, who=BEN, place=place_of(BEN))
        await s.press(card, who=MARK, place=place_of(MARK))
        assert "factor_removed" not in await kinds(s)
        await s.say("pending")
        await s.press(s.card)
        assert "factor_removed" in await kinds(s)


@pytest.mark.parametrize("words", ["second facteur", "deuxième facteur"])
async def test_in_french(tmp_path: Path, words: str) -> None:
    async with stage(tmp_path) as s:
        await s.say("langue français")
        await s.say(words)
        assert re.search(r"second facteur CODE", s.last)
