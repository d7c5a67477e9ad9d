"""Text from outside, made safe to look at: characters that show nothing, or turn what is around them, are
spelled out as ⟦U+202E⟧. Pure, and invertible: what is shown says exactly what is there.

Ordinary writing stays as it is, which includes the joiners that emoji, Indic scripts and Persian need and the
no-break spaces that French numbers need. Knows nothing of HTML or of any platform: escaping comes after.
"""

import re
import unicodedata

_OPEN = "⟦"
_SPELLED = re.compile(r"⟦U\+([0-9A-F]{4,6})⟧")
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


def visible(text: str) -> str:
    """The text with everything that could hide or mislead spelled out. Lines and tabs stay."""
    return "".join(
        char if _plain(char, text, at) else f"{_OPEN}U+{ord(char):04X}⟧" for at, char in enumerate(text)
    )


def original(shown: str) -> str:
    """The inverse of `visible`; anything else that only looks spelled out is left alone."""
    return _SPELLED.sub(lambda found: _char(found.group(1)) or found.group(0), shown)


def _char(digits: str) -> str:
    number = int(digits, 16)
    return chr(number) if number <= 0x10FFFF else ""


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
