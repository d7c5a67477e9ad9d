"""The menus of commands: one for everybody in each language, and one for each person we know, as their role allows and in
the language that they chose with us.

Telegram shows the menu of the narrowest scope: that of one chat before that of all private chats (Bot API,
"Determining list of commands"). A menu is only for the eyes: whatever is in it, what somebody may do is decided elsewhere.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from telegram import (
    Bot,
    BotCommand,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    BotCommandScopeChat,
)
from telegram.error import TelegramError

from bot.people import Person, Role
from bot.speech import Tongue, Tongues

log = logging.getLogger(__name__)

Known = Callable[[str], Awaitable[Person | None]]
"""Who has this Telegram id, None for a stranger."""

_GROUP = ("help", "status", "missions", "pending")
_OF_ROLE = {
    Role.GUEST: ("help", "link"),
    Role.MEMBER: ("help", "status", "missions", "pending", "dashboard", "link", "freeze"),
    Role.APPROVER: ("help", "status", "missions", "pending", "dashboard", "link", "freeze"),
    Role.OWNER: ("help", "status", "missions", "pending", "dashboard", "link", "freeze", "unfreeze"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """What decides about a person's menu."""

    role: Role
    lang: str


class Menus:
    """The menus of one bot, in every language there is; English for everybody else."""

    def __init__(self, bot: Bot, *, tongues: Tongues, known: Known | None) -> None:
        self._bot = bot
        self._tongues = tongues
        self._known = known
        self._shown: dict[str, _Shown | None] = {}

    async def hang_up(self) -> None:
        """Those for everybody: of who talks to us in private, and of groups. Raises TelegramError."""
        scopes = (
            (BotCommandScopeAllPrivateChats(), _OF_ROLE[Role.GUEST]),
            (BotCommandScopeAllGroupChats(), _GROUP),
        )
        for at, lang in enumerate(self._tongues.languages):
            if len(lang) != 2:  # Telegram takes codes of two letters (ISO 639-1) only
                continue
            code = lang if at else None
            for scope, names in scopes:
                menu = commands(names, self._tongues(lang))
                await self._bot.set_my_commands(menu, scope=scope, language_code=code)

    async def suit(self, chat: str) -> None:
        """The menu of one private chat, where its person's role or language is not what it was. Best effort: it is
        looked at again when we speak there the next time."""
        if self._known is None:
            return
        person = await self._known(chat)
        wanted = None if person is None else _Shown(role=person.role, lang=person.lang)
        before = self._shown.get(chat)
        if before == wanted:
            return
        self._shown[chat] = wanted
        scope = BotCommandScopeChat(int(chat))
        try:
            if wanted is None:
                await self._bot.delete_my_commands(scope=scope)
            else:
                menu = commands(_OF_ROLE[wanted.role], self._tongues(wanted.lang))
                await self._bot.set_my_commands(menu, scope=scope)
        except TelegramError as error:
            log.info("menu_not_set", extra={"chat": chat, "why": type(error).__name__})
            self._shown[chat] = before


def commands(names: Sequence[str], tongue: Tongue) -> list[BotCommand]:
    """A menu in one language; the words themselves are the same in all."""
    described = {
        "help": tongue("What I can do"),
        "status": tongue("How I am, and what is under way"),
        "missions": tongue("The missions and when they wake"),
        "pending": tongue("What waits for your approval"),
        "dashboard": tongue("A sign-in link to the web page"),
        "link": tongue("Join this account to another of yours"),
        "freeze": tongue("Stop everything that acts"),
        "unfreeze": tongue("Let it act again (owners)"),
    }
    return [BotCommand(name, described[name]) for name in names]
