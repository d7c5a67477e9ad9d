"""Words out: posted once, edited in place, and every failure told for what it is."""

from dataclasses import replace
from datetime import timedelta

import pytest

from adapters.chat.telegram.connect import TelegramDoor
from adapters.chat.telegram.entities import LIMIT
from bot.effects import Notice, Question, Text
from bot.errors import Failed, OutcomeUnknown, Unknowable, Unreachable
from bot.people import Identity
from bot.places import Place
from tests.adapters.telegram.conftest import Inbox, door, sending
from tests.adapters.telegram.samples import REF, card
from tests.clocks import SetClock
from tests.twins.telegram import ANA, BEN, FORUM, GROUP, Twin, buttons

PRIVATE = Place(platform="telegram", channel=str(ANA), private=True)
BEN_THERE = Identity(platform="telegram", user=str(BEN))


@pytest.fixture(autouse=True)
def _acquainted(twin: Twin) -> None:
    """Nobody can be written to who has not spoken first."""
    twin.say("hello")
    twin.say("hello", chat=GROUP)
    twin.say("hello", user=BEN)


def texts(twin: Twin, chat: int = ANA) -> list[str]:
    return [message["text"] for message in twin.messages(chat)]


async def test_a_message_is_posted_and_then_edited(closed: TelegramDoor, twin: Twin) -> None:
    ref = await closed.chat.send(sending(Text(text="One.")))
    assert await closed.chat.send(sending(Text(text="Two."), ref=ref)) == ref
    assert texts(twin) == ["Two."]
    assert [str(message["message_id"]) for message in twin.messages()] == [ref]


async def test_the_same_edit_again_is_no_error(closed: TelegramDoor, twin: Twin) -> None:
    ref = await closed.chat.send(sending(card()))
    shown = sending(Text(text="Done."), ref=ref)
    assert await closed.chat.send(shown) == await closed.chat.send(shown) == ref
    assert texts(twin) == ["Done."]


async def test_a_receipt_takes_the_place_of_the_card_and_its_buttons(
    closed: TelegramDoor, twin: Twin
) -> None:
    ref = await closed.chat.send(sending(card()))
    assert set(buttons(twin.messages()[0])) == {"Approve", "Deny", "Edit", "Details"}
    await closed.chat.send(sending(Text(text="Done."), ref=ref))
    assert not buttons(twin.messages()[0])


async def test_an_edit_of_a_message_that_is_gone_posts_a_new_one(closed: TelegramDoor, twin: Twin) -> None:
    ref = await closed.chat.send(sending(Text(text="Done."), ref="999"))
    assert ref != "999"
    assert texts(twin) == ["Done."]


async def test_a_long_text_is_several_messages_and_an_edit_edits_them_all(
    closed: TelegramDoor, twin: Twin
) -> None:
    ref = await closed.chat.send(sending(Text(text="A sentence of some length. " * 200)))
    assert len(ref.split(",")) == len(twin.messages()) == 2
    assert await closed.chat.send(sending(Text(text="Another sentence, of it. " * 200), ref=ref)) == ref
    assert all("Another" in text for text in texts(twin))
    assert await closed.chat.send(sending(Text(text="Short."), ref=ref)) == ref.partition(",")[0]
    assert texts(twin) == ["Short."]


async def test_a_long_text_that_breaks_off_may_be_there(closed: TelegramDoor, twin: Twin) -> None:
    ref = await closed.chat.send(sending(Text(text="One.")))
    twin.fail("sendMessage", "429", retry_after=30)
    with pytest.raises(OutcomeUnknown):
        await closed.chat.send(sending(Text(text="A sentence. " * 700), ref=ref))


async def test_no_preview_no_parse_mode(closed: TelegramDoor, twin: Twin) -> None:
    """SAFETY 50, 58"""
    await closed.chat.send(sending(Text(text="*see* <https://example.test>")))
    (parameters,) = twin.called("sendMessage")
    assert parameters["link_preview_options"] == {"is_disabled": True}
    assert "parse_mode" not in parameters
    assert texts(twin) == ["*see* <https://example.test>"]


