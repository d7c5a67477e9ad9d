"""Actions as the tools of a model, and its calls as asks. Pure.

The schema is what the model sees; what counts is still what the action's fields read.
"""

from collections.abc import Mapping
from functools import lru_cache

from pydantic_ai.messages import ToolCallPart
from pydantic_ai.tools import ToolDefinition

from bot.actions import Action, Field, Kind, Risk
from bot.journal import Ask
from bot.values import Json

REASON = "reason"
"""The argument every tool has besides the action's own fields: quoted on the card, never trusted."""

_RISKS = {
    Risk.R0: "Reads; done at once.",
    Risk.R1: "Reversible and private.",
    Risk.R2: "Others see it: a person is asked with buttons before it happens.",
    Risk.R3: "Money, access or deletion: a person is asked with buttons before it happens.",
}
_FORMATS: Mapping[Kind, dict[str, Json]] = {
    Kind.TEXT: {"type": "string"},
    Kind.LONG_TEXT: {"type": "string"},
    Kind.INTEGER: {"type": "integer"},
    Kind.MONEY: {"type": "string", "description": 'An amount with its currency, such as "49.90 EUR".'},
    Kind.CHOICE: {"type": "string"},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.DATE: {"type": "string", "description": "A date, such as 2026-03-31."},
    Kind.MOMENT: {
        "type": "string",
        "description": "A moment with its offset, such as 2026-03-31T09:00+02:00.",
    },
    Kind.OBJECT: {"type": "string"},
    Kind.EMAIL: {"type": "string", "description": "An e-mail address."},
    Kind.URL: {"type": "string", "description": "A web address."},
    Kind.FIELDS: {
        "type": "object",
        "description": "Values by name, each a text, a number, true or false, or a list of texts; an empty text clears.",
        "additionalProperties": {
            "type": ["string", "number", "boolean", "array", "null"],
            "items": {"type": "string"},
        },
    },
    Kind.JSON: {"description": "Any JSON value."},
    Kind.TERMS: {"type": "array", "description": "Conditions on the fields of another action."},
}


def tool_name(action: str) -> str:
    """`demo.refund` as `demo__refund`: providers allow no dots in the names of tools."""
    return action.replace(".", "__", 1)


def definitions(actions: Mapping[str, Action]) -> list[ToolDefinition]:
    """Every action as a tool that is answered outside of the model's run."""
    return [_kept(action) if _can_be_kept(action) else _definition(action) for action in actions.values()]


def _can_be_kept(action: Action) -> bool:
    """Unless a field stands for a list or an object when it is left out."""
    return not any(isinstance(field.default, list | dict) for field in action.fields)


def _definition(action: Action) -> ToolDefinition:
    return ToolDefinition(
        name=tool_name(action.name),
        description=" ".join(
            part for part in (f"{action.title}.", _sentence(action.help), _RISKS[action.risk]) if part
        ),
        parameters_json_schema=_schema(action),
        strict=False,  # optional fields and free JSON do not fit the strict dialects
        kind="external",
    )


_kept = lru_cache(maxsize=1024)(_definition)


def _sentence(words: str) -> str:
    return f"{words[0].upper()}{words[1:].rstrip('.')}." if words else ""


def _schema(action: Action) -> dict[str, Json]:
    properties = {field.name: _property(field) for field in action.fields}
    if REASON not in properties:
        why = "One factual sentence why, shown to the person who decides."
        properties[REASON] = {"type": "string", "description": why}
    required = [f.name for f in action.fields if f.required and f.default is None]
    return {
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": False,
    }


def _property(field: Field) -> dict[str, Json]:
    found = dict(_FORMATS[field.kind])
    said = [f"{field.title}.", field.help, str(found.get("description", ""))]
    found["description"] = " ".join(part for part in said if part)
    if field.kind is Kind.CHOICE and field.choices:
        found["enum"] = list(field.choices)
    return found


def asked(id: str, call: ToolCallPart, actions: Mapping[str, Action]) -> Ask | str:
    """The ask of a call under the given id, or why it is none, in words for the model.

    Arguments go on as they came: whoever reads the fields says what is wrong with them.
    """
    action = next((a for a in actions.values() if tool_name(a.name) == call.tool_name), None)
    if action is None:
        return f"There is no tool called {call.tool_name!r}. Nothing was done."
    try:
        arguments = call.args_as_dict(raise_if_invalid=True)
    except (ValueError, AssertionError):
        return "The arguments were not a JSON object. Nothing was done; call again with a JSON object."
    own_reason = any(field.name == REASON for field in action.fields)
    reason = "" if own_reason else str(arguments.get(REASON) or "")
    kept = {name: value for name, value in arguments.items() if own_reason or name != REASON}
    return Ask(id=id, action=action.name, arguments=kept, reason=reason[:300])
