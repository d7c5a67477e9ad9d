"""The whole way, with the real library over the twin: heard and kept before it is confirmed, answered, pressed."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import replace

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette

from adapters.chat.telegram.connect import LARGEST, TelegramDoor, TelegramSettings
from adapters.speech.languages import tongues
from bot.cards import Button
from bot.effects import Notice, Question, Text
from bot.errors import Misconfigured, Unreachable
from bot.events import Message, Press, Verb
from bot.inbox import Arrival
from bot.people import Person, Role
from bot.values import Json
from tests.adapters.telegram.conftest import Inbox, door, sending, settings
from tests.adapters.telegram.samples import KEY, card, command
from tests.clocks import SetClock
from tests.twins.telegram import ANA, BEN, GROUP, TOKEN, Twin, buttons, running

SECRET = "a_secret-of-the-webhook"
PATH = "/telegram/webhook"


@asynccontextmanager
async def opened(made: TelegramDoor) -> AsyncGenerator[TelegramDoor, None]:
    await made.open()
    try:
        yield made
    finally:
        await made.close()


@contextmanager
def listening() -> Generator[socket.socket, None, None]:
    with socket.create_server(("127.0.0.1", 0)) as made:
        yield made


@asynccontextmanager
async def served(made: TelegramDoor, on: socket.socket) -> AsyncGenerator[None, None]:
    """The door's routes, where Telegram can call them."""
    config = uvicorn.Config(Starlette(routes=made.routes()), log_config=None, lifespan="off", ws="none")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve(sockets=[on]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


@asynccontextmanager
async def webhook(twin: Twin, inbox: Inbox) -> AsyncGenerator[TelegramDoor, None]:
    with listening() as on:
        url = f"http://127.0.0.1:{on.getsockname()[1]}"
        made = door(twin, inbox, webhook_url=url, webhook_secret=SECRET)
        async with served(made, on), opened(made):
            yield made


@pytest.fixture(params=["polling", "webhook"])
async def way(request: pytest.FixtureRequest, twin: Twin, inbox: Inbox) -> AsyncGenerator[TelegramDoor, None]:
    """An open door, by each of the two ways."""
    made = opened(door(twin, inbox)) if request.param == "polling" else webhook(twin, inbox)
    async with made as found:
        yield found


async def arrived(twin: Twin, inbox: Inbox, count: int) -> list[Arrival]:
    """What was kept, once that many were."""
    await twin.until(lambda: len(inbox.kept) >= count and not twin.waiting)
    return inbox.kept


def trouble(made: TelegramDoor) -> Exception | None:
    return made._polling.trouble  # pyright: ignore[reportPrivateUsage] - `check` says it, but cannot be waited for


# --- the stories -------------------------------------------------------------------------------------------


async def test_message_card_press_receipt(way: TelegramDoor, twin: Twin, inbox: Inbox) -> None:
    twin.say("refund order 1042")
    (first,) = await arrived(twin, inbox, 1)
    assert isinstance(first.body, Message)
    assert first.body.text == "refund order 1042"

    shown = card(revision=2)
    ref = await way.chat.send(replace(sending(shown), place=first.place))
    query = twin.press("Approve")
    second = (await arrived(twin, inbox, 2))[1]
    press = second.body
    assert isinstance(press, Press)
    assert second.place == first.place
    assert (press.ref, press.revision, press.verb, press.message) == (shown.ref, 2, Verb.APPROVE, ref)

    await way.chat.send(sending(Notice(text="Approved.", to=press.who, answer_to=press.answer_to)))
    assert await way.chat.send(sending(Text(text="Refunded."), ref=ref)) == ref
    assert twin.queries[query].text == "Approved."
    assert [message["text"] for message in twin.messages()] == ["Refunded."]


async def test_what_cannot_be_kept_comes_again(way: TelegramDoor, twin: Twin, inbox: Inbox) -> None:
    inbox.failing = [Unreachable("the database is locked"), RuntimeError("disk full")]
    twin.say("one")
    twin.say("two")
    kept = await arrived(twin, inbox, 2)
    assert [each.body.text for each in kept if isinstance(each.body, Message)] == ["one", "two"]
    assert len(inbox.offered) == 4


async def test_an_update_nobody_can_read_holds_nothing_up(
    way: TelegramDoor, twin: Twin, inbox: Inbox, caplog: pytest.LogCaptureFixture
) -> None:
    twin.push({"message": {"message_id": "?", "text": "a private word"}})
    twin.say("next")
    (kept,) = await arrived(twin, inbox, 1)
    assert isinstance(kept.body, Message)
    assert "update_unreadable" in caplog.text
    assert "a private word" not in caplog.text


async def test_ids_that_start_again_lower_are_heard(way: TelegramDoor, twin: Twin, inbox: Inbox) -> None:
    """SAFETY 33"""
    twin.say("before the silence")
    await arrived(twin, inbox, 1)
    polls = len(twin.called("getUpdates"))
    twin.push({"poll": {"id": "not ours"}})
    await twin.until(lambda: not twin.waiting)
    twin.next_update = 3
    if polls:
        await twin.until(lambda: "offset" not in twin.called("getUpdates")[-1])
    twin.say("after it")
    kept = await arrived(twin, inbox, 2)
    assert [each.key.split(":")[2] for each in kept] == ["1000", "3"]


async def test_a_forged_press_is_told_and_goes_no_further(
    way: TelegramDoor, twin: Twin, inbox: Inbox
) -> None:
    """SAFETY 34"""
    twin.say("hello", chat=GROUP)
    await way.chat.send(sending(card(), chat=GROUP))
    here = twin.messages(GROUP)[0]["message_id"]
    query = twin.press(data="1aforged", chat=GROUP, user=BEN, message=here)
    await twin.until(lambda: not twin.queries[query].open)
    assert twin.queries[query].alert
    assert not inbox.kept


async def test_a_button_of_one_chat_is_nothing_in_another(
    way: TelegramDoor, twin: Twin, inbox: Inbox
) -> None:
    """SAFETY 38"""
    twin.say("hello", chat=GROUP)
    twin.say("hello")
    await arrived(twin, inbox, 1)
    await way.chat.send(sending(card(), chat=GROUP))
    await way.chat.send(sending(card()))
    stolen = buttons(twin.messages(GROUP)[0])["Approve"]
    query = twin.press(data=stolen, message=twin.messages()[0]["message_id"])
    await twin.until(lambda: not twin.queries[query].open)
    assert twin.queries[query].alert
    assert len(inbox.kept) == 1


async def test_a_press_to_be_confirmed_needs_a_second_one(
    way: TelegramDoor, twin: Twin, inbox: Inbox
) -> None:
    twin.say("hello")
    await way.chat.send(sending(card(confirm="Sure?")))
    first = twin.press("Approve")
    await twin.until(lambda: "Back" in buttons(twin.messages()[0]))
    assert twin.queries[first].alert
    assert "Refund an order" in str(twin.queries[first].text)
    twin.press("Back")
    await twin.until(lambda: "Approve" in buttons(twin.messages()[0]))
    assert len(inbox.kept) == 1
    twin.press("Approve")
    await twin.until(lambda: "Yes, approve" in buttons(twin.messages()[0]))
    twin.press("Yes, approve")
    press = (await arrived(twin, inbox, 2))[1].body
    assert isinstance(press, Press)
    assert press.verb is Verb.APPROVE


async def test_who_presses_is_asked_again_in_the_language_they_chose(twin: Twin, inbox: Inbox) -> None:
    async def known(user: str) -> Person | None:
        return Person(id="per_ana", name="Ana", role=Role.OWNER, lang="fr") if user == str(ANA) else None

    twin.say("hello")
    async with opened(door(twin, inbox, known=known)) as way:
        await way.chat.send(sending(card(confirm="Sure?")))
        twin.press("Approve")
        await twin.until(lambda: "Retour" in buttons(twin.messages()[0]))
        query = twin.press(data="1aforged", message=twin.messages()[0]["message_id"])
        await twin.until(lambda: not twin.queries[query].open)
        assert str(twin.queries[query].text).startswith("Ce bouton n’est plus valable")


async def test_a_card_out_of_sight_cannot_be_confirmed_there(
    way: TelegramDoor, twin: Twin, inbox: Inbox
) -> None:
    twin.say("hello")
    await way.chat.send(sending(card(confirm="Sure?")))
    query = twin.press("Approve", gone=True)
    await twin.until(lambda: not twin.queries[query].open)
    assert "pending" in str(twin.queries[query].text)
    assert len(inbox.kept) == 1


async def test_a_migration_is_heard_as_nothing(way: TelegramDoor, twin: Twin, inbox: Inbox) -> None:
    """SAFETY 43"""
    twin.migrate(GROUP, -1009)
    twin.say("next")
    assert len(await arrived(twin, inbox, 1)) == 1


async def test_a_stranger_finds_a_menu_in_english_and_in_french(way: TelegramDoor, twin: Twin) -> None:
    for code, words in (("", "What I can do"), ("fr", "Ce que je sais faire")):
        private, group = (twin.commands[scope, code] for scope in ("all_private_chats", "all_group_chats"))
        assert private[0] == group[0] == {"command": "help", "description": words}
        assert [each["command"] for each in private] == ["help", "link"]
        assert "dashboard" not in [each["command"] for each in group]


async def test_each_person_finds_what_their_role_allows_in_the_language_they_chose(
    twin: Twin, inbox: Inbox
) -> None:
    people: dict[str, Person] = {}

    async def known(user: str) -> Person | None:
        return people.get(user)

    twin.say("hello")
    async with opened(door(twin, inbox, known=known)) as way:
        assert twin.menu(ANA, "en") == ["help", "link"]
        for role, lang, unfreezes in ((Role.MEMBER, "en", False), (Role.OWNER, "fr", True)):
            people[str(ANA)] = Person(id="per_ana", name="Ana", role=role, lang=lang)
            for _ in range(2):
                await way.chat.send(sending(Text(text="hello")))
            await twin.until(lambda: "freeze" in twin.menu(ANA, "en"))
            await twin.until(lambda unfreezes=unfreezes: ("unfreeze" in twin.menu(ANA, "en")) == unfreezes)
        assert twin.commands[f"chat {ANA}", ""][0]["description"] == "Ce que je sais faire"
        # Two menus in two languages for everybody, and one for each change: not one for each message.
        assert len(twin.called("setmycommands")) == 4 + 2
        del people[str(ANA)]
        await way.chat.send(sending(Text(text="hello")))
        await twin.until(lambda: twin.menu(ANA, "en") == ["help", "link"])


async def test_a_well_door_says_so(way: TelegramDoor, twin: Twin) -> None:
    health = await way.check()
    assert health.well
    assert "vigie_bot" in health.text


# --- long polling ------------------------------------------------------------------------------------------


async def test_a_crash_between_fetching_and_keeping_loses_nothing(twin: Twin) -> None:
    began = asyncio.Event()

    class Dying(Inbox):
        async def accept(self, arrival: Arrival) -> bool:
            began.set()
            return await asyncio.Future[bool]()  # the process dies here

    twin.say("do not lose me")
    async with opened(door(twin, Dying())):
        await asyncio.wait_for(began.wait(), 10)
    after = Inbox()
    async with opened(door(twin, after)):
        (kept,) = await arrived(twin, after, 1)
    assert isinstance(kept.body, Message)
    assert kept.body.text == "do not lose me"


async def test_a_crash_between_keeping_and_confirming_repeats_nothing(twin: Twin) -> None:
    """SAFETY 32"""
    kept = asyncio.Event()

    class Dying(Inbox):
        async def accept(self, arrival: Arrival) -> bool:
            await Inbox.accept(self, arrival)
            kept.set()
            return await asyncio.Future[bool]()  # the process dies here

    inbox = Dying()
    twin.say("once")
    async with opened(door(twin, inbox)):
        await asyncio.wait_for(kept.wait(), 10)
    again = Inbox(kept=inbox.kept)
    async with opened(door(twin, again)):
        await arrived(twin, again, 1)
    assert len(again.offered) == 1
    assert len(again.kept) == 1


async def test_two_pollers_are_said_plainly(twin: Twin, inbox: Inbox) -> None:
    slow = settings(twin)
    slow = replace(slow, pause=30.0)
    one = TelegramDoor(slow, accept=inbox.accept, tongues=tongues(), clock=_clock())
    async with opened(one):
        await twin.until(lambda: twin.called("getUpdates"))
        async with opened(door(twin, Inbox())):
            await twin.until(lambda: trouble(one))
            health, french = await one.check(), await one.check(tongues()("fr"))
    assert not health.well
    assert "Another program" in health.text
    assert "Un autre programme" in french.text


async def test_errors_are_waited_out_and_forgotten(twin: Twin, inbox: Inbox) -> None:
    twin.fail("getUpdates", "500", times=2)
    twin.fail("getUpdates", "429", retry_after=1)
    async with opened(door(twin, inbox)) as made:
        twin.say("still here")
        await arrived(twin, inbox, 1)
        await twin.until(lambda: not trouble(made))


async def test_a_server_that_answers_at_once_with_nothing_is_not_asked_in_a_loop(
    twin: Twin, inbox: Inbox
) -> None:
    hurried = replace(settings(twin), poll_seconds=0, pause=30.0)
    made = TelegramDoor(hurried, accept=inbox.accept, tongues=tongues(), clock=_clock())
    async with opened(made):
        await twin.until(lambda: twin.called("getUpdates"))
        for _ in range(20):
            await made.check()
        assert len(twin.called("getUpdates")) == 1


async def test_telegram_away_at_the_start_is_found_later(inbox: Inbox) -> None:
    twin = Twin()
    async with running(twin):
        port = int(twin.url.rpartition(":")[2])
    made = door(twin, inbox)
    async with opened(made):
        assert not (await made.check()).well
        async with running(twin, port=port):
            twin.say("you are back")
            await arrived(twin, inbox, 1)


async def test_a_token_nobody_knows_stops_the_start(twin: Twin, inbox: Inbox) -> None:
    wrong = replace(settings(twin), token="4242:wrong")
    made = TelegramDoor(wrong, accept=inbox.accept, tongues=tongues(), clock=_clock())
    with pytest.raises(Misconfigured, match="TELEGRAM_BOT_TOKEN"):
        await made.open()
    assert "Copy TELEGRAM_BOT_TOKEN again from @BotFather" in (await made.check()).text
    assert "Recopie TELEGRAM_BOT_TOKEN" in (await made.check(tongues()("fr"))).text


def _clock() -> SetClock:
    return SetClock()


# --- the webhook -------------------------------------------------------------------------------------------


@asynccontextmanager
async def called(made: TelegramDoor) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client in Telegram's place."""
    app = httpx.ASGITransport(Starlette(routes=made.routes()))
    async with httpx.AsyncClient(transport=app, base_url="http://vigie.test") as client:
        yield client


def headers(secret: str = SECRET) -> dict[bytes, bytes]:
    return {b"X-Telegram-Bot-Api-Secret-Token": secret.encode("latin-1")}


@pytest.fixture
async def hooked(twin: Twin, inbox: Inbox) -> AsyncGenerator[TelegramDoor, None]:
    async with webhook(twin, inbox) as made:
        yield made


@pytest.mark.parametrize("secret", ["", "wrong", SECRET + "x", SECRET[:-1], "é" * 23])
async def test_a_wrong_secret_is_refused_unread(
    hooked: TelegramDoor, inbox: Inbox, caplog: pytest.LogCaptureFixture, secret: str
) -> None:
    """SAFETY 31"""
    caplog.set_level("DEBUG")
    async with called(hooked) as client:
        answer = await client.post(PATH, content=b"not even JSON", headers=headers(secret))
    assert answer.status_code == 403
    assert not inbox.offered
    assert not secret or secret not in caplog.text


async def test_no_secret_is_refused(hooked: TelegramDoor) -> None:
    """SAFETY 31"""
    async with called(hooked) as client:
        assert (await client.post(PATH, json={"update_id": 1})).status_code == 403


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"{}", b'{"update_id": "1"}', b"\xff\xfe", b"[" * 100_000, b"9" * 5000],
)
async def test_what_is_no_update_is_refused(hooked: TelegramDoor, inbox: Inbox, body: bytes) -> None:
    async with called(hooked) as client:
        answer = await client.post(PATH, content=body, headers=headers())
    assert (answer.status_code, answer.text) == (400, "")
    assert not inbox.offered


