"""The assistant in a process of its own, to be killed: says one line, and would print what came of it.

usage: python -m tests.adapters.systems.crm_child FOLDER VENDOR URL TOKEN "do …"
"""

import asyncio
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx

from adapters.systems.catalogue import VENDORS
from adapters.systems.client import Client
from adapters.systems.hubspot import HubSpot
from adapters.systems.hubspot.wire import explain as hubspots
from adapters.systems.notion import Notion
from adapters.systems.notion.wire import VERSION
from adapters.systems.notion.wire import explain as notions
from adapters.systems.vendors import Login, fixed
from bot.world import System
from tests.contracts.systems.hubspot import PACE
from tests.stage import Stage, stage
from tests.twins.airtable import BASE
from tests.twins.zoho import CLIENT_ID, CLIENT_SECRET


@asynccontextmanager
async def assistant(folder: Path, vendor: str, url: str, token: str) -> AsyncGenerator[Stage]:
    """The whole assistant over that folder, with one vendor at that address."""
    line = httpx.AsyncHTTPTransport()
    try:
        async with stage(folder, systems={vendor: _connected(vendor, url, token, line)}) as s:
            yield s
    finally:
        await line.aclose()


def _connected(vendor: str, url: str, token: str, line: httpx.AsyncHTTPTransport) -> System:
    values = {
        "airtable": {"token": token, "base_id": BASE, "api_url": url},
        "zoho": {
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "refresh_token": token,
            "accounts_url": url,
            "api_url": url,
        },
    }
    if vendor in values:
        return VENDORS[vendor].open(Login(name=vendor, values=values[vendor], transport=line))
    notion = vendor == "notion"
    client = Client(
        vendor=VENDORS[vendor].title,
        base=url,
        token=fixed(token),
        headers={"notion-version": VERSION} if notion else {},
        pace=PACE,
        explain=notions if notion else hubspots,
        transport=line,
    )
    return Notion(name="notion", client=client) if notion else HubSpot(name="hubspot", client=client)


async def main(folder: str, vendor: str, url: str, token: str, text: str) -> None:
    async with assistant(Path(folder), vendor, url, token) as s:
        await s.say(text)
        sys.stdout.write(s.last)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
