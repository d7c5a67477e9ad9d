"""Every message arrives once, is found again after a crash, and every failure is called by its name."""

import asyncio
import traceback
from collections.abc import AsyncGenerator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import aiohttp
import pytest
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chat.slack.calls import Calls, web_client
from adapters.chat.slack.outbound import SlackChat
from adapters.clock.wall import WallClock
from adapters.speech.languages import tongues
from bot.charts import Chart
from bot.effects import Notice, Question, Text
from bot.errors import Failed, OutcomeUnknown, Unknowable, Unreachable
from bot.people import Identity
from bot.places import Place
from bot.world import Sending
from tests.adapters.slack.test_cards import CARD
from tests.twins.slack import BOT_TOKEN, TEAM, FaultKind, SlackTwin

DM = Place(platform="slack", team=TEAM, channel="D0ALICE", private=True)
THREAD = Place(platform="slack", team=TEAM, channel="C0SHOP", thread="1600000000.000001")
WRONG_TOKEN = "xoxb-wrong"
HELLO = Sending(key="eff_1", slot="reply:1", place=DM, content=Text(text="hello"), tongue=tongues()("en"))


@pytest.fixture
async def twin() -> AsyncGenerator[SlackTwin, None]:
    async with SlackTwin().serving() as twin:
        yield twin


@pytest.fixture
async def session() -> AsyncGenerator[aiohttp.ClientSession, None]:
    async with aiohttp.ClientSession() as session:
        yield session


def chat_of(
    twin: SlackTwin,
    session: aiohttp.ClientSession,
    *,
    patience: float = 5,
    pace: float = 60,
    token: str = BOT_TOKEN,
) -> SlackChat:
    client = web_client(twin.api_url, token=token)
    client.session = session
    return SlackChat(Calls(client, patience=patience), clock=WallClock(), pace=pace)


@pytest.fixture
def chat(twin: SlackTwin, session: aiohttp.ClientSession) -> SlackChat:
    return chat_of(twin, session)


async def test_a_message_is_posted_without_previews_and_names_its_effect(
    twin: SlackTwin, chat: SlackChat
) -> None:
    """SAFETY 58"""
    ref = await chat.send(HELLO)
    (message,) = twin.messages
    assert (message["ts"], message["channel"]) == (ref, "D0ALICE")
    assert message["unfurl_links"] is False
    assert message["unfurl_media"] is False
    assert message["metadata"]["event_payload"] == {"slot": "reply:1", "effect": "eff_1"}
    assert "thread_ts" not in message


async def test_a_message_for_a_thread_is_posted_in_it(twin: SlackTwin, chat: SlackChat) -> None:
    await chat.send(replace(HELLO, place=THREAD))
    assert twin.messages[0]["thread_ts"] == THREAD.thread


async def test_an_edit_changes_the_message_in_its_place(twin: SlackTwin, chat: SlackChat) -> None:
    ref = await chat.send(HELLO)
    edit = replace(HELLO, key="eff_2", content=CARD, ref=ref)
    assert await chat.send(edit) == ref
    assert await chat.send(edit) == ref
    (message,) = twin.messages
    assert message["metadata"]["event_payload"]["effect"] == "eff_2"
    assert message["edits"] == 2


async def test_an_edit_of_a_deleted_message_posts_it_anew(twin: SlackTwin, chat: SlackChat) -> None:
    """SAFETY 30"""
    ref = await chat.send(replace(HELLO, ref="1600000000.000009"))
    assert [message["ts"] for message in twin.messages] == [ref]


async def test_a_notice_is_seen_by_one_person_only(twin: SlackTwin, chat: SlackChat) -> None:
    bob = Identity(platform="slack", team=TEAM, user="U0BOB")
    assert await chat.send(replace(HELLO, place=THREAD, content=Notice(text="no", to=bob))) == ""
    (notice,) = twin.ephemerals
    assert (notice["user"], notice["channel"], notice["thread_ts"]) == ("U0BOB", "C0SHOP", THREAD.thread)
    assert twin.messages == []


