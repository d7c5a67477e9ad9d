"""What stands behind a time: whose clock it is on, and until when. And what stands there and is not understood, which is
refused: a mission that passes over `except fridays` wakes when nobody meant it to.
"""

import re
from datetime import timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from adapters.minds.builtin import moments
from adapters.minds.builtin.moments import Scale
from adapters.minds.builtin.text import fold
from adapters.minds.builtin.times import AND, WEEKDAYS, Reader, number, unit
from bot.errors import BadInput
from bot.values import Json

_UNTIL = (
    *("until the", "until", "till the", "till", "through"),
    *("jusqu' au", "jusqu' a", "jusqu au", "jusqu a", "jusqu' en"),
)
_DAYS = {"day": 1, "week": 7}
_NEVER_CONTENT = (
    *("until", "till", "except", "but not", "starting", "beginning"),
    *("jusqu'", "sauf", "excepte", "hormis", "a partir", "a compter"),
)
"""What begins another word about when, and nothing that anybody wants done."""
_RARELY_CONTENT = frozenset({"time", "heure", "heures", "o'"})
"""The same, where no comma stands before it."""
_PARTIAL = frozenset({"for", "pendant", "from", "between", "entre", "on", "at", "a", "in", "during"})
"""What begins one when a number or a day follows."""
_AGAIN = frozenset({"every", "each", "chaque", "tous", "toutes"})
_ABBREVIATIONS = frozenset("est edt cst cdt mst mdt pst pdt cet cest bst ist jst aest aedt".split())


def zone(reader: Reader) -> ZoneInfo | None:
    """The zone that is named: `Europe/Paris`, `UTC`, `Paris time`, `heure de Montréal`, or None."""
    if reader.cut:
        return None
    start = reader.at
    french = reader.phrase("heure de", "heure d'", "a l' heure de")
    if not french:
        reader.take({"in"})
    for length in (3, 2, 1):
        name = " ".join(reader.word(ahead) for ahead in range(length))
        known = _zones().get(name)
        if known is None or any(reader.tokens[reader.at + i].cut for i in range(length - 1)):
            continue
        reader.at += length
        whole = "/" in name or name in ("utc", "gmt")
        if french or whole or (not reader.cut and reader.take({"time"})):
            return ZoneInfo(known)
        break
    reader.at = start
    return None


@cache
def _zones() -> dict[str, str]:
    """The zones by how people write them: the whole name, or the city alone."""
    names = sorted(
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "posix/"))
    )
    cities = {fold(re.sub(r"[_-]", " ", name.rsplit("/", 1)[1])): name for name in names}
    return {**cities, **{fold(name): name for name in names}, "utc": "UTC", "gmt": "UTC"}


def end(reader: Reader, scale: Scale) -> dict[str, Json]:
    """How often or until when: `5 times`, `until 24 December`, `for 3 weeks`."""
    start = reader.at
    lasting = reader.take({"for", "pendant"})
    count = number(reader)
    if count and count < 10_000 and reader.take({"times", "fois"}):
        return {"runs": count}
    if lasting and count and count < 10_000 and (days := _DAYS.get(unit(reader))):
        return {"until": (scale.today + timedelta(days=days * count - 1)).isoformat()}
    reader.at = start
    if reader.phrase(*_UNTIL) and (last := moments.day(reader, scale=scale)) is not None:
        if last < scale.today:
            raise BadInput(scale.tongue("{moment} has already passed", moment=last.isoformat()))
        return {"until": last.isoformat()}
    reader.at = start
    return {}


def refuse_rest(text: str, reader: Reader, scale: Scale) -> None:
    """Raises BadInput when what follows still speaks of when."""
    if reader.over:
        return
    if not reader.cut and reader.word() in _ABBREVIATIONS and reader.tokens[reader.at].raw.isupper():
        raise BadInput(
            scale.tongue(
                "“{zone}” can mean several time zones; name yours by its city, such as Europe/Paris",
                zone=reader.tokens[reader.at].raw,
            )
        )
    if not _speaks_of_when(reader):
        return
    clause = reader.tokens[reader.at :]
    last = next((token for token in clause if token.cut), clause[-1])
    raise BadInput(
        scale.tongue(
            "“{words}” I do not understand as a time, and nothing is kept; say it otherwise or leave it out",
            words=text[clause[0].start : last.end],
        )
    )


def _speaks_of_when(reader: Reader) -> bool:
    ahead = Reader(reader.tokens, reader.at)
    if ahead.phrase(*_NEVER_CONTENT):
        return True
    if reader.cut:
        return False
    if reader.word() in _RARELY_CONTENT:
        return True
    if reader.word() in AND | _PARTIAL:
        following = reader.word(1)
        return following[:1].isdigit() or following in WEEKDAYS or following in _AGAIN
    # “Gotham time,”: a zone that nobody knows.
    return any(reader.word(n) == "time" and reader.tokens[reader.at + n].cut for n in (1, 2, 3))
