"""Telegram update to Arrival. Pure: an Update in, what was heard out.

Words are heard in private chats; elsewhere only when they are for us: a mention, a reply to us, a command.
`/missions 3` reads "missions 3". `/start CODE` in a private chat, which is what a `t.me/…?start=CODE` link sends,
reads "claim CODE"; anywhere else the code is dropped. Whoever speaks through a forward, another bot, a channel or
an anonymous account is heard as content and never as a command (`trusted=False`). Edited messages are not heard
at all: what was said stays said. The core knows persons; here everybody is a stranger with a numeric id.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from telegram import CallbackQuery, MaybeInaccessibleMessage, Message, MessageEntity, Update, User

from adapters.chat.telegram import callbacks
from adapters.chat.telegram.callbacks import Token
from bot import events
from bot.inbox import Arrival
from bot.overhearing import Overheard
from bot.people import Identity
from bot.places import Place

PLATFORM = "telegram"
ANONYMOUS_ADMIN = 1087968824
"""GroupAnonymousBot: Telegram's stand-in for an administrator who hides their name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """A press with data we never issued for that message. Nothing happens; the presser is told."""

    answer_to: str
    user: str
    lang: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A press that only changes the keyboard: it asks "are you sure", or takes that question back.

    `message` is None where Telegram no longer shows us the message.
    """

    answer_to: str
    user: str
    lang: str
    chat: str
    data: str
    token: Token
    message: Message | None


Heard = Arrival | Unknown | Turned | None


def read(update: Update, *, me: User, key: bytes) -> Heard:
    """What the update says to us, None when it is not for us. `key` is what our buttons are signed with."""
    if update.callback_query is not None:
        return _press(update.update_id, update.callback_query, me, key)
    message = update.message or update.channel_post
    return None if message is None else _message(update.update_id, message, me)


def overheard(update: Update, *, me: User) -> Overheard | None:
    """What a person says in a group, whether or not it is said to us."""
    message = update.message
    if message is None or message.chat.type not in ("group", "supergroup") or not _own_words(message):
        return None
    text = message.text if message.text is not None else message.caption
    speaker = message.from_user
    if not text or speaker is None or speaker.id == me.id:
        return None
    return Overheard(
        key=_key(me, update.update_id, f"m{message.chat.id}.{message.message_id}"),
        place=_place(message),
        who=Identity(platform=PLATFORM, user=str(speaker.id)),
        text=text,
        name=speaker.full_name or "",
    )


def migration(update: Update) -> tuple[int, int] | None:
    """The old and the new chat id when the update says that a group became a supergroup."""
    message = update.message
    if message is None:
        return None
    if message.migrate_to_chat_id is not None:
        return message.chat.id, message.migrate_to_chat_id
    if message.migrate_from_chat_id is not None:
        return message.migrate_from_chat_id, message.chat.id
    return None


def _key(me: User, update: int, thing: str) -> str:
    """Update ids alone may come back: after a week of silence they start again anywhere."""
    return f"{PLATFORM}:{me.id}:{update}:{thing}"


def _lang(user: User | None) -> str:
    return (user.language_code or "")[:2].casefold() if user else ""


def _place(message: MaybeInaccessibleMessage) -> Place:
    """`thread` only for topics: a thread id also stands on replies in ordinary groups."""
    topic = message.message_thread_id if isinstance(message, Message) and message.is_topic_message else None
    return Place(
        platform=PLATFORM,
        channel=str(message.chat.id),
        thread="" if topic is None else str(topic),
        private=message.chat.type == "private",
    )


# --- messages ----------------------------------------------------------------------------------------------


def _message(update: int, message: Message, me: User) -> Arrival | None:
    speaker = message.from_user
    if speaker is not None and speaker.id == me.id:
        return None
    place = _place(message)
    text = _words(message, me, private=place.private)
    if text is None:
        return None
    who = message.sender_chat or speaker
    if who is None:
        return None
    return Arrival(
        key=_key(me, update, f"m{message.chat.id}.{message.message_id}"),
        place=place,
        body=events.Message(
            who=Identity(platform=PLATFORM, user=str(who.id)),
            text=text,
            ref=str(message.message_id),
            name=(who.full_name if isinstance(who, User) else who.effective_name) or "",
            lang=_lang(speaker),
            trusted=_own_words(message),
            command=_is_command(message),
        ),
    )


def _own_words(message: Message) -> bool:
    """Whether the person whose account it is said this themselves, here and now."""
    speaker = message.from_user
    return (
        speaker is not None
        and not speaker.is_bot
        and speaker.id != ANONYMOUS_ADMIN
        and message.sender_chat is None
        and message.forward_origin is None
        and message.via_bot is None
        and message.sender_business_bot is None
        and not message.is_automatic_forward
    )


def _words(message: Message, me: User, *, private: bool) -> str | None:
    """What is said to us, None when nothing is."""
    spoken = message.text if message.text is not None else message.caption
    entities = message.entities if message.text is not None else message.caption_entities
    thing = _thing(message)
    if spoken is None and not thing:
        return None
    text = spoken or ""
    command = _command(text, entities)
    if command is not None:
        name, at, rest = command
        if at and at.casefold() != (me.username or "").casefold():
            return None
        return _joined(_as_words(name, rest, private=private), thing)
    ours = [entity for entity in entities if _mentions(entity, text, me)]
    if not (private or ours or _replies_to(message, me)):
        return None
    return _joined(_without(text, ours), thing)


def _joined(text: str, thing: str) -> str:
    return "\n".join(part for part in (text, thing) if part)


def _thing(message: Message) -> str:
    """A word for what is there besides text, so that one can answer that only text is read."""
    things = {
        "photo": message.photo,
        "voice message": message.voice,
        "video": message.video or message.video_note,
        "audio": message.audio,
        "animation": message.animation,
        "document": message.document,
        "sticker": message.sticker,
        "location": message.location or message.venue,
        "contact": message.contact,
        "poll": message.poll,
        "checklist": message.checklist,
        "story": message.story,
        "paid media": message.paid_media,
    }
    # An animation also comes as a document, for apps that know none.
    return next((f"[{name}]" for name, found in things.items() if found), "")


def _units(text: str) -> bytes:
    """UTF-16, in which Telegram counts: two bytes a unit."""
    return text.encode("utf-16-le", "surrogatepass")


def _covered(entity: MessageEntity, text: str) -> str:
    part = _units(text)[2 * entity.offset : 2 * (entity.offset + entity.length)]
    return part.decode("utf-16-le", "replace")


def _command(text: str, entities: tuple[MessageEntity, ...]) -> tuple[str, str, str] | None:
    """The name of the command the text opens with, the bot it is for ("" for anyone), and the rest."""
    for entity in entities:
        if entity.type == MessageEntity.BOT_COMMAND and entity.offset == 0:
            command = _covered(entity, text)
            name, _, at = command.removeprefix("/").partition("@")
            return name, at, text[len(command) :].strip()
    return None


def _is_command(message: Message) -> bool:
    text = message.text if message.text is not None else message.caption or ""
    return (
        _command(text, message.entities if message.text is not None else message.caption_entities) is not None
    )


def _as_words(name: str, rest: str, *, private: bool) -> str:
    if name.casefold() != "start":
        return f"{name} {rest}".strip()
    return f"claim {rest}" if rest and private else "help"


def _mentions(entity: MessageEntity, text: str, me: User) -> bool:
    match entity.type:
        case MessageEntity.MENTION:
            return _covered(entity, text).casefold() == f"@{me.username}".casefold()
        case MessageEntity.TEXT_MENTION:
            return entity.user is not None and entity.user.id == me.id
        case _:
            return False


def _replies_to(message: Message, me: User) -> bool:
    """A reply to something we said. In a topic every message replies to the topic's opening, which is nothing."""
    to = message.reply_to_message
    return (
        to is not None
        and to.from_user is not None
        and to.from_user.id == me.id
        and not to.forum_topic_created
    )


