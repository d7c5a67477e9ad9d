"""What Vigie is measured against: a bare slack-bolt app that says back what it hears, over HTTP. Keeps nothing.

    SLACK_BOT_TOKEN=… SLACK_SIGNING_SECRET=… SLACK_API_URL=… PORT=… python bench/echo_bolt.py

The way the library's own documentation shows it, with one thing in its favour: one HTTP session for all calls,
where the library opens a new one for each.
"""

import asyncio
import os
from typing import Any

import aiohttp
import uvloop
from aiohttp import web
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient


async def serve(port: int) -> None:
    """Answers until the process ends."""
    async with aiohttp.ClientSession() as session:
        client = AsyncWebClient(
            token=os.environ["SLACK_BOT_TOKEN"], base_url=os.environ["SLACK_API_URL"], session=session
        )
        app: Any = AsyncApp(client=client, signing_secret=os.environ["SLACK_SIGNING_SECRET"])

        @app.event("message")
        async def echo(event: dict[str, str], say: Any) -> None:
            await say(event["text"])

        runner: Any = app.server(port=port, path="/slack/events", host="127.0.0.1")
        site = web.AppRunner(runner.web_app, access_log=None)
        await site.setup()
        await web.TCPSite(site, "127.0.0.1", port, backlog=1024).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(serve(int(os.environ["PORT"])))