async def test_a_body_too_large_is_refused(hooked: TelegramDoor) -> None:
    async with called(hooked) as client:
        answer = await client.post(PATH, content=b" " * (LARGEST + 1), headers=headers())
    assert answer.status_code == 413


async def test_telegram_hears_no_ok_before_it_is_kept(hooked: TelegramDoor, inbox: Inbox) -> None:
    update: Json = {
        "update_id": 5,
        "message": {"message_id": 1, "date": 1, "text": "/help", "entities": [command(5)]},
    }
    update["message"] |= {
        "chat": {"id": ANA, "type": "private"},
        "from": {"id": ANA, "is_bot": False, "first_name": "A"},
    }
    inbox.failing = [Unreachable("the database is locked")]
    async with called(hooked) as client:
        first = await client.post(PATH, json=update, headers=headers())
        second = await client.post(PATH, json=update, headers=headers())
        third = await client.post(PATH, json=update, headers=headers())
    assert [first.status_code, second.status_code, third.status_code] == [503, 200, 200]
    assert len(inbox.kept) == 1


async def test_a_webhook_that_was_taken_over_is_said(hooked: TelegramDoor, twin: Twin) -> None:
    twin.setwebhook({"url": "https://elsewhere.test/hook"})
    health = await hooked.check()
    assert not health.well
    assert "elsewhere.test" in health.text
    twin.deletewebhook({})
    health = await hooked.check(tongues()("fr"))
    assert not health.well
    assert "n’appelle plus aucune adresse" in health.text


