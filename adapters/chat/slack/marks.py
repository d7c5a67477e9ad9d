"""Light Markdown to Slack's rich text. Pure. Everything stays text: no link, mention, emoji code or date is ever made.

Known: **bold**, *italic*, `code`, fenced code, bullets, quotes, headings. Whatever is not one of them is shown as
it was written, numbered lists too, which Slack would number anew. A link shows its label and its address.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import groupby

from bot.values import Json

_PIECE = 3000
_INLINE = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?P<bold>[^*\n]+)\*\*"
    r"|(?<!\w)__(?P<strong>[^_\n]+)__(?!\w)"
    r"|(?<![\w*])\*(?P<star>[^*\s](?:[^*\n]*[^*\s])?)\*(?![\w*])"
    r"|(?<!\w)_(?P<line>[^_\s](?:[^_\n]*[^_\s])?)_(?!\w)"
    r"|\[(?P<label>[^\]\n]+)\]\((?P<address>[^)\s]+)\)"
)
_ITEM = re.compile(r"(?P<indent> {0,12})[-*•] +(?P<text>.*\S.*)")
_HEADING = re.compile(r"#{1,6} +(.+)")
_FENCE = re.compile(r" *```[A-Za-z0-9_+-]* *")


def rich_text(elements: list[Json]) -> Json:
    """One rich_text block."""
    return {"type": "rich_text", "elements": elements}


def plain_section(text: str, **style: bool) -> Json:
    """A section that shows exactly these characters."""
    return {"type": "rich_text_section", "elements": [*_text(text, style)]}


def quotation(text: str) -> Json:
    """The same, as a quote."""
    return {"type": "rich_text_quote", "elements": [*_text(text, {})]}


def elements(markdown: str) -> list[Json]:
    """The elements of a rich_text block that shows this Markdown. Never empty."""
    found: list[Json] = []
    for kind, lines in groupby(_lines(markdown), key=lambda line: line[0]):
        found += _block(kind, [text for _, text in lines])
    if found and len(found[-1]["elements"][-1].get("text", "")) > 1:
        found[-1]["elements"][-1]["text"] = found[-1]["elements"][-1]["text"].removesuffix("\n")
    return found or [plain_section("…")]


_Line = tuple[tuple[str, int], str]
"""((kind, depth), text); neighbours of one kind form one block."""


def _lines(markdown: str) -> Iterator[_Line]:
    fences = 0
    for line in markdown.split("\n"):
        if _FENCE.fullmatch(line):
            fences += 1
            continue
        if fences % 2:
            yield ("code", fences), line
        elif item := _ITEM.fullmatch(line):
            yield ("bullet", min(len(item["indent"]) // 2, 6)), item["text"]
        elif line.startswith(">"):
            yield ("quote", 0), line[1:].removeprefix(" ")
        elif heading := _HEADING.fullmatch(line):
            yield ("heading", 0), heading[1]
        else:
            yield ("text", 0), line


def _block(kind: tuple[str, int], lines: list[str]) -> list[Json]:
    match kind:
        case ("code", _):
            return [{"type": "rich_text_preformatted", "elements": [*_text("\n".join(lines), {})]}]
        case ("bullet", depth):
            items = [{"type": "rich_text_section", "elements": [*_inline(line)]} for line in lines]
            return [{"type": "rich_text_list", "style": "bullet", "indent": depth, "elements": items}]
        case ("quote", _):
            return [{"type": "rich_text_quote", "elements": [*_inline("\n".join(lines))]}]
        case ("heading", _):
            return [plain_section(line + "\n", bold=True) for line in lines]
        case _:
            text = "\n".join(lines)
            return [{"type": "rich_text_section", "elements": [*_inline(text + "\n")]}] if text else []


def _inline(text: str) -> Iterator[Json]:
    at, said = 0, False
    for found in _INLINE.finditer(text):
        if found.start() > at:
            yield from _text(text[at : found.start()], {})
        yield from _styled(found)
        at, said = found.end(), True
    if at < len(text) or not said:
        yield from _text(text[at:], {})


def _styled(found: re.Match[str]) -> Iterable[Json]:
    match found.lastgroup:
        case "code":
            return _text(found["code"], {"code": True})
        case "bold" | "strong" as group:
            return _text(found[group], {"bold": True})
        case "star" | "line" as group:
            return _text(found[group], {"italic": True})
        case _:
            same = found["label"] == found["address"]
            return _text(found["address"] if same else f"{found['label']} ({found['address']})", {})


def _text(text: str, style: dict[str, bool]) -> Iterator[Json]:
    """Text elements; Slack refuses empty ones, and very long ones."""
    text = text or " "
    for at in range(0, len(text), _PIECE):
        element: dict[str, Json] = {"type": "text", "text": text[at : at + _PIECE]}
        if style:
            element["style"] = style
        yield element