async def test_a_topic_is_answered_in_the_topic_and_a_message_with_a_reply(
    closed: TelegramDoor, twin: Twin
) -> None:
    asked = twin.say("@vigie_bot hi", chat=FORUM, thread=3)
    await closed.chat.send(sending(Text(text="Hi."), chat=FORUM, thread="3", reply_to=str(asked)))
    (parameters,) = twin.called("sendMessage")
    assert parameters["message_thread_id"] == "3"
    assert parameters["reply_parameters"]["message_id"] == asked
    assert twin.messages(FORUM)[0]["message_thread_id"] == 3


# --- failures ----------------------------------------------------------------------------------------------


async def test_a_flood_limit_is_waited_for_without_asking_again(closed: TelegramDoor, twin: Twin) -> None:
    """SAFETY 44"""
    twin.fail("sendMessage", "429", retry_after=7)
    with pytest.raises(Unreachable) as found:
        await closed.chat.send(sending(Text(text="One.")))
    assert found.value.retry_after == 7
    with pytest.raises(Unreachable):
        await closed.chat.send(sending(Text(text="One.")))
    assert len(twin.called("sendMessage")) == 1
    assert texts(twin) == []


async def test_a_lost_answer_is_unknown_and_nobody_can_look_it_up(closed: TelegramDoor, twin: Twin) -> None:
    twin.fail("sendMessage", "drop")
    with pytest.raises(OutcomeUnknown):
        await closed.chat.send(sending(Text(text="One.")))
    assert texts(twin) == ["One."]
    with pytest.raises(Unknowable):
        await closed.chat.look_up(sending(Text(text="One.")))
    await closed.chat.send(sending(Text(text="One."), doubtful=True))
    assert texts(twin) == ["One.", "One.\n(possibly repeated)"]


async def test_a_server_error_on_a_new_message_is_unknown(closed: TelegramDoor, twin: Twin) -> None:
    twin.fail("sendMessage", "500")
    with pytest.raises(OutcomeUnknown):
        await closed.chat.send(sending(Text(text="One.")))


@pytest.mark.parametrize("kind", ["500", "drop"])
async def test_an_edit_can_always_be_tried_again(closed: TelegramDoor, twin: Twin, kind: str) -> None:
    ref = await closed.chat.send(sending(Text(text="One.")))
    twin.fail("editMessageText", "500" if kind == "500" else "drop")
    with pytest.raises(Unreachable):
        await closed.chat.send(sending(Text(text="Two."), ref=ref))
    assert await closed.chat.send(sending(Text(text="Two."), ref=ref)) == ref
    assert texts(twin) == ["Two."]


async def test_no_connection_means_certainly_not_sent(closed: TelegramDoor, twin: Twin, inbox: Inbox) -> None:

    away = door(Twin(url="http://127.0.0.1:9"), inbox)
    with pytest.raises(Unreachable):
        await away.chat.send(sending(Text(text="One.")))
    await away.close()


async def test_a_user_who_blocked_us_is_a_failure_in_words(closed: TelegramDoor, twin: Twin) -> None:
    twin.block(ANA)
    with pytest.raises(Failed, match="blocked by the user"):
        await closed.chat.send(sending(Text(text="One.")))


async def test_an_unknown_chat_is_a_failure_in_words(closed: TelegramDoor) -> None:
    with pytest.raises(Failed, match="hat not found"):
        await closed.chat.send(sending(Text(text="One."), chat=404))


async def test_a_group_that_moved_is_named_and_its_old_buttons_are_dead(
    closed: TelegramDoor, twin: Twin
) -> None:
    """SAFETY 43"""
    await closed.chat.send(sending(card(), chat=GROUP))
    twin.migrate(GROUP, -1009)
    with pytest.raises(Failed, match="-1009"):
        await closed.chat.send(sending(Text(text="One."), chat=GROUP))


async def test_a_place_of_another_platform_is_a_failure(closed: TelegramDoor) -> None:
    place = Place(platform="telegram", channel="C01")
    with pytest.raises(Failed):
        await closed.chat.send(replace(sending(Text(text="One.")), place=place))


