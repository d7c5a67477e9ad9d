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
from telegram import Bot, Update, User, WebhookInfo
from telegram.error import BadRequest, InvalidToken, TelegramError
from telegram.request import HTTPXRequest

from adapters.chat.telegram import inbound, polling
from adapters.chat.telegram.inbound import Turned, Unknown
from adapters.chat.telegram.menus import Known, Menus
from adapters.chat.telegram.outbound import TelegramChat, told
from adapters.chat.telegram.pace import Pace
from adapters.chat.telegram.polling import KINDS, Polling
from adapters.chat.telegram.redaction import Redaction
from bot.clocks import Clock
from bot.errors import Misconfigured, VigieError
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
        known: Known | None = None,
    ) -> None:
        self._settings = settings
        self._accept = accept
        self._overhear = overhear
        self._tongues = tongues
        self._known = known
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
        self._menus = Menus(self._bot, tongues=tongues, known=known)
        self._chat = TelegramChat(
            bot=self._bot,
            key=settings.callback_key,
            clock=clock,
            pace=Pace(clock=clock),
            spoke=lambda chat: self._aside(self._menus.suit(chat)),
        )
        # For as long as anything can still be sent, also after `close`.
        weakref.finalize(self._chat, self._redaction.remove)
        self._polling = Polling(
            bot=self._bot,
            wire=self._poll_wire,
            take=self._take,
            seconds=settings.poll_seconds,
            pause=settings.pause,
        )
        self._me: User | None = None
        self._refused: TelegramError | None = None
        """Why it was not opened, which stays so until the next start."""
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
        except InvalidToken as error:
            self._refused = error
            await self.close()
            raise Misconfigured(
                "Telegram does not accept TELEGRAM_BOT_TOKEN; ask @BotFather for it"
            ) from None
        except BadRequest as error:
            self._refused = error
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
        if self._refused is not None:
            return Health(well=False, text=_why_closed(self._refused, tongue))
        try:
            me = await self._bot.get_me()
            hook = await self._bot.get_webhook_info()
        except TelegramError as error:
            return Health(well=False, text=str(told(error, tongue, repeatable=True)))
        wrong = self._hooked(hook, tongue) if self._settings.webhook_url else self._asked(hook, tongue)
        if wrong:
            return Health(well=False, text=wrong)
        if self._settings.webhook_url:
            return Health(well=True, text=tongue("Connected as @{name}, by webhook.", name=me.username))
        return Health(well=True, text=tongue("Connected as @{name}, by long polling.", name=me.username))

    async def examine(self) -> Health:
        """The same: a check needs no `open`, and asking for updates would take them from whoever polls."""
        return await self.check()

    def _asked(self, hook: WebhookInfo, tongue: Tongue) -> str:
        """What keeps long polling from bringing anything, "" for nothing."""
        if hook.url:
            return tongue(
                "Telegram delivers this bot's messages to {url}, so asking for them brings none. If another program uses"
                " this bot, stop it, or make another bot with @BotFather; if the address is an old one of yours, start"
                " Vigie again, which takes it away.",
                url=hook.url,
            )
        return polling.words(self._polling.trouble, tongue) if self._polling.trouble else ""

    def _hooked(self, hook: WebhookInfo, tongue: Tongue) -> str:
        """What keeps Telegram from calling us, "" for nothing."""
        if hook.url not in ("", self._settings.endpoint):
            return tongue(
                "Telegram calls another address, {url}. If another program uses this bot, stop it, or make another bot"
                " with @BotFather; then start Vigie again, which sets the address.",
                url=hook.url,
            )
        if not hook.url and self._running is not None:
            return tongue(
                "Telegram calls no address any more: another program that uses this bot took ours away. Stop it, or make"
                " another bot with @BotFather; then start Vigie again."
            )
        if hook.pending_update_count and hook.last_error_message:
            why = self._redaction.hide(hook.last_error_message)
            return tongue("Telegram cannot deliver to the webhook: {why}.", why=why)
        return ""

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
        await self._menus.hang_up()
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
                log.warning("press_unknown", extra={"update": update.update_id})
                self._aside(self._dismiss(heard))
            case Turned():
                self._aside(self._turn(heard))
            case None:
                moved = inbound.migration(update)
                if moved:
                    log.info("group_migrated", extra={"before": moved[0], "after": moved[1]})

    async def _dismiss(self, unknown: Unknown) -> None:
        tongue = await self._tongue(unknown)
        words = tongue("This button is no longer valid. Write “pending” for fresh cards.")
        await self._chat.answer(unknown.answer_to, words)

    async def _turn(self, turned: Turned) -> None:
        await self._chat.turn(turned, tongue=await self._tongue(turned))

    async def _tongue(self, heard: Unknown | Turned) -> Tongue:
        """Their language with us, as far as we know them; else that of their app."""
        try:
            person = await self._known(heard.user) if self._known is not None else None
        except VigieError:
            # Who pressed is answered, also while the record cannot be read.
            person = None
        return self._tongues(person.lang if person is not None else heard.lang)

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


def _why_closed(error: TelegramError, tongue: Tongue) -> str:
    if isinstance(error, InvalidToken):
        return str(told(error, tongue, repeatable=True))
    return tongue("Telegram refused the webhook or the commands: {why}.", why=str(error).rstrip("."))


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
