"""Socket Mode that proves it is alive: a connection counts only while something comes back on it.

One task owns the connection. It pings, watches for the answers, and when none came for a while (or the connection
closed) throws the client away and makes another with a fresh address: never the same address twice, and never
trusting that "connected" means heard. Knows nothing of what the messages say.
"""

import asyncio
import logging
from dataclasses import dataclass

from aiohttp import WSMessage
from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.web.async_client import AsyncWebClient

from adapters.chat.slack import calls

log = logging.getLogger(__name__)

_LONGEST_PAUSE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulse:
    """Seconds: between pings, of silence after which a connection is deaf, to wait for a new connection, and the
    first pause after a failure (it doubles)."""

    every: float = 5.0
    deaf: float = 20.0
    connect: float = 15.0
    pause: float = 0.5


class Stream:
    """Keeps one Socket Mode connection alive until it is closed."""

    def __init__(self, app: AsyncApp, web: AsyncWebClient, *, app_token: str, pulse: Pulse) -> None:
        self._app = app
        self._web = web
        self._app_token = app_token
        self._pulse = pulse
        self._task: asyncio.Task[None] | None = None
        self._alive_at: float | None = None
        self._trouble = ""
        self.refused = ""
        """Slack's word for why it gives us no connection, "" where that is not what is wrong."""
        self.connections = 0

    def start(self) -> None:
        """Connects in the background, again and again until `close`."""
        self._task = asyncio.create_task(self._stay(), name="slack-stream")

    async def close(self) -> None:
        """Lets go of the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def silence(self) -> float | None:
        """Seconds since something was last heard, None when nothing ever was."""
        return None if self._alive_at is None else asyncio.get_running_loop().time() - self._alive_at

    @property
    def alive(self) -> bool:
        """Heard from within the time after which a connection counts as deaf."""
        silence = self.silence()
        return silence is not None and silence <= self._pulse.deaf

    @property
    def trouble(self) -> str:
        """Why it is not connected, in Slack's own word."""
        return self._trouble

    async def _stay(self) -> None:
        pause = self._pulse.pause
        while True:
            heard = False
            handler = AsyncSocketModeHandler(
                self._app,
                self._app_token,
                logger=calls.quiet(),
                web_client=self._web,
                ping_interval=self._pulse.every,
            )
            try:
                heard = await self._live(handler.client)
            except Exception as error:  # whatever broke, the answer is another connection
                self._trouble = _reason(error)
                self.refused = calls.code_of(error) if isinstance(error, SlackApiError) else ""
                log.warning("slack_stream_broke", extra={"reason": self._trouble})
            finally:
                await self._drop(handler.client)
            pause = self._pulse.pause if heard else min(pause * 2, _LONGEST_PAUSE)
            await asyncio.sleep(pause)

    async def _live(self, client: SocketModeClient) -> bool:
        """One connection from its opening to its end. True when anything was ever heard on it."""
        # The SDK's own reconnecting is off: it may wait for ever on an address that is used up.
        client.auto_reconnect_enabled = client.default_auto_reconnect_enabled = False
        opened = asyncio.get_running_loop().time()
        heard_at = opened

        async def heard(_: WSMessage) -> None:
            nonlocal heard_at
            heard_at = self._alive_at = asyncio.get_running_loop().time()

        client.on_message_listeners.append(heard)
        async with asyncio.timeout(self._pulse.connect):
            client.wss_uri = await client.issue_new_wss_url()
            await client.connect()
        self.connections += 1
        self._trouble = self.refused = ""
        log.info("slack_stream_connected", extra={"connections": self.connections})
        pong: float | None = None
        while True:
            await asyncio.sleep(self._pulse.every / 2)
            now = asyncio.get_running_loop().time()
            if client.last_ping_pong_time not in (None, pong):
                # The first value is the SDK's own, set as it sends the first ping; later ones were answered.
                if pong is not None:
                    heard_at = self._alive_at = now
                pong = client.last_ping_pong_time
            session = client.current_session
            if session is None or session.closed or now - heard_at > self._pulse.deaf:
                silent = round(now - heard_at, 1)
                log.warning("slack_stream_lost", extra={"silent_seconds": silent})
                return heard_at > opened

    async def _drop(self, client: SocketModeClient) -> None:
        try:
            async with asyncio.timeout(self._pulse.connect):
                await client.close()
        except (OSError, TimeoutError, RuntimeError) as error:
            log.info("slack_stream_close_failed", extra={"reason": type(error).__name__})


def _reason(error: Exception) -> str:
    """A word for the log. The SDK's own texts may hold a one-time address."""
    return calls.code_of(error) if isinstance(error, SlackApiError) else type(error).__name__
