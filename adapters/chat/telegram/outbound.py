"""Words out to Telegram: the Chat port over the Bot API.

A message that spans several pages has the reference `101,102`: an edit then edits every page, so that repeating it
changes nothing. Telegram offers no look-up: what was sent without an answer is unknowable, and the core sends it
again with a visible mark. Knows nothing of updates; no error of it holds the token, the original ones might.
"""

import io
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TypeVar

import httpx
from telegram import (
    Bot,
    InlineKeyboardMarkup,
    InputFile,
    InputMediaDocument,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ChatAction
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
)

from adapters.charts import png
from adapters.chat.telegram import cards
from adapters.chat.telegram.entities import Page, Run, one_page
from adapters.chat.telegram.inbound import PLATFORM, Turned
from adapters.chat.telegram.pace import Pace
from bot.cards import Card
from bot.charts import Chart
from bot.clocks import Clock
from bot.effects import File, Notice, Question, Text
from bot.errors import Failed, OutcomeUnknown, Unknowable, Unreachable, VigieError
from bot.places import Place
from bot.speech import Tongue
from bot.world import Sending

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

TYPING = 4.0
"""Seconds between two "typing…": Telegram shows one for five."""
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
_MOST_SEEN = 10_000
_GONE = ("message to edit not found", "message can't be edited", "message_id_invalid")
_CAPTION = 1_024
"""Characters below a picture (core.telegram.org, "sendPhoto")."""


