"""Text from outside, made safe to look at: characters that show nothing, or turn what is around them, are
spelled out as ⟦U+202E⟧. Pure, and invertible: what is shown says exactly what is there.

Ordinary writing stays as it is, which includes the joiners that emoji, Indic scripts and Persian need and the
no-break spaces that French numbers need. `visible` is for prose. `exact` is for values that a person judges: it
also counts what only takes room, so that nothing can push a fact out of sight or look like the next one.
Knows nothing of HTML or of any platform: escaping comes after.
"""

import re
import unicodedata
from collections.abc import Collection

_OPEN = "⟦"
_SPELLED = re.compile(r"⟦U\+([0-9A-F]{4,6})(?: ×([1-9][0-9]{0,6}))?⟧")
_ZWNJ, _ZWJ = "\u200c", "\u200d"
_STYLES = "\ufe0e\ufe0f"  # the variation selectors for text and for emoji
_VIRAMA = 9  # the combining class

# Invisible, although their category does not say so (Unicode's Default_Ignorable_Code_Point, and blanks that
# count as letters or symbols).
_BLANK = frozenset(
    [
        *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x2800, 0x3164, 0xFFA0, 0x16FE4, 0x1D159),
        *range(0x180B, 0x1810),
        *range(0xFE00, 0xFE10),
        *range(0xE0000, 0xE1000),
    ]
)
_SPACES = frozenset(" \u00a0\u2009\u202f\u3000")
_NEVER = frozenset(["Cc", "Cf", "Cs", "Co", "Zl", "Zp"])

MARGIN = "┊"
"""Stands before every line of a value but the first: no line of a value can look like a row of ours."""
_BREAK = f"\n{MARGIN} "
_MOST_SPACES, _MOST_BREAKS, _MOST_MARKS = 2, 2, 3
# What most texts are: nothing in it needs a second look. Only a short cut, the rest of this file decides.
_PRINT = "[!-~À-ÖØ-öø-ÿŒœ€’“”…–—«»·×→]+"
_ORDINARY = re.compile(rf"(?:{_PRINT}(?:(?: {{1,2}}|\n{{1,2}}){_PRINT})*)?")
_UNUSUAL = re.compile(f"[^{_PRINT[1:-2]} \n\t\u00a0\u202f]")
_STACKING = frozenset(["Mn", "Me"])


def visible(text: str) -> str:
    """The text with everything that could hide or mislead spelled out. Lines and tabs stay."""
    return _UNUSUAL.sub(
        lambda found: found[0] if _plain(found[0], text, found.start()) else f"{_OPEN}U+{ord(found[0]):04X}⟧",
        text,
    )


def ended(text: str) -> str:
    """A sentence that another one follows: with a full stop where nothing ends it."""
    return text if not text or text.rstrip("”»\"')").endswith((".", "!", "?", "…")) else f"{text}."


def exact(text: str, *, lines: bool = True) -> str:
    """The text as a value on a card: `visible`, and besides every character that only takes room is counted.

    Kept as they are: up to two spaces between words, up to two line breaks in a row (each followed by the
    margin; none where `lines` is False), up to three marks on a letter. All others are spelled ⟦U+0020 ×40⟧.
    """
    if _ORDINARY.fullmatch(text) and (lines or "\n" not in text):
        return text.replace("\n", _BREAK)
    kept = [_kept(char, text, at, lines=lines) for at, char in enumerate(text)]
    shown: list[str] = []
    marks, bare = 0, True
    for at, char in enumerate(text):
        if unicodedata.category(char) in _STACKING and char not in _STYLES:
            marks += 1
            kept[at] = kept[at] and not bare and marks <= _MOST_MARKS
        else:
            marks = 0
        bare = not kept[at] or char.isspace()
        if kept[at]:
            shown.append(_BREAK if char == "\n" else char)
        elif at and text[at - 1] == char and not kept[at - 1]:
            shown[-1] = _counted(shown[-1])
        else:
            shown.append(f"{_OPEN}U+{ord(char):04X}⟧")
    return "".join(shown)


def _kept(char: str, text: str, at: int, *, lines: bool) -> bool:
    if char == "\n":
        return lines and _inside(text, at, "\n", _MOST_BREAKS)
    if char in _SPACES:
        return _inside(text, at, _SPACES | {"\n"}, _MOST_SPACES)
    return char not in ("\t", MARGIN, "⟧") and _plain(char, text, at)


def _inside(text: str, at: int, of: Collection[str], most: int) -> bool:
    """Whether the run this character stands in is short and has something on both sides."""
    start, end = at, at + 1
    while start and text[start - 1] in of and at - start < most:
        start -= 1
    while end < len(text) and text[end] in of and end - at <= most:
        end += 1
    run = text[start:end]
    return bool(start and end < len(text) and len(run) <= most and ("\n" not in run or set(run) == {"\n"}))


def _counted(spelled: str) -> str:
    """One more of the same."""
    found = _SPELLED.fullmatch(spelled)
    assert found is not None
    return f"{_OPEN}U+{found[1]} ×{int(found[2] or 1) + 1}⟧"


def original(shown: str) -> str:
    """The inverse of `visible` and of `exact`; anything else that only looks spelled out is left alone."""
    return _SPELLED.sub(
        lambda found: _char(*found.groups("1")) or found.group(0), shown.replace(_BREAK, "\n")
    )


def _char(digits: str, times: str) -> str:
    number = int(digits, 16)
    return chr(number) * int(times) if number <= 0x10FFFF else ""


def _plain(char: str, text: str, at: int) -> bool:
    if char.isascii():
        return char in "\n\t" or char.isprintable()
    if char == _OPEN:
        return False
    if char in _STYLES:
        return _symbol(text[at - 1 : at])
    if char in (_ZWJ, _ZWNJ):
        return _joins(char, text, at)
    if ord(char) in _BLANK or ord(char) & 0xFFFE == 0xFFFE:
        return False
    category = unicodedata.category(char)
    if category == "Zs":
        return char in _SPACES
    return category not in _NEVER


def _joins(char: str, text: str, at: int) -> bool:
    """Where a joiner changes what is seen (RFC 5892, appendix A.1 and A.2, and emoji sequences)."""
    before, after = text[at - 1 : at] if at else "", text[at + 1 : at + 2]
    if not before or not after:
        return False
    if unicodedata.combining(before) == _VIRAMA:
        return True
    if char == _ZWNJ:
        return unicodedata.bidirectional(before) == unicodedata.bidirectional(after) == "AL"
    return _symbol(after) and (
        _symbol(before) or before == "\ufe0f" or "\U0001f3fb" <= before <= "\U0001f3ff"
    )


def _symbol(char: str) -> bool:
    """A symbol that emoji are made of; ones newer than this Python's tables count by their block."""
    if not char or ord(char) in _BLANK:
        return False
    return unicodedata.category(char) == "So" or "←" <= char <= "⇿" or "\U0001f000" <= char <= "\U0001faff"
