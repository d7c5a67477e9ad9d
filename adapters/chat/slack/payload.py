"""Reading what Slack sends, which is never taken to have the shape it should: what is not there is empty. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import cast

from bot.values import Json

NOTHING: Mapping[str, Json] = {}
_ID = re.compile(r"[A-Z0-9]{1,32}", re.ASCII)
_TS = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}", re.ASCII)


def is_id(text: str) -> bool:
    """Of a person (`U…`, `W…` on Enterprise Grid), a channel, a team (`T…`) or an organisation (`E…`)."""
    return bool(_ID.fullmatch(text))


def text_of(holder: Mapping[str, Json], key: str) -> str:
    value = holder.get(key)
    return value if isinstance(value, str) else ""


def id_of(holder: Mapping[str, Json], key: str) -> str:
    value = text_of(holder, key)
    return value if is_id(value) else ""


def ts_of(holder: Mapping[str, Json], key: str) -> str:
    value = text_of(holder, key)
    return value if _TS.fullmatch(value) else ""


def part(holder: Mapping[str, Json], key: str) -> Mapping[str, Json]:
    value = holder.get(key)
    return cast("Mapping[str, Json]", value) if isinstance(value, dict) else NOTHING


def parts(holder: Mapping[str, Json], key: str) -> Sequence[Mapping[str, Json]]:
    value = holder.get(key)
    if not isinstance(value, list):
        return ()
    return [
        cast("Mapping[str, Json]", each) for each in cast("list[Json]", value) if isinstance(each, Mapping)
    ]