async def test_a_webhook_of_another_program_is_said_before_and_while_it_is_in_the_way(
    twin: Twin, inbox: Inbox
) -> None:
    """By the doctor, beside nothing; and by the page, in the language of whoever looks."""
    twin.setwebhook({"url": "https://elsewhere.test/hook"})
    made = door(twin, inbox)
    health = await made.examine()
    assert not health.well
    assert "to https://elsewhere.test/hook" in health.text
    async with opened(made):
        assert (await made.check()).well
        twin.setwebhook({"url": "https://elsewhere.test/hook"})
        await twin.until(lambda: trouble(made))
        health = await made.check(tongues()("fr"))
        assert not health.well
        assert "elsewhere.test" in health.text
        assert "redémarre Vigie" in health.text
    await made.close()


async def test_polling_has_no_route(closed: TelegramDoor) -> None:
    assert closed.routes() == []


# --- settings ----------------------------------------------------------------------------------------------


def test_a_path_is_added_to_a_bare_address() -> None:
    made = TelegramSettings(token=TOKEN, callback_key=KEY, webhook_url="https://v.test/", webhook_secret="s")
    assert made.endpoint == "https://v.test/telegram/webhook"
    assert replace(made, webhook_url="https://v.test/t/hook").endpoint == "https://v.test/t/hook"


