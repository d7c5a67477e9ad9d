"""The assistant in a process of its own, to be killed: says one line, approves the card, and would print what came of it.

usage: python -m tests.adapters.commerce.child FOLDER SYSTEM URL KEY "do …"
"""

import asyncio
import sys
from pathlib import Path

from tests.adapters.commerce.rig import shopify_at, stripe_at
from tests.stage import stage


async def main(folder: str, name: str, url: str, key: str, text: str) -> None:
    opened = stripe_at(url, key) if name == "stripe" else shopify_at(url, key)
    async with opened as system, stage(Path(folder), systems={name: system}) as s:
        await s.say(text)
        await s.press(s.card)
        sys.stdout.write(s.last)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
