"""Connecting with one deliberate mistake each, against local-slack: what the command and the doctor say of it, and that it
is over once it is mended.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.peers.servers import LocalSlack, local_slack
from tests.peers.slack import workspace
from tests.running import free_port, running, vigie
from tests.stories.peers.record import until

pytestmark = pytest.mark.peer("local-slack")


async def test_a_wrong_signing_secret_is_told_until_it_fits(tmp_path: Path) -> None:
    port = free_port()
    with local_slack("events", request_url=f"http://127.0.0.1:{port}/slack/events") as slack:
        settings = _over_http(slack, port) | {"SLACK_SIGNING_SECRET": "of another app"}

        async def said(command: str) -> tuple[int, str]:
            words = ["connect", "slack"] if command == "connect" else [command]
            return await vigie(tmp_path, *words, settings=settings)

        async def told() -> str:
            status, printed = await said("doctor")
            return printed if status else ""

        async with workspace(slack) as people:
            async with running(tmp_path, settings=settings, port=port):
                assert (await said("doctor"))[0] == 0, "nothing has come yet, and nothing is wrong"
                await people.say(slack.alice, "help", channel=slack.bot)
                printed = await until(told, "the doctor is content")
                assert (
                    "FAIL slack messages: Slack's requests arrive, and their signature does not fit"
                    in printed
                )
                assert "SLACK_SIGNING_SECRET" in printed
                status, printed = await said("connect")
                assert (status, "[!] 4. It hears you" in printed) == (1, True)
                assert "under Basic Information, App Credentials" in printed
            settings["SLACK_SIGNING_SECRET"] = slack.signing_secret
            async with running(tmp_path, settings=settings, port=port):
                heard = await people.say(slack.alice, "help", channel=slack.bot)
                await people.shows(str(heard["channel"]), lambda each: "I keep watch" in str(each))
                status, printed = await said("doctor")
                assert (status, "ok   slack messages: It hears you" in printed) == (0, True)
                status, printed = await said("connect")
                assert (status, "[x] 4. It hears you" in printed) == (0, True)


async def test_an_app_that_is_sent_nothing_is_told_so_and_where_that_is_switched(tmp_path: Path) -> None:
    port = free_port()
    with local_slack("events") as slack:
        settings = _over_http(slack, port)
        async with running(tmp_path, settings=settings, port=port), workspace(slack) as people:
            status, printed = await vigie(tmp_path, "doctor", settings=settings)
            assert status == 0
            assert "ok   slack messages: not tried yet" in printed
            assert "message.im must be among the bot events" in printed
            await people.say(slack.alice, "help", channel=slack.bot)
            printed = await _doctor_finds(tmp_path, settings)
            assert "never came here, and no other event has come" in printed
            assert "Enable Events must be on, and message.im among the bot events" in printed
            assert f"The Request URL there must be http://127.0.0.1:{port}/slack/events" in printed


async def test_a_missing_event_subscription_is_named_until_it_is_there(tmp_path: Path) -> None:
    """Slack sends the other events; this one is not on the app's list."""
    port, subscribed = free_port(), asyncio.Event()

    async def deliver(request: web.Request) -> web.Response:
        body = await request.read()
        if b'"channel_type":"im"' in body and not subscribed.is_set():
            return web.Response()
        headers = {name: value for name, value in request.headers.items() if name.lower() != "host"}
        async with request.app[_OUT].post(_address(port), data=body, headers=headers) as answer:
            return web.Response(status=answer.status, body=await answer.read())

    async with aiohttp.ClientSession() as out, _serving(deliver, out) as between:
        with local_slack("events", request_url=between) as slack:
            settings = _over_http(slack, port)
            async with running(tmp_path, settings=settings, port=port), workspace(slack) as people:
                # This Slack shows whole seconds: within the one in which the program began, words seem older than it.
                await asyncio.sleep(1)
                await people.say(slack.alice, f"<@{slack.bot}> help", channel=slack.general)
                await people.shows(slack.general, lambda each: "I keep watch" in str(each))
                await people.say(slack.alice, "help", channel=slack.bot)
                printed = await _doctor_finds(tmp_path, settings)
                assert "the app is not subscribed to message.im" in printed
                assert "Event Subscriptions, Subscribe to bot events" in printed
                status, printed = await vigie(tmp_path, "connect", "slack", settings=settings)
                assert (status, "[!] 4. It hears you" in printed) == (1, True)
                subscribed.set()
                heard = await people.say(slack.alice, "help", channel=slack.bot)
                await people.shows(str(heard["channel"]), lambda each: "I keep watch" in str(each))
                status, printed = await vigie(tmp_path, "doctor", settings=settings)
                assert (status, "ok   slack messages: It hears you" in printed) == (0, True)


_OUT = web.AppKey("out", aiohttp.ClientSession)


def _address(port: int) -> str:
    return f"http://127.0.0.1:{port}/slack/events"


@asynccontextmanager
async def _serving(
    deliver: Callable[[web.Request], Awaitable[web.Response]], out: aiohttp.ClientSession
) -> AsyncGenerator[str, None]:
    """Stands between Slack and the program; gives its address."""
    app, port = web.Application(), free_port()
    app[_OUT] = out
    app.router.add_post("/slack/events", deliver)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", port).start()
        yield _address(port)
    finally:
        await runner.cleanup()


def _over_http(slack: LocalSlack, port: int) -> dict[str, str]:
    return {
        "SLACK_BOT_TOKEN": slack.bot_token,
        "SLACK_API_URL": slack.api_url,
        "SLACK_SIGNING_SECRET": slack.signing_secret,
        "VIGIE_URL": f"http://127.0.0.1:{port}",
        "VIGIE_OWNERS": f"slack:{slack.team}:{slack.alice}",
        "PORT": str(port),
    }


async def _doctor_finds(home: Path, settings: dict[str, str]) -> str:
    """What the doctor prints once it finds something wrong with what is heard."""

    async def told() -> str:
        status, printed = await vigie(home, "doctor", settings=settings)
        return printed if status and "FAIL slack messages:" in printed else ""

    return await until(told, "the doctor is content", within=60)
