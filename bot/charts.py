"""A chart: numbers over time with a limit, and the same in words. How it is drawn is the adapters' business."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`points` are moments with their numbers, in order, two at least; `limit` and `clear` are lines across, None where
    there is none; `firings` are stretches to mark. `text` says all of it to who cannot see it. What the four edges stand
    for is said in the reader's language and zone."""

    title: str
    text: str
    points: tuple[tuple[datetime, float], ...]
    limit: float | None = None
    clear: float | None = None
    firings: tuple[tuple[datetime, datetime], ...] = ()
    lowest: str = ""
    highest: str = ""
    begins: str = ""
    ends: str = ""

    @property
    def reach(self) -> tuple[float, float]:
        """What the lower and the upper edge stand for: the limit is always on the picture, whatever the numbers are."""
        values = [value for _, value in self.points]
        values += [each for each in (self.limit, self.clear) if each is not None]
        low, high = min(values), max(values)
        return (low, high) if low < high else (low - 1, high + 1)
