"""A person's words as tokens that can be compared: case, accents, punctuation and elisions set aside.

Every token knows where it stands in the original, so that what follows it can be taken as it was written.
Knows no vocabulary.
"""

import re
import unicodedata
from dataclasses import dataclass

MOST_TOKENS = 64
"""Forms are short: whatever comes later in a message is content and is never compared."""

_CHUNK = re.compile(r"[^\s,;!?…«»“”„\"()]+|[,;]")
_INNER = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])|(?<=['’])(?=\w)")
_EDGES = ".:*_~`-–—"
_BELOW_ZERO = re.compile(r"[-–]\d")
"""Here the dash is no edge: -3 days are not 3."""
_COMMAND = re.compile(r"/([A-Za-z][A-Za-z0-9_]*)(?:@\w+)?(?=\s|$)")
_CALLED = re.compile(r"@?vigie\s*[,:]\s*|@vigie(?=\s|$)\s*|vigie\s+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Token:
    """`word` is folded; `raw` stands in the original from `start` to `end`; `cut` says that a comma, a colon
    or a dash follows."""

    word: str
    raw: str
    start: int
    end: int
    cut: bool = False


def fold(text: str) -> str:
    """Lower case without accents; typographic apostrophes and ligatures become plain ones."""
    if text.isascii():
        return text.lower()
    plain = text.casefold().replace("’", "'").replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def spoken(text: str) -> str:
    """The message without what only addresses it: `/vigie`, the slash and bot name of a command, `Vigie,`."""
    words = text.strip()
    if words.startswith("/"):
        command = _COMMAND.match(words)
        if command:
            name, rest = command.group(1), words[command.end() :].strip()
            words = rest or "help" if name.lower() == "vigie" else f"{name.replace('_', ' ')} {rest}".strip()
    called = _CALLED.match(words)
    return words[called.end() :] if called else words


def tokens(text: str) -> tuple[Token, ...]:
    """The first tokens of the text, in order."""
    found: list[Token] = []
    for chunk in _CHUNK.finditer(text):
        if len(found) >= MOST_TOKENS:
            break
        raw = chunk.group()
        bare = raw.rstrip(_EDGES) if _BELOW_ZERO.match(raw) else raw.strip(_EDGES)
        if not bare or raw in ",;":
            if found:
                found[-1] = _cut(found[-1])
            continue
        start = chunk.start() + raw.index(bare)
        ends_in_colon = raw[raw.index(bare) + len(bare) :].startswith(":")
        found.extend(_split(bare, start))
        if ends_in_colon:
            found[-1] = _cut(found[-1])
    return tuple(found)


def _cut(token: Token) -> Token:
    return Token(token.word, token.raw, token.start, token.end, cut=True)


def _split(bare: str, start: int) -> list[Token]:
    parts: list[Token] = []
    at = 0
    for border in _INNER.finditer(bare):
        parts.append(
            Token(
                fold(bare[at : border.start()]), bare[at : border.start()], start + at, start + border.start()
            )
        )
        at = border.end()
    parts.append(Token(fold(bare[at:]), bare[at:], start + at, start + len(bare)))
    return parts


def rest(text: str, after: Token | None) -> str:
    """The original text behind a token, without the punctuation between."""
    return text[after.end :].lstrip(" \t\r\n\u00a0\u202f,;:.–—-!?»”") if after else text


def quoted(text: str, longest: int = 200) -> str:
    """The text for quoting back: whole up to `longest` characters, so that an answer finds its message."""
    words = text.strip()
    return words if len(words) <= longest else words[: longest - 1] + "…"
