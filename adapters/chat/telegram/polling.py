"""Long polling that confirms an update only after it was kept.

Telegram forgets an update when a later call carries a higher `offset`. python-telegram-bot's Updater raises the
offset as soon as an update is in a queue in memory, so a crash between the queue and the database would lose it,
and one update it cannot parse takes the whole batch with it. So the call is made here, through the library's own
request object (connections, errors, parsing of answers), one raw update at a time.

Two rules about ids: the next offset follows the *last* update, not the highest, and is given up once nothing is
left to confirm, because after a week of silence ids start again anywhere, also lower.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import urlencode

from telegram import Bot
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError
from telegram.request import BaseRequest

from bot.speech import Tongue
from bot.values import Json

log = logging.getLogger(__name__)

KINDS = ("message", "callback_query")
"""The updates we ask Telegram for; edits, reactions and the rest are not ours to hear."""
LONGEST_PAUSE = 30.0


class Polling:
    """Asks Telegram for updates for as long as it runs. `take` returns when one is durable and raises when not.

    `trouble` is why nothing comes in, None while all is well.
    """

    def __init__(
        self,
        *,
        bot: Bot,
        wire: BaseRequest,
        take: Callable[[Mapping[str, Json]], Awaitable[None]],
        seconds: int,
        pause: float,
    ) -> None:
        self._bot = bot
        self._wire = wire
        self._take = take
        self._seconds = seconds
        self._pause = pause
        self._offset: int | None = None
        self.trouble: Exception | None = None

    async def run(self) -> None:
        """Until it is cancelled. Nothing that goes wrong ends it, and none of it makes a busy loop."""
        failures = 0
        while True:
            try:
                rested = await self._once()
            except Exception as error:
                # Telegram's errors, or the store's: then the update stays with Telegram until it is kept.
                failures += 1
                await self._rest(error, failures)
            else:
                failures = 0
                self.trouble = None
                if not rested:
                    await asyncio.sleep(self._pause)

    async def _once(self) -> bool:
        """One call and everything it brought. False when it came back at once with nothing new."""
        clock = asyncio.get_running_loop()
        began, asked = clock.time(), self._offset
        updates = await self._fetch()
        for update in updates:
            await self._take(update)
            self._offset = update["update_id"] + 1
        if updates:
            return self._offset != asked
        self._offset = None
        return clock.time() - began >= min(self._pause, 1.0)

    async def _fetch(self) -> list[dict[str, Json]]:
        query: dict[str, str | int] = {"timeout": self._seconds, "allowed_updates": json.dumps(KINDS)}
        if self._offset is not None:
            query["offset"] = self._offset
        found: Json = await self._wire.post(
            f"{self._bot.base_url}/getUpdates?{urlencode(query)}", read_timeout=self._seconds + 10
        )
        return list(found)

    async def _rest(self, error: Exception, failures: int) -> None:
        self.trouble = error
        pause = min(self._pause * 2.0 ** min(failures - 1, 20), LONGEST_PAUSE)
        if isinstance(error, RetryAfter):
            after = error.retry_after
            pause = max(pause, float(after if isinstance(after, int) else after.total_seconds()))
        log.warning(
            "polling_failed", extra={"why": type(error).__name__, "failures": failures, "seconds": pause}
        )
        await asyncio.sleep(pause)


def words(error: Exception, tongue: Tongue) -> str:
    """Why nothing comes in, in a sentence that says what to do."""
    match error:
        case Conflict() if "webhook" in str(error).casefold():
            return tongue("A webhook is set for this bot, so long polling gets nothing.")
        case Conflict():
            return tongue("Another program is polling with the same bot token. Stop it, or use another bot.")
        case InvalidToken():
            return tongue(
                "Telegram does not accept the bot token. Copy TELEGRAM_BOT_TOKEN again from @BotFather: /mybots, API Token."
            )
        case TelegramError():
            return tongue("Telegram cannot be reached.")
        case _:
            return tongue("What arrives from Telegram cannot be kept; it waits there.")
