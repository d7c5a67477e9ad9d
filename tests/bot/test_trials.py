"""What a watch would have done with the past, told honestly, and drawn from real numbers."""

from datetime import UTC, datetime, timedelta

import pytest

from adapters.charts import png, svg
from adapters.charts.outline import BOTTOM, HIGH, TOP, outline
from adapters.speech.languages import tongues
from bot import thresholds, trials
from bot.charts import Chart
from bot.thresholds import Origin, Sample, Side, Source, Threshold

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
RULE = Threshold(side=Side.ABOVE, limit=90, clear=80)
LOAD = Source(origin=Origin.MACHINE, name="load")
EN = tongues()("en")


def history(days: float, *, peaks: int, step: timedelta = timedelta(hours=1)) -> list[Sample]:
    """Calm, with so many single peaks evenly spread."""
    number = int(timedelta(days=days) / step)
    places = {round((n + 1) * number / (peaks + 1)) for n in range(peaks)}
    return [
        Sample(at=NOW - (number - n) * step, value=95.0 if n in places else 50.0 + n % 7)
        for n in range(number)
    ]


def told(samples: list[Sample], rule: Threshold = RULE) -> str:
    return trials.told(rule, thresholds.replay(rule, samples), NOW, EN, "UTC")


def test_a_month_of_history_says_how_often_it_would_have_woken_you() -> None:
    assert told(history(30, peaks=4)).startswith(
        "in the last 30 days this would have woken you 4 times, last on"
    )
    assert told(history(30, peaks=0)) == "in the last 30 days this would have woken you 0 times"


def test_less_history_says_when_it_begins() -> None:
    said = told(history(3, peaks=1))
    assert said.startswith(
        "this would have woken you 1 time since Wed 18 Nov 2026, 12:00, when its history begins"
    )


def test_without_history_it_says_so() -> None:
    assert told([]) == told(history(1, peaks=0)[:1]) == "no history yet: nothing to test against"
    assert "cannot be tested" in told(history(3, peaks=1), Threshold(side=Side.ABSENT, absent=60))


def test_the_line_of_bars_shows_the_worst_of_each_stretch() -> None:
    samples = history(30, peaks=2)
    bars = trials.spark(samples, RULE, 32)
    assert len(bars) == 32
    assert bars.count("█") == 2
    low = trials.spark(
        [Sample(at=s.at, value=-s.value) for s in samples], Threshold(side=Side.BELOW, limit=-90), 32
    )
    assert low.count("▁") == 2
    assert trials.spark(samples[:1], RULE) == ""
    assert set(trials.spark([Sample(at=s.at, value=1) for s in samples], RULE)) == {"▁"}


def drawn(days: float = 30, peaks: int = 2) -> Chart:
    chart = trials.charted(LOAD, RULE, history(days, peaks=peaks), NOW, EN, "UTC")
    assert chart is not None
    return chart


def test_a_chart_says_in_words_what_it_shows() -> None:
    chart = drawn()
    assert chart.text.startswith("load: 720 numbers from Thu 22 Oct 2026, 12:00 to")
    assert "lowest 50, highest 95" in chart.text
    assert "bad: above 90; in the last 30 days this would have woken you 2 times" in chart.text
    assert (chart.limit, chart.clear, len(chart.firings)) == (90, 80, 2)
    assert (chart.lowest, chart.highest) == ("52", "95")
    assert trials.charted(LOAD, RULE, history(1, peaks=0)[:1], NOW, EN, "UTC") is None


def test_the_edges_of_a_chart_are_said_in_the_language_and_zone_of_its_reader() -> None:
    samples = [Sample(at=NOW, value=1.5), Sample(at=NOW + timedelta(hours=1), value=25.8)]
    chart = trials.charted(LOAD, RULE, samples, NOW, tongues()("fr"), "Asia/Tokyo")
    assert chart is not None
    assert (chart.lowest, chart.highest) == ("1,5", "90")
    assert (chart.begins, chart.ends) == ("2026-11-21 21:00", "2026-11-21 22:00")
    assert "25,8" in chart.text
    assert all(each.isascii() for each in (chart.lowest, chart.highest, chart.begins, chart.ends))
    drawing = svg(chart)
    assert all(
        f">{word}</text>" in drawing for word in (chart.lowest, chart.highest, chart.begins, chart.ends)
    )


def test_everything_of_a_chart_lies_on_its_picture_and_the_limit_always_does() -> None:
    calm = Chart(title="x", text="x", points=((NOW, 1.0), (NOW + timedelta(hours=1), 2.0)), limit=90)
    for chart in (drawn(), calm):
        found = outline(chart)
        heights = [y for _, y in found.line] + [
            each for each in (found.limit, found.clear) if each is not None
        ]
        assert all(TOP <= y <= HIGH - BOTTOM for y in heights)
    assert outline(calm).limit == TOP


def test_an_svg_is_readable_by_machines_for_people_and_takes_the_colours_of_its_page() -> None:
    wicked = Chart(title="<script>", text='a "b" & <c>', points=((NOW, 1.0), (NOW, 1.0)))
    drawing = svg(wicked)
    assert "<script>" not in drawing
    assert "<title>&lt;script&gt;</title><desc>a &quot;b&quot; &amp; &lt;c&gt;</desc>" in drawing
    assert 'role="img"' in drawing
    assert "#" not in svg(drawn()).replace("&#", "")
    assert len(svg(drawn())) < 8_000


@pytest.mark.parametrize("peaks", [0, 2])
def test_a_png_is_a_picture_of_a_few_kilobytes(peaks: int) -> None:
    picture = png(drawn(peaks=peaks))
    assert picture.startswith(b"\x89PNG")
    assert len(picture) < 60_000