@pytest.mark.parametrize("place", [DM, THREAD, replace(THREAD, thread="")])
async def test_after_a_crash_a_message_is_found_by_its_effect(
    twin: SlackTwin, session: aiohttp.ClientSession, place: Place
) -> None:
    sent = replace(HELLO, place=place)
    ref = await chat_of(twin, session).send(sent)
    restarted = chat_of(twin, session)
    assert await restarted.look_up(sent) == ref
    assert await restarted.look_up(replace(sent, key="eff_other")) is None


async def test_a_look_up_reads_on_until_the_end(twin: SlackTwin, chat: SlackChat) -> None:
    twin.page = 3
    ref = await chat.send(HELLO)
    for number in range(8):
        await chat.send(replace(HELLO, key=f"eff_x{number}", slot=f"s{number}"))
    assert await chat.look_up(HELLO) == ref
    assert len(twin.called("conversations.history")) == 3


async def test_a_look_up_that_cannot_read_it_all_says_that_nobody_knows(
    twin: SlackTwin, chat: SlackChat
) -> None:
    twin.page = 1
    for number in range(12):
        await chat.send(replace(HELLO, key=f"eff_x{number}", slot=f"s{number}"))
    with pytest.raises(Unknowable):
        await chat.look_up(HELLO)


async def test_an_edit_counts_as_made_only_when_the_message_carries_it(chat: SlackChat) -> None:
    ref = await chat.send(HELLO)
    edit = replace(HELLO, key="eff_2", ref=ref)
    assert await chat.look_up(edit) is None
    await chat.send(edit)
    assert await chat.look_up(edit) == ref


async def test_an_edit_is_looked_up_in_a_thread_too(chat: SlackChat) -> None:
    ref = await chat.send(replace(HELLO, place=THREAD))
    edit = replace(HELLO, key="eff_2", place=THREAD, ref=ref)
    assert await chat.look_up(edit) is None
    await chat.send(edit)
    assert await chat.look_up(edit) == ref


async def test_a_notice_leaves_no_trace_to_look_up(chat: SlackChat) -> None:
    bob = Identity(platform="slack", team=TEAM, user="U0BOB")
    with pytest.raises(Unknowable):
        await chat.look_up(replace(HELLO, content=Notice(text="no", to=bob)))


async def test_a_look_up_while_slack_is_down_is_neither_yes_nor_no(twin: SlackTwin, chat: SlackChat) -> None:
    twin.fail("conversations.history", "500")
    with pytest.raises(Unreachable):
        await chat.look_up(HELLO)


async def test_asked_to_wait_it_says_how_long_and_did_nothing(twin: SlackTwin, chat: SlackChat) -> None:
    twin.fail("chat.postMessage", "429", retry_after="17")
    with pytest.raises(Unreachable) as wait:
        await chat.send(HELLO)
    assert wait.value.retry_after == 17
    assert len(twin.called("chat.postMessage")) == 1
    assert twin.messages == []


@pytest.mark.parametrize("named", ["", "soon", "-4", "1e9", "999999999"])
async def test_a_wait_without_a_number_is_half_a_minute(twin: SlackTwin, chat: SlackChat, named: str) -> None:
    twin.fail("chat.postMessage", "429", retry_after=named)
    with pytest.raises(Unreachable) as wait:
        await chat.send(HELLO)
    assert wait.value.retry_after == 30


async def test_when_slack_is_not_available_nothing_was_done(twin: SlackTwin, chat: SlackChat) -> None:
    twin.fail("chat.postMessage", "503")
    with pytest.raises(Unreachable):
        await chat.send(HELLO)


async def test_when_nobody_listens_nothing_was_done(session: aiohttp.ClientSession) -> None:
    async with SlackTwin().serving() as gone:
        pass
    with pytest.raises(Unreachable):
        await chat_of(gone, session).send(HELLO)


