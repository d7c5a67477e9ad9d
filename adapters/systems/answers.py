"""Reaching into a vendor's answer without believing in its shape: what is not there is empty. Pure."""

from collections.abc import Mapping
from typing import cast

from bot.values import Json, is_mapping


def part(value: Json, *keys: str) -> Mapping[str, Json]:
    """The object under the keys, an empty one where there is none."""
    for key in keys:
        value = value.get(key) if is_mapping(value) else None
    return value if is_mapping(value) else {}


def items(value: Json, *keys: str) -> list[Json]:
    """The array under the keys, an empty one where there is none."""
    if keys:
        value = part(value, *keys[:-1]).get(keys[-1])
    return cast("list[Json]", value) if isinstance(value, list) else []


def word(value: Json, *keys: str) -> str:
    """The text under the keys, "" where there is none."""
    if keys:
        value = part(value, *keys[:-1]).get(keys[-1])
    return "" if value is None or is_mapping(value) or isinstance(value, list) else str(value)
