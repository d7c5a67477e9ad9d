"""A watch: the threshold of a mission at work. When its number is read next, and how it stands."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from bot.thresholds import AHEAD, Mode, Source, Standing, Threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """`id` is the mission's, `number` what people call that by. `due` is None while nothing is read, `asked`
    when that was last begun. `read` is the number that was read last, `trouble` why none was. `thinned` is up to when its samples were thinned out;
    `revision` moves with every change."""

    id: str
    space: str
    number: int
    source: Source
    rule: Threshold
    every: int
    due: datetime | None
    asked: datetime | None = None
    standing: Standing = field(default_factory=Standing)
    read: float | None = None
    trouble: str = ""
    thinned: datetime | None = None
    revision: int = 1

    @property
    def signals(self) -> str:
        """What its signals say they come from."""
        return f"watch:{self.number}"

    def due_at(self, now: datetime) -> bool:
        """Whether it is to be read now; also when the clock was set back since it was read last."""
        return self.due is not None and (self.due <= now or self.set_back(now))

    def set_back(self, now: datetime) -> bool:
        """Whether it was read last at what is the future now."""
        return self.asked is not None and self.asked - now > AHEAD

    def claimed(self, now: datetime) -> "Watch":
        """The same, due again later: in the rhythm it has, and never for what was missed."""
        assert self.due is not None
        every = timedelta(seconds=self.every)
        due = now if self.set_back(now) else self.due
        passes = max((now - due) // every, 0) + 1
        return replace(self, due=due + passes * every, asked=now, revision=self.revision + 1)

    def at_rest(self) -> "Watch":
        """Nothing is read until it is set anew. What fires is not over for that, and what was only pending is not
        pending any more."""
        standing = replace(self.standing, at=None, silent=None)
        if standing.mode is Mode.PENDING:
            standing = replace(standing, mode=Mode.CALM, since=None)
        return replace(self, due=None, standing=standing, revision=self.revision + 1)
