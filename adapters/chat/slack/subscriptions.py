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

DIRECT, MENTION, PUBLIC, PRIVATE = "message.im", "app_mention", "message.channels", "message.groups"
_WHERE = {
    DIRECT: "im",
    MENTION: "public_channel,private_channel",
    PUBLIC: "public_channel,private_channel",
    PRIVATE: "public_channel,private_channel",
}
"""Each event and the conversations that are looked through for it. Of the last two everything comes, whoever it is said to."""
_KIND = {"im": DIRECT, "channel": PUBLIC, "group": PRIVATE}
_OVERHEARD = frozenset({PUBLIC, PRIVATE})
GRACE = timedelta(seconds=10)
"""How long a delivery may be under way."""
BACK = timedelta(minutes=15)
SELDOM = 20
"""While it is being set up it is looked often, and later once in this part of the time that passed."""
_EVERY = timedelta(seconds=15)
_ANEW = timedelta(hours=1)
"""After this, that an event still comes is told once more."""
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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Talk:
    """A conversation, and what was said in it since we hear."""

    channel: str
    private: bool
    lines: tuple[Mapping[str, Json], ...]


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
        self._come: dict[str, datetime] = {}
        self._others = False

    def begin(self) -> None:
        """What is said from now on should arrive."""
        self._began = self._began or self._clock.now()

    def heard(self, payload: Mapping[str, Json]) -> str:
        """Notes a delivery. Returns the event that came for the first time in a while, "" when none did."""
        event = part(payload, "event")
        if not event:
            return ""
        self._others = True
        kind = text_of(event, "type")
        direct = id_of(event, "channel").startswith("D")
        where = "im" if direct else text_of(event, "channel_type")
        name = MENTION if kind == MENTION else _KIND.get(where, "") if kind == "message" else ""
        now = self._clock.now()
        if not name or (name in self._come and now - self._come[name] < _ANEW):
            return ""
        self._come[name] = now
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
        after, before = max(self._began, now - BACK), now - GRACE
        try:
            async with asyncio.timeout(_PATIENCE):
                for types in dict.fromkeys(_WHERE[event] for event in wanted):
                    talks = await self._talks(types, us, after)
                    for event in (event for event in wanted if _WHERE[event] == types):
                        at = await self._missed(event, us, talks, before)
                        if at is not None:
                            await self._report(event, Missed(event=event, at=at, others=self._others))
        except (VigieError, TimeoutError) as error:
            log.info("slack_not_looked_back", extra={"reason": str(error) or type(error).__name__})

    def _due(self, now: datetime, began: datetime) -> bool:
        return self._looked is None or now - self._looked >= max(_EVERY, (now - began) / SELDOM)

    async def _talks(self, types: str, us: Us, after: datetime) -> list[_Talk]:
        """The newest conversations of these types, with what was said in each."""
        query = {"types": types, "exclude_archived": True, "limit": 200}
        page = await self._calls.ask("users.conversations", query)
        direct = types == _WHERE[DIRECT]
        talks = [each for each in parts(page, "channels") if bool(each.get("is_im")) is direct]
        talks.sort(key=_created, reverse=True)
        return await asyncio.gather(*(self._talk(each, us, after) for each in talks[:_TALKS]))

    async def _talk(self, talk: Mapping[str, Json], us: Us, after: datetime) -> _Talk:
        channel = id_of(talk, "id")
        query = {"channel": channel, "oldest": f"{after.timestamp():.6f}", "limit": _LINES}
        page = await self._calls.ask("conversations.history", query)
        lines = parts(page, "messages")
        # What was said before we were there was never to come.
        since = max((_at(line) for line in lines if _joins(line, us)), default=after)
        return _Talk(
            channel=channel,
            private=bool(talk.get("is_private")),
            lines=tuple(line for line in lines if _at(line) > since),
        )

    async def _missed(self, event: str, us: Us, talks: Iterable[_Talk], before: datetime) -> datetime | None:
        """When the newest of this event's was said that did not come."""
        if event in _OVERHEARD:
            # What is not said to us is not kept. None of it came, or this event would be known to come.
            private = event == PRIVATE
            told = (at for each in talks if each.private is private for at in _overheard(us, each))
            return max((at for at in told if at <= before), default=None)
        said = (each for talk in talks for each in _said_to(us, talk, direct=event == DIRECT))
        for at, key in sorted(said, reverse=True):
            if at <= before and not await self._arrived(key):
                return at
        return None


def _said_to(us: Us, talk: _Talk, *, direct: bool) -> Iterable[tuple[datetime, str]]:
    """When people said something to us there, and the key it would have arrived under."""
    for line in talk.lines:
        # The same reading as of a delivery, so that what would be passed over there is not missed here.
        read = inbound.read(_delivery(us, talk, line, "im" if direct else "channel"), us=us)
        if read is not None and read.addressed and not read.machine:
            yield _at(line), read.arrival.key


def _overheard(us: Us, talk: _Talk) -> Iterable[datetime]:
    """When people said anything there."""
    for line in talk.lines:
        if inbound.overheard(_delivery(us, talk, line, "channel"), us=us) is not None:
            yield _at(line)


def _delivery(us: Us, talk: _Talk, line: Mapping[str, Json], kind: str) -> Mapping[str, Json]:
    event = {**line, "channel": talk.channel, "channel_type": kind, "type": "message"}
    return {"type": "event_callback", "team_id": us.team, "event": event}


def _joins(line: Mapping[str, Json], us: Us) -> bool:
    return text_of(line, "subtype") in ("channel_join", "group_join") and id_of(line, "user") == us.user


def _at(line: Mapping[str, Json]) -> datetime:
    return datetime.fromtimestamp(float(ts_of(line, "ts") or 0), UTC)


def _created(talk: Mapping[str, Json]) -> float:
    when = talk.get("created")
    return float(cast("float", when)) if isinstance(when, int | float) else 0.0
