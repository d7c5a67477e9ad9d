"""Quotations: a text between quotation marks, at a place in another text. Pure.

`"…"` is read as JSON reads it, so that it may hold anything; “…”, «…» and „…“ are what people type.
"""

import json
from typing import cast

from bot.errors import BadInput

SPACE = " \t\r\n\u00a0\u202f"
_CLOSING = {"“": "”", "«": "»", "„": "“"}
_DECODER = json.JSONDecoder()
MOST_TOLD = 60


def quoted(text: str, at: int) -> tuple[str, int] | None:
    """What stands in quotation marks here, and where it ends; None where none begin. Raises BadInput for some that are
    not closed."""
    mark = text[at : at + 1]
    if mark == '"':
        try:
            said, end = _DECODER.raw_decode(text, at)
        except ValueError as error:
            raise _open(text, at) from error
        return cast("str", said), end
    if mark not in _CLOSING:
        return None
    stop = text.find(_CLOSING[mark], at + 1)
    if stop < 0:
        raise _open(text, at)
    return text[at + 1 : stop].strip(SPACE), stop + 1


def in_quotes(text: str) -> str:
    """The text as `quoted` reads it back, whatever is in it."""
    return json.dumps(text, ensure_ascii=False)


def _open(text: str, at: int) -> BadInput:
    return BadInput("a quotation is not closed: {text}", text=text[at : at + MOST_TOLD])
