"""A tool's JSON Schema as typed fields, and its check. Pure.

What a person can fill in becomes a field of a kind; everything else is JSON. The whole schema is checked besides, with
nothing fetched for it and without its regular expressions: a stranger's pattern could run for hours.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any, cast

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError, ValidationError, best_match  # pyright: ignore[reportUnknownVariableType]
from referencing import Registry
from referencing.exceptions import Unresolvable

from adapters.systems.mcp.classes import Class
from bot.actions import Field, Kind, Part
from bot.errors import BadInput, Refused
from bot.values import Json, Money, as_object, canonical, digest, exponent, is_mapping, is_sequence
from bot.visible import exact

LARGEST = 64_000
"""Characters of a schema that is still looked at."""
_ONE_LINE = 200
_LONGEST_HELP = 160
_NAME = re.compile(r"[A-Za-z]\w{0,59}", re.ASCII)
_KINDS = {"email": Kind.EMAIL, "uri": Kind.URL, "url": Kind.URL, "date": Kind.DATE, "date-time": Kind.MOMENT}


class Unusable(Exception):
    """The schema is too large, or none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """The fields of a tool, the property each stands for, and how strict it is."""

    fields: tuple[Field, ...]
    properties: Mapping[str, str]
    schema: Mapping[str, Json]
    types: Mapping[str, str]

    def sent(self, arguments: Mapping[str, Json]) -> dict[str, Json]:
        """Canonical arguments as the tool wants them. Raises BadInput where they do not fit its schema."""
        found = {self.properties[name]: self._sent(name, value) for name, value in arguments.items()}
        self._check(found)
        return found

    def _sent(self, name: str, value: Json) -> Json:
        field = next(each for each in self.fields if each.name == name)
        if field.kind is not Kind.MONEY:
            return value
        amount = Money.of(value)
        if self.types[name] == "string":
            return f"{amount.major:f}"
        whole, rest = divmod(amount.minor, 10 ** exponent(amount.currency))
        return whole if not rest else float(amount.major)

    def _check(self, arguments: Mapping[str, Json]) -> None:
        validator = Draft202012Validator(dict(self.schema), registry=Registry())
        try:
            error = _best(validator.iter_errors(arguments))  # pyright: ignore[reportUnknownMemberType]
        except (Unresolvable, RecursionError) as broken:
            raise Refused("the definition of this tool cannot be used: its schema is broken") from broken
        if error is None:
            return
        path = [str(each) for each in error.absolute_path]
        names = {sent: name for name, sent in self.properties.items()}
        field = names.get(path[0]) if path else None
        why = exact(" ".join(error.message.split())[:_ONE_LINE], lines=False)
        if field is None:
            raise BadInput("the tool’s own definition does not allow this: {why}", why=why)
        raise BadInput("{name}: {why}", name=".".join([field, *path[1:]]), why=why, field=field)


_best = cast("Callable[[Iterable[ValidationError]], ValidationError | None]", best_match)


def read(schema: Json, says: Class) -> Shape:
    """The shape of a tool with this input schema, as people classified it. Raises Unusable."""
    if not is_mapping(schema) or len(canonical(schema)) > LARGEST:
        raise Unusable("its schema is larger than is looked at")
    bare = as_object(_bare(schema, 0))
    bare.setdefault("type", "object")
    try:
        Draft202012Validator.check_schema(bare)
    except (SchemaError, RecursionError) as error:
        raise Unusable("its schema is none") from error
    told = schema.get("properties")
    properties: Mapping[str, Json] = told if is_mapping(told) else {}
    listed = schema.get("required")
    required = set(listed) if is_sequence(listed) else set[str]()
    names = _names(list(properties))
    fields = tuple(
        _field(names[key], key, each, required=key in required, says=says) for key, each in properties.items()
    )
    types = {names[key]: _type(_plain(each)[0]) for key, each in properties.items()}
    return Shape(
        fields=fields, properties={name: key for key, name in names.items()}, schema=bare, types=types
    )


