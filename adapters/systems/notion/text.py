"""Notion's rich text and blocks as plain text, and plain text as blocks. Pure.

Limits: developers.notion.com, "Request limits": 2,000 characters in one rich text, 100 rich texts and 100 blocks in
one request.
"""

import re
from collections.abc import Iterable, Sequence

from adapters.systems.answers import items, part, word
from bot.values import Json, is_mapping

LONGEST = 2_000
MOST_BLOCKS = 100
_LISTED = {
    "heading_1": "# ",
    "heading_2": "## ",
    "heading_3": "### ",
    "bulleted_list_item": "- ",
    "numbered_list_item": "1. ",
    "quote": "> ",
}


def rich(text: str) -> list[Json]:
    """Plain text as rich texts, none longer than Notion takes. No emoji or other pair is cut in two: Python counts
    whole characters, and Notion counts UTF-16 units, so a piece holds at most LONGEST of those."""
    pieces: list[str] = []
    piece, units = "", 0
    for char in text:
        size = 2 if ord(char) > 0xFFFF else 1
        if units + size > LONGEST:
            pieces.append(piece)
            piece, units = "", 0
        piece, units = piece + char, units + size
    if piece:
        pieces.append(piece)
    return [{"type": "text", "text": {"content": each}} for each in pieces]


def plain(texts: Iterable[Json]) -> str:
    """Rich texts as plain text."""
    return "".join(word(each, "plain_text") or word(each, "text", "content") for each in texts)


def is_plain(texts: Iterable[Json]) -> bool:
    """Whether nothing but words is in it: no link, mention, equation or style."""
    return all(
        (word(each, "type") or "text") == "text"
        and not part(each, "text", "link")
        and all(value in (False, "default") for value in part(each, "annotations").values())
        for each in texts
    )


def signature(key: str) -> str:
    """The line by which what was written is found again, and by which people see who wrote it."""
    return f"Vigie · {key}"


def blocks(text: str, key: str) -> list[Json]:
    """A text as paragraphs, never more than one request takes, and the signature."""
    paragraphs = [each.strip("\n") for each in re.split(r"\n[ \t]*\n", text) if each.strip()]
    room = MOST_BLOCKS - 1
    if len(paragraphs) > room:
        size = -(-len(paragraphs) // room)
        paragraphs = ["\n\n".join(paragraphs[at : at + size]) for at in range(0, len(paragraphs), size)]
    mark = {"type": "text", "text": {"content": signature(key)}, "annotations": {"color": "gray"}}
    return [*(_paragraph(rich(each)) for each in paragraphs), _paragraph([mark])]


def _paragraph(texts: Sequence[Json]) -> Json:
    return {"type": "paragraph", "paragraph": {"rich_text": list(texts)}}


def line(block: Json) -> str:
    """A block as a line of plain text, "" for one that holds no words."""
    kind = str(block.get("type", ""))
    inner = block.get(kind)
    if not is_mapping(inner):
        return ""
    words = plain(items(inner, "rich_text"))
    match kind:
        case "to_do":
            return f"[{'x' if inner.get('checked') else ' '}] {words}"
        case "child_page" | "child_database":
            return f"→ {inner.get('title', '')}"
        case "code":
            return f"```\n{words}\n```"
        case "divider":
            return "---"
        case "equation":
            return str(inner.get("expression", ""))
        case "table_row":
            return " | ".join(plain(cell) for cell in items(inner, "cells"))
        case "bookmark" | "embed" | "link_preview":
            return str(inner.get("url", ""))
        case _:
            return _LISTED.get(kind, "") + words if words else ""
