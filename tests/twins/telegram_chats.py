"""Who is on the twin of Telegram, what they do, and what stands in their chats. Knows no HTTP.

A private chat has the user's id, a group a negative one; each comes to be when somebody first speaks in it.
"""

import asyncio
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from bot.values import Json
from tests.twins.telegram_rules import units

Found = TypeVar("Found")
ANA, BEN, GROUP, FORUM = 789, 790, -1001, -1002
FRENCH = range(901, 930)
WAIT = 30.0
NOW = 1_795_000_000
TOKEN = "4242:twin-token"
_MENTIONS = re.compile(r"@\w+|(?<!\S)/\w+(@\w+)?", re.ASCII)


@dataclass
class Call:
    """What the bot asked for."""

    method: str
    parameters: dict[str, Json]


@dataclass
class Query:
    """A press that waits for its answer."""

    open: bool = True
    text: str | None = None
    alert: bool = False


@dataclass
class Chats:
    """Everybody and everything said, in memory. Updates wait until they are fetched or delivered."""

    token: str = TOKEN
    username: str = "vigie_bot"
    calls: list[Call] = field(default_factory=list[Call])
    queries: dict[str, Query] = field(default_factory=dict[str, Query])
    blocked: set[int] = field(default_factory=set[int])
    migrated: dict[int, int] = field(default_factory=dict[int, int])
    waiting: list[Json] = field(default_factory=list[Json])
    next_update: int = 1000
    standing: dict[int, dict[int, Json]] = field(default_factory=dict[int, dict[int, Json]])
    ids: "itertools.count[int]" = field(default_factory=lambda: itertools.count(1))
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def me(self) -> Json:
        """The bot, as `getMe` shows it."""
        flags = ("can_join_groups", "can_read_all_group_messages", "supports_inline_queries")
        names = {"id": int(self.token.partition(":")[0]), "first_name": "Vigie", "username": self.username}
        return {**names, "is_bot": True, **dict.fromkeys(flags, False)}

    # --- what people do ------------------------------------------------------------------------------------

    def say(
        self, text: str, *, user: int = ANA, chat: int | None = None, thread: int = 0, **more: Json
    ) -> int:
        """Somebody writes; returns the message id. `more` replaces fields of the message."""
        place = user if chat is None else chat
        message: dict[str, Json] = self.message(place, thread)
        message |= {"from": person(user), "text": text, **more}
        found = [
            {
                "type": "bot_command" if each[0].startswith("/") else "mention",
                "offset": units(text[: each.start()]),
                "length": units(each[0]),
            }
            for each in _MENTIONS.finditer(text)
        ]
        if found:
            message.setdefault("entities", found)
        self.standing.setdefault(place, {})[message["message_id"]] = message
        self.push({"message": message})
        return message["message_id"]

    def press(
        self,
        label: str = "",
        *,
        data: str = "",
        message: int = 0,
        user: int = ANA,
        chat: int | None = None,
        gone: bool = False,
    ) -> str:
        """Somebody presses a button, by what is on it or (as only a forger can) by its data; returns the query id.

        `gone` is a message Telegram no longer shows the bot.
        """
        place = user if chat is None else chat
        held = self._holder(place, label, message)
        query = str(len(self.queries) + 1_000_000_000_000)
        self.queries[query] = Query()
        shown = held if not gone else {"chat": held["chat"], "message_id": held["message_id"], "date": 0}
        self.push(
            {
                "callback_query": {
                    "id": query,
                    "from": person(user),
                    "chat_instance": "1",
                    "message": shown,
                    "data": data or buttons(held)[label],
                }
            }
        )
        return query

    def push(self, update: Json) -> None:
        """An update of any kind waits to be fetched or delivered."""
        self.waiting.append({"update_id": self.next_update, **update})
        self.next_update += 1
        self.notify()

    def block(self, user: int) -> None:
        """The user blocks the bot."""
        self.blocked.add(user)

    def migrate(self, before: int, after: int) -> None:
        """A group becomes a supergroup, and both chats say so."""
        self.migrated[before] = after
        self.standing.setdefault(after, {})
        for chat, moved in (
            (before, {"migrate_to_chat_id": after}),
            (after, {"migrate_from_chat_id": before}),
        ):
            self.push({"message": self.message(chat, 0) | {"from": person(ANA)} | moved})

    # --- what there is to see ------------------------------------------------------------------------------

    def messages(self, chat: int = ANA) -> list[Json]:
        """What the bot has standing in the chat, oldest first."""
        return [each for each in self.standing.get(chat, {}).values() if each["from"]["id"] == self.me["id"]]

    def called(self, method: str) -> list[dict[str, Json]]:
        """The parameters of every call of that method."""
        return [call.parameters for call in self.calls if call.method == method.casefold()]

    async def until(self, found: Callable[[], Found]) -> Found:
        """What `found` gives once that is true; a bounded wait."""
        async with asyncio.timeout(WAIT):
            while not (result := found()):
                self.changed.clear()
                await self.changed.wait()
            return result

    def message(self, chat: int, thread: int) -> dict[str, Json]:
        message: dict[str, Json] = {"message_id": next(self.ids), "date": NOW, "chat": place(chat)}
        return message | ({"message_thread_id": thread, "is_topic_message": True} if thread else {})

    def _holder(self, chat: int, label: str, message: int) -> Json:
        """The message with that id, else the last of the bot's with such a button."""
        if message:
            return self.standing[chat][message]
        return next(each for each in reversed(self.messages(chat)) if label in buttons(each))

    def notify(self) -> None:
        self.changed.set()


def person(user: int) -> dict[str, Json]:
    """Ana writes English, Ben French; so do those of `FRENCH`."""
    others = (f"User {user}", "fr" if user in FRENCH else "en")
    name, lang = {ANA: ("Ana", "en-GB"), BEN: ("Ben", "fr")}.get(user, others)
    return {"id": user, "is_bot": False, "first_name": name, "language_code": lang}


def place(chat: int) -> dict[str, Json]:
    if chat > 0:
        return {"id": chat, "type": "private", "first_name": person(chat)["first_name"]}
    forum = {"is_forum": True} if chat == FORUM else {}
    return {"id": chat, "type": "supergroup", "title": f"Group {-chat}", **forum}


def buttons(message: Json) -> dict[str, str]:
    """What the buttons under a message carry, by what is on them."""
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    return {button["text"]: button["callback_data"] for row in rows for button in row}
