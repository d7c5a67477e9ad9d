"""The assistant in a process of its own, to be killed: says one line to a system that knows no key for a deed, and approves
what asks.

usage: python -m tests.adapters.systems.unkeyed_child FOLDER email|http PORT "do …"
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from bot.world import System
from tests.adapters.systems.test_email import mail
from tests.adapters.systems.test_web_request import requests
from tests.stage import Stage, stage


@asynccontextmanager
async def assistant(folder: Path, name: str, port: int) -> AsyncGenerator[Stage]:
    """The whole assistant over that folder, with that system at that port of this machine."""
    system: System = mail(port) if name == "email" else requests(port)
    async with stage(folder, systems={name: system}) as s:
        yield s


async def main(folder: str, name: str, port: str, text: str) -> None:
    async with assistant(Path(folder), name, int(port)) as s:
        before = len(s.chat.cards())
        await s.say(text)
        if len(s.chat.cards()) > before:
            await s.press(s.card)
        sys.stdout.write(s.last)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
