"""What the built-in mind makes of a sentence that a page quotes: with every system there is connected, and nothing else.

Calls nobody and does nothing: the sentence is read as a message would be, up to the deeds it asks for.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from adapters.minds.builtin.mind import BuiltinMind
from adapters.minds.builtin.text import spoken, tokens
from adapters.minds.builtin.words import Said, match
from adapters.speech.languages import tongues
from adapters.systems.catalogue import VENDORS
from bot.actions import Action, Field, Kind, Risk
from bot.desk.book import ACTIONS
from bot.errors import BadInput
from bot.journal import Ask, Thought
from bot.mind import Briefing
from bot.people import Person, Role
from bot.places import Place
from bot.values import Json
from tests.docs.systems import demo, offered

_MISSION = "vigie.create_mission"
_NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
_OLIVIA = Person(id="per_olivia", name="Olivia", role=Role.OWNER, zone="Europe/Paris")
_ZAPIER = Action(
    name="zapier.execute_zapier_write_action",
    title="“execute_zapier_write_action”",
    risk=Risk.R3,
    fields=(
        Field(name="action", title="action", kind=Kind.TEXT),
        Field(name="params", title="params", kind=Kind.JSON, required=False),
    ),
)
"""A tool of the server that the page about MCP takes as its example."""


def everything() -> Mapping[str, Action]:
    """Every action of the product and of every vendor, by name."""
    found = [*ACTIONS, *demo(), _ZAPIER]
    for vendor in VENDORS.values():
        found += offered(vendor)
    return {action.name: action for action in found}


async def misheard(text: str, actions: Mapping[str, Action]) -> str:
    """Why the sentence is not understood, "" when it is: it asks for deeds, each with arguments that its fields can read.
    What a mission may be told to do counts too."""
    tongue = tongues()("en")
    briefing = Briefing(
        turn="evt_1",
        now=_NOW,
        tongue=tongue,
        zone="Europe/Paris",
        place=Place(platform="web", channel=_OLIVIA.id, private=True),
        person=_OLIVIA,
        text=text,
        actions=actions,
    )

    async def think(words: str) -> Thought:
        return await BuiltinMind().think(replace(briefing, text=words), state="", answers=(), stream=_unheard)

    words = spoken(text)
    found = match(words, tokens(words))
    if isinstance(found, Said) and found.word.name in ("greeting", "thanks"):
        return ""
    thought = await think(text)
    if not thought.asks:
        pursued = await think(f"tomorrow at 9, {text}")
        return "" if any(name != _MISSION for name, _ in _asked(pursued.asks)) else thought.text
    for name, arguments in _asked(thought.asks):
        try:
            action = actions[name]
            if arguments is not None:
                action.read(arguments)
        except BadInput as error:
            return error.said(tongue)
        except KeyError:
            return f"nothing offers {name}"
    return ""


async def _unheard(_: str) -> None:
    return


def _asked(asks: Iterable[Ask]) -> Iterator[tuple[str, Mapping[str, Json] | None]]:
    """The deeds that are asked for, and those that these would do: the steps of a mission, and of a recipe the names, for
    its arguments are filled in later."""
    for ask in asks:
        yield ask.action, ask.arguments
        for step in ask.arguments.get("steps") or ():
            if step.get("action"):
                # What an entry of a list or a person fills in is not there yet.
                whole = not step.get("by_hand") and "{" not in str(step["arguments"])
                yield step["action"], step["arguments"] if whole else None
        recipe = ask.arguments.get("recipe")
        for name in re.findall(r"\bdo (\w+\.\w+)", recipe) if isinstance(recipe, str) else ():
            yield name, None
