"""A chart for a chat, as a PNG of a few kilobytes. Readable on light and dark alike: it brings its own background."""

import io

from adapters.charts.outline import BOTTOM, HIGH, LEFT, RIGHT, TOP, WIDE, outline
from bot.charts import Chart

_SCALE = 2
"""Pixels for each of the outline's: telephones have fine screens."""
_PAPER, _INK, _LINE, _LIMIT, _CLEAR, _FIRING = (
    "#ffffff",
    "#4b5563",
    "#1d4ed8",
    "#b91c1c",
    "#15803d",
    "#fee2e2",
)


def png(chart: Chart) -> bytes:
    """The picture, title above it left to the message that carries it."""
    # Only here, so that whoever watches nothing never pays for the library (4 MB of memory).
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    drawn = outline(chart)
    picture = Image.new("RGB", (WIDE * _SCALE, HIGH * _SCALE), _PAPER)
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=12 * _SCALE)
    left, right, top, bottom = (each * _SCALE for each in (LEFT, WIDE - RIGHT, TOP, HIGH - BOTTOM))
    for begin, end in drawn.firings:
        pen.rectangle((begin * _SCALE, top, end * _SCALE, bottom), fill=_FIRING)
    pen.line((left, top, left, bottom, right, bottom), fill=_INK, width=_SCALE)
    for at, colour in ((drawn.limit, _LIMIT), (drawn.clear, _CLEAR)):
        if at is not None:
            for x in range(left, right, 10 * _SCALE):
                pen.line((x, at * _SCALE, min(x + 6 * _SCALE, right), at * _SCALE), fill=colour, width=_SCALE)
    line = [(x * _SCALE, y * _SCALE) for x, y in drawn.line]
    pen.line(line, fill=_LINE, width=2 * _SCALE, joint="curve")
    pen.text((left - 6 * _SCALE, top), chart.highest, fill=_INK, font=font, anchor="rt")
    pen.text((left - 6 * _SCALE, bottom), chart.lowest, fill=_INK, font=font, anchor="rb")
    pen.text((left, bottom + 6 * _SCALE), chart.begins, fill=_INK, font=font, anchor="lt")
    pen.text((right, bottom + 6 * _SCALE), chart.ends, fill=_INK, font=font, anchor="rt")
    out = io.BytesIO()
    picture.save(out, format="PNG", optimize=True)
    return out.getvalue()