@pytest.mark.parametrize(
    ("more", "named"),
    [
        ({"token": "nonsense"}, "TELEGRAM_BOT_TOKEN"),
        ({"webhook_url": "https://v.test"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"webhook_url": "https://v.test", "webhook_secret": "é"}, "TELEGRAM_WEBHOOK_SECRET"),
        ({"webhook_url": "v.test", "webhook_secret": "s"}, "TELEGRAM_WEBHOOK_URL"),
    ],
)
def test_a_wrong_setting_is_named(more: dict[str, str], named: str) -> None:
    more = {"token": TOKEN, "webhook_url": "", "webhook_secret": "", **more}
    with pytest.raises(Misconfigured, match=named):
        TelegramSettings(
            token=more["token"],
            callback_key=KEY,
            webhook_url=more["webhook_url"],
            webhook_secret=more["webhook_secret"],
        )


async def test_always_and_the_button_that_stops_what_is_held_come_back(
    way: TelegramDoor, twin: Twin, inbox: Inbox
) -> None:
    """SAFETY 70"""
    twin.say("write to Gigi")
    (first,) = await arrived(twin, inbox, 1)
    shown = card()
    shown = replace(shown, buttons=(*shown.buttons, Button(verb=Verb.ALWAYS, label="Always…")))
    await way.chat.send(replace(sending(shown), place=first.place))
    twin.press("Always…")
    always = (await arrived(twin, inbox, 2))[1].body
    assert isinstance(always, Press)
    assert (always.ref, always.verb) == (shown.ref, Verb.ALWAYS)
    asked = Question(text="It goes out at 13:00:30.", ref="r" * 22, choices=(("stop", "Stop it"),))
    await way.chat.send(replace(sending(asked), place=first.place))
    twin.press("Stop it")
    stop = (await arrived(twin, inbox, 3))[2].body
    assert isinstance(stop, Press)
    assert (stop.ref, stop.verb, stop.value) == (asked.ref, Verb.CHOOSE, "stop")
