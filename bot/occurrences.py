"""Occurrences: each due time of a mission, in one row, and what became of it. The ledger of runs. Pure.

What was reported is not kept here but looked up in the outbox: a report is delivered when its receipt says so.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum


class Fate(StrEnum):
    """What became of a due time."""

    DUE = "due"
    """It is owed and may not be made yet: a limit was reached."""
    CLAIMED = "claimed"
    """A wake was made for it."""
    RUNNING = "running"
    WAITING = "waiting"
    """Its turn waits for a press."""
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """One of its deeds has no known outcome."""
    SKIPPED = "skipped"
    """It got no run of its own; `why` says why."""

    @property
    def over(self) -> bool:
        """Nothing more becomes of it."""
        return self in (Fate.DONE, Fate.FAILED, Fate.UNKNOWN, Fate.SKIPPED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """`id` is that of the event a wake for it is, so also of its turn. `late` says that it was rung after its grace,
    `missed` how many earlier ones it stands for. `report` is the effect that says its words, "" when it was silent;
    `held` that it waits for the end of somebody's quiet hours; `why` is a sentence, or a word of ours, for what became of it.
    `rest` is what a procedure that stopped half-way needs to go on, in the words of the mind that ran it."""

    id: str
    space: str
    mission: str
    trigger: str
    due: datetime
    fate: Fate = Fate.CLAIMED
    late: bool = False
    missed: int = 0
    began: datetime | None = None
    ended: datetime | None = None
    report: str = ""
    held: bool = False
    why: str = ""
    rest: str = ""

    def now(
        self, fate: Fate, at: datetime, *, why: str = "", report: str = "", held: bool = False
    ) -> "Occurrence":
        """With what has become of it since."""
        return replace(
            self,
            fate=fate,
            began=self.began or (at if fate is Fate.RUNNING else None),
            ended=at if fate.over else None,
            why=why or self.why,
            report=report or self.report,
            held=held or self.held,
        )
