"""`do system.action field=value …` read into exact arguments. Values stay text: the action's fields read them.

Knows the fields of the action it is given, so that a value may run on until the next field begins.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from adapters.minds.builtin.vocabulary import DO
from bot import renderings
from bot.actions import Action, Field, Kind
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json

_HEAD = re.compile(r"(\w+)\s+([A-Za-z][\w]*\.[A-Za-z][\w]*)(?=\s|$)\s*", re.DOTALL)
_NAME = re.compile(r"([A-Za-z]\w*)\s*=\s*")
_CLOSING = {'"': '"', "'": "'", "“": "”", "«": "»", "„": "“", "‘": "’"}
_ESCAPES = {"n": "\n", "t": "\t"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """An action by name and what it is to be called with."""

    action: str
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])


def is_deed(text: str) -> bool:
    """Whether the words are a direct request for an action, well formed or not."""
    head = _HEAD.match(text)
    return head is not None and head.group(1).lower().replace("é", "e") in DO


def read(text: str, *, actions: Mapping[str, Action], tongue: Tongue) -> Deed:
    """The deed that is asked for. Raises BadInput with what to write instead."""
    head = _HEAD.match(text)
    if head is None:
        raise BadInput(tongue("write for example: do demo.orders"))
    name = head.group(2).lower()
    action = actions.get(name)
    if action is None:
        raise BadInput(_unknown(name, actions, tongue))
    return Deed(action=name, arguments=_arguments(text[head.end() :].strip(), action, tongue))


def usage(action: Action) -> str:
    """How the action is asked for, with its fields; those in brackets may be left out."""
    fields = (f"{f.name}=…" if f.required and f.default is None else f"[{f.name}=…]" for f in action.fields)
    return " ".join(("do", action.name, *fields))


def _unknown(name: str, actions: Mapping[str, Action], tongue: Tongue) -> str:
    near = get_close_matches(name, actions, n=1, cutoff=0.5)
    if near:
        return tongue(
            "no connected system offers “{name}”; the nearest is “{nearest}”, and “actions” lists all",
            name=name,
            nearest=usage(actions[near[0]]),
        )
    return tongue("no connected system offers “{name}”; “actions” lists what there is", name=name)


def _arguments(text: str, action: Action, tongue: Tongue) -> dict[str, Json]:
    known = {f.name: f for f in action.fields}
    found: dict[str, Json] = {}
    at = 0
    while at < len(text):
        name = _NAME.match(text, at)
        if name is None:
            raise BadInput(
                tongue(
                    "“{text}” is not field=value; write: {usage}", text=text[at:][:60], usage=usage(action)
                )
            )
        key = name.group(1) if name.group(1) in known else name.group(1).lower()
        if key in found:
            raise BadInput(tongue("{field} is given twice", field=key), field=key)
        kind = known[key].kind if key in known else Kind.TEXT
        value, at = _value(text, name.end(), known, tongue, kind)
        if key in known:
            value = _meant(value, known[key], tongue)
        found[key] = _json(value) if kind is Kind.JSON else value
    return found


def _meant(text: str, field: Field, tongue: Tongue) -> str:
    """A choice by what it is called on cards is that choice."""
    said = text.strip().casefold()
    called = renderings.choices(field, tongue).items()
    return next((value for value, title in called if title.casefold() == said), text)


def _value(text: str, at: int, known: Mapping[str, object], tongue: Tongue, kind: Kind) -> tuple[str, int]:
    closing = _CLOSING.get(text[at : at + 1])
    if closing:
        found = _in_quotes(text, at, closing)
        if found is not None:
            return found
        if (
            closing != "'" and kind is not Kind.FIELDS
        ):  # an apostrophe may begin a word; the other marks only ever open a quotation
            raise BadInput(tongue("a quotation is not closed: {text}", text=text[at:][:60]))
    end = next(
        (
            m.start()
            for m in re.finditer(r"(?<=\s)([A-Za-z]\w*)\s*=", text[at:])
            if (m.group(1) in known or m.group(1).lower() in known)
            and not (kind is Kind.FIELDS and text[at : at + m.start()].rstrip().endswith(";"))
        ),
        len(text) - at,
    )
    return text[at : at + end].strip(), at + end


def _in_quotes(text: str, at: int, closing: str) -> tuple[str, int] | None:
    """The quoted value and where the text goes on, or None when the quotation does not end before a space."""
    out: list[str] = []
    position = at + 1
    while position < len(text):
        char = text[position]
        if char == "\\" and position + 1 < len(text):
            position += 1
            out.append(_ESCAPES.get(text[position], text[position]))
        elif char == closing and not text[position + 1 : position + 2].strip():
            value = "".join(out)
            value = value.strip(" \u00a0\u202f") if closing == "»" else value
            behind = re.compile(r"\s*").match(text, position + 1)
            return value, behind.end() if behind else len(text)
        else:
            out.append(char)
        position += 1
    return None


def _json(value: str) -> Json:
    try:
        return json.loads(value)
    except ValueError:
        return value
