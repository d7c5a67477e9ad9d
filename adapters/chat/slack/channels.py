"""The channels of a workspace by their names, as Slack lists them to us: public ones, and private ones that we are in.

Asked for when somebody names one, remembered for minutes, and never asked for before Slack allows it. A private channel
is known to those who are in it alone: for others its name means nothing here.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from adapters.chat.slack.calls import Calls
from adapters.chat.slack.payload import id_of, part, parts, text_of
from bot.clocks import Clock
from bot.errors import Failed, Unreachable
from bot.events import Named
from bot.people import Identity

FRESH = timedelta(minutes=5)
"""So long a list is current."""
ANEW = timedelta(seconds=30)
"""A name that is not in a list as old as this may be one of a new channel."""
_PAGE, _PAGES = 1_000, 40
_PATIENCE = 30.0
"""Seconds for all pages together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """`inside` says that we are in it."""

    id: str
    names: frozenset[str]
    private: bool
    inside: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listed:
    """Every channel we may know of, as it was then. Not `whole` when there were more than we look through."""

    channels: tuple[Channel, ...]
    at: datetime
    whole: bool

    def called(self, name: str) -> list[Channel]:
        return [each for each in self.channels if name in each.names]


class Channels:
    """Channels by name."""

    def __init__(self, calls: Calls, *, clock: Clock) -> None:
        self._calls = calls
        self._clock = clock
        self._listed: _Listed | None = None
        self._not_before: datetime | None = None
        self._lock = asyncio.Lock()

    async def named(self, name: str, who: Identity) -> tuple[Named, ...]:
        """The channels of that name, those that `who` may know of. Raises Unreachable or Failed when Slack does not
        say."""
        wanted = name.casefold()
        async with self._lock:
            listed = await self._list(FRESH)
            found = listed.called(wanted)
            if not found:
                listed = await self._list(ANEW)
                found = listed.called(wanted)
            if not found and not listed.whole:
                raise Failed("this workspace has more channels than I look through")
            known = [each for each in found if not each.private or await self._has(each, who)]
        return tuple(Named(name=name, channel=each.id, inside=each.inside) for each in known)

    async def _list(self, current: timedelta) -> _Listed:
        now, listed = self._clock.now(), self._listed
        if listed is not None and timedelta(0) <= now - listed.at < current:
            return listed
        waits = self._not_before
        if waits is not None and now < waits:
            if listed is not None:
                return listed
            seconds = (waits - now).total_seconds()
            raise Unreachable("Slack asks to wait {n} seconds.", n=int(seconds) + 1)
        try:
            async with asyncio.timeout(_PATIENCE):
                self._listed = await self._all(now)
        except TimeoutError as error:
            raise Unreachable("Slack did not answer.") from error
        except Unreachable as error:
            if error.retry_after is not None:
                self._not_before = now + timedelta(seconds=error.retry_after)
            raise
        return self._listed

    async def _all(self, now: datetime) -> _Listed:
        """Every page of it (docs.slack.dev, "conversations.list", "Pagination")."""
        found: list[Channel] = []
        query: dict[str, str | int | bool] = {
            "types": "public_channel,private_channel",
            "exclude_archived": True,
            "limit": _PAGE,
        }
        for _ in range(_PAGES):
            page = await self._calls.ask("conversations.list", query)
            found += [each for raw in parts(page, "channels") if (each := _channel(raw)) is not None]
            cursor = text_of(part(page, "response_metadata"), "next_cursor")
            if not cursor:
                return _Listed(channels=tuple(found), at=now, whole=True)
            query["cursor"] = cursor
        return _Listed(channels=tuple(found), at=now, whole=False)

    async def _has(self, channel: Channel, who: Identity) -> bool:
        """Whether this person is in it."""
        query: dict[str, str | int | bool] = {"channel": channel.id, "limit": _PAGE}
        for _ in range(_PAGES):
            page = await self._calls.ask("conversations.members", query)
            if who.user in page.get("members", ()):
                return True
            cursor = text_of(part(page, "response_metadata"), "next_cursor")
            if not cursor:
                break
            query["cursor"] = cursor
        return False


def _channel(raw: Mapping[str, object]) -> Channel | None:
    name, id_ = text_of(raw, "name"), id_of(raw, "id")
    if not name or not id_ or raw.get("is_archived"):
        return None
    names = {each.casefold() for each in (name, text_of(raw, "name_normalized")) if each}
    private = bool(raw.get("is_private"))
    return Channel(
        id=id_, names=frozenset(names), private=private, inside=private or bool(raw.get("is_member"))
    )
