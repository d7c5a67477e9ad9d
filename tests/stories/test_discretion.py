"""Discretion: what others read along shows that something waits, and the card is where only its people read."""

from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
import pytest_asyncio

from bot.cards import Card
from bot.events import Verb
from bot.places import Place
from bot.rulebook import shipped
from bot.rules import Policy
from tests.stage import HERE, MARK, OLIVIA, Stage, stage
from tests.stories.test_batches import mind

pytestmark = pytest.mark.asyncio
GROUP = Place(platform="twin", channel="general")


def discreet() -> Policy:
    return replace(shipped(), private_cards=True)


@pytest_asyncio.fixture
async def s(tmp_path: Path) -> AsyncGenerator[Stage]:
    async with stage(tmp_path, policy=discreet) as made:
        yield made


def in_group(s: Stage) -> str:
    """Everything the assistant says there now."""
    found = [sent.content for sent in s.chat.messages.values() if sent.place == GROUP]
    return "\n".join(c.plain if isinstance(c, Card) else getattr(c, "text", "") for c in found)


def cards_in(s: Stage, place: Place) -> list[Card]:
    return [m.content for m in s.chat.messages.values() if m.place == place and isinstance(m.content, Card)]


async def test_the_group_sees_that_one_waits_and_nothing_of_it(s: Stage) -> None:
    """SAFETY 37"""
    await s.say("hello")
    await s.say("do demo.refund order=1014 amount=2 reason=broken", who=MARK, place=GROUP)
    (stub,) = cards_in(s, GROUP)
    assert [row.label for row in stub.rows] == ["Risk", "Code", "Asked of"]
    assert [button.verb for button in stub.buttons] == [Verb.DETAILS]
    assert stub.rows[2].value == "Olivia"
    (card,) = cards_in(s, HERE)
    await s.press(card)
    assert "✓ Done." in cards_in(s, GROUP)[0].status
    for secret in ("1014", "2.00", "broken", "Gigi"):
        assert secret not in in_group(s)


async def test_nothing_is_approved_from_where_only_a_stub_stands(s: Stage) -> None:
    """SAFETY 37"""
    await s.say("hello")
    await s.say("do demo.refund order=1014 amount=2", place=GROUP)
    (stub,) = cards_in(s, GROUP)
    await s.press(stub, Verb.APPROVE, place=GROUP)
    assert "settled in private" in str(s.chat.notices[-1].content)
    assert s.shop.refunds() == ()
    assert cards_in(s, HERE)[-1].buttons


async def test_a_batch_is_one_stub_and_fetched_by_the_first_private_word(tmp_path: Path) -> None:
    """SAFETY 37"""
    async with stage(tmp_path, policy=discreet, model=mind()) as s:
        await s.say("pay the late ones back", place=GROUP)
        assert not cards_in(s, HERE)
        (stub,) = cards_in(s, GROUP)
        await s.press(stub, Verb.DETAILS, place=GROUP)
        assert "Write to me in private first" in str(s.chat.notices[-1].content)
        await s.say("help")
        assert cards_in(s, HERE)[-1].title == "3 requests together"
        await s.press(cards_in(s, HERE)[-1], Verb.SPLIT)
        await s.press(cards_in(s, HERE)[-1])
        for secret in ("1007", "1011", "1013", "5.00", "30.00", "7.00", "42.00"):
            assert secret not in in_group(s)
        assert len(s.shop.refunds()) == 1


async def test_pending_in_the_group_names_codes_and_nothing_more(s: Stage) -> None:
    """SAFETY 37"""
    await s.say("hello")
    await s.say("do demo.refund order=1014 amount=2", place=GROUP)
    code = cards_in(s, GROUP)[-1].code
    await s.say("pending", place=GROUP)
    assert code in in_group(s)
    assert not [each for each in ("1014", "Gigi") if each in in_group(s)]


async def test_without_the_policys_word_a_channel_shows_its_cards(tmp_path: Path) -> None:
    async with stage(tmp_path) as s:
        await s.say("do demo.refund order=1014 amount=2", place=GROUP, who=OLIVIA)
        assert any(button.verb is Verb.APPROVE for button in cards_in(s, GROUP)[-1].buttons)
