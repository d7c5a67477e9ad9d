"""The assistant in a process of its own, to be killed: says one line, and would print what came of it.

usage: python -m tests.adapters.systems.crm_child FOLDER VENDOR URL TOKEN "do …"
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from adapters.systems.catalogue import VENDORS
from adapters.systems.client import Client
from adapters.systems.hubspot import HubSpot
from adapters.systems.hubspot.wire import explain as hubspots
from adapters.systems.notion import Notion
from adapters.systems.notion.wire import VERSION
from adapters.systems.notion.wire import explain as notions
from adapters.systems.vendors import fixed
from tests.contracts.systems.hubspot import PACE
from tests.stage import Stage, stage


@asynccontextmanager
async def assistant(folder: Path, vendor: str, url: str, token: str) -> AsyncGenerator[Stage]:
    """The whole assistant over that folder, with one vendor at that address."""
    notion = vendor == "notion"
    client = Client(
        vendor=VENDORS[vendor].title,
        base=url,
        token=fixed(token),
        headers={"notion-version": VERSION} if notion else {},
        pace=PACE,
        explain=notions if notion else hubspots,
    )
    system = Notion(name="notion", client=client) if notion else HubSpot(name="hubspot", client=client)
    try:
        async with stage(folder, systems={vendor: system}) as s:
            yield s
    finally:
        await client.close()


async def main(folder: str, vendor: str, url: str, token: str, text: str) -> None:
    async with assistant(Path(folder), vendor, url, token) as s:
        await s.say(text)
        sys.stdout.write(s.last)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
