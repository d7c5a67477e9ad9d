"""`{item.field}` references in declared steps, filled from what earlier steps saved. Pure.

A reference whose first part names nothing that was saved is left as it stands: people write braces too.
"""

import re
from collections.abc import Mapping
from typing import cast

from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, Money, shown

_REFERENCE = re.compile(r"\{([A-Za-z_]\w*(?:\.\w+)*)\}")


def value(template: Json, known: Mapping[str, Json]) -> Json:
    """The template with its references filled. One that is the whole text keeps the type of its value.

    Raises BadInput when something that was saved has no such part.
    """
    match template:
        case str():
            whole = _REFERENCE.fullmatch(template)
            if whole and _root(whole.group(1)) in known:
                return look_up(whole.group(1), known)
            return _REFERENCE.sub(lambda m: _plain(m, known), template)
        case Mapping():
            return {
                str(key): value(part, known) for key, part in cast("Mapping[str, Json]", template).items()
            }
        case list():
            return [value(part, known) for part in cast("list[Json]", template)]
        case _:
            return template


def words(template: str, known: Mapping[str, Json], tongue: Tongue) -> str:
    """The template as words for a person: amounts are written as the language writes them. Raises BadInput."""
    return _REFERENCE.sub(lambda m: _spoken(m, known, tongue), template)


def retold(said: str, template: str, other: str) -> str:
    """What was said with one template, said with another that has the same references: in another language, say.
    What the template does not account for is left as it is."""
    names: list[str] = []
    pattern, end = "", 0
    for found in _REFERENCE.finditer(template):
        pattern += re.escape(template[end : found.start()]) + "(.*)"
        names.append(found[1])
        end = found.end()
    filled = re.fullmatch(pattern + re.escape(template[end:]), said, re.DOTALL)
    if filled is None:
        return said
    values = dict(zip(names, filled.groups(), strict=True))
    return _REFERENCE.sub(lambda found: values.get(found[1], found[0]), other)


def look_up(path: str, known: Mapping[str, Json]) -> Json:
    """What stands under a dotted path. Raises BadInput where it ends early."""
    found: Json = known
    for part in path.split("."):
        match found:
            case Mapping() if part in found:
                found = cast("Mapping[str, Json]", found)[part]
            case list() if part.isascii() and part.isdecimal():
                items = cast("list[Json]", found)
                if int(part) >= len(items):
                    raise BadInput("{" + path + "}")
                found = items[int(part)]
            case _:
                raise BadInput("{" + path + "}")
    return found


def references(template: Json) -> set[str]:
    """What the references of a template begin with: the names that have to be known."""
    match template:
        case str():
            return {_root(found[1]) for found in _REFERENCE.finditer(template)}
        case Mapping():
            parts = cast("Mapping[str, Json]", template).values()
            return set[str]().union(*(references(part) for part in parts))
        case list():
            return set[str]().union(*(references(part) for part in cast("list[Json]", template)))
        case _:
            return set()


def _root(path: str) -> str:
    return path.partition(".")[0]


def _plain(found: re.Match[str], known: Mapping[str, Json]) -> str:
    path = found.group(1)
    return shown(look_up(path, known)) if _root(path) in known else found.group()


def _spoken(found: re.Match[str], known: Mapping[str, Json], tongue: Tongue) -> str:
    path = found.group(1)
    if _root(path) not in known:
        return found.group()
    part = look_up(path, known)
    match part:
        case {"minor": int(), "currency": str(), **rest} if not rest:
            return tongue.money(Money.of(part))
        case _:
            return shown(part)
