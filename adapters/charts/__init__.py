"""Charts as pictures: SVG for pages, PNG for chats. Knows no chat and no watch."""

from adapters.charts.png import png
from adapters.charts.svg import svg

__all__ = ["png", "svg"]
