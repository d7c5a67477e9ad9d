"""The twin speaks the Bot API: the real library reads every answer, and what Telegram refuses is refused."""

import subprocess
import sys
from collections.abc import AsyncGenerator

import httpx
import pytest
from telegram import Bot, BotCommand, InlineKeyboardButton, InlineKeyboardMarkup, MessageEntity
from telegram.error import BadRequest, ChatMigrated, Conflict, Forbidden, InvalidToken, NetworkError, TimedOut
from telegram.request import HTTPXRequest

from tests.twins.telegram import ANA, GROUP, TOKEN, Twin, running


@pytest.fixture
async def twin() -> AsyncGenerator[Twin, None]:
    async with running() as made:
        made.say("hello")
        made.say("hello", chat=GROUP)
        yield made


@pytest.fixture
async def bot(twin: Twin) -> AsyncGenerator[Bot, None]:
    async with Bot(TOKEN, base_url=twin.api_url, request=HTTPXRequest(read_timeout=2)) as made:
        yield made


def keyboard(data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton("Go", callback_data=data)]])


async def test_the_library_reads_every_answer(bot: Bot, twin: Twin) -> None:
    assert (await bot.get_me()).username == "vigie_bot"
    first, second = await bot.get_updates()
    assert first.message is not None
    assert first.message.from_user is not None
    assert (first.message.text, first.message.from_user.id, first.message.chat.type) == (
        "hello",
        ANA,
        "private",
    )
    assert second.message is not None
    assert second.message.chat.type == "supergroup"
    assert await bot.get_updates(offset=second.update_id + 1) == ()
    sent = await bot.send_message(
        ANA, "😀 bold", entities=[MessageEntity("bold", 3, 4)], reply_markup=keyboard("x")
    )
    assert sent.parse_entities() == {sent.entities[0]: "bold"}
    edited = await bot.edit_message_text("new", ANA, sent.message_id)
    assert edited is not True
    assert await bot.edit_message_reply_markup(ANA, sent.message_id, reply_markup=keyboard("y"))
    query = twin.press("Go")
    (update,) = await bot.get_updates()
    assert update.callback_query is not None
    assert update.callback_query.data == "y"
    assert await bot.answer_callback_query(query, "well", show_alert=True)
    assert await bot.send_chat_action(ANA, "typing")
    assert await bot.set_my_commands([BotCommand("help", "What I can do")])
    assert (await bot.get_my_commands())[0].command == "help"
    assert await bot.delete_message(ANA, sent.message_id)
    assert (await bot.get_webhook_info()).url == ""


@pytest.mark.parametrize("text", ["", "  ", "x" * 4097, "😀" * 2049])
async def test_texts_out_of_bounds_are_refused(bot: Bot, text: str) -> None:
    with pytest.raises(BadRequest, match=r"empty|too long"):
        await bot.send_message(ANA, text)


@pytest.mark.parametrize("data", ["x" * 65, "é" * 33])
async def test_buttons_carry_at_most_64_bytes(bot: Bot, data: str) -> None:
    with pytest.raises(BadRequest, match="invalid"):
        await bot.send_message(ANA, "hello", reply_markup=keyboard(data))


@pytest.mark.parametrize(
    ("kind", "offset", "length"), [("bold", 5, 3), ("bold", 1, 1), ("spoiler", 0, 2), ("bold", 0, 0)]
)
async def test_entities_stand_inside_the_text_on_whole_characters(
    bot: Bot, kind: str, offset: int, length: int
) -> None:
    with pytest.raises(BadRequest):
        await bot.send_message(ANA, "😀 ok", entities=[MessageEntity(kind, offset, length)])


async def test_the_same_again_is_not_an_edit(bot: Bot) -> None:
    sent = await bot.send_message(ANA, "same", reply_markup=keyboard("x"))
    with pytest.raises(BadRequest, match="not modified"):
        await bot.edit_message_text("same", ANA, sent.message_id, reply_markup=keyboard("x"))
    assert await bot.edit_message_text("same", ANA, sent.message_id)


async def test_who_is_not_there_cannot_be_written_to(bot: Bot, twin: Twin) -> None:
    with pytest.raises(BadRequest, match="hat not found"):
        await bot.send_message(404, "hello")
    with pytest.raises(BadRequest, match="to edit not found"):
        await bot.edit_message_text("hello", ANA, 404)
    twin.block(ANA)
    with pytest.raises(Forbidden):
        await bot.send_message(ANA, "hello")
    twin.migrate(GROUP, -1009)
    with pytest.raises(ChatMigrated):
        await bot.send_message(GROUP, "hello")


async def test_a_press_is_answered_once(bot: Bot, twin: Twin) -> None:
    await bot.send_message(ANA, "hello", reply_markup=keyboard("x"))
    query = twin.press("Go")
    await bot.answer_callback_query(query)
    with pytest.raises(BadRequest, match="too old"):
        await bot.answer_callback_query(query)


async def test_a_webhook_and_polling_exclude_each_other(bot: Bot) -> None:
    await bot.set_webhook("http://127.0.0.1:9/hook", secret_token="s")
    with pytest.raises(Conflict):
        await bot.get_updates()
    await bot.delete_webhook()
    assert len(await bot.get_updates()) == 2


async def test_faults_come_when_asked_for(bot: Bot, twin: Twin) -> None:
    twin.fail("sendMessage", "500")
    with pytest.raises(NetworkError):
        await bot.send_message(ANA, "one")
    twin.fail("sendMessage", "drop")
    with pytest.raises(NetworkError):
        await bot.send_message(ANA, "two")
    assert [message["text"] for message in twin.messages()] == ["two"]
    twin.fail("sendMessage", "hang")
    with pytest.raises(TimedOut):
        await bot.send_message(ANA, "three", read_timeout=0.1)
    assert len(twin.messages()) == 1


async def test_another_token_is_nobody(twin: Twin) -> None:
    with pytest.raises(InvalidToken):
        async with Bot("4242:other", base_url=twin.api_url):
            pass


def test_alone_it_says_where_it_is_and_takes_what_people_do() -> None:
    command = [sys.executable, "-m", "tests.twins.telegram", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        ready = process.stdout.readline().split()
        assert ready[0] == "READY"
        base = ready[1].removesuffix("/bot")
        with httpx.Client(base_url=base) as client:
            assert client.post("/_twin/say", json={"text": "hello"}).json()["message"]
            found = client.post(f"/bot{TOKEN}/getUpdates").json()["result"]
            assert found[0]["message"]["text"] == "hello"
            client.post(f"/bot{TOKEN}/sendMessage", json={"chat_id": ANA, "text": "hi"})
            assert client.get("/_twin/messages").json()[0]["text"] == "hi"
            assert [call["method"] for call in client.get("/_twin/calls").json()] == [
                "getupdates",
                "sendmessage",
            ]
        process.terminate()
