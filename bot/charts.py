"""A chart: numbers over time with a limit, and the same in words. How it is drawn is the adapters' business."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """`points` are moments with their numbers, in order, two at least; `limit` and `clear` are lines across, None where
    there is none; `firings` are stretches to mark. `text` says all of it to who cannot see it."""

    title: str
    text: str
    points: tuple[tuple[datetime, float], ...]
    limit: float | None = None
    clear: float | None = None
    firings: tuple[tuple[datetime, datetime], ...] = ()
