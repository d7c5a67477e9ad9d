"""What Vigie is measured against: a bare slack-bolt app that says back what it hears, over HTTP. Keeps nothing.

    SLACK_BOT_TOKEN=… SLACK_SIGNING_SECRET=… SLACK_API_URL=… PORT=… python echo_bolt.py [--tuned]

As the library's documentation shows it; `--tuned` adds what Vigie has too: one HTTP session for all calls, where
the library opens a new one for each, and uvloop.
"""

import asyncio
import os
import sys
from typing import Any

import aiohttp
import uvloop
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def serve(port: int, session: aiohttp.ClientSession | None) -> None:
    """Answers until the process ends."""
    client = AsyncWebClient(
        token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session
    )
    app: Any = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

    @app.event("message")
    async def echo(event: dict[str, str], say: Any) -> None:
        await say(event["text"])

    runner = web.AppRunner(app.web_app("/slack/events"), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", port, backlog=1024).start()
    await asyncio.Event().wait()


async def tuned(port: int) -> None:
    """The same over one session."""
    async with aiohttp.ClientSession() as session:
        await serve(port, session)


if __name__ == "__main__":
    chosen = int(os.environ["PORT"])
    if "--tuned" in sys.argv:
        uvloop.run(tuned(chosen))
    else:
        asyncio.run(serve(chosen, None))
