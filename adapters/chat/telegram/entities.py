"""Styled runs of text, and the pages Telegram can show them on. Pure; knows nothing of cards.

Telegram counts offsets, lengths and its limit in UTF-16 code units, trims a message at both ends, and turns
`@name` into a mention that pings. So texts are trimmed before they are measured, and every `@name` is set in
code, where it stays plain characters. Nothing here hides a link or a word: only bold, italic, code, pre and
block quotes are ever made, never by parsing what others wrote (no `parse_mode`).
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TypeVar

from telegram import MessageEntity

Look = TypeVar("Look")

LIMIT = 4096
"""UTF-16 units in one message (Bot API, sendMessage)."""
MOST_ENTITIES = 100
"""Telegram ignores the entities after these."""


class Style(StrEnum):
    """How a run looks; the values are Telegram's entity types."""

    PLAIN = ""
    BOLD = "bold"
    ITALIC = "italic"
    CODE = "code"
    PRE = "pre"


@dataclass(frozen=True, slots=True)
class Run:
    """Characters of one look. `quoted` runs that touch stand in one block quote."""

    text: str
    style: Style = Style.PLAIN
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """One message: its text and its entities, within Telegram's limits."""

    text: str
    entities: tuple[MessageEntity, ...] = ()


_MARK = re.compile(
    r"```(?:[\w+#.-]*\n)?(?P<pre>.+?)```"
    r"|`(?P<code>[^`\n]+)`"
    r"|\*\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*\*",
    re.DOTALL,
)
_MENTION = re.compile(r"(?<![\w@])@\w{2,}", re.ASCII)
# What Telegram drops or refuses: control characters but tab and newline, and halves of surrogate pairs.
_UNFIT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
# A no-break space holds together what it stands in: « », 12 000 €.
_SPACE = r"[^\S\u00a0\u2007\u202f]"
_SENTENCE = rf"[.!?…]+(?:[\u00a0\u202f]?[»”’\"')\]])*{_SPACE}"
_BREAKS = tuple(re.compile(each) for each in (r"\n\s*\n", r"\n", _SENTENCE, _SPACE))


def width(text: str) -> int:
    """Length in UTF-16 code units."""
    return len(text) + sum(character > "\uffff" for character in text)


def marked(text: str) -> tuple[Run, ...]:
    """Light Markdown: `**bold**`, `` `code` `` and fenced blocks; every other character stays what it is."""
    runs: list[Run] = []
    at = 0
    for found in _MARK.finditer(text):
        runs.append(Run(text[at : found.start()]))
        style = Style(found.lastgroup or "")
        runs.append(Run(found[style.value].strip("\n") if style is Style.PRE else found[style.value], style))
        at = found.end()
    return (*runs, Run(text[at:]))


def pages(runs: Iterable[Run], *, limit: int = LIMIT) -> list[Page]:
    """The runs on as many messages as they need, cut at the end of a paragraph, line, sentence or word.

    At least one page, never an empty one: Telegram refuses those.
    """
    rest = _trimmed(_safe(runs))
    found: list[Page] = []
    while rest:
        at = _cut("".join(run.text for run in rest), limit)
        found.append(_page(_trimmed(_slice(rest, 0, at))))
        rest = _trimmed(_slice(rest, at, None))
    return found or [Page("…")]


def one_page(runs: Iterable[Run], *, limit: int = LIMIT, mark: str = " …") -> Page:
    """The runs on one message; `mark` stands where they had to be cut."""
    kept = tuple(runs)
    whole = pages(kept, limit=limit)
    if len(whole) == 1:
        return whole[0]
    room = limit - width(mark)
    text = "".join(run.text for run in _safe(kept))
    return pages((*_slice(_safe(kept), 0, _fitting(text, room)), Run(mark)), limit=limit)[0]


def _safe(runs: Iterable[Run]) -> list[Run]:
    """Characters Telegram would drop become visible, and what would ping becomes code."""
    return [
        piece
        for run in runs
        for piece in _unpinging(replace(run, text=_UNFIT.sub("\ufffd", run.text.replace("\r\n", "\n"))))
        if piece.text
    ]


def _unpinging(run: Run) -> Iterator[Run]:
    if run.style in (Style.CODE, Style.PRE):
        yield run
        return
    at = 0
    for found in _MENTION.finditer(run.text):
        yield replace(run, text=run.text[at : found.start()])
        yield replace(run, text=found[0], style=Style.CODE)
        at = found.end()
    yield replace(run, text=run.text[at:])


def _trimmed(runs: Sequence[Run]) -> list[Run]:
    text = "".join(run.text for run in runs)
    start = len(text) - len(text.lstrip())
    return _slice(runs, start, max(start, len(text.rstrip())))


def _slice(runs: Sequence[Run], start: int, end: int | None) -> list[Run]:
    """The characters from `start` to `end`, with their looks."""
    kept: list[Run] = []
    at = 0
    for run in runs:
        piece = run.text[max(0, start - at) : None if end is None else max(0, end - at)]
        at += len(run.text)
        if piece:
            kept.append(replace(run, text=piece))
    return kept


def _fitting(text: str, limit: int) -> int:
    """How many characters fit into `limit` UTF-16 units."""
    if width(text) <= limit:
        return len(text)
    units = 0
    for at, character in enumerate(text):
        units += 2 if character > "\uffff" else 1
        if units > limit:
            return at
    return len(text)


def _cut(text: str, limit: int) -> int:
    """Where to end the page: at the best break in its second half, else where it is full."""
    fitting = _fitting(text, limit)
    if fitting == len(text):
        return fitting
    for kind in _BREAKS:
        ends = [found.end() for found in kind.finditer(text, fitting // 2, fitting)]
        if ends:
            return ends[-1]
    return fitting


def _page(runs: Sequence[Run]) -> Page:
    spans: list[MessageEntity] = []
    for quoted, start, length in _joined((run.quoted, width(run.text)) for run in runs):
        if quoted:
            spans.append(MessageEntity(MessageEntity.BLOCKQUOTE, start, length))
    # A look ends with its quote: entities may stand inside one another, never across.
    for (style, _), start, length in _joined(((run.style, run.quoted), width(run.text)) for run in runs):
        if style is not Style.PLAIN:
            spans.append(MessageEntity(style.value, start, length))
    return Page("".join(run.text for run in runs), _kept(spans))


def _joined(pieces: Iterable[tuple[Look, int]]) -> list[tuple[Look, int, int]]:
    """Each look with where it starts and how long it is; neighbours of one look are one."""
    found: list[tuple[Look, int, int]] = []
    at = 0
    for look, length in pieces:
        if found and found[-1][0] == look:
            _, start, before = found.pop()
            found.append((look, start, before + length))
        else:
            found.append((look, at, length))
        at += length
    return found


def _kept(entities: Sequence[MessageEntity]) -> tuple[MessageEntity, ...]:
    """As many as Telegram reads; those that keep a name from pinging before those that are only looks."""
    ranked = sorted(entities, key=lambda entity: entity.type != MessageEntity.CODE)[:MOST_ENTITIES]
    return tuple(sorted(ranked, key=lambda entity: (entity.offset, -entity.length)))