def _without(text: str, mentions: list[MessageEntity]) -> str:
    """The text without our name in it."""
    if not mentions:
        return text.strip()
    kept = b"".join(_between(_units(text), mentions)).decode("utf-16-le", "replace")
    return re.sub(r"[ \t]{2,}", " ", kept).strip().lstrip(",:").strip()


def _between(units: bytes, entities: list[MessageEntity]) -> Iterator[bytes]:
    at = 0
    for entity in sorted(entities, key=lambda entity: entity.offset):
        yield units[at : 2 * entity.offset]
        at = 2 * (entity.offset + entity.length)
    yield units[at:]


# --- presses -----------------------------------------------------------------------------------------------


def _press(update: int, query: CallbackQuery, me: User, key: bytes) -> Heard:
    """A press counts where its message is: one known only by an inline id belongs to no chat of ours."""
    message, user = query.message, query.from_user
    unknown = Unknown(answer_to=query.id, user=str(user.id), lang=_lang(user))
    if message is None or query.data is None or user.is_bot:
        return unknown
    chat = str(message.chat.id)
    token = callbacks.read(query.data, chat=chat, key=key)
    if token is None:
        return unknown
    if token.ask or token.back:
        return Turned(
            answer_to=query.id,
            user=str(user.id),
            lang=_lang(user),
            chat=chat,
            data=query.data,
            token=token,
            message=message if isinstance(message, Message) else None,
        )
    return Arrival(
        key=_key(me, update, f"q{query.id}"),
        place=_place(message),
        body=events.Press(
            who=Identity(platform=PLATFORM, user=str(user.id)),
            ref=token.ref,
            revision=token.revision,
            verb=token.verb,
            value=token.value,
            message=str(message.message_id),
            answer_to=query.id,
            name=user.full_name,
        ),
    )