def _names(keys: list[str]) -> dict[str, str]:
    """Names that people can type, by the property: its own where that is one."""
    found: dict[str, str] = {}
    for key in keys:
        name = re.sub(r"\W+", "_", key, flags=re.ASCII).strip("_")[:50]
        name = key if _NAME.fullmatch(key) else (name if _NAME.fullmatch(name) else f"field_{name}")
        alone = name == key or (name not in keys and name not in found.values())
        found[key] = name if alone else f"{name}_{digest(key)[:4]}"
    return found


def _field(name: str, key: str, schema: Json, *, required: bool, says: Class) -> Field:
    plain, nullable = _plain(schema)
    part = says.parts.get(key, says.parts.get(name, Part.OTHER))
    words = plain.get("description")
    field = Field(
        name=name,
        title=exact(key, lines=False),
        help=f"“{_short(words)}”" if isinstance(words, str) and words.strip() else "",
        required=required and not nullable,
        part=part,
        kind=Kind.JSON,
    )
    return _typed(field, plain, says)


def _typed(field: Field, schema: Mapping[str, Json], says: Class) -> Field:
    kind = _type(schema)
    if field.part is Part.AMOUNT and says.currency and kind in ("integer", "number", "string"):
        return replace(field, kind=Kind.MONEY, currency=says.currency)
    choices = schema.get("enum")
    if is_sequence(choices):
        texts = [each for each in choices if isinstance(each, str) and each.strip() == each and each]
        if len(texts) == len(choices) == len({text.casefold() for text in texts}):
            return replace(field, kind=Kind.CHOICE, choices=tuple(texts))
        return field
    match kind:
        case "string" if (form := schema.get("format")) in _KINDS:
            return replace(field, kind=_KINDS[cast("str", form)])
        case "string":
            longest = schema.get("maxLength")
            short = isinstance(longest, int) and longest <= _ONE_LINE
            inline = short or field.part in (Part.OBJECT, Part.RECIPIENT)
            return replace(field, kind=Kind.TEXT if inline else Kind.LONG_TEXT)
        case "integer":
            return replace(field, kind=Kind.INTEGER)
        case "boolean":
            return replace(field, kind=Kind.BOOLEAN)
        case _:
            return field


def _plain(schema: Json) -> tuple[Mapping[str, Json], bool]:
    """A property's schema without the null that some allow besides, and whether it was there."""
    if not is_mapping(schema):
        return {}, False
    for key in ("anyOf", "oneOf"):
        options = schema.get(key)
        if is_sequence(options) and all(is_mapping(each) for each in options):
            others = [each for each in options if each.get("type") != "null"]
            if len(others) == 1 and len(options) == 2:
                return {**{k: v for k, v in schema.items() if k != key}, **others[0]}, True
    types = schema.get("type")
    if is_sequence(types) and len(types) == 2 and "null" in types:
        return {**schema, "type": next(each for each in types if each != "null")}, True
    return schema, False


def _type(schema: Mapping[str, Json]) -> str:
    kind = schema.get("type")
    return kind if isinstance(kind, str) else ""


def _short(text: str) -> str:
    line = exact(" ".join(text.split()), lines=False).translate({ord(mark): "'" for mark in "“”"})
    return line if len(line) <= _LONGEST_HELP else f"{line[: _LONGEST_HELP - 1]}…"


def _bare(schema: Json, depth: int) -> Json:
    """The schema without regular expressions and without names of its own for other documents."""
    if depth > 40:
        raise Unusable("its schema is nested too deeply")
    if is_sequence(schema):
        return [_bare(each, depth + 1) for each in schema]
    if not is_mapping(schema):
        return schema
    found: dict[str, Any] = {}
    for key, value in schema.items():
        if key in ("pattern", "patternProperties", "propertyNames", "$schema", "$id", "$vocabulary"):
            continue
        if key == "additionalProperties" and "patternProperties" in schema:
            continue
        if key in ("properties", "$defs", "definitions") and is_mapping(value):
            found[key] = {name: _bare(each, depth + 1) for name, each in value.items()}
        elif key in ("enum", "const", "default", "examples"):
            found[key] = value
        else:
            found[key] = _bare(value, depth + 1)
    return found
