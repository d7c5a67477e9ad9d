"""What Slack says of people: name, language, zone, standing. Remembered for at most a minute.

Must not hold up an acknowledgement: a lookup that takes too long is left to finish for the next time, and
meanwhile the person is unknown, which is never taken for a yes.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo

from adapters.chat.slack.calls import Calls, Declined
from adapters.chat.slack.inbound import PLATFORM, Profile, Us
from adapters.chat.slack.payload import id_of, part
from adapters.chat.slack.words import clean
from bot.clocks import Clock
from bot.errors import Unreachable, VigieError
from bot.people import Identity, Standing
from bot.values import Json

log = logging.getLogger(__name__)

FRESH = timedelta(seconds=60)
"""How long what Slack said is current: a person who lost their place is out within this time."""
_USABLE = timedelta(hours=1)
_MOST = 5_000
_PATIENCE = 0.5

_INVISIBLE = {"user_not_found", "user_not_visible", "users_not_found"}


@dataclass(frozen=True, slots=True)
class _Known:
    profile: Profile
    at: datetime


class Roster:
    """Profiles by user id."""

    def __init__(self, calls: Calls, *, clock: Clock, patience: float = _PATIENCE) -> None:
        self._calls = calls
        self._clock = clock
        self._patience = patience
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Profile]] = {}
        self._direct: OrderedDict[str, str] = OrderedDict()

    async def profile(self, who: Identity, *, us: Us, fresh: bool, patience: float | None = None) -> Profile:
        """What Slack says of this person. With `fresh`, never older than a minute; else an older answer
        serves while Slack is slow. Raises Unreachable when it has not said anything in time: little of it, but where
        nobody waits for an acknowledgement."""
        known = self._known.get(who.user)
        age = self._clock.now() - known.at if known else None
        if known and age is not None and timedelta(0) <= age <= FRESH:
            return known.profile
        asking = self._asking.get(who.user)
        if asking is None:
            asking = asyncio.create_task(self._look(who, us))
            self._asking[who.user] = asking
            asking.add_done_callback(lambda task: self._done(who.user, task))
        await asyncio.wait({asking}, timeout=self._patience if patience is None else patience)
        if asking.done() and not asking.cancelled() and asking.exception() is None:
            return asking.result()
        if known and age is not None and not fresh and age <= _USABLE:
            return known.profile
        raise Unreachable("Slack has not said who this is")

    async def names(self, users: Sequence[str], *, us: Us) -> dict[str, str]:
        """What these people are called, as far as Slack says so in time."""
        who = [Identity(platform=PLATFORM, team=us.team, user=user) for user in users]
        found = await asyncio.gather(
            *(self.profile(each, us=us, fresh=False) for each in who), return_exceptions=True
        )
        return {
            each.user: profile.name
            for each, profile in zip(who, found, strict=True)
            if isinstance(profile, Profile) and profile.name
        }

    async def direct(self, user: str) -> str:
        """The conversation of this person with us alone (docs.slack.dev, "conversations.open"). Raises Declined,
        Unreachable or OutcomeUnknown."""
        known = self._direct.get(user)
        if known is None:
            answer = await self._calls.tell("conversations.open", {"users": user})
            known = id_of(part(answer, "channel"), "id")
            if not known:
                raise Unreachable("Slack has not said where this person is talked to alone")
            self._direct[user] = known
            while len(self._direct) > _MOST:
                self._direct.popitem(last=False)
        return known

    async def _look(self, who: Identity, us: Us) -> Profile:
        answer: Mapping[str, Json] = {}
        try:
            answer = await self._calls.ask("users.info", {"user": who.user, "include_locale": True})
        except Declined as error:
            if error.code not in _INVISIBLE:
                raise
        profile = read(answer.get("user"), who=who, us=us)
        self._known[who.user] = _Known(profile, self._clock.now())
        self._known.move_to_end(who.user)
        while len(self._known) > _MOST:
            self._known.popitem(last=False)
        return profile

    def _done(self, user: str, task: asyncio.Task[Profile]) -> None:
        self._asking.pop(user, None)
        error = None if task.cancelled() else task.exception()
        if error is not None:
            reason = str(error) if isinstance(error, VigieError) else type(error).__name__
            log.warning("slack_profile_unknown", extra={"user": user, "reason": reason})

    async def close(self) -> None:
        """Gives up the lookups under way."""
        under_way = list(self._asking.values())
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


def read(user: Json, *, who: Identity, us: Us) -> Profile:
    """A user object of Slack's, as far as it concerns us (docs.slack.dev, "User object")."""
    if not isinstance(user, Mapping):
        return Profile(standing=Standing.GUEST)
    said = cast("Mapping[str, Json]", user)
    shown: Json = said.get("profile")
    profile: Mapping[str, Json] = cast("Mapping[str, Json]", shown) if isinstance(shown, Mapping) else said
    names: tuple[Json, ...] = (
        profile.get("display_name"),
        profile.get("real_name"),
        said.get("real_name"),
        said.get("name"),
    )
    locale: Json = said.get("locale")
    return Profile(
        name=next((clean(name)[:80] for name in names if isinstance(name, str) and name.strip()), ""),
        lang=locale[:2].lower() if isinstance(locale, str) and locale[:2].isalpha() else "",
        zone=_zone(said.get("tz")),
        standing=_standing(said, who, us),
        ours=who.team != us.team and _on_grid(said, us.team),
    )


def _standing(said: Mapping[str, Json], who: Identity, us: Us) -> Standing:
    if said.get("deleted"):
        return Standing.STRANGER
    if any(said.get(flag) for flag in ("is_restricted", "is_ultra_restricted", "is_stranger", "is_bot")):
        return Standing.GUEST
    if who.team != us.team and not _on_grid(said, us.team):
        return Standing.GUEST
    if not _belongs(said, us.team):
        return Standing.GUEST
    return Standing.MEMBER


def _on_grid(said: Mapping[str, Json], team: str) -> bool:
    """Whether Slack counts somebody of an organisation among our workspace, whichever one they write from."""
    match said:
        case {"enterprise_user": {"teams": [*teams]}}:
            return team in teams
        case _:
            return False


def _belongs(said: Mapping[str, Json], team: str) -> bool:
    """Member of our workspace; on Enterprise Grid a person may belong to several."""
    match said:
        case {"team_id": str(theirs)} if theirs == team:
            return True
        case {"enterprise_user": {"teams": [*_]}}:
            return _on_grid(said, team)
        case {"team_id": str()}:
            return False
        case _:
            return True


def _zone(name: Json) -> str:
    if not isinstance(name, str) or not name:
        return ""
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, LookupError):
        return ""
