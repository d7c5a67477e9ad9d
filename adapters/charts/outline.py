"""Where on a picture everything of a chart lies. Pure: numbers in, numbers out, the same for every kind of picture."""

from dataclasses import dataclass
from datetime import datetime

from bot.charts import Chart

WIDE, HIGH = 640, 240
LEFT, RIGHT, TOP, BOTTOM = 92, 12, 12, 28
Point = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outline:
    """All in pixels from the upper left."""

    line: tuple[Point, ...]
    limit: float | None
    clear: float | None
    firings: tuple[tuple[float, float], ...]


def outline(chart: Chart) -> Outline:
    """Every number of it, from edge to edge."""
    low, high = chart.reach
    start, end = chart.points[0][0], chart.points[-1][0]
    length = (end - start).total_seconds() or 1.0

    def across(at: datetime) -> float:
        share = min(max((at - start).total_seconds() / length, 0.0), 1.0)
        return round(LEFT + share * (WIDE - LEFT - RIGHT), 1)

    def down(value: float) -> float:
        return round(TOP + (high - value) / (high - low) * (HIGH - TOP - BOTTOM), 1)

    return Outline(
        line=tuple((across(at), down(value)) for at, value in chart.points),
        limit=None if chart.limit is None else down(chart.limit),
        clear=None if chart.clear is None else down(chart.clear),
        firings=tuple(
            (across(begin), max(across(until), across(begin) + 2)) for begin, until in chart.firings
        ),
    )
