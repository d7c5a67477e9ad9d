"""What every reader of a sender's letters works with: bounded texts out of JSON of any shape. Knows no sender."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from bot.events import Signal
from bot.values import Json, is_mapping, is_sequence

LONGEST_LINE = 300
LONGEST_SUMMARY = 1_500
MOST_LABELS = 60
FOR_GOOD: timedelta | None = None


class Unreadable(Exception):
    """Not something this sender says: one sentence, without the body."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One delivery, its signature checked. Header names are small; `digest` is that of the raw body."""

    source: str
    headers: Mapping[str, str]
    body: Mapping[str, Json]
    digest: str
    window: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """`id` is the name under which its sender would bring it again; `within` for how long it means this one, None
    for good."""

    id: str
    signal: Signal
    within: timedelta | None = None


def text(value: Json, most: int = LONGEST_LINE) -> str:
    """One line of it, bounded; "" for what is no text or number."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    line = " ".join(str(value)[: most * 4].split())
    return line if len(line) <= most else line[: most - 1] + "…"


def words(value: Json, most: int = LONGEST_SUMMARY) -> str:
    """The same, with its lines."""
    if not isinstance(value, str):
        return text(value, most)
    lines = "\n".join(" ".join(line.split()) for line in value[: most * 4].splitlines() if line.strip())
    return lines if len(lines) <= most else lines[: most - 1] + "…"


def part(value: Json, *names: str) -> Json:
    """What stands under these names, one in the other; None where it does not."""
    for name in names:
        value = value.get(name) if is_mapping(value) else None
    return value


def items(value: Json, most: int) -> list[Mapping[str, Json]]:
    """The objects of a list, so many at most."""
    return [each for each in value if is_mapping(each)][:most] if is_sequence(value) else []


def labels(value: Json) -> dict[str, str]:
    """Its texts by name, bounded."""
    if not is_mapping(value):
        return {}
    found = {text(str(name), 100): text(each, 200) for name, each in list(value.items())[:MOST_LABELS]}
    return {name: each for name, each in found.items() if name and each}


def link(value: Json) -> str:
    """A web address, "" for anything else."""
    found = text(value, 1_000)
    return found if found.startswith(("https://", "http://")) and " " not in found else ""
