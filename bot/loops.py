"""Loops: how deep wakes may follow from wakes, and how often anything may happen. Pure.

A chain is everything that follows from one cause without a person in between. It is known by the event that
began it, and each wake in it stands one step deeper than the one it came from.
"""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from bot.events import Event, Wake
from bot.values import Json

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """`cause` is the id of the event that began it; `depth` counts the wakes since."""

    cause: str = ""
    depth: int = 0


def after(cause: Event | None) -> Chain:
    """The chain that a wake belongs to when this event led to it. What a person said begins a new one."""
    if cause is None or not isinstance(cause.body, Wake):
        return Chain()
    return Chain(cause=cause.cause or cause.id, depth=cause.depth + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often something happened in one hour of the clock. `last` is what it counted last, `told` whether people
    heard that the limit was reached."""

    hour: str = ""
    count: int = 0
    last: str = ""
    told: bool = False

    def at(self, now: datetime) -> "Tally":
        """The tally of the hour it is now: a new hour begins at nothing."""
        hour = hour_of(now).isoformat()
        return self if self.hour == hour else Tally(hour=hour)

    def take(self, what: str, now: datetime, *, most: int) -> "Tally | None":
        """With one more; None when `most` happened in this hour already. The same `what` twice in a row counts
        once."""
        this = self.at(now)
        if what and this.last == what:
            return this
        return replace(this, count=this.count + 1, last=what) if this.count < most else None

    def heard(self) -> "Tally":
        """People were told."""
        return replace(self, told=True)

    def as_json(self) -> Json:
        return {"hour": self.hour, "count": self.count, "last": self.last, "told": self.told}

    @staticmethod
    def of(value: Json) -> "Tally":
        """The inverse of `as_json`; nothing for None."""
        return Tally(**value) if value else Tally()


def hour_of(now: datetime) -> datetime:
    """The beginning of the hour, in UTC."""
    return now.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def next_hour(now: datetime) -> datetime:
    """When every tally begins again."""
    return hour_of(now) + HOUR
