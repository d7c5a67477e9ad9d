"""The door to Telegram: greeting, commands, and updates by long polling or webhook, kept before they are confirmed.

Uses python-telegram-bot's Bot, request and types. Not its Application: that acknowledges an update before a
handler has run, and its handlers are in memory. Here an update goes through `inbound` to `accept`, and Telegram
hears that it arrived only after `accept` returned.
"""

import asyncio
import hmac
import json
import logging
import os
import re
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot, BotCommand, Update, User
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from adapters.chat.telegram import inbound
from adapters.chat.telegram.inbound import Turned, Unknown
from adapters.chat.telegram.outbound import TelegramChat, told
from adapters.chat.telegram.pace import Pace
from adapters.chat.telegram.polling import KINDS, Polling
from adapters.chat.telegram.redaction import Redaction
from bot.clocks import Clock
from bot.errors import Misconfigured
from bot.events import Press, Verb
from bot.inbox import Arrival
from bot.overhearing import Overheard
from bot.speech import Tongue, Tongues
from bot.values import Json
from bot.world import Chat, Health

log = logging.getLogger(__name__)

PATH = "/telegram/webhook"
LARGEST = 1 << 20
"""Bytes of an update we read; Telegram's own are a few kilobytes."""
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TOKEN = re.compile(r"[0-9]+:[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class TelegramSettings:
    """How to reach Telegram. With `webhook_url` it calls us (there, or at `/telegram/webhook` when the URL has no
    path); without it we ask. `api_url` is a base to which the token is appended. `pause` is the first wait after
    a failure, in seconds; it doubles."""

    token: str = field(repr=False)
    callback_key: bytes = field(repr=False)
    webhook_url: str = ""
    webhook_secret: str = field(default="", repr=False)
    api_url: str = "https://api.telegram.org/bot"
    poll_seconds: int = 25
    pause: float = 1.0

    def __post_init__(self) -> None:
        """Raises Misconfigured, naming the setting."""
        if not _TOKEN.fullmatch(self.token):
            raise Misconfigured(
                "TELEGRAM_BOT_TOKEN is not a bot token; @BotFather gives one like 123456:ABC…"
            )
        if not self.callback_key:
            raise Misconfigured("Telegram buttons need a key to be signed with")
        if self.webhook_url and not _SECRET.fullmatch(self.webhook_secret):
            raise Misconfigured(
                "TELEGRAM_WEBHOOK_SECRET must be 1 to 256 letters, digits, _ or - when TELEGRAM_WEBHOOK_URL is set"
            )
        if self.webhook_url and not urlsplit(self.webhook_url).netloc:
            raise Misconfigured(
                "TELEGRAM_WEBHOOK_URL must be a full URL, for example https://vigie.example.com"
            )

    @property
    def endpoint(self) -> str:
        """The whole URL Telegram calls."""
        bare = urlsplit(self.webhook_url).path in ("", "/")
        return self.webhook_url.rstrip("/") + PATH if bare else self.webhook_url


class TelegramDoor:
    """Telegram, opened and closed. `accept` returns once an Arrival is durable, and raises when it is not."""

    def __init__(
        self,
        settings: TelegramSettings,
        *,
        accept: Callable[[Arrival], Awaitable[bool]],
        tongues: Tongues,
        clock: Clock,
        overhear: Callable[[Overheard], Awaitable[bool]] | None = None,
    ) -> None:
        self._settings = settings
        self._accept = accept
        self._overhear = overhear
        self._tongues = tongues
        self._redaction = Redaction(settings.token)
        self._redaction.install()  # the library logs the URL as soon as it knows it
        # The library's only way to opt in to durations, and out of a deprecation warning at every 429.
        os.environ.setdefault("PTB_TIMEDELTA", "true")
        tls = {"verify": httpx.create_ssl_context()}  # reading the certificates is slow: once for both
        self._wire = HTTPXRequest(
            connection_pool_size=32, read_timeout=10, write_timeout=10, pool_timeout=10, httpx_kwargs=tls
        )
        self._poll_wire = HTTPXRequest(connection_pool_size=2, httpx_kwargs=tls)
        self._bot = Bot(
            settings.token, base_url=settings.api_url, request=self._wire, get_updates_request=self._poll_wire
        )
        self._chat = TelegramChat(
            bot=self._bot, key=settings.callback_key, clock=clock, pace=Pace(clock=clock)
        )
        # For as long as anything can still be sent, also after `close`.
        weakref.finalize(self._chat, self._redaction.remove)
        self._polling = Polling(
            bot=self._bot,
            wire=self._poll_wire,
            take=self._take,
            seconds=settings.poll_seconds,
            pause=settings.pause,
            tongue=tongues("en"),
        )
        self._me: User | None = None
        self._running: asyncio.Task[None] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._hearing = asyncio.Event()
        self._asides: set[asyncio.Task[None]] = set()

    @property
    def chat(self) -> Chat:
        """The way out."""
        return self._chat

    def routes(self) -> list[Route]:
        """What Telegram calls; nothing with long polling."""
        if not self._settings.webhook_url:
            return []
        return [Route(urlsplit(self._settings.endpoint).path, self._webhook, methods=["POST"])]

    @property
    def calls_out(self) -> bool:
        """Whether it hears by asking, which one process at a time should do."""
        return not self._settings.webhook_url

    def hear(self) -> None:
        """Begins to ask for what was said."""
        self._hearing.set()

    async def deafen(self) -> None:
        """Asks no more; speaking goes on."""
        self._hearing.clear()
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def open(self, *, hears: bool = True) -> None:
        """Says hello and begins to hear (unless another process `hears`). When Telegram cannot be reached now, it is tried again in the background.

        Raises Misconfigured when Telegram does not accept the token or the webhook's address.
        """
        try:
            await self._greet()
        except InvalidToken:
            await self.close()
            raise Misconfigured(
                "Telegram does not accept TELEGRAM_BOT_TOKEN; ask @BotFather for it"
            ) from None
        except BadRequest as error:
            await self.close()
            raise Misconfigured(f"Telegram refused the webhook or the commands: {error}") from None
        except TelegramError as error:
            log.warning("telegram_not_reached", extra={"why": type(error).__name__})
        if hears:
            self._hearing.set()
        self._running = asyncio.create_task(self._run(), name="telegram")

    async def close(self) -> None:
        """Hears nothing more. What was not kept stays with Telegram."""
        tasks = [task for task in (self._running, self._asking, *self._asides) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._running = None
        await self._bot.shutdown()
        await asyncio.gather(self._wire.shutdown(), self._poll_wire.shutdown())

    async def check(self, tongue: Tongue | None = None) -> Health:
        """Whether the token works and updates come in. Harmless; needs no `open`."""
        tongue = tongue or self._tongues("en")
        if self._polling.trouble:
            return Health(well=False, text=self._polling.trouble)
        try:
            me = await self._bot.get_me()
            return await self._check_webhook(me, tongue) if self._settings.webhook_url else _polls(me, tongue)
        except TelegramError as error:
            return Health(well=False, text=str(told(error, tongue, repeatable=True)))

    async def examine(self) -> Health:
        """The same: a check needs no `open`, and asking for updates would take them from whoever polls."""
        return await self.check()

    async def _check_webhook(self, me: User, tongue: Tongue) -> Health:
        hook = await self._bot.get_webhook_info()
        if self._running is not None and hook.url != self._settings.endpoint:
            text = tongue(
                "Telegram calls another address, {url}: another program uses this bot.", url=hook.url
            )
            return Health(well=False, text=text)
        if hook.pending_update_count and hook.last_error_message:
            why = self._redaction.hide(hook.last_error_message)
            return Health(well=False, text=tongue("Telegram cannot deliver to the webhook: {why}.", why=why))
        return Health(well=True, text=tongue("Connected as @{name}, by webhook.", name=me.username))

    # --- hello ---------------------------------------------------------------------------------------------

    async def _run(self) -> None:
        failures = 0
        while self._me is None:
            await asyncio.sleep(min(self._settings.pause * 2.0 ** min(failures, 20), 30.0))
            failures += 1
            try:
                await self._greet()
            except TelegramError as error:
                log.warning("telegram_not_reached", extra={"why": type(error).__name__, "failures": failures})
        while not self._settings.webhook_url:
            await self._hearing.wait()
            self._asking = asyncio.create_task(self._polling.run(), name="telegram-polling")
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _greet(self) -> None:
        await self._bot.initialize()
        await self._bot.set_my_commands(commands(self._tongues("en")))
        await self._bot.set_my_commands(commands(self._tongues("fr")), language_code="fr")
        if self._settings.webhook_url:
            await self._bot.set_webhook(
                self._settings.endpoint, secret_token=self._settings.webhook_secret, allowed_updates=KINDS
            )
        else:
            await self._bot.delete_webhook()
        self._me = self._bot.bot
        mode = "webhook" if self._settings.webhook_url else "polling"
        log.info("telegram_open", extra={"bot": self._me.id, "mode": mode})

    # --- what comes in -------------------------------------------------------------------------------------

    async def _take(self, raw: Mapping[str, Json]) -> None:
        """One update, durable on return. One that nobody can read is written to the log and let go: it would
        come again for ever."""
        assert self._me is not None
        try:
            update = Update.de_json(dict(raw), self._bot)
            heard = inbound.read(update, me=self._me, key=self._settings.callback_key)
            words = inbound.overheard(update, me=self._me)
        except Exception as error:
            fields = {"update": raw.get("update_id"), "kinds": sorted(raw), "why": type(error).__name__}
            log.error("update_unreadable", extra=fields)  # noqa: TRY400 - a traceback would show the message
            return
        if self._overhear is not None and words is not None:
            await self._overhear(words)
        match heard:
            case Arrival():
                await self._accept(heard)
                if isinstance(heard.body, Press) and heard.body.verb is Verb.CHOOSE:
                    self._aside(self._chat.answer(heard.body.answer_to))
            case Unknown():
                words = self._tongues(heard.lang)(
                    "This button is no longer valid. Write “pending” for fresh cards."
                )
                log.warning("press_unknown", extra={"update": update.update_id})
                self._aside(self._chat.answer(heard.answer_to, words))
            case Turned():
                self._aside(self._chat.turn(heard, tongue=self._tongues(heard.lang)))
            case None:
                moved = inbound.migration(update)
                if moved:
                    log.info("group_migrated", extra={"before": moved[0], "after": moved[1]})

    def _aside(self, deed: Coroutine[None, None, None]) -> None:
        """Something for the eyes only, while the next update is taken."""
        task = asyncio.create_task(deed)
        self._asides.add(task)
        task.add_done_callback(self._asides.discard)

    async def _webhook(self, request: Request) -> Response:
        """The secret is compared before anything is read; 200 only when the update is durable."""
        secret = request.headers.get("x-telegram-bot-api-secret-token", "").encode("latin-1")
        if not hmac.compare_digest(secret, self._settings.webhook_secret.encode()):
            log.warning("webhook_refused")
            return Response(status_code=403)
        body = await _body(request)
        if body is None:
            return Response(status_code=413)
        update = _update(body)
        if update is None:
            return Response(status_code=400)
        if self._me is None:
            return Response(status_code=503)
        try:
            await self._take(update)
        except Exception as error:
            # Telegram sends it again until it is kept.
            fields = {"update": update["update_id"], "why": type(error).__name__}
            log.error("update_not_kept", extra=fields)  # noqa: TRY400 - a traceback may show the message
            return Response(status_code=503)
        return Response(status_code=200)


def commands(tongue: Tongue) -> list[BotCommand]:
    """The menu of commands in one language; the words themselves are the same in all."""
    return [
        BotCommand("help", tongue("What I can do")),
        BotCommand("status", tongue("How I am, and what is under way")),
        BotCommand("missions", tongue("The missions and when they wake")),
        BotCommand("pending", tongue("What waits for your approval")),
        BotCommand("dashboard", tongue("A sign-in link to the web page")),
        BotCommand("link", tongue("Join this account to another of yours")),
        BotCommand("freeze", tongue("Stop everything that acts")),
        BotCommand("unfreeze", tongue("Let it act again (owners)")),
    ]


def _polls(me: User, tongue: Tongue) -> Health:
    return Health(well=True, text=tongue("Connected as @{name}, by long polling.", name=me.username))


async def _body(request: Request) -> bytes | None:
    """The body, None when it is larger than any update."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LARGEST:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)


def _update(body: bytes) -> dict[str, Json] | None:
    try:
        found: Json = json.loads(body)
    except (ValueError, RecursionError):
        return None
    match found:
        case {"update_id": int()}:
            return found
        case _:
            return None
