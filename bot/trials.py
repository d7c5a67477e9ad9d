"""What a watch would have done with numbers of the past: in words, as a line of bars, as a chart. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot import thresholds, thresholdwords
from bot.charts import Chart
from bot.speech import Tongue
from bot.thresholds import Origin, Sample, Side, Source, Threshold, Trial

DAYS = 30
WIDE = 32
"""Characters of a line of text that stands for a picture."""
_BARS = "▁▂▃▄▅▆▇█"
MOST_POINTS = 240


def told(rule: Threshold, trial: Trial, now: datetime, tongue: Tongue, zone: str) -> str:
    """How often it would have fired."""
    if rule.side is Side.ABSENT:
        return tongue("silence cannot be tested against the past")
    if len(trial.samples) < 2:
        return tongue("no history yet: nothing to test against")
    days = (now - trial.samples[0].at) / timedelta(days=1)
    times = len(trial.firings)
    if days >= DAYS - 1:
        said = tongue.many(
            "in the last {days} days this would have woken you {n} time",
            "in the last {days} days this would have woken you {n} times",
            times,
            days=DAYS,
        )
    else:
        said = tongue.many(
            "this would have woken you {n} time since {when}, when its history begins",
            "this would have woken you {n} times since {when}, when its history begins",
            times,
            when=tongue.day(trial.samples[0].at, zone),
        )
    if trial.firings:
        said += ", " + tongue("last on {when}", when=tongue.day(trial.firings[-1].start, zone))
    return said


def spark(samples: Sequence[Sample], rule: Threshold, wide: int = WIDE) -> str:
    """The numbers as a line of bars, the worst of each stretch; nothing where there are too few."""
    points = gathered(samples, rule, wide)
    if len(points) < 2:
        return ""
    values = [value for _, value in points]
    low, high = min(values), max(values)
    scale = (len(_BARS) - 1) / (high - low) if high > low else 0.0
    return "".join(_BARS[round((value - low) * scale)] for value in values)


def gathered(samples: Sequence[Sample], rule: Threshold, most: int) -> tuple[tuple[datetime, float], ...]:
    """No more points than that: of each stretch of time the number that is worst."""
    if len(samples) <= most:
        return tuple((each.at, each.value) for each in samples)
    start, end = samples[0].at, samples[-1].at
    stretch = (end - start) / most
    worst: dict[int, Sample] = {}
    for each in samples:
        place = min(int((each.at - start) / stretch), most - 1)
        kept = worst.get(place)
        worse = kept is None or (
            each.value < kept.value if rule.side is Side.BELOW else each.value > kept.value
        )
        if worse:
            worst[place] = each
    return tuple((worst[place].at, worst[place].value) for place in sorted(worst))


def charted(
    source: Source, rule: Threshold, samples: Sequence[Sample], now: datetime, tongue: Tongue, zone: str
) -> Chart | None:
    """A picture of what was read, with the limit; None of fewer than two numbers."""
    if len(samples) < 2:
        return None
    trial = thresholds.replay(rule, samples)
    points = gathered(samples, rule, MOST_POINTS)
    lines = rule.side is not Side.ABSENT and not rule.over
    title = thresholdwords.named(source, tongue)
    values = [each.value for each in samples]
    about = {
        "title": title,
        "n": len(samples),
        "since": tongue.day(samples[0].at, zone),
        "until": tongue.day(samples[-1].at, zone),
        "last": thresholdwords.reading(source, values[-1], tongue),
    }
    if source.origin is Origin.UP:
        text = tongue(
            "{title}: asked {n} times from {since} to {until}, {down} times without an answer, now: {last}",
            **about,
            down=values.count(0),
        )
    else:
        text = tongue(
            "{title}: {n} numbers from {since} to {until}, lowest {low}, highest {high}, last {last}",
            **about,
            low=thresholdwords.reading(source, min(values), tongue),
            high=thresholdwords.reading(source, max(values), tongue),
        )
    if rule.side is not Side.ABSENT:
        limit = thresholdwords.limit(source, rule, tongue)
        text += (
            ". " + tongue("bad: {limit}", limit=limit) + tongue("; ") + told(rule, trial, now, tongue, zone)
        )
    chart = Chart(
        title=title,
        text=text,
        points=points,
        limit=rule.limit if lines else None,
        clear=rule.clear if lines else None,
        firings=tuple((each.start, each.end or samples[-1].at) for each in trial.firings),
    )
    low, high = chart.reach
    return replace(
        chart,
        lowest=thresholdwords.amount(low, tongue),
        highest=thresholdwords.amount(high, tongue),
        begins=_edge(points[0][0], zone),
        ends=_edge(points[-1][0], zone),
    )


def _edge(at: datetime, zone: str) -> str:
    """In digits alone: pictures are drawn with a font that has no accents."""
    local = at.astimezone(ZoneInfo(zone or "UTC"))
    return f"{local:%Y-%m-%d %H:%M}"
