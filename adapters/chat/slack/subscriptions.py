"""Which of its events Slack does not send: what people said to us stands in Slack, and never arrived here.

Slack names an app's permissions with every answer and its event subscriptions never, so one that is missing shows only
by what did not come. Looks while it is asked, until each kind of event has come once; changes nothing at Slack.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import cast

from adapters.chat.slack import inbound
from adapters.chat.slack.calls import Calls
from adapters.chat.slack.inbound import Us
from adapters.chat.slack.payload import id_of, part, parts, text_of, ts_of
from bot.clocks import Clock
from bot.errors import VigieError
from bot.values import Json

log = logging.getLogger(__name__)

DIRECT, MENTION = "message.im", "app_mention"
_WHERE = {DIRECT: "im", MENTION: "public_channel,private_channel"}
GRACE = timedelta(seconds=10)
"""How long a delivery may be under way."""
BACK = timedelta(minutes=15)
SELDOM = 20
"""While it is being set up it is looked often, and later once in this part of the time that passed."""
_EVERY = timedelta(seconds=15)
_TALKS = 5
"""Conversations looked into, the newest: whoever sets it up has just opened theirs."""
_LINES = 15
_PATIENCE = 2.0

Arrived = Callable[[str], Awaitable[bool]]
"""Whether what has this key was ever kept, by whichever process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """What was said `at` this time and did not come. `others` says that other events of Slack's do."""

    event: str
    at: datetime
    others: bool


Report = Callable[[str, Missed | None], Awaitable[None]]
"""Told of an event what was missed of it; None once it comes."""


class Subscriptions:
    """What is known of them, since this process began to hear."""

    def __init__(self, calls: Calls, *, arrived: Arrived, report: Report, clock: Clock) -> None:
        self._calls = calls
        self._arrived = arrived
        self._report = report
        self._clock = clock
        self._began: datetime | None = None
        self._looked: datetime | None = None
        self._come: set[str] = set()
        self._others = False

    def begin(self) -> None:
        """What is said from now on should arrive."""
        self._began = self._began or self._clock.now()

    def heard(self, payload: Mapping[str, Json]) -> str:
        """Notes a delivery. Returns the event that came for the first time, "" when none did."""
        event = part(payload, "event")
        if not event:
            return ""
        self._others = True
        kind = text_of(event, "type")
        private = event.get("channel_type") == "im" or id_of(event, "channel").startswith("D")
        name = MENTION if kind == MENTION else DIRECT if kind == "message" and private else ""
        if not name or name in self._come:
            return ""
        self._come.add(name)
        return name

    async def came(self, event: str) -> None:
        """Says that this event comes."""
        await self._report(event, None)

    async def look(self, us: Us) -> None:
        """Looks whether something is there that did not come, unless that was done a moment ago, and reports it."""
        now = self._clock.now()
        wanted = [event for event in _WHERE if event not in self._come]
        if self._began is None or not wanted or not self._due(now, self._began):
            return
        self._looked = now
        after = max(self._began, now - BACK)
        try:
            async with asyncio.timeout(_PATIENCE):
                for event in wanted:
                    at = await self._missed(event, us, after, now - GRACE)
                    if at is not None:
                        await self._report(event, Missed(event=event, at=at, others=self._others))
        except (VigieError, TimeoutError) as error:
            log.info("slack_not_looked_back", extra={"reason": str(error) or type(error).__name__})

    def _due(self, now: datetime, began: datetime) -> bool:
        return self._looked is None or now - self._looked >= max(_EVERY, (now - began) / SELDOM)

    async def _missed(self, event: str, us: Us, after: datetime, before: datetime) -> datetime | None:
        """The newest that was said to us in between and did not come."""
        query = {"types": _WHERE[event], "exclude_archived": True, "limit": 200}
        page = await self._calls.ask("users.conversations", query)
        direct = event == DIRECT
        talks = [each for each in parts(page, "channels") if bool(each.get("is_im")) is direct]
        talks.sort(key=_created, reverse=True)
        found = await asyncio.gather(
            *(self._said(id_of(each, "id"), us, after, direct=direct) for each in talks[:_TALKS])
        )
        lines = sorted((line for lines in found for line in lines), reverse=True)
        for at, key in lines:
            if at <= before and not await self._arrived(key):
                return at
        return None

    async def _said(
        self, channel: str, us: Us, after: datetime, *, direct: bool
    ) -> list[tuple[datetime, str]]:
        """When people said something to us there, and the keys it would have arrived under."""
        query = {"channel": channel, "oldest": f"{after.timestamp():.6f}", "limit": _LINES}
        page = await self._calls.ask("conversations.history", query)
        return list(_said_to(us, parts(page, "messages"), channel, direct=direct))


def _said_to(
    us: Us, lines: Iterable[Mapping[str, Json]], channel: str, *, direct: bool
) -> Iterable[tuple[datetime, str]]:
    for line in lines:
        # The same reading as of a delivery, so that what would be passed over there is not missed here.
        kind = {"channel": channel, "channel_type": "im" if direct else "channel"}
        event = {**line, **kind, "type": "message"}
        read = inbound.read({"type": "event_callback", "team_id": us.team, "event": event}, us=us)
        if read is not None and read.addressed and not read.machine:
            yield datetime.fromtimestamp(float(ts_of(line, "ts")), UTC), read.arrival.key


def _created(talk: Mapping[str, Json]) -> float:
    when = talk.get("created")
    return float(cast("float", when)) if isinstance(when, int | float) else 0.0
