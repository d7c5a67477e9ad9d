"""JSON Schemas of strangers as fields, and arguments held against them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.systems.mcp import schemas
from adapters.systems.mcp.classes import Class, ClassFile
from adapters.systems.mcp.schemas import Shape, Unusable
from adapters.systems.mcp.tools import offered
from bot.actions import Action, Kind, Part
from bot.errors import BadInput, Refused
from bot.pins import Definition, Pin
from bot.values import Json
from tests.clocks import SetClock


def shape(
    properties: dict[str, Any], says: Class | None = None, *, more: Mapping[str, Any] | None = None
) -> Shape:
    return schemas.read({"type": "object", "properties": properties, **(more or {})}, says or Class())


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, Kind.LONG_TEXT),
        ({"type": "string", "maxLength": 40}, Kind.TEXT),
        ({"type": "integer"}, Kind.INTEGER),
        ({"type": "number"}, Kind.JSON),
        ({"type": "boolean"}, Kind.BOOLEAN),
        ({"type": "string", "enum": ["a", "b"]}, Kind.CHOICE),
        ({"enum": [1, 2]}, Kind.JSON),
        ({"enum": ["a", "A"]}, Kind.JSON),
        ({"type": "string", "format": "email"}, Kind.EMAIL),
        ({"type": "string", "format": "uri"}, Kind.URL),
        ({"type": "string", "format": "date"}, Kind.DATE),
        ({"type": "string", "format": "date-time"}, Kind.MOMENT),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, Kind.INTEGER),
        ({"type": ["boolean", "null"]}, Kind.BOOLEAN),
        ({"type": "object", "properties": {}}, Kind.JSON),
        ({"type": "array", "items": {"type": "string"}}, Kind.JSON),
        ({}, Kind.JSON),
        (True, Kind.JSON),
    ],
)
def test_what_a_person_can_fill_in_is_a_field_of_a_kind(schema: Any, kind: Kind) -> None:
    assert shape({"x": schema}).fields[0].kind is kind


def test_people_say_what_a_field_means() -> None:
    says = Class(parts={"to": Part.RECIPIENT, "total": Part.AMOUNT}, currency="EUR")
    read = shape({"to": {"type": "string"}, "total": {"type": "number"}}, says)
    to, total = read.fields
    assert (to.part, to.kind) == (Part.RECIPIENT, Kind.TEXT)
    assert (total.part, total.kind) == (Part.AMOUNT, Kind.MONEY)
    assert read.sent({"total": total.read("12,50")}) == {"total": 12.5}
    assert read.sent({"total": total.read("12")}) == {"total": 12}


def test_properties_nobody_can_type_have_names_that_can_be_and_are_sent_as_they_are() -> None:
    odd = ["$filter", "user-id", "user_id", "7", "été"]
    read = shape({key: {"type": "string"} for key in odd})
    names = [field.name for field in read.fields]
    assert len(set(names)) == len(odd)
    assert "user_id" in names
    assert read.sent(dict.fromkeys(names, "v")) == dict.fromkeys(odd, "v")
    assert [field.title for field in read.fields] == odd


def test_a_servers_default_is_not_ours() -> None:
    """SAFETY 60: a recipient must not come from the server's own definition."""
    read = shape({"to": {"type": "string", "default": "mallory@evil.example"}})
    assert read.fields[0].default is None
    assert read.sent({}) == {}


def test_patterns_of_strangers_are_not_run() -> None:
    """One that takes for ever would stop everything."""
    endless = {"type": "string", "pattern": "^(a+)+$"}
    read = shape({"x": endless}, more={"patternProperties": {"^(b+)+$": {}}, "additionalProperties": False})
    assert read.sent({"x": "a" * 40 + "!"})


def test_nothing_is_fetched_for_a_schema() -> None:
    read = shape({"x": {"$ref": "http://127.0.0.1:9/schema.json"}})
    with pytest.raises(Refused, match="its schema is broken"):
        read.sent({"x": 1})


@pytest.mark.parametrize(
    "broken",
    [
        "text",
        {"type": "nonsense"},
        {"type": "object", "properties": {"x": {"description": "y" * 70_000}}},
        {"type": "object", "properties": {"x": {"minimum": "seven"}}},
    ],
)
def test_a_schema_that_is_none_is_left_out(broken: Json) -> None:
    with pytest.raises(Unusable):
        schemas.read(broken, Class())


def test_a_schema_that_runs_in_circles_is_refused_when_it_is_used() -> None:
    read = shape({"x": {"$ref": "#/$defs/a"}}, more={"$defs": {"a": {"$ref": "#/$defs/a"}}})
    with pytest.raises(Refused):
        read.sent({"x": 1})


def test_what_does_not_fit_is_said_with_the_name_people_typed() -> None:
    read = shape({"user-id": {"type": "integer", "maximum": 3}})
    name = read.fields[0].name
    with pytest.raises(BadInput, match="9 is greater than the maximum of 3") as wrong:
        read.sent({name: 9})
    assert wrong.value.field == name


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
KEYWORDS = st.sampled_from(
    ["type", "properties", "required", "enum", "anyOf", "format", "items", "description"]
)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(KEYWORDS, VALUES, max_size=5))
def test_whatever_a_server_calls_a_schema_is_read_or_left_out(schema: dict[str, Any]) -> None:
    try:
        read = schemas.read(schema, Class())
    except Unusable:
        return
    action = Action(name="a.b", title="x", fields=read.fields)
    try:
        read.sent(action.read({}))
    except Refused:
        return


@given(st.lists(st.text(max_size=20), max_size=8, unique=True))
def test_whatever_tools_are_called_their_actions_are_told_apart(names: list[str]) -> None:
    now = SetClock().now()
    schema = {"type": "object"}
    pins = {name: Pin(kept=Definition(name=name, schema=schema), since=now) for name in names}

    found, left = offered("twin", pins, ClassFile(Path("none.toml")))
    assert len(found) + len(left) == len(names)
    assert {tool.name for tool in found.values()} <= set(names)
    again, _ = offered("twin", dict(reversed(pins.items())), ClassFile(Path("none.toml")))
    assert {name: tool.name for name, tool in found.items()} == {
        name: tool.name for name, tool in again.items()
    }
