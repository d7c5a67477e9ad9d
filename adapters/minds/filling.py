"""What a step leaves to the mind, asked of a model: one request with one tool whose fields are those that are left open.

The call is never made: only the values are read from it. So whatever is written in what the run brought, nothing else can
come of it than values that a person sees.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace

from adapters.minds.builtin import steps
from bot import recipes
from bot.actions import Action
from bot.errors import BadInput
from bot.journal import Ask
from bot.mind import Blanks, Briefing, Filled, Mind
from bot.values import Json

log = logging.getLogger(__name__)


class Filling:
    """Implements `bot.mind.Filler` over any mind."""

    def __init__(self, model: Mind) -> None:
        self._model = model

    @property
    def name(self) -> str:
        """The model's."""
        return self._model.name

    async def fill(self, briefing: Briefing, ask: Ask, *, state: str) -> Filled:
        """Values that the fields take; any other is left out, for a person to fill in."""
        action = briefing.actions.get(ask.action)
        if action is None or briefing.procedure is None:
            return Filled(values={})
        open_ = _open(action, ask)
        number, known = steps.at(state, ask.id, briefing.procedure.recipe.steps)
        blanks = Blanks(
            step=recipes.step_parts(briefing.procedure.recipe, "en")[number],
            fields=tuple(field.name for field in open_.fields),
            given=ask.arguments,
            known=known,
        )
        brief = Briefing(
            turn=briefing.turn,
            now=briefing.now,
            tongue=briefing.tongue,
            zone=briefing.zone,
            place=briefing.place,
            person=briefing.person,
            text="",
            mission=briefing.mission,
            procedure=briefing.procedure,
            rules=briefing.rules,
            blanks=blanks,
            actions={action.name: open_},
        )
        thought = await self._model.think(brief, state="", answers=(), stream=_nobody_reads)
        said = [each.arguments for each in thought.asks if each.action == action.name]
        return Filled(values=_taken(open_, said[0]) if said else {}, cost=thought.cost)


def _open(action: Action, ask: Ask) -> Action:
    """The action with nothing but what is left open, none of it required: what cannot be known is left out."""
    fields = tuple(
        replace(field, required=False, default=None) for field in action.fields if field.name in ask.auto
    )
    return replace(action, fields=fields)


def _taken(action: Action, said: Mapping[str, Json]) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for field in action.fields:
        value = said.get(field.name)
        if value is None or (isinstance(value, str) and not value.strip()):
            continue
        try:
            found[field.name] = field.read(value)
        except BadInput:
            log.info("field_left_open", extra={"action": action.name, "field": field.name})
    return found


async def _nobody_reads(_words: str) -> None:
    """Nobody watches it think."""
