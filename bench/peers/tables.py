"""What was measured, as text: medians of each bot, how Vigie stands to its peers, and what was aimed at."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from bench.peers.bots import BOLT, NANOBOT, TELEGRAM, VIGIE, VIGIE_MODEL, VIGIE_TELEGRAM, Bot
from bench.peers.running import Load, Result

Results = Mapping[str, Mapping[str, Sequence[Result]]]
"""By the name of a load, then of a bot."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    title: str
    path: tuple[str, ...]

    def of(self, result: Result) -> float | None:
        found = result
        for name in self.path:
            found = found.get(name) if found else None
        return None if found is None else float(found)  # type: ignore[arg-type]


def _column(title: str, *path: str) -> Column:
    return Column(title=title, path=path)


RATE = _column("replies/s", "replies_per_s")
P50 = _column("p50 ms", "reply_ms", "p50")
ACK99 = _column("ack p99", "ack_ms", "p99")
IDLE = _column("idle MB", "idle_rss_mb")
READY = _column("start s", "cold_start_s")
COLUMNS = (
    RATE,
    P50,
    _column("p95 ms", "reply_ms", "p95"),
    _column("p99 ms", "reply_ms", "p99"),
    _column("ack p50", "ack_ms", "p50"),
    ACK99,
    _column("lost", "lost"),
    _column("dup", "duplicates"),
    _column("CPU ms", "bot_cpu_ms_per_event"),
    IDLE,
    READY,
)


def median(results: Sequence[Result], column: Column) -> float | None:
    """None where no run measured it."""
    values = [value for value in map(column.of, results) if value is not None]
    return statistics.median(values) if values else None


def table(load: Load, results: Mapping[str, Sequence[Result]], bots: Sequence[Bot]) -> list[str]:
    heads = "".join(f"{column.title:>10}" for column in COLUMNS)
    lines = [load.name, f"  {'':18}{'through':20}{heads}"]
    for bot in bots:
        if runs := results[bot.name]:
            cells = "".join(f"{_shown(median(runs, column)):>10}" for column in COLUMNS)
            lines.append(f"  {bot.name:18}{bot.chat.value:20}{cells}")
    return lines


def _shown(value: float | None) -> str:
    return "—" if value is None else f"{value:.0f}" if value >= 1000 else f"{value:.4g}"


def targets(results: Results, flat: Load, paced: Load) -> list[str]:
    """Each aim beside what came out; what was not measured is left out."""

    def of(load: Load, bot: Bot, column: Column) -> float | None:
        return median(results[load.name].get(bot.name, ()), column)

    def ratio(load: Load, bot: Bot, other: Bot, column: Column) -> float | None:
        ours, theirs = of(load, bot, column), of(load, other, column)
        return ours / theirs if ours is not None and theirs else None

    def added(bot: Bot, other: Bot) -> float | None:
        ours, theirs = of(paced, bot, P50), of(paced, other, P50)
        return ours - theirs if ours is not None and theirs is not None else None

    aims: tuple[tuple[str, float | None, Callable[[float], str], str], ...] = (
        ("throughput beside a bolt echo", ratio(flat, VIGIE, BOLT, RATE), _share, "a third, better half"),
        ("added at the median beside it, paced", added(VIGIE, BOLT), _ms, "at most 6 ms"),
        ("added at the median in Telegram, paced", added(VIGIE_TELEGRAM, TELEGRAM), _ms, ""),
        ("with an instant model, paced, p50", of(paced, VIGIE_MODEL, P50), _ms, "at most 35 ms"),
        ("with an instant model, flat out", of(flat, VIGIE_MODEL, RATE), _per_second, "at least 60/s"),
        ("times the agent peer's throughput", ratio(flat, VIGIE_MODEL, NANOBOT, RATE), _times, "seven"),
        ("ack p99, flat out", of(flat, VIGIE, ACK99), _ms, "under 100 ms"),
        ("idle", of(paced, VIGIE, IDLE), _mb, "under 130 MB"),
        ("ready", of(paced, VIGIE, READY), _seconds, "under 2 s"),
    )
    return [
        f"  {title:42}{said(value):>10}{f'   ({wanted})' if wanted else ''}"
        for title, value, said, wanted in aims
        if value is not None
    ]


def _share(value: float) -> str:
    return f"{value:.0%}"


def _ms(value: float) -> str:
    return f"{value:.2f} ms"


def _per_second(value: float) -> str:
    return f"{value:.0f}/s"


def _times(value: float) -> str:
    return f"{value:.1f} ×"


def _mb(value: float) -> str:
    return f"{value:.0f} MB"


def _seconds(value: float) -> str:
    return f"{value:.2f} s"
