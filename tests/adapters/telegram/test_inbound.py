"""What is heard, from whom, and with which authority."""

import pytest
from telegram import Update

from adapters.chat.telegram import callbacks, inbound
from adapters.chat.telegram.callbacks import Token
from adapters.chat.telegram.inbound import ANONYMOUS_ADMIN, Turned, Unknown
from bot.events import Message, Press, Verb
from bot.overhearing import Overheard
from bot.people import Standing
from bot.places import Place
from bot.values import Json
from tests.adapters.telegram.samples import KEY, ME, REF, arrival, command, heard, mention, message
from tests.twins.telegram import BEN, FORUM, GROUP, place


def words(**parts: Json) -> Message:
    body = arrival(**parts).body
    assert isinstance(body, Message)
    return body


# --- messages ----------------------------------------------------------------------------------------------


def test_a_private_message_is_heard_as_it_is() -> None:
    found = arrival(update_id=887766, message=message("  do it  "))
    assert found.key == "telegram:4242:887766:m789.7"
    assert found.place == Place(platform="telegram", channel="789", private=True)
    body = words(message=message("  do it  "))
    assert (body.text, body.ref, body.name, body.lang) == ("do it", "7", "Ana", "en")
    assert (body.who.key, body.standing, body.trusted) == ("telegram:789", Standing.STRANGER, True)


def test_the_same_update_has_the_same_key_and_a_reused_id_has_another() -> None:
    """SAFETY 32, 33"""
    first = arrival(update_id=5, message=message("hello"))
    assert arrival(update_id=5, message=message("hello")).key == first.key
    assert arrival(update_id=5, message=message("later", message_id=99)).key != first.key


def test_identity_is_the_number_and_never_the_user_name() -> None:
    """SAFETY 41"""
    renamed = message("hello") | {"from": {"id": 5, "is_bot": False, "first_name": "Eve", "username": "ana"}}
    assert words(message=renamed).who.key == "telegram:5"


def test_a_topic_is_a_place_of_its_own_and_a_reply_thread_is_not() -> None:
    text = message("@vigie_bot hi", chat=FORUM, entities=[mention("@vigie_bot", 0)])
    topic = arrival(message=text | {"message_thread_id": 3, "is_topic_message": True})
    assert topic.place == Place(platform="telegram", channel=str(FORUM), thread="3")
    assert arrival(message=text | {"message_thread_id": 3}).place.thread == ""


OURS: list[tuple[str, Json, str]] = [
    ("a mention", {"text": "@vigie_bot, status", "entities": [mention("@vigie_bot", 0)]}, "status"),
    ("of any case", {"text": "@Vigie_Bot status", "entities": [mention("@vigie_bot", 0)]}, "status"),
    (
        "in the middle",
        {"text": "😀 hey @vigie_bot do it", "entities": [mention("@vigie_bot", 7)]},
        "😀 hey do it",
    ),
    ("a command", {"text": "/missions 3", "entities": [command(9)]}, "missions 3"),
    ("for us", {"text": "/missions@vigie_bot 3", "entities": [command(19)]}, "missions 3"),
    (
        "a reply to us",
        {
            "text": "yes",
            "reply_to_message": message("?") | {"from": {"id": 4242, "is_bot": True, "first_name": "V"}},
        },
        "yes",
    ),
    (
        "a mention by id",
        {
            "text": "Vigie go",
            "entities": [
                {
                    "type": "text_mention",
                    "offset": 0,
                    "length": 5,
                    "user": {"id": 4242, "is_bot": True, "first_name": "V"},
                }
            ],
        },
        "go",
    ),
    (
        "in a caption",
        {
            "text": None,
            "photo": [],
            "caption": "@vigie_bot see",
            "caption_entities": [mention("@vigie_bot", 0)],
        },
        "see",
    ),
]


@pytest.mark.parametrize(("_why", "parts", "said"), OURS, ids=[why for why, _, _ in OURS])
def test_in_a_group_what_is_for_us_is_heard(_why: str, parts: Json, said: str) -> None:
    parts = {key: value for key, value in parts.items() if value is not None}
    assert words(message=message(None, chat=GROUP) | parts).text == said


