"""Filling in: what a declared step leaves to the mind is asked of the model before the step is attempted, within the
budgets. Where there is no model, no room, or no answer, a person fills it in on the card.
"""

import logging
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from bot import ids, spending
from bot.budgets import Payers
from bot.errors import Failed, Refused, Unreachable
from bot.house import House
from bot.instruments import Part, Step
from bot.journal import Ask, Thought, Turn
from bot.mind import Briefing, Filled, Filler
from bot.store import Tx
from bot.values import Json

log = logging.getLogger(__name__)


async def filled(thought: Thought, brief: Briefing, turn: Turn, *, house: House) -> Thought:
    """The thought with what the model filled in. Once it cannot, it is not asked again for the asks that follow; the words
    say why."""
    filler = house.minds.filler
    if filler is None or not any(ask.auto for ask in thought.asks):
        return thought
    asks: list[Ask] = []
    cost, why = thought.cost, ""
    for ask in thought.asks:
        values: Mapping[str, Json] = {}
        if ask.auto and not why:
            try:
                got = await _fill(filler, ask, thought.state, brief, turn, house)
                cost, values = cost + got.cost, got.values
            except (Unreachable, Failed, Refused) as error:
                why = error.said(brief.tongue).rstrip(".")
                log.warning("not_filled_in", extra={"turn": turn.id, "ask": ask.id, "mind": filler.name})
        asks.append(replace(ask, arguments={**ask.arguments, **values}))
    words = [thought.text] if thought.text else []
    if why:
        words.append(
            brief.tongue("I could not fill this in myself ({why}). Fill it in on the card.", why=why)
        )
    return replace(thought, asks=tuple(asks), cost=cost, text="\n".join(words))


async def _fill(filler: Filler, ask: Ask, state: str, brief: Briefing, turn: Turn, house: House) -> Filled:
    """One request, held back for before and settled after. Raises Refused at a limit, Unreachable, Failed."""
    # A new one each time: what was held back by a process that died meanwhile may have been spent.
    held = ids.new("res")
    payers = Payers(person=turn.person, mission=turn.mission)

    def begin(tx: Tx) -> str:
        over = spending.for_thought(tx, held, payers, house=house)
        if over is None:
            return ""
        spending.refused(tx, over)
        return spending.said(tx, over, brief.tongue)

    if words := await house.store.write(begin, space=turn.space):
        raise Refused(words)
    step = Step(
        part=Part.THINK,
        of=filler.name,
        turn=turn.id,
        mission=turn.mission,
        person=turn.person,
        place=turn.place,
    )
    try:
        with house.instruments.over(step) as under:
            got = await filler.fill(brief, ask, state=state)
            cost = got.cost
            under.note(tokens_in=cost.tokens_in, tokens_out=cost.tokens_out, micro_usd=cost.micro_usd)
    except (Unreachable, Failed) as error:
        settle = partial(spending.after_no_thought, id=held, spent=error.spent)
        await house.store.write(settle, space=turn.space)
        raise

    def end(tx: Tx) -> None:
        spending.after_thought(tx, held, got.cost)
        body: dict[str, Json] = {"turn": turn.id, "ask": ask.id, "action": ask.action, "mind": filler.name}
        tx.ledger.append("fields_filled", {**body, "fields": sorted(got.values)}, house.clock.now())

    await house.store.write(end, space=turn.space)
    return got
