"""Who looks at their home, and that what they see is so: published when they open it, and again when it changes.

Slack does not say when somebody looks away, so a home is kept current for a while and then left until it is opened
again. For the eyes only: nothing here holds anything up, and what cannot be published is published the next time.
"""

import asyncio
import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from adapters.chat.slack import home
from adapters.chat.slack.calls import Calls
from adapters.chat.slack.inbound import Profile
from bot.clocks import Clock
from bot.errors import VigieError
from bot.homes import Home
from bot.people import Identity, Standing
from bot.places import Place
from bot.speech import Tongues
from bot.values import Json

log = logging.getLogger(__name__)

STAYS = timedelta(minutes=30)
_MOST = 500
EVERY = 2.0
"""Seconds between two looks whether anything changed."""


class Survey(Protocol):
    """Who knows how things stand."""

    async def home(self, who: Identity, place: Place, standing: Standing) -> Home: ...
    async def moved(self) -> int:
        """Grows whenever something may have changed."""
        ...


@dataclass(slots=True, kw_only=True)
class _Onlooker:
    who: Identity
    place: Place
    profile: Profile
    until: datetime
    shown: Json = None


class Onlookers:
    """The homes that are looked at."""

    def __init__(
        self, calls: Calls, *, survey: Survey, tongues: Tongues, clock: Clock, every: float = EVERY
    ) -> None:
        self._calls = calls
        self._survey = survey
        self._tongues = tongues
        self._clock = clock
        self._every = every
        self._looking: OrderedDict[str, _Onlooker] = OrderedDict()

    async def opened(self, who: Identity, place: Place, profile: Profile) -> None:
        """They look at it now. `place` is where the same person is talked to alone."""
        until = self._clock.now() + STAYS
        onlooker = _Onlooker(who=who, place=place, profile=profile, until=until)
        self._looking[who.user] = onlooker
        self._looking.move_to_end(who.user)
        while len(self._looking) > _MOST:
            self._looking.popitem(last=False)
        await self._publish(onlooker)

    async def keep(self) -> None:
        """Keeps them current until it is cancelled."""
        seen = 0
        while True:
            await asyncio.sleep(self._every)
            now = self._clock.now()
            for user in [user for user, each in self._looking.items() if each.until <= now]:
                del self._looking[user]
            if self._looking:
                seen = await self._look(seen)

    async def _look(self, seen: int) -> int:
        try:
            moved = await self._survey.moved()
        except Exception:
            # Whatever broke there is told where it broke; a home is only late.
            log.exception("homes_not_read", extra={"action": "homes_not_read"})
            return seen
        if moved != seen:
            for onlooker in list(self._looking.values()):
                await self._publish(onlooker)
        return moved

    async def _publish(self, onlooker: _Onlooker) -> None:
        try:
            found = await self._survey.home(onlooker.who, onlooker.place, onlooker.profile.standing)
            view = home.view(found, tongue=self._tongues(found.lang or onlooker.profile.lang))
            if view == onlooker.shown:
                return
            await self._calls.tell("views.publish", {"user_id": onlooker.who.user, "view": view})
            onlooker.shown = view
        except VigieError as error:
            log.info("home_not_shown", extra={"user": onlooker.who.user, "reason": str(error)})
        except Exception:
            log.exception("home_broke", extra={"action": "home_broke"})
