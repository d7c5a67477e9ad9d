"""Notion's properties: what a person typed as the value the interface takes, by the live schema, and back. Pure.

Types: developers.notion.com, "Page property values". What Notion computes itself cannot be set.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from difflib import get_close_matches

from adapters.systems.answers import items, part, word
from adapters.systems.notion.text import is_plain, plain, rich
from adapters.systems.spelled import decimal, once, yes_or_no
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, as_list, canonical, is_mapping

_ID = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
_RANGE = re.compile(r"\s*(?:→|->|\.\.)\s*")
_NEAREST = 3
_MOST_LISTED = 15
_SIMPLE = {"url": 2_000, "email": 200, "phone_number": 200}
"""Types that are one text, and how long Notion takes it."""


def identifier(text: str) -> str | None:
    """The id in an id or a link, with its dashes; None when there is none."""
    found = _ID.findall(text.split("?", maxsplit=1)[0]) or _ID.findall(text)
    if not found:
        return None
    bare = found[-1].replace("-", "").lower()
    return "-".join((bare[:8], bare[8:12], bare[12:16], bare[16:20], bare[20:]))


def named(schema: Mapping[str, Json], name: str, tongue: Tongue) -> tuple[str, Json]:
    """The property of that name and its definition. Raises BadInput with the nearest there are."""
    for known, definition in schema.items():
        if known == name:
            return known, definition
    alike = [known for known in schema if known.strip().casefold() == name.casefold()]
    if len(alike) == 1:
        return alike[0], schema[alike[0]]
    folded = {known.casefold(): known for known in schema}
    near = get_close_matches(name.casefold(), folded, n=_NEAREST, cutoff=0.4)
    shown = [folded[each] for each in near] or list(schema)[:_MOST_LISTED]
    raise BadInput(
        tongue("Notion has no property {name} here; there are: {known}.", name=name, known=", ".join(shown))
    )


def values(schema: Mapping[str, Json], typed: Mapping[str, Json], tongue: Tongue) -> dict[str, Json]:
    """Every typed value as the interface takes it, by the property's own name. Raises BadInput for the field
    `properties`."""
    found: dict[str, Json] = {}
    try:
        for name, value in typed.items():
            known, definition = named(schema, name, tongue)
            once(known, found)
            found[known] = _value(known, definition, value, tongue)
    except BadInput as error:
        raise BadInput("{why}", why=error, field="properties") from error
    return found


def _value(name: str, definition: Json, typed: Json, tongue: Tongue) -> Json:
    kind = str(definition["type"])
    given = [str(each) for each in as_list(typed)]
    match kind:
        case "multi_select" | "people" | "relation":
            return {kind: _several(name, kind, definition, given, tongue)}
        case _ if len(given) != 1:
            raise BadInput(tongue("{name} holds one value.", name=name))
        case "title" | "rich_text":
            return {kind: rich(given[0])}
        case "number":
            return {kind: _number(decimal(given[0], name, tongue)) if given[0] else None}
        case "checkbox":
            return {kind: yes_or_no(given[0], name, tongue)}
        case "select" | "status":
            return {kind: {"name": _option(name, kind, definition, given[0], tongue)} if given[0] else None}
        case "date":
            return {kind: _date(name, given[0], tongue) if given[0] else None}
        case _ if kind in _SIMPLE:
            return {kind: _simple(name, kind, given[0], tongue) or None}
        case _:
            raise BadInput(tongue("{name} is kept by Notion itself and cannot be set.", name=name))


def _several(name: str, kind: str, definition: Json, given: Sequence[str], tongue: Tongue) -> list[Json]:
    # A comma never stands in an option or an id: Notion refuses it there.
    split = [each.strip() for item in given for each in item.split(",")]
    parts = list(dict.fromkeys(each for each in split if each))
    if kind == "multi_select":
        return [{"name": _option(name, kind, definition, each, tongue)} for each in parts]
    found: list[Json] = []
    for each in parts:
        known = identifier(each)
        if known is None:
            raise BadInput(tongue("{name} takes ids of Notion; {text} is none.", name=name, text=each))
        found.append({"object": "user", "id": known} if kind == "people" else {"id": known})
    return found


def _option(name: str, kind: str, definition: Json, text: str, tongue: Tongue) -> str:
    options = [str(each["name"]) for each in items(definition, kind, "options")]
    for option in options:
        if option.casefold() == text.casefold():
            return option
    listed = ", ".join(options[:_MOST_LISTED]) + (" …" if len(options) > _MOST_LISTED else "")
    raise BadInput(tongue("{name} is one of: {choices}.", name=name, choices=listed))


def _number(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?[0-9]+", text) else float(text)


def _date(name: str, text: str, tongue: Tongue) -> Json:
    """One day or moment, or two with an arrow between them."""
    parts = _RANGE.split(text)
    try:
        whens = [_when(part) for part in parts]
    except ValueError:
        whens = []
    if not 1 <= len(whens) <= 2 or len({len(each) > len("2026-03-31") for each in whens}) > 1:
        raise BadInput(
            tongue(
                "{name} is a date, for example 2026-03-31, 2026-03-31T09:00+02:00 or 2026-03-30 → 2026-03-31.",
                name=name,
            )
        )
    return {"start": whens[0], "end": whens[1]} if len(whens) == 2 else {"start": whens[0]}


def _when(text: str) -> str:
    if len(text) <= len("2026-03-31"):
        return date.fromisoformat(text).isoformat()
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment.isoformat(timespec="milliseconds")


def _simple(name: str, kind: str, text: str, tongue: Tongue) -> str:
    longest = _SIMPLE[kind]
    if len(text) > longest:
        raise BadInput(tongue("{name} holds at most {longest} characters.", name=name, longest=longest))
    if kind == "email" and text and not re.fullmatch(r"[^@\s]+@[^@\s]+", text):
        raise BadInput(tongue("{name} is an e-mail address.", name=name))
    return text


# Back ------------------------------------------------------------------------------------------------------


def sort_of(held: Json) -> str:
    """The type of a value of a page, "" for none."""
    return str(held.get("type") or next(iter(held), "")) if is_mapping(held) else ""


def told(held: Json) -> Json:
    """A value of a page as a person would type it: a text or a list of texts, "" for none."""
    if not is_mapping(held):
        return ""
    kind = sort_of(held)
    value = held.get(kind)
    match kind:
        case "title" | "rich_text":
            return plain(items(value))
        case "number":
            return (
                ""
                if value is None
                else f"{value:f}".rstrip("0").rstrip(".")
                if isinstance(value, float)
                else str(value)
            )
        case "checkbox":
            return "yes" if value else "no"
        case "select" | "status":
            return str(value["name"]) if value else ""
        case "multi_select":
            return [str(each["name"]) for each in items(value)]
        case "people" | "relation":
            return [str(each["id"]) for each in items(value)]
        case "date":
            return _day(value) if value else ""
        case "formula" | "rollup" if is_mapping(value):
            return told(value)
        case "created_by" | "last_edited_by" if is_mapping(value):
            return str(value.get("name") or value.get("id") or "")
        case "unique_id" if is_mapping(value):
            return f"{value['prefix']}-{value['number']}" if value.get("prefix") else str(value.get("number"))
        case "files":
            return [word(each, "name") for each in items(value)]
        case _:
            return "" if value is None else value if isinstance(value, str) else canonical(value)


def _day(value: Json) -> str:
    start, end = str(value["start"]), value.get("end")
    return f"{start} → {end}" if end else start


def same(held: Json, wanted: Json) -> bool:
    """Whether a page already holds this value."""
    return _compared(held) == _compared(wanted)


def _compared(value: Json) -> Json:
    plainly = told(value)
    if isinstance(plainly, list):
        return sorted(map(str, as_list(plainly)))
    kind = sort_of(value)
    if kind == "date" and plainly:
        return [_instant(part) for part in _RANGE.split(plainly)]
    return plainly


def _instant(text: str) -> Json:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at.timestamp() if at.tzinfo else text


def restorable(held: Json) -> bool:
    """Whether typing it again brings back all of it: the style of a text and a list that was cut short do not
    come back."""
    if not is_mapping(held):
        return True
    kind = str(held.get("type", ""))
    if kind in ("title", "rich_text"):
        return is_plain(items(held, kind))
    return not held.get("has_more") and not word(held, "date", "time_zone")


def title(page: Json) -> str:
    """What a page is called."""
    for held in part(page, "properties").values():
        if word(held, "type") == "title":
            return plain(items(held, "title"))
    return ""
