"""`vigie chat`: the same core, talked to on standard input."""

from functools import partial

from adapters.chat.terminal import TerminalDoor
from bot import (
    doors,
    inbox,
)
from bot.errors import Misconfigured
from bot.people import Identity
from vigie.plugging import plug
from vigie.serving import own_page, paged, running
from vigie.settings import Settings
from vigie.storing import distributed


async def chat(config: Settings) -> int:
    """The terminal chat: the same core, talked to on standard input, and its page for as long as that lasts."""
    if distributed(config.database):
        raise Misconfigured(
            "`vigie chat` talks to an assistant in its own process, and this database is shared by many: "
            "open the page of `vigie web` instead"
        )
    # Links to the page are given in every chat: they lead somewhere while this one is open.
    config, listener = own_page(config)
    plugged = plug(config, demo=False)
    terminal = TerminalDoor(
        accept=partial(
            inbox.accept,
            store=plugged.store,
            clock=plugged.house.clock,
            hurry=plugged.engine.hurry,
            ahead=plugged.engine.ahead,
        ),
        tongues=plugged.house.tongues,
    )
    assert isinstance(plugged.house.chats, dict)
    plugged.house.chats["terminal"] = terminal.chat
    async with running(plugged), paged(plugged, listener):
        await doors.at_the_keyboard(Identity(platform="terminal", user="local"), house=plugged.house)
        await terminal.run()
    return 0