class TelegramChat:
    """Telegram's way out. `key` signs what buttons carry; `spoke` hears in which private chat something was said."""

    def __init__(
        self,
        *,
        bot: Bot,
        key: bytes,
        clock: Clock,
        pace: Pace,
        spoke: Callable[[str], None] = lambda chat: None,
    ) -> None:
        self._bot = bot
        self._key = key
        self._clock = clock
        self._pace = pace
        self._spoke = spoke
        self._shown: dict[tuple[str, str], datetime] = {}

    @property
    def platform(self) -> str:
        """`telegram`."""
        return PLATFORM

    @property
    def door(self) -> str:
        """`https://t.me/name`, which opens a private chat; "" before Telegram has told us our name."""
        try:
            return self._bot.link
        except RuntimeError:
            return ""

    async def send(self, sending: Sending) -> str:
        """Posts or edits; returns the message id, several with commas for several pages, "" for a notice."""
        ref = await self._deliver(sending)
        if sending.place.private:
            self._spoke(sending.place.channel)
        return ref

    async def _deliver(self, sending: Sending) -> str:
        match sending.content:
            case Notice():
                return await self._notify(sending.content, sending)
            case Text(file=File() as file):
                return await self._file(file, sending.content, sending)
            case Text(chart=Chart() as chart) if not sending.ref and len(sending.content.text) <= _CAPTION:
                return await self._picture(chart, sending.content.text, sending)
            case Text() | Card() | Question():
                return await self._put(sending.content, sending)

    async def look_up(self, sending: Sending) -> str | None:
        """Raises Unknowable, always: a bot cannot read back what it sent."""
        raise Unknowable(sending.tongue("Telegram cannot be asked whether a message was sent."))

    async def progress(self, place: Place, *, slot: str, words: str, ref: str) -> str:
        """`typing…` while there are no words, then a message that grows, at most once a second (in groups, whose
        limit is 20 a minute, every four)."""
        pause = TYPING if not words or not place.private else 1.0
        if not self._is_time((place.key, slot if words else ""), pause):
            return ref
        try:
            return await self._show(place, words, ref)
        except (TelegramError, VigieError, ValueError, IndexError) as error:
            log.info("progress_not_shown", extra={"place": place.key, "why": type(error).__name__})
            return ref

    async def answer(self, query: str, words: str = "") -> None:
        """Answers a press, with an alert when there are words. Best effort."""
        try:
            await self._bot.answer_callback_query(
                query, text=cards.alert(words) or None, show_alert=bool(words)
            )
        except TelegramError as error:
            log.info("press_not_answered", extra={"why": type(error).__name__})

    async def turn(self, turned: Turned, *, tongue: Tongue) -> None:
        """Asks "are you sure" under a card, or takes it back. Changes the keyboard and nothing else."""
        message = turned.message
        if message is None or message.reply_markup is None:
            words = tongue("This card is too old to be confirmed here. Write “pending” for a fresh one.")
            await self.answer(turned.answer_to, words)
            return
        change = cards.take_back if turned.token.back else cards.ask_first
        markup = change(
            message.reply_markup, turned.data, turned.token, tongue=tongue, chat=turned.chat, key=self._key
        )
        title = (message.text or "").partition("\n")[0]
        await self.answer(
            turned.answer_to, "" if turned.token.back else cards.confirm_words(title, turned.token, tongue)
        )
        try:
            await self._bot.edit_message_reply_markup(
                message.chat.id, message.message_id, reply_markup=markup
            )
        except TelegramError as error:
            log.info("keyboard_not_changed", extra={"chat": turned.chat, "why": type(error).__name__})

    async def _picture(self, chart: Chart, words: str, sending: Sending) -> str:
        """A chart with its words below; without the picture where it may not be sent."""
        chat, thread = _address(sending.place, sending.tongue)

        async def post() -> Message:
            return await self._bot.send_photo(chat, png(chart), caption=words, message_thread_id=thread)

        try:
            message = await self._call(post, chat=chat, tongue=sending.tongue)
        except Failed as error:
            log.info("picture_not_sent", extra={"place": sending.place.key, "why": type(error).__name__})
            return await self._put(Text(text=words), sending)
        return str(message.message_id)

    async def _file(self, file: File, words: Text, sending: Sending) -> str:
        """A file with its words below, in one message; where one stands already, the file takes its place."""
        chat, thread = _address(sending.place, sending.tongue)
        caption = cards.caption(words, tongue=sending.tongue, limit=_CAPTION, doubtful=sending.doubtful)
        standing = _ids(sending.ref)
        if standing and await self._replaced(standing[0], _document(file, caption), sending):
            for surplus in standing[1:]:
                await self._remove(sending.place, surplus)
            return str(standing[0])

        async def post_it() -> Message:
            return await self._bot.send_document(
                chat,
                InputFile(_bytes(file), filename=file.name),
                caption=caption.text,
                caption_entities=caption.entities,
                message_thread_id=thread,
            )

        return str((await self._call(post_it, chat=chat, tongue=sending.tongue)).message_id)

    async def _replaced(self, message: int, media: InputMediaDocument, sending: Sending) -> bool:
        """Whether the message is this file now. False when it is gone."""
        chat, _ = _address(sending.place, sending.tongue)

        async def edit() -> bool:
            try:
                await self._bot.edit_message_media(media, chat, message)
            except BadRequest as error:
                if _says(error, "message is not modified"):
                    return True
                if _says(error, *_GONE):
                    return False
                raise
            return True

        return await self._call(edit, chat=chat, tongue=sending.tongue, repeatable=True)

    # --- messages ------------------------------------------------------------------------------------------

    async def _put(self, content: Text | Card | Question, sending: Sending) -> str:
        post = cards.draw(
            content,
            tongue=sending.tongue,
            chat=sending.place.channel,
            key=self._key,
            doubtful=sending.doubtful,
        )
        standing = _ids(sending.ref)
        sent: list[int] = []
        for at, page in enumerate(post.pages):
            keyboard = post.keyboard if at == len(post.pages) - 1 else None
            old = standing[at] if at < len(standing) else None
            try:
                sent.append(await self._page(page, keyboard, sending, old=old, first=not sent))
            except Unreachable as error:
                if not sent:
                    raise
                # Part of it is there. Beginning again would repeat that part without a sign.
                raise OutcomeUnknown(str(error)) from None
        for surplus in standing[len(post.pages) :]:
            await self._remove(sending.place, surplus)
        return ",".join(map(str, sent))

    async def _page(
        self,
        page: Page,
        keyboard: InlineKeyboardMarkup | None,
        sending: Sending,
        *,
        old: int | None,
        first: bool,
    ) -> int:
        if old is not None and await self._edit(page, keyboard, sending, old):
            return old
        reply_to = _ids(sending.reply_to)[:1] if first else []
        return await self._post(page, keyboard, sending, reply_to=reply_to)

    async def _post(
        self, page: Page, keyboard: InlineKeyboardMarkup | None, sending: Sending, *, reply_to: list[int]
    ) -> int:
        chat, thread = _address(sending.place, sending.tongue)
        reply = ReplyParameters(reply_to[0], allow_sending_without_reply=True) if reply_to else None

        async def post() -> Message:
            return await self._bot.send_message(
                chat,
                page.text,
                entities=page.entities,
                reply_markup=keyboard,
                message_thread_id=thread,
                reply_parameters=reply,
                link_preview_options=_NO_PREVIEW,
            )

        return (await self._call(post, chat=chat, tongue=sending.tongue)).message_id

    async def _edit(
        self, page: Page, keyboard: InlineKeyboardMarkup | None, sending: Sending, message: int
    ) -> bool:
        """Whether it stands now. False when the message is gone, so that a new one must take its place."""
        chat, _ = _address(sending.place, sending.tongue)

        async def edit() -> bool:
            try:
                await self._bot.edit_message_text(
                    page.text,
                    chat,
                    message,
                    entities=page.entities,
                    reply_markup=keyboard,
                    link_preview_options=_NO_PREVIEW,
                )
            except BadRequest as error:
                if _says(error, "message is not modified"):
                    return True
                if _says(error, *_GONE):
                    return False
                if _says(error, "there is no text in the message to edit"):
                    # It is a file or a picture, which can be replaced at any age, and be deleted for two days only.
                    words = one_page((Run(page.text),), limit=_CAPTION)
                    bare = _document(File(name="-.txt", text=page.text), words)
                    return await self._replaced(message, bare, sending)
                raise
            return True

        return await self._call(edit, chat=chat, tongue=sending.tongue, repeatable=True)

    async def _remove(self, place: Place, message: int) -> None:
        try:
            await self._bot.delete_message(int(place.channel), message)
        except TelegramError as error:
            log.info("page_not_removed", extra={"place": place.key, "why": type(error).__name__})

    # --- notices -------------------------------------------------------------------------------------------

    async def _notify(self, notice: Notice, sending: Sending) -> str:
        """The answer to the press; when that is too old, a message that still only its presser sees."""
        words = cards.alert(notice.text)

        async def answer() -> bool:
            try:
                return await self._bot.answer_callback_query(
                    notice.answer_to, text=words or None, show_alert=bool(words)
                )
            except BadRequest as error:
                if _says(error, "query is too old", "query id is invalid", "query_id_invalid"):
                    return False
                raise

        chat, _ = _address(sending.place, sending.tongue)
        if notice.answer_to and await self._call(
            answer, chat=chat, tongue=sending.tongue, repeatable=True, paced=False
        ):
            return ""
        if notice.text:
            private = int(sending.place.channel if sending.place.private else notice.to.user)
            page = one_page((Run(notice.text),))

            async def post() -> Message:
                if notice.picture:
                    return await self._bot.send_photo(private, _drawn(notice.picture), caption=notice.text)
                return await self._bot.send_message(
                    private, page.text, entities=page.entities, link_preview_options=_NO_PREVIEW
                )

            await self._call(post, chat=private, tongue=sending.tongue)
        return ""

    # --- progress ------------------------------------------------------------------------------------------

    def _is_time(self, what: tuple[str, str], pause: float) -> bool:
        now = self._clock.now()
        last = self._shown.get(what)
        if last is not None and 0 <= (now - last).total_seconds() < pause:
            return False
        if len(self._shown) >= _MOST_SEEN:
            self._shown.clear()
        self._shown[what] = now
        return True

    async def _show(self, place: Place, words: str, ref: str) -> str:
        chat, thread = int(place.channel), int(place.thread) if place.thread else None
        if not words:
            await self._bot.send_chat_action(chat, ChatAction.TYPING, message_thread_id=thread)
            return ref
        page = one_page((Run(words),))
        await self._pace.turn(chat)
        if ref:
            await self._bot.edit_message_text(
                page.text, chat, _ids(ref)[0], entities=page.entities, link_preview_options=_NO_PREVIEW
            )
            return ref
        message = await self._bot.send_message(
            chat,
            page.text,
            entities=page.entities,
            message_thread_id=thread,
            link_preview_options=_NO_PREVIEW,
        )
        return str(message.message_id)

    # --- one call ------------------------------------------------------------------------------------------

    async def _call(
        self,
        call: Callable[[], Awaitable[Answer]],
        *,
        chat: int,
        tongue: Tongue,
        repeatable: bool = False,
        paced: bool = True,
    ) -> Answer:
        """One call of the Bot API, its errors made ours. The originals may hold the token: none is chained."""
        if paced:
            await self._pace.turn(chat)
        try:
            return await call()
        except RetryAfter as error:
            ours = told(error, tongue, repeatable=repeatable)
            if isinstance(ours, Unreachable) and ours.retry_after:
                self._pace.close(chat, ours.retry_after)
            raise ours from None
        except TelegramError as error:
            raise told(error, tongue, repeatable=repeatable) from None


