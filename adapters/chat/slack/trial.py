"""One real round trip over Socket Mode, beside whatever connection there is: an address, a hello, a ping and its answer.

It answers nothing that arrives on it: Slack delivers that again to whoever does. Knows nothing of what messages say.
"""

import asyncio
import time
from typing import Any

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chat.slack import calls
from bot.speech import Tongue
from bot.world import Health

PATIENCE = 15.0
"""Seconds for all of it."""

_FORBIDDEN = {"missing_scope", "not_allowed_token_type", "no_permission"}


async def round_trip(web: AsyncWebClient, app_token: str, tongue: Tongue) -> Health:
    """Whether Slack talks to this app token, both ways."""
    try:
        async with asyncio.timeout(PATIENCE):
            # The SDK leaves the types of what it takes and gives open.
            slack: Any = web
            answer = await slack.apps_connections_open(app_token=app_token)
            return await _there_and_back(str(answer["url"]))
    except SlackApiError as error:
        return Health(well=False, text=refusal(calls.code_of(error), tongue))
    except TimeoutError:
        text = "nothing came back on Socket Mode; check that the network lets websockets to Slack through"
        return Health(well=False, text=text)
    except (aiohttp.ClientError, OSError) as error:
        # Its words may hold the one-time address.
        text = f"no Socket Mode connection ({type(error).__name__}); check the network and its proxy"
        return Health(well=False, text=text)


async def _there_and_back(address: str) -> Health:
    async with aiohttp.ClientSession() as session, session.ws_connect(address, autoping=False) as socket:
        hello = await socket.receive()
        if hello.type is not aiohttp.WSMsgType.TEXT:
            return Health(well=False, text="Slack closed the Socket Mode connection at once; try again later")
        began = time.perf_counter()
        await socket.ping(b"vigie")
        while (heard := await socket.receive()).type is not aiohttp.WSMsgType.PONG:
            if heard.type is aiohttp.WSMsgType.PING:
                await socket.pong(heard.data)
            elif heard.type is not aiohttp.WSMsgType.TEXT:
                text = "the Socket Mode connection broke off before an answer; try again later"
                return Health(well=False, text=text)
        return Health(
            well=True, text=f"Socket Mode answered in {(time.perf_counter() - began) * 1000:.0f} ms"
        )


def refusal(code: str, tongue: Tongue) -> str:
    """Why Slack gives no connection, and where what is missing is made."""
    if code in _FORBIDDEN:
        return tongue(
            "SLACK_APP_TOKEN lacks connections:write: make an app-level token with that scope, in the app's settings"
            " under Basic Information, App-Level Tokens"
        )
    return tongue(
        "Slack does not accept SLACK_APP_TOKEN ({code}): copy it again, or make another, in the app's settings under"
        " Basic Information, App-Level Tokens",
        code=code[:40],
    )
