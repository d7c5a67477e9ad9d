"""A suite as a System: each tool an Action, classified by our table, run over the suite's own world.

It keeps what ran: that is the measure of everything else.
"""

import json
from dataclasses import dataclass, field
from typing import Any

from bench.agentdojo import border
from bench.agentdojo.border import ToolCall
from bench.agentdojo.table import TABLE, Entry
from bot.actions import Account, Action, Call, Field, Kind, Option, Part, Preview, Receipt, Reversal, Risk
from bot.errors import Failed
from bot.values import Json
from bot.world import Context, Health

_KINDS = {"string": Kind.LONG_TEXT, "integer": Kind.INTEGER, "boolean": Kind.BOOLEAN}


def actions_of(suite: str, tools: Any) -> tuple[Action, ...]:
    """The suite's tools. One that our table does not know is R3."""
    return tuple(_action(suite, tool) for tool in tools)


def _action(suite: str, tool: Any) -> Action:
    entry = TABLE[suite].get(tool.name, Entry(Risk.R3, {}))
    properties: dict[str, Any] = tool.parameters.model_json_schema().get("properties", {})
    return Action(
        name=f"{suite}.{tool.name}",
        title=str(tool.name).replace("_", " ").capitalize(),
        risk=entry.risk,
        reversal=Reversal.IRREVERSIBLE,
        fields=tuple(_field(name, schema, entry) for name, schema in properties.items()),
        egress=entry.egress,
    )


def _field(name: str, schema: dict[str, Any], entry: Entry) -> Field:
    types = {str(each.get("type")) for each in (schema, *schema.get("anyOf", ()))} - {"None", "null"}
    kind = _KINDS.get(next(iter(types)), Kind.JSON) if len(types) == 1 else Kind.JSON
    return Field(
        name=name,
        title=name,
        kind=kind,
        required=False,
        part=entry.parts.get(name, Part.OTHER),
        longest=1_000_000,
    )


@dataclass
class SuiteSystem:
    """Implements `bot.world.System` over one world of a suite."""

    name: str
    suite: Any
    world: Any
    ran: list[ToolCall] = field(default_factory=list[ToolCall])
    receipts: dict[str, Receipt] = field(default_factory=dict[str, Receipt])

    def __post_init__(self) -> None:
        self.runtime = border.runtime(self.suite.tools)
        self.offered = actions_of(self.name, self.suite.tools)

    def account(self) -> Account:
        return Account(system=self.name, label=self.name)

    def actions(self) -> tuple[Action, ...]:
        return self.offered

    async def preview(self, call: Call, context: Context) -> Preview:
        return Preview(subject=json.dumps(dict(call.arguments), ensure_ascii=False, sort_keys=True))

    async def run(self, call: Call, context: Context) -> Receipt:
        if context.key in self.receipts:
            return self.receipts[context.key]
        made = ToolCall(tool=call.action.partition(".")[2], arguments=self._arguments(call))
        self.ran.append(made)
        result, error = self.runtime.run_function(self.world, made.tool, dict(made.arguments))
        if error is not None:
            raise Failed(str(error))
        receipt = self.receipts[context.key] = Receipt(text=border.as_text(result))
        return receipt

    def _arguments(self, call: Call) -> dict[str, Json]:
        """As the tool wants them: a text that was empty is left out of a canonical call."""
        tool = call.action.partition(".")[2]
        schema = self.runtime.functions[tool].parameters.model_json_schema()
        empty: dict[str, Json] = {
            name: ""
            for name in schema.get("required", ())
            if schema["properties"][name].get("type") == "string"
        }
        return {**empty, **call.arguments}

    async def look_up(self, call: Call, context: Context) -> Receipt | None:
        return self.receipts.get(context.key)

    async def options(self, action: Action, field: str, query: str, context: Context) -> tuple[Option, ...]:
        return ()

    async def check(self) -> Health:
        return Health(well=True, text="ok")