@pytest.mark.parametrize("kind", ["500", "drop", "drop_after", "garbage"])
async def test_when_the_answer_is_lost_the_outcome_is_unknown_and_nothing_is_repeated(
    twin: SlackTwin, chat: SlackChat, kind: FaultKind
) -> None:
    twin.fail("chat.postMessage", kind)
    with pytest.raises(OutcomeUnknown):
        await chat.send(HELLO)
    assert len(twin.called("chat.postMessage")) == 1
    found = await chat.look_up(HELLO)
    assert (found is not None) is (kind == "drop_after")


async def test_when_slack_hangs_the_outcome_is_unknown(
    twin: SlackTwin, session: aiohttp.ClientSession
) -> None:
    twin.fail("chat.postMessage", "hang")
    with pytest.raises(OutcomeUnknown):
        await chat_of(twin, session, patience=0.05).send(HELLO)


@pytest.mark.parametrize("kind", ["500", "drop", "drop_after", "503"])
async def test_an_edit_whose_answer_is_lost_may_simply_be_made_again(
    twin: SlackTwin, chat: SlackChat, kind: FaultKind
) -> None:
    ref = await chat.send(HELLO)
    twin.fail("chat.update", kind)
    edit = replace(HELLO, key="eff_2", ref=ref)
    with pytest.raises(Unreachable):
        await chat.send(edit)
    assert await chat.send(edit) == ref


async def test_a_channel_we_are_not_in_is_a_refusal_that_says_what_to_do(
    twin: SlackTwin, chat: SlackChat
) -> None:
    twin.closed_channels.add("D0ALICE")
    with pytest.raises(Failed, match="Invite me"):
        await chat.send(HELLO)


async def test_a_dead_token_is_named_by_its_setting_and_never_shown(
    twin: SlackTwin, session: aiohttp.ClientSession
) -> None:
    """SAFETY 89"""
    with pytest.raises(Failed, match="SLACK_BOT_TOKEN") as refusal:
        await chat_of(twin, session, token=WRONG_TOKEN).send(HELLO)
    # What Slack answered may quote the message: neither it nor the token is in a traceback.
    trace = "".join(traceback.format_exception(refusal.value))
    assert WRONG_TOKEN not in trace
    assert '"hello"' not in trace


async def test_what_is_said_never_reaches_the_log(
    twin: SlackTwin, chat: SlackChat, caplog: pytest.LogCaptureFixture
) -> None:
    """SAFETY 89"""
    caplog.set_level(0)
    secret = replace(HELLO, content=Text(text="the-secret-words"))
    await chat.send(secret)
    twin.fail("chat.postMessage", "garbage")
    with pytest.raises(OutcomeUnknown):
        await chat.send(replace(secret, slot="other"))
    assert "the-secret-words" not in caplog.text
    assert BOT_TOKEN not in caplog.text


async def test_a_question_is_posted_with_its_choices(twin: SlackTwin, chat: SlackChat) -> None:
    question = Question(text="Which?", ref="r", choices=(("a", "A"), ("b", "B")))
    await chat.send(replace(HELLO, content=question))
    buttons = twin.messages[0]["blocks"][-1]["elements"]
    assert [button["value"] for button in buttons] == ["r:0:a", "r:0:b"]


async def test_thinking_shows_one_message_that_the_answer_then_replaces(
    twin: SlackTwin, session: aiohttp.ClientSession
) -> None:
    chat = chat_of(twin, session, pace=0)
    ref = await chat.progress(THREAD, slot="reply:1", words="", ref="")
    assert await chat.progress(THREAD, slot="reply:1", words="I am looking", ref=ref) == ref
    assert await chat.send(replace(HELLO, place=THREAD)) == ref
    (message,) = twin.messages
    assert "hello" in message["text"]
    assert message["thread_ts"] == THREAD.thread