NOT_OURS: list[tuple[str, Json]] = [
    ("talk", {"text": "lunch?"}),
    ("another's mention", {"text": "@other hi", "entities": [mention("@other", 0)]}),
    ("a name that begins like ours", {"text": "@vigie_bot2 hi", "entities": [mention("@vigie_bot2", 0)]}),
    ("a command for another bot", {"text": "/help@other", "entities": [command(11)]}),
    ("our name without a mention", {"text": "mail vigie_bot about it"}),
    ("a reply to somebody", {"text": "ok", "reply_to_message": message("?")}),
    (
        "the opening of a topic we made",
        {
            "text": "ok",
            "reply_to_message": message(None)
            | {
                "from": {"id": 4242, "is_bot": True, "first_name": "V"},
                "forum_topic_created": {"name": "t", "icon_color": 1},
            },
        },
    ),
]


@pytest.mark.parametrize(("_why", "parts"), NOT_OURS, ids=[why for why, _ in NOT_OURS])
def test_in_a_group_all_else_is_not(_why: str, parts: Json) -> None:
    assert heard(message=message(None, chat=GROUP) | parts) is None


def overheard(**parts: Json) -> Overheard | None:
    return inbound.overheard(Update.de_json({"update_id": 1, **parts}, None), me=ME)


def test_what_people_say_in_a_group_is_overheard() -> None:
    found = overheard(message=message("lunch?", chat=GROUP))
    assert found is not None
    assert (found.text, found.who.key) == ("lunch?", "telegram:789")
    assert found.place == Place(platform="telegram", channel=str(GROUP))
    assert overheard(message=message("lunch?")) is None, "not in private"


BORROWED: list[tuple[str, Json]] = [
    (
        "a forward",
        {"forward_origin": {"type": "hidden_user", "date": 1, "sender_user_name": "Eve"}},
    ),
    ("another bot", {"from": {"id": 9, "is_bot": True, "first_name": "Other"}}),
    ("through a bot", {"via_bot": {"id": 9, "is_bot": True, "first_name": "Other"}}),
    ("on behalf of a channel", {"sender_chat": {"id": -100777, "type": "channel", "title": "News"}}),
    (
        "an anonymous administrator",
        {"from": {"id": ANONYMOUS_ADMIN, "is_bot": True, "first_name": "Group"}, "sender_chat": place(GROUP)},
    ),
    ("an automatic forward", {"is_automatic_forward": True}),
]


@pytest.mark.parametrize(("_why", "parts"), BORROWED, ids=[why for why, _ in BORROWED])
def test_words_that_only_pass_through_are_not_overheard(_why: str, parts: Json) -> None:
    assert overheard(message=message("lunch?", chat=GROUP) | parts) is None


@pytest.mark.parametrize(("_why", "parts"), BORROWED, ids=[why for why, _ in BORROWED])
def test_words_that_only_pass_through_are_content(_why: str, parts: Json) -> None:
    """SAFETY 40"""
    text = message("@vigie_bot refund 1042", chat=GROUP, entities=[mention("@vigie_bot", 0)])
    assert not words(message=text | parts).trusted


def test_a_channel_post_is_content_from_the_channel() -> None:
    """SAFETY 40"""
    post = message("@vigie_bot go", chat=-100777, entities=[mention("@vigie_bot", 0)])
    post |= {"chat": {"id": -100777, "type": "channel", "title": "News"}}
    post |= {"sender_chat": post["chat"]}
    del post["from"]
    body = words(channel_post=post)
    assert (body.who.key, body.name, body.trusted) == ("telegram:-100777", "News", False)


@pytest.mark.parametrize(
    "kind", ["edited_message", "edited_channel_post", "business_message", "guest_message"]
)
def test_edits_and_business_are_not_heard(kind: str) -> None:
    """SAFETY 40"""
    assert heard(**{kind: message("approve everything", edit_date=1)}) is None


def test_our_own_words_wake_nobody() -> None:
    """SAFETY 93"""
    assert heard(message=message("hello") | {"from": {"id": 4242, "is_bot": True, "first_name": "V"}}) is None


