"""Who is served first: an earlier arrival before a later one, a press before a chat before a mission, and one space
that floods never before everybody else. Pure.

A job's priority is the moment it arrived, earlier is higher. What is urgent counts as having come a minute before it did, a
mission's as a minute after; so nothing is passed over for ever. Each job of a space moves that space's own clock on by
what a job takes: a space with a thousand jobs has its last one far in the future, where others' jobs are now.
"""

from datetime import UTC, datetime, timedelta

FIRST = datetime(2026, 1, 1, tzinfo=UTC)
HIGHEST = 2_000_000_000
"""The priority of that moment; it sinks by one for each tenth of a second, for more than ten years."""
TICK = timedelta(milliseconds=100)
EACH = timedelta(milliseconds=20)
"""What one job is reckoned to take."""
KEPT = 10_000
"""So many spaces have a clock of their own at once."""


class Order:
    """The clocks of the spaces that rang lately."""

    def __init__(self) -> None:
        self._clocks: dict[str, datetime] = {}

    def priority(self, space: str, rank: int, now: datetime) -> int:
        """Of a job of this space: rank 2 for a press, 1 for what a person said, 0 for the rest."""
        mine = max(self._clocks.get(space, now), now)
        if len(self._clocks) >= KEPT:
            self._clocks = {each: at for each, at in self._clocks.items() if at > now}
        self._clocks[space] = mine + EACH
        counted = mine - timedelta(minutes=rank - 1)
        return HIGHEST - max(0, (counted - FIRST) // TICK)