# --- notices -----------------------------------------------------------------------------------------------


async def test_a_notice_is_an_alert_only_its_presser_sees(closed: TelegramDoor, twin: Twin) -> None:
    """SAFETY 36"""
    await closed.chat.send(sending(card(), chat=GROUP))
    query = twin.press("Approve", user=BEN, chat=GROUP)
    notice = Notice(text="This is not yours to press. " * 20, to=BEN_THERE, answer_to=query)
    assert await closed.chat.send(sending(notice, chat=GROUP)) == ""
    answered = twin.queries[query]
    assert answered.alert
    assert answered.text is not None
    assert answered.text.startswith("This is not yours")
    assert len(twin.messages(GROUP)) == 1


async def test_an_empty_notice_only_ends_the_waiting(closed: TelegramDoor, twin: Twin) -> None:
    await closed.chat.send(sending(card()))
    query = twin.press("Approve")
    await closed.chat.send(sending(Notice(text="", to=BEN_THERE, answer_to=query)))
    assert (twin.queries[query].open, twin.queries[query].alert) == (False, False)


async def test_a_notice_too_late_reaches_its_presser_alone(closed: TelegramDoor, twin: Twin) -> None:
    """SAFETY 44"""
    notice = Notice(text="Not yours.", to=BEN_THERE, answer_to="gone")
    await closed.chat.send(sending(notice, chat=GROUP))
    assert texts(twin, BEN) == ["Not yours."]
    assert texts(twin, GROUP) == []


# --- progress ----------------------------------------------------------------------------------------------


@pytest.fixture
def clock(closed: TelegramDoor) -> SetClock:
    found = closed._chat._clock  # pyright: ignore[reportPrivateUsage] - the clock this test sets
    assert isinstance(found, SetClock)
    return found


async def test_typing_shows_at_most_every_four_seconds(
    closed: TelegramDoor, twin: Twin, clock: SetClock
) -> None:
    for _ in range(3):
        assert await closed.chat.progress(PRIVATE, slot="s", words="", ref="") == ""
    assert len(twin.called("sendChatAction")) == 1
    clock.forward(timedelta(seconds=4))
    await closed.chat.progress(PRIVATE, slot="s", words="", ref="")
    assert len(twin.called("sendChatAction")) == 2


async def test_words_grow_in_one_message_at_most_once_a_second(
    closed: TelegramDoor, twin: Twin, clock: SetClock
) -> None:
    ref = await closed.chat.progress(PRIVATE, slot="s", words="I", ref="")
    assert await closed.chat.progress(PRIVATE, slot="s", words="I am", ref=ref) == ref
    assert texts(twin) == ["I"]
    clock.forward(timedelta(seconds=1))
    assert await closed.chat.progress(PRIVATE, slot="s", words="I am looking", ref=ref) == ref
    assert texts(twin) == ["I am looking"]


async def test_progress_raises_nothing(closed: TelegramDoor, twin: Twin, clock: SetClock) -> None:
    twin.block(ANA)
    assert await closed.chat.progress(PRIVATE, slot="s", words="I am", ref="5") == "5"
    clock.forward(timedelta(seconds=5))
    assert await closed.chat.progress(PRIVATE, slot="s", words="", ref="5") == "5"
    assert await closed.chat.progress(PRIVATE, slot="t", words="I am", ref="not ours") == "not ours"
    nowhere = Place(platform="telegram", channel="C01")
    assert await closed.chat.progress(nowhere, slot="s", words="", ref="") == ""


async def test_a_long_progress_stays_one_message(closed: TelegramDoor, twin: Twin) -> None:
    await closed.chat.progress(PRIVATE, slot="s", words="thinking " * 2000, ref="")
    (text,) = texts(twin)
    assert len(text) <= LIMIT
    assert text.endswith("…")


async def test_a_question_is_pressed_with_its_value(closed: TelegramDoor, twin: Twin) -> None:
    await closed.chat.send(
        sending(Question(text="Which?", ref=REF, choices=(("eur", "Euro"), (".", "Keep it"))))
    )
    assert set(buttons(twin.messages()[0])) == {"Euro", "Keep it"}