def told(error: TelegramError, tongue: Tongue, *, repeatable: bool) -> VigieError:
    """Our error for Telegram's. `repeatable` says that doing it twice is doing it once."""
    match error:
        case RetryAfter():
            after = error.retry_after
            seconds = after if isinstance(after, int) else after.total_seconds()
            words = tongue("Telegram asks to wait {n} seconds.", n=int(seconds))
            return Unreachable(words, retry_after=seconds)
        case ChatMigrated():
            return Failed(tongue("This group became a supergroup, {chat}.", chat=error.new_chat_id))
        case Forbidden():
            return Failed(tongue("Telegram does not let me write there: {why}.", why=_reason(error)))
        case InvalidToken():
            return Unreachable(
                tongue(
                    "Telegram does not accept the bot token. Copy TELEGRAM_BOT_TOKEN again from @BotFather: /mybots, API Token."
                )
            )
        case BadRequest():
            return Failed(tongue("Telegram refused the message: {why}.", why=_reason(error)))
        case _ if repeatable or _never_arrived(error):
            return Unreachable(tongue("Telegram cannot be reached."))
        case _:
            return OutcomeUnknown(tongue("Telegram did not answer."))


def _never_arrived(error: TelegramError) -> bool:
    """Whether the request certainly was not carried out: no connection, or turned away at the door."""
    match error.__cause__:
        case httpx.ConnectError() | httpx.ConnectTimeout() | httpx.PoolTimeout() | httpx.ProxyError():
            return True
        case RuntimeError():  # the client is closed: we are going down
            return True
        case None:
            return not isinstance(error, NetworkError) or _says(
                error, "too many requests", "service unavailable"
            )
        case _:
            return False


