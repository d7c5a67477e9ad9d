"""Light Markdown to HTML: paragraphs, lists, code and bold. Everything else stays the characters it is: a link
is never made from words, because words may come from anywhere. Pure.
"""

import re

from markupsafe import Markup, escape

from bot.visible import visible

_BULLET = re.compile(r"\s{0,3}[-*•]\s+(.*)")
_NUMBER = re.compile(r"\s{0,3}([0-9]{1,3})[.)]\s+(.*)")
_HEADING = re.compile(r"#{1,6}\s+(.*)")
_INLINE = re.compile(r"`([^`\n]+)`|\*\*([^*\n]+)\*\*")


def to_html(text: str) -> Markup:
    """The text as HTML blocks, every character of it escaped."""
    blocks: list[Markup] = []
    lines = visible(text).split("\n")
    at = 0
    while at < len(lines):
        block, at = _block(lines, at)
        blocks.append(block)
    return Markup("").join(blocks)


def _block(lines: list[str], at: int) -> tuple[Markup, int]:
    """One block that starts at this line, and the line after it."""
    line = lines[at]
    if line.startswith("```"):
        return _fenced(lines, at + 1)
    if not line.strip():
        return Markup(""), at + 1
    if _BULLET.fullmatch(line):
        return _list(lines, at, _BULLET, "ul")
    if _NUMBER.fullmatch(line):
        return _list(lines, at, _NUMBER, "ol")
    if heading := _HEADING.fullmatch(line):
        return Markup("<p><strong>{}</strong></p>").format(heading[1]), at + 1
    end = at
    while end < len(lines) and lines[end].strip() and (end == at or not _opens(lines[end])):
        end += 1
    return Markup("<p>{}</p>").format(Markup("<br>").join(_inline(each) for each in lines[at:end])), end


def _opens(line: str) -> bool:
    """Whether a line begins another block than a paragraph."""
    return line.startswith("```") or any(p.fullmatch(line) for p in (_BULLET, _NUMBER, _HEADING))


def _fenced(lines: list[str], at: int) -> tuple[Markup, int]:
    end = at
    while end < len(lines) and not lines[end].startswith("```"):
        end += 1
    return Markup("<pre><code>{}</code></pre>").format("\n".join(lines[at:end])), end + 1


def _list(lines: list[str], at: int, item: re.Pattern[str], tag: str) -> tuple[Markup, int]:
    first = item.fullmatch(lines[at])
    items: list[Markup] = []
    while at < len(lines) and (found := item.fullmatch(lines[at])):
        items.append(Markup("<li>{}</li>").format(_inline(found[found.lastindex or 0])))
        at += 1
    start = Markup(' start="{}"').format(int(first[1])) if tag == "ol" and first else Markup("")
    return Markup("<{0}{1}>{2}</{0}>").format(tag, start, Markup("").join(items)), at


def _inline(text: str) -> Markup:
    parts: list[Markup] = []
    at = 0
    for found in _INLINE.finditer(text):
        parts.append(escape(text[at : found.start()]))
        code, bold = found.groups()
        parts.append(
            Markup("<code>{}</code>").format(code)
            if code is not None
            else Markup("<strong>{}</strong>").format(bold)
        )
        at = found.end()
    parts.append(escape(text[at:]))
    return Markup("").join(parts)
