"""`vigie hook` and `vigie rotate-keys`: secrets that come and go from the command line."""

import getpass
import sys

from bot import (
    hooking,
    sealing,
)
from bot.freezes import COMMAND_LINE
from vigie.plugging import plug
from vigie.settings import Settings


async def hook_secret(config: Settings, name: str) -> int:
    """Brings the secret that a sender made, from standard input: asked for without an echo at a terminal."""
    secret = getpass.getpass(f"Secret of {name}: ") if sys.stdin.isatty() else sys.stdin.readline()
    plugged = plug(config, demo=False)
    try:
        await sealing.ready(house=plugged.house)
        hook = await hooking.brought(name, secret.strip(), house=plugged.house, by=COMMAND_LINE)
    finally:
        await plugged.store.close()
    print(
        f"{hook.name} is heard at {config.url}/hooks/{hook.name} with this secret; the one before it for a day more."
    )
    return 0


async def rotate_keys(config: Settings) -> int:
    """Brings every secret under the newest key, beside a running program if there is one."""
    plugged = plug(config, demo=False)
    try:
        await sealing.ready(house=plugged.house)
        done = await sealing.rotate(house=plugged.house)
    finally:
        await plugged.store.close()
    print(f"{done} secrets were sealed again: older keys than the first are not needed any more.")
    return 0
