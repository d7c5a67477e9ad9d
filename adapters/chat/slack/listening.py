"""A bolt app that hears everything and acknowledges only what was kept. Knows nothing of what is heard."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.ack.async_ack import AsyncAck
from slack_bolt.response import BoltResponse
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chat.slack import calls
from bot.values import Json

_ANYTHING = re.compile("")


def listening(
    client: AsyncWebClient,
    *,
    hear: Callable[[dict[str, Json]], Awaitable[str]],
    us: Callable[[], AuthorizeResult],
    unkept: Callable[[Exception], BoltResponse],
) -> AsyncApp:
    """`hear` returns what the sender alone is told at once, "" for nothing, and raises what could not be kept: `unkept` is the
    answer to that. `us` says who we are, without asking Slack."""

    async def authorize() -> AuthorizeResult:
        # bolt fills in arguments by name.
        return us()

    app = AsyncApp(
        # Bolt silences the logger of its app's name with its own: that must not be ours.
        name="slack_bolt.vigie",
        logger=calls.quiet(),
        client=client,
        authorize=authorize,
        # Without it bolt acknowledges an event before anything was done about it.
        process_before_response=True,
        # Signatures are checked on the raw bytes before bolt sees a request.
        request_verification_enabled=False,
        # Our own messages and the URL check are dealt with by the door, in both modes alike.
        ignoring_self_events_enabled=False,
        url_verification_enabled=False,
        ssl_check_enabled=False,
    )

    async def heard(body: dict[str, Json], ack: AsyncAck) -> None:
        if said := await hear(body):
            await ack(text=said, response_type="ephemeral")
        else:
            await ack()

    async def broke(error: Exception) -> BoltResponse:
        return unkept(error)

    bolt: Any = app  # bolt leaves the types of its listeners open
    for listen in (bolt.event, bolt.command, bolt.action, bolt.shortcut, bolt.view):
        listen(_ANYTHING)(heard)
    bolt.error(broke)
    return app
