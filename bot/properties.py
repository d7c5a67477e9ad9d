"""Named values whose names only the other side knows (a page's properties, a record's fields), as people type them:
`Status=Done; Due=2026-03-31`, one per line or parted by semicolons. Pure, and invertible.

What would be misread that way stands as JSON: `Note="a; b"`, `Tags=["red", "a, b"]`. Knows no field and no action.
"""

import json
from collections.abc import Mapping
from typing import cast

from bot.errors import BadInput
from bot.values import Json, is_mapping

_PARTS = ";\n"
_DECODER = json.JSONDecoder()


def parse(text: str) -> dict[str, Json]:
    """The names and their values, texts or lists as they were typed; a whole JSON object is taken as it is.
    Raises BadInput."""
    given = _object(text)
    if given is not None:
        return given
    found: dict[str, Json] = {}
    at = 0
    while at < len(text):
        if text[at] in _PARTS or text[at].isspace():
            at += 1
            continue
        name, at = _name(text, at)
        if name in found:
            raise BadInput("{name} is given twice", name=repr(name))
        found[name], at = _value(text, at)
    return found


def typed(values: Mapping[str, Json]) -> str:
    """The same as a person would type it, one per line; `parse` gives texts and lists of texts back."""
    return "\n".join(
        f"{_typed_name(name)} = {_typed_value(value)}".rstrip() for name, value in values.items()
    )


def _object(text: str) -> dict[str, Json] | None:
    if not text.lstrip().startswith("{"):
        return None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return cast("dict[str, Json]", value) if is_mapping(value) else None


def _name(text: str, at: int) -> tuple[str, int]:
    quoted = _quoted(text, at, "=")
    if quoted is not None and isinstance(quoted[0], str):
        return quoted[0], quoted[1] + 1
    end = min((i for i in (text.find(part, at) for part in ("=", *_PARTS)) if i >= 0), default=len(text))
    if text[end : end + 1] != "=":
        raise BadInput("{text} is not Name=value", text=repr(text[at:end].strip()[:60]))
    return text[at:end].strip(), end + 1


def _value(text: str, at: int) -> tuple[Json, int]:
    while text[at : at + 1].isspace() and text[at] not in _PARTS:
        at += 1
    quoted = _quoted(text, at, _PARTS)
    if quoted is not None:
        return quoted
    end = min((i for i in (text.find(part, at) for part in _PARTS) if i >= 0), default=len(text))
    return text[at:end].strip(), end


def _quoted(text: str, at: int, until: str) -> tuple[Json, int] | None:
    """A JSON text or list that stands whole before one of the marks, and where it ends; None when it is none."""
    if text[at : at + 1] not in ('"', "["):
        return None
    try:
        value, end = _DECODER.raw_decode(text, at)
    except (ValueError, RecursionError):
        return None
    while text[end : end + 1].isspace() and text[end] not in until:
        end += 1
    return (value, end) if end == len(text) or text[end] in until else None


def _typed_name(name: str) -> str:
    plain = name == name.strip() and name and name[0] not in '"[{' and not set(name) & set("=;\r\n")
    return name if plain else json.dumps(name, ensure_ascii=False)


def _typed_value(value: Json) -> str:
    if isinstance(value, str) and "\r" not in value and _value(value, 0) == (value, len(value)):
        return value
    return json.dumps(value, ensure_ascii=False)