async def test_words_so_far_are_shown_at_most_once_a_second(twin: SlackTwin, chat: SlackChat) -> None:
    ref = await chat.progress(DM, slot="s", words="", ref="")
    for words in ("I", "I am", "I am looking"):
        assert await chat.progress(DM, slot="s", words=words, ref=ref) == ref
    assert len(twin.called("chat.update")) == 0
    assert len(twin.called("chat.postMessage")) == 1


async def test_progress_that_comes_late_never_overwrites_the_answer(
    twin: SlackTwin, session: aiohttp.ClientSession
) -> None:
    chat = chat_of(twin, session, pace=0)
    ref = await chat.progress(DM, slot="reply:1", words="", ref="")
    await asyncio.gather(
        chat.progress(DM, slot="reply:1", words="hel", ref=ref),
        chat.send(HELLO),
        chat.progress(DM, slot="reply:1", words="hell", ref=ref),
    )
    assert [message["text"] for message in twin.messages] == ["hello"]


@pytest.mark.parametrize("kind", ["429", "500", "503", "drop", "garbage"])
async def test_progress_never_raises_and_never_stands_for_the_record(
    twin: SlackTwin, chat: SlackChat, kind: FaultKind
) -> None:
    twin.fail("*", kind)
    assert await chat.progress(DM, slot="reply:1", words="", ref="") == ""
    await chat.send(HELLO)
    (message,) = twin.messages
    assert await chat.look_up(HELLO) == message["ts"]


async def test_a_placeholder_is_not_mistaken_for_the_message(chat: SlackChat) -> None:
    await chat.progress(DM, slot="reply:1", words="", ref="")
    assert await chat.look_up(HELLO) is None


async def test_the_twin_answers_slacks_own_client(twin: SlackTwin, session: aiohttp.ClientSession) -> None:
    """The twin is held to the SDK: its methods, its paging, its metadata, its errors."""
    # The SDK leaves most of its types open.
    client: Any = AsyncWebClient(BOT_TOKEN, twin.api_url, session=session, retry_handlers=[])
    assert (await client.auth_test())["team_id"] == TEAM
    blocks = [{"type": "section", "text": {"type": "plain_text", "text": "one"}}]
    first = await client.chat_postMessage(channel="C1", text="one", blocks=blocks)
    await client.chat_postMessage(channel="C1", text="two", blocks=blocks, thread_ts=first["ts"])
    await client.chat_postMessage(channel="C1", text="three", blocks=blocks)
    await client.chat_update(channel="C1", ts=first["ts"], text="uno", blocks=blocks)
    history = await client.conversations_history(channel="C1", limit=1)
    texts = [message["text"] async for page in history for message in page["messages"]]
    assert texts == ["three", "uno"]
    replies = await client.conversations_replies(channel="C1", ts=first["ts"])
    assert [message["text"] for message in replies["messages"]] == ["uno", "two"]
    assert (await client.users_info(user="U1", include_locale=True))["user"]["locale"] == "fr-FR"


# Charts --------------------------------------------------------------------------------------------------------

_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_CHART = Chart(title="load", text="load", points=((_NOON, 1.0), (_NOON + timedelta(hours=1), 2.0)), limit=4)


async def test_a_chart_is_a_picture_in_the_thread_of_its_words(twin: SlackTwin, chat: SlackChat) -> None:
    ref = await chat.send(replace(HELLO, content=Text(text="load: 2 numbers", chart=_CHART)))
    (picture,) = twin.uploads.values()
    assert picture.startswith(b"\x89PNG")
    (done,) = twin.called("files.completeUploadExternal")
    assert (done["channel_id"], done["thread_ts"]) == (DM.channel, ref)


async def test_without_the_permission_for_files_the_words_of_a_chart_stand_alone(
    twin: SlackTwin, chat: SlackChat
) -> None:
    twin.fail("files.getUploadURLExternal", "500")
    ref = await chat.send(replace(HELLO, content=Text(text="load: 2 numbers", chart=_CHART)))
    assert [message["ts"] for message in twin.messages] == [ref]
    assert not twin.uploads
