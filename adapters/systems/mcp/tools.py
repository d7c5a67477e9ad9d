"""A server's tools as actions of ours. Pure: definitions, pins and what people classified in; actions out.

Title, risk and the meaning of fields are ours. What the server says stands in help alone, cut and quoted.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from adapters.systems.mcp import schemas
from adapters.systems.mcp.classes import UNCLASSIFIED, Class, ClassFile
from adapters.systems.mcp.schemas import Shape, Unusable
from bot.actions import Action, Risk
from bot.errors import BadInput
from bot.pins import Definition, Pin
from bot.values import Json, digest, is_mapping
from bot.visible import exact

MOST = 500
"""Tools of one server that are looked at."""
LONGEST_VERB = 36
LONGEST_WORDS = 600
_SAYABLE = re.compile(r"[A-Za-z0-9_./:-]{1,128}")
_META = re.compile(r"(call|execute|invoke|run|use|perform)_.*|.*_(call|execute|invoke|run)", re.IGNORECASE)
_INNER = ("tool", "tool_name", "toolname", "action", "action_name", "action_id", "name", "function")
_ARGUMENTS = ("arguments", "args", "params", "parameters", "input", "inputs", "tool_input", "tool_arguments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """One tool that is offered: our action, its shape, and the pin it is offered under. `inner` are the fields
    that name what it calls, `inner_arguments` the field with what that is called with."""

    action: Action
    shape: Shape
    pin: Pin
    says: Class
    inner: tuple[str, ...] = ()
    inner_arguments: str = ""

    @property
    def name(self) -> str:
        """As its server knows it."""
        return self.pin.kept.name

    @property
    def idempotent(self) -> bool:
        """Whether it may be called once more: only where both its server and our people say so."""
        claims = self.pin.kept.annotations
        return self.says.idempotent and is_mapping(claims) and claims.get("idempotentHint") is True


def offered(
    system: str, pins: Mapping[str, Pin], classes: ClassFile
) -> tuple[Mapping[str, Tool], Mapping[str, str]]:
    """The tools by the names of their actions, and why others are left out, by their own names."""
    left: dict[str, str] = {}
    found: dict[str, Tool] = {}
    usable = [name for name in pins if _SAYABLE.fullmatch(name)]
    left |= {exact(name[:60], lines=False): "its name cannot be used" for name in pins if name not in usable}
    verbs = _verbs(usable)
    for name in usable[:MOST]:
        try:
            tool = _tool(f"{system}.{verbs[name]}", pins[name], classes.of(system, name) or UNCLASSIFIED)
        except (Unusable, BadInput) as error:
            left[name] = str(error)
            continue
        found[tool.action.name] = tool
    left |= dict.fromkeys(usable[MOST:], f"only {MOST} are looked at")
    return found, left


def _tool(name: str, pin: Pin, says: Class) -> Tool:
    shape = schemas.read(pin.kept.schema, says)
    inner, arguments = _calls(pin.kept.name, shape, says)
    action = Action(
        name=name,
        title=says.title or f"“{pin.kept.name}”",
        help=says.help or _quoted(pin.kept),
        risk=says.risk,
        reversal=says.reversal,
        fields=shape.fields,
        keyed=False,
        # What a tool is asked for leaves the house with the question.
        egress=says.egress if says.egress is not None else says.risk is Risk.R0,
        inner=inner[0] if inner else "",
        definition=digest([pin.kept.digest, says.risk.value]),
    )
    return Tool(action=action, shape=shape, pin=pin, says=says, inner=inner, inner_arguments=arguments)


def _quoted(definition: Definition) -> str:
    words = exact(" ".join(definition.description.split())[:LONGEST_WORDS], lines=False)
    words = words.translate({ord(mark): "'" for mark in "“”"})
    return f"its server says of it, unchecked: “{words or '—'}”"


def _calls(tool: str, shape: Shape, says: Class) -> tuple[tuple[str, ...], str]:
    """Which fields name what it calls: as people said, else guessed from names, which can only raise its risk."""
    names = {sent.casefold(): name for name, sent in shape.properties.items()}
    if says.inner:
        return tuple(names.get(each.casefold(), each) for each in says.inner), _named(
            names, [says.inner_arguments or ""]
        ) or _named(names, _ARGUMENTS)
    if not _META.fullmatch(tool.replace("-", "_")):
        return (), ""
    found = _named(names, _INNER)
    return ((found,) if found else ()), _named(names, _ARGUMENTS) if found else ""


def _named(names: Mapping[str, str], wanted: Iterable[str]) -> str:
    return next((names[each.casefold()] for each in wanted if each.casefold() in names), "")


def inner_action(system: str, tool: Tool, arguments: Mapping[str, Json], around: "Around") -> Action | None:
    """What this call of a tool that calls tools would call, judged by its own class. None when nobody knows it, or
    when what it is called with does not fit it."""
    parts = [arguments.get(name) for name in tool.inner]
    if not parts or not all(isinstance(part, str) and part for part in parts):
        return None
    name = ".".join(str(part) for part in parts)
    given = arguments.get(tool.inner_arguments)
    for other in around.tools.values():
        if other.name in (name, parts[-1]) and not other.inner:
            return other.action if _fits(other, given) and not other.pin.off else None
    says = around.classes.of(system, name)
    if says is None or tool.name == name:
        return None
    verb = _verb(name)
    return Action(
        name=f"{system}.{verb}",
        title=says.title or f"“{exact(name, lines=False)}”",
        risk=says.risk,
        egress=True if says.egress is None else says.egress,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a call may lead to: the other tools of the server, and what people say of those it does not list."""

    tools: Mapping[str, Tool]
    classes: ClassFile


def _fits(tool: Tool, given: Json) -> bool:
    names = {sent: name for name, sent in tool.shape.properties.items()}
    if not is_mapping(given) or not set(given) <= set(names):
        return False
    try:
        return tool.shape.sent(tool.action.read({names[key]: each for key, each in given.items()})) == given
    except BadInput:
        return False


def _verbs(names: Sequence[str]) -> dict[str, str]:
    """Names for actions, by those of the tools. Of tools that would be called the same, each keeps apart by its own
    digest, whatever the order of the list."""
    plain = {name: _verb(name) for name in names}
    taken = list(plain.values())
    return {
        name: verb if name == verb or taken.count(verb) == 1 else f"{verb[:LONGEST_VERB]}_{digest(name)[:6]}"
        for name, verb in plain.items()
    }


def _verb(name: str) -> str:
    """`getForecast`, `get-forecast` and `get forecast` are `get_forecast`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    verb = re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_") or "tool"
    verb = verb if verb[0].isalpha() else f"tool_{verb}"
    return verb if len(verb) <= LONGEST_VERB else f"{verb[: LONGEST_VERB - 7]}_{digest(name)[:6]}"
