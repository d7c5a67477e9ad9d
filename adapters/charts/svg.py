"""A chart for a page: its colours are the page's own, light or dark, and what it shows is also said in words."""

from html import escape

from adapters.charts.outline import BOTTOM, HIGH, LEFT, RIGHT, TOP, WIDE, outline
from bot.charts import Chart


def svg(chart: Chart) -> str:
    """One `<svg>` element. Colours come from the classes, so that the page's style sheet decides."""
    drawn = outline(chart)
    right, bottom = WIDE - RIGHT, HIGH - BOTTOM
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDE} {HIGH}" role="img" xmlns="http://www.w3.org/2000/svg">',
        f"<title>{escape(chart.title)}</title><desc>{escape(chart.text)}</desc>",
        *(
            f'<rect class="firing" x="{begin}" y="{TOP}" width="{round(end - begin, 1)}" height="{bottom - TOP}"/>'
            for begin, end in drawn.firings
        ),
        f'<path class="axis" d="M{LEFT} {TOP}V{bottom}H{right}"/>',
    ]
    for name, at in (("limit", drawn.limit), ("clear", drawn.clear)):
        if at is not None:
            parts.append(f'<path class="{name}" d="M{LEFT} {at}H{right}"/>')
    line = " ".join(f"{x},{y}" for x, y in drawn.line)
    parts.append(f'<polyline class="line" points="{line}"/>')
    parts += [
        f'<text x="{LEFT - 6}" y="{TOP + 10}" text-anchor="end">{escape(chart.highest)}</text>',
        f'<text x="{LEFT - 6}" y="{bottom}" text-anchor="end">{escape(chart.lowest)}</text>',
        f'<text x="{LEFT}" y="{HIGH - 8}">{escape(chart.begins)}</text>',
        f'<text x="{right}" y="{HIGH - 8}" text-anchor="end">{escape(chart.ends)}</text>',
        "</svg>",
    ]
    return "".join(parts)