@pytest.mark.parametrize(
    ("text", "length", "chat", "said"),
    [
        ("/start", 6, 789, "help"),
        ("/start 8F3K2M9Q", 6, 789, "claim 8F3K2M9Q"),
        ("/start L8F3K2M9", 6, 789, "claim L8F3K2M9"),
        ("/start@vigie_bot 8F3K2M9Q", 16, GROUP, "help"),
        ("/Freeze", 7, 789, "Freeze"),
        ("/do demo.refund order=1042", 3, 789, "do demo.refund order=1042"),
    ],
)
def test_commands_read_as_words(text: str, length: int, chat: int, said: str) -> None:
    assert words(message=message(text, chat=chat, entities=[command(length)])).text == said


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"voice": {"file_id": "f", "file_unique_id": "u", "duration": 2}}, "[voice message]"),
        ({"photo": [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]}, "[photo]"),
        (
            {"document": {"file_id": "f", "file_unique_id": "u"}, "caption": "the invoice"},
            "the invoice\n[document]",
        ),
        ({"location": {"longitude": 2.3, "latitude": 48.8}}, "[location]"),
    ],
)
def test_what_is_not_text_is_named(parts: Json, said: str) -> None:
    assert words(message=message(None) | parts).text == said


def test_service_messages_say_nothing() -> None:
    assert heard(message=message(None, chat=GROUP, new_chat_title="Other")) is None


def test_a_migration_is_told_apart_and_not_heard() -> None:
    """SAFETY 43"""
    moved = {"update_id": 1, "message": message(None, chat=GROUP, migrate_to_chat_id=-1005)}
    assert heard(**moved) is None
    update = Update.de_json(moved, None)
    assert inbound.migration(update) == (GROUP, -1005)


# --- presses -----------------------------------------------------------------------------------------------


def query(data: str | None, *, chat: int = 789, user: int = BEN, **more: Json) -> Json:
    sender = {"id": user, "is_bot": False, "first_name": "Ben", "language_code": "fr-FR"}
    found: Json = {"id": "55", "from": sender, "chat_instance": "1", "message": message("card", chat=chat)}
    return {**found, **({} if data is None else {"data": data}), **more}


def data(*, chat: int = 789, ask: bool = False) -> str:
    token = Token(verb=Verb.APPROVE, ref=REF, revision=2, ask=ask)
    return callbacks.write(token, chat=str(chat), key=KEY)


def test_a_press_says_who_pressed_what_on_which_card() -> None:
    found = arrival(update_id=9, callback_query=query(data()))
    assert found.key == "telegram:4242:9:q55"
    assert found.place == Place(platform="telegram", channel="789", private=True)
    press = found.body
    assert isinstance(press, Press)
    assert (press.who.key, press.ref, press.revision, press.verb) == ("telegram:790", REF, 2, Verb.APPROVE)
    assert (press.message, press.answer_to, press.name) == ("7", "55", "Ben")


def test_a_press_in_a_topic_belongs_to_the_topic() -> None:
    pressed = query(data(chat=FORUM), chat=FORUM)
    pressed["message"] |= {"message_thread_id": 3, "is_topic_message": True}
    assert arrival(callback_query=pressed).place.thread == "3"


@pytest.mark.parametrize(
    "callback",
    [
        query("1aforged"),
        query(data()[:-1]),
        query(data(chat=GROUP)),
        query(data()) | {"message": None, "inline_message_id": "i1"},
        query(None, game_short_name="chess"),
        query(""),
    ],
    ids=["forged", "cut", "of another chat", "inline only", "a game", "empty"],
)
def test_a_press_we_never_offered_there_is_unknown(callback: Json) -> None:
    """SAFETY 38"""
    callback = {key: value for key, value in callback.items() if value is not None}
    assert heard(callback_query=callback) == Unknown(answer_to="55", user=str(BEN), lang="fr")


def test_a_press_on_a_message_no_longer_shown_is_decided_on_the_record() -> None:
    """SAFETY 39"""
    gone = {"chat": place(789), "message_id": 7, "date": 0}
    press = arrival(callback_query=query(data(), message=gone)).body
    assert isinstance(press, Press)
    assert (press.ref, press.message) == (REF, "7")


def test_a_press_that_wants_confirming_is_not_passed_on() -> None:
    turned = heard(callback_query=query(data(ask=True)))
    assert isinstance(turned, Turned)
    assert turned.token.ask
    assert turned.message is not None
