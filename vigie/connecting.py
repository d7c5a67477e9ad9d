"""`vigie connect`: asks for what a system takes, tries it, and only then keeps it."""

import asyncio
import getpass
import json
import sys

from bot import (
    sealing,
)
from bot.errors import Misconfigured
from bot.freezes import COMMAND_LINE
from bot.plugs import Offer
from vigie.plugging import plug
from vigie.settings import Settings


async def connect(config: Settings, system: str, name: str) -> int:
    """Connects a system: asks for what it takes, tries it, and only then keeps it. For Slack, prints the app
    manifest to paste."""
    if system == "slack":
        from adapters.chat.slack import manifest

        socket_mode = bool(config.slack_app_token) or not (config.slack_signing_secret or config.public_url)
        print(json.dumps(manifest(None if socket_mode else config.url), indent=2, ensure_ascii=False))
        return 0
    if system == "telegram":
        print("telegram: set its variables as .env.example says and start again.")
        return 0
    plugged = plug(config, demo=False)
    try:
        await sealing.ready(house=plugged.house)
        await plugged.board.reread()
        offer = next((each for each in plugged.board.offers() if each.name == system), None)
        if offer is None:
            known = ", ".join(["slack", "telegram", *(each.name for each in plugged.board.offers())])
            raise Misconfigured(f"I cannot connect {system!r}; I know: {known}")
        values = await asyncio.to_thread(_asked, offer)
        row = await plugged.board.connect(system, name, values, person=COMMAND_LINE)
    finally:
        await plugged.board.close()
        await plugged.store.close()
    mode = "live" if row.live else "test"
    print(f"{offer.title} is connected as {row.name}: {row.account} ({mode}).")
    return 0


def _asked(offer: Offer) -> dict[str, str]:
    """What a person types, secrets unseen; from a pipe, one value per line in the order they are asked."""
    seen = sys.stdin.isatty()
    if seen:
        print(offer.help)
    values: dict[str, str] = {}
    for each in offer.asks:
        said = f"{each.title}{'' if each.required else ' (optional)'}: "
        if not seen:
            values[each.name] = sys.stdin.readline().strip()
        elif each.secret:
            values[each.name] = getpass.getpass(said).strip()
        else:
            values[each.name] = input(said).strip()
    return values
