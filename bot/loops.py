"""Loops: how deep wakes may follow from wakes, and how often anything may happen. Pure.

A chain is everything that follows from one cause without a person in between. It is known by the event that
began it, and each wake in it stands one step deeper than the one it came from.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.events import Event, Wake
from bot.values import Json, as_list

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
class Times:
    """The latest times something happened, with what each was for; never more of them than are needed."""

    seen: tuple[tuple[str, datetime], ...] = ()

    def take(self, what: str, now: datetime, *, most: int, within: timedelta = HOUR) -> "Times | None":
        """With this time added; None when `most` within the window happened already. The same `what` again is
        not counted twice."""
        if any(known == what for known, _ in self.seen):
            return self
        recent = tuple((known, at) for known, at in self.seen if at > now - within)
        return Times(seen=(*recent, (what, now))) if len(recent) < most else None

    def as_json(self) -> Json:
        return [[what, at.isoformat()] for what, at in self.seen]

    @staticmethod
    def of(value: Json) -> "Times":
        """The inverse of `as_json`; nothing for None."""
        rows: Sequence[Json] = as_list(value) if value else []
        return Times(seen=tuple((str(row[0]), datetime.fromisoformat(row[1])) for row in rows))
