"""Which actions a model holds at once, and which it is only told of until it takes them out. Pure.

Providers take so many tools and no more (128, https://platform.openai.com/docs/api-reference/chat/create), and every schema
is paid for with every thought. Ours alone are a hundred. What is used in most conversations, what the message or its
mission names, and what connected systems offer are at hand; the rest is a list of names and titles, one call away. What
is taken out beyond the limit goes where there is room only for the newest: the oldest go back into the list.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import cast

from pydantic_ai.messages import ModelMessage, ModelResponse, ToolCallPart
from pydantic_ai.tools import ToolDefinition

from adapters.minds.llm.tools import definitions, tool_name
from bot.actions import Action
from bot.mind import Briefing
from bot.values import Json
from bot.watchwords import folded

MOST = 64
"""How many tools are at hand before the model takes out more."""
LIMIT = 128
"""How many there ever are, the one that takes out others among them."""
TAKE_OUT = "vigie__take_out_tools"
ROOM = LIMIT - 1 - MOST
"""How many are at hand because the model took them out, so that the usual ones stay whatever it takes."""
LONGEST_TITLE = 80
LONGEST_LIST = 300
MOST_ALIKE = 20
_FAR = 5
"""How near an action lies: 1 its mission's own, ..., ours and unmentioned."""
SHORTEST = 4
"""Letters of a word that may name an action; shorter ones are in every sentence."""
_OURS = "vigie."
_USUAL = frozenset(
    f"{_OURS}{name}"
    for name in (
        *("status", "pending", "why", "undo", "actions"),
        *("missions", "mission", "create_mission", "agenda", "templates"),
        *("remember", "recall", "forget", "rule"),
        *("lists", "show_list", "add_to_list", "add_to_total", "count"),
        *("procedures", "run_procedure"),
    )
)
_AT_WORK = frozenset(f"{_OURS}{name}" for name in ("follow_up", "log", "tick", "finish_mission"))
"""What a mission does about itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toolbox:
    """`hand` keeps the order of all actions, so that what is sent begins alike from thought to thought."""

    hand: Mapping[str, Action]
    rest: Mapping[str, Action]

    def definitions(self) -> list[ToolDefinition]:
        """What the model is sent."""
        found = definitions(self.hand)
        return [*found, _taking_out(self.rest)] if self.rest else found

    def told(self, names: Sequence[str]) -> str:
        """The answer to a call that took these out."""
        there = {tool_name(name) for name in self.hand}
        back = {tool_name(name) for name in self.rest}
        found = [name for name in names if name in there]
        crowded = [name for name in names if name in back]
        said = [f"At hand from now on: {', '.join(found)}."] if found else []
        if crowded:
            said.append(
                f"Not at hand, since only the last {ROOM} that are taken out fit: {', '.join(crowded)}. "
                "Take out fewer at once."
            )
        said += [self._lost(name) for name in names if name not in there | back]
        return " ".join(said) or "Name the tools to take out, in a list called names."

    def _lost(self, name: str) -> str:
        words = folded(name.replace("_", " ")).split()
        alike = [
            tool_name(known)
            for known, action in (*self.hand.items(), *self.rest.items())
            if words and all(word in folded(f"{known} {action.title}") for word in words)
        ]
        if not alike:
            return f"There is no tool called {name!r}."
        more = f" and {len(alike) - MOST_ALIKE} more" if len(alike) > MOST_ALIKE else ""
        return f"There is no tool called {name!r}, but: {', '.join(alike[:MOST_ALIKE])}{more}."


def packed(briefing: Briefing, taken_out: Sequence[str]) -> Toolbox:
    """The toolbox of one thought. `taken_out` are names of tools, the newest last."""
    actions, mission = briefing.actions, briefing.mission
    heard = _words(f"{briefing.text} {mission.goal if mission else ''}")
    its_own = {*mission.may, *_AT_WORK} if mission else set[str]()

    def distance(name: str) -> int:
        if name in its_own:
            return 1
        if name in _USUAL:
            return 2
        if not heard.isdisjoint(_named(name, actions[name].title)):
            return 3
        return _FAR if name.startswith(_OURS) else 4

    distances = {name: distance(name) for name in actions}
    near = sorted((name for name, far in distances.items() if far < _FAR), key=distances.__getitem__)
    usual = near[:MOST]
    ages = {name: age for age, name in enumerate(dict.fromkeys(reversed(taken_out)))}
    wanted = sorted(
        (name for name in actions if tool_name(name) in ages and name not in usual),
        key=lambda name: ages[tool_name(name)],
    )
    chosen = frozenset((*usual, *wanted[:ROOM]))
    return Toolbox(
        hand={name: each for name, each in actions.items() if name in chosen},
        rest={name: each for name, each in actions.items() if name not in chosen},
    )


def taken_out(history: Sequence[ModelMessage]) -> tuple[str, ...]:
    """What the model has taken out in this conversation, in its order. What it names again counts as new."""
    names = [
        name
        for message in history
        if isinstance(message, ModelResponse)
        for part in message.parts
        if isinstance(part, ToolCallPart) and part.tool_name == TAKE_OUT
        for name in wanted(part)
    ]
    return tuple(reversed(dict.fromkeys(reversed(names))))


def wanted(call: ToolCallPart) -> tuple[str, ...]:
    """The names in a call that takes out tools; none when its arguments are something else."""
    try:
        names: Json = call.args_as_dict(raise_if_invalid=True).get("names")
    except (ValueError, AssertionError):
        return ()
    return tuple(map(str, cast("list[object]", names))) if isinstance(names, list) else ()


def _taking_out(rest: Mapping[str, Action]) -> ToolDefinition:
    lines = [f"- {tool_name(name)}: {each.title[:LONGEST_TITLE]}" for name, each in rest.items()]
    if len(lines) > LONGEST_LIST:
        lines[LONGEST_LIST:] = [
            f"- and {len(lines) - LONGEST_LIST} more: name a word of what you look for, and hear what they are called"
        ]
    return ToolDefinition(
        name=TAKE_OUT,
        description="\n".join(
            ("Takes out tools that exist and are not at hand yet; then call them. There are:", *lines)
        ),
        parameters_json_schema={
            "type": "object",
            "properties": {
                "names": {
                    "type": "array",
                    "items": {"type": "string"},
                    "description": "Names of tools, as they are listed.",
                }
            },
            "required": ["names"],
            "additionalProperties": False,
        },
        strict=False,
        kind="external",
    )


@lru_cache(maxsize=4096)
def _named(name: str, title: str) -> frozenset[str]:
    """The words that speak of an action."""
    return _words(f"{name.replace('.', ' ')} {title}")


def _words(text: str) -> frozenset[str]:
    return frozenset(word for word in folded(text).split() if len(word) >= SHORTEST)