def _says(error: TelegramError, *sentences: str) -> bool:
    return any(sentence in str(error).casefold() for sentence in sentences)


def _reason(error: TelegramError) -> str:
    """Telegram's own words: descriptions of the Bot API hold no token."""
    return str(error).removeprefix("Forbidden: ").rstrip(".")


def _ids(ref: str) -> list[int]:
    """The message ids in a reference; none in one that is not of Telegram."""
    return [int(part) for part in ref.split(",") if part.isascii() and part.isdigit()]


def _address(place: Place, tongue: Tongue) -> tuple[int, int | None]:
    try:
        return int(place.channel), int(place.thread) if place.thread else None
    except ValueError:
        raise Failed(tongue("This is no chat of Telegram.")) from None


def _bytes(file: File) -> bytes:
    return file.text.encode("utf-8", "replace")


def _document(file: File, caption: Page) -> InputMediaDocument:
    return InputMediaDocument(
        _bytes(file), filename=file.name, caption=caption.text, caption_entities=caption.entities
    )


def _drawn(uri: str) -> bytes:
    """A QR code as a picture."""
    out = io.BytesIO()
    # Imported here: a code is drawn for a second factor, and seldom.
    import segno  # noqa: PLC0415

    segno.make(uri, micro=False).save(out, kind="png", scale=6)
    return out.getvalue()
