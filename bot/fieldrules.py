"""Field rules as they are kept, and the live options of what is picked. The rules of an action are one mark; a list of
the actions that have any stands beside.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot import renderings
from bot.actions import MOST_OPTIONS, Action, Mode, Option
from bot.errors import BadInput, VigieError
from bot.fieldmodes import FieldRule, Rules, in_force, picks
from bot.house import House
from bot.proposals import Proposal
from bot.store import Tx
from bot.values import Json
from bot.world import Context


def of(tx: Tx, action: str) -> Rules:
    """The rules that were set for an action; empty where nobody set any."""
    kept: Json = tx.marks.get(f"fields:{action}") or {}
    return {name: FieldRule.of(rule) for name, rule in kept.items()}


def standing(tx: Tx, action: Action) -> Rules:
    """The rules in force for an action: those that were set, over what its system declares."""
    return in_force(action, of(tx, action.name))


def of_card(tx: Tx, action: Action, proposal: Proposal) -> Rules:
    """The rules in force for a card: what a procedure lets be picked there is picked, but for what is fixed."""
    rules = dict(standing(tx, action))
    for name in proposal.picked:
        rule = rules.get(name, FieldRule())
        rules[name] = replace(rule, mode=Mode.SELECTOR, declared=False)
    return rules


def put(tx: Tx, action: str, field: str, rule: FieldRule) -> None:
    """Sets one; a plain one is taken away."""
    rules = {**of(tx, action), field: rule}
    kept = {name: each.as_json() for name, each in rules.items() if not each.plain}
    tx.marks.put(f"fields:{action}", kept or None)
    named = {each for each in actions(tx) if each != action}
    if kept:
        named.add(action)
    tx.marks.put("fields", sorted(named) or None)


def actions(tx: Tx) -> Sequence[str]:
    """The names of the actions that have rules."""
    return tx.marks.get("fields") or []


def every(tx: Tx) -> Mapping[str, Rules]:
    """All rules, by action."""
    return {name: of(tx, name) for name in actions(tx)}


async def options(
    action: Action, field: str, query: str, context: Context, *, house: House
) -> tuple[Option, ...]:
    """The live options of a field, none where the system cannot say."""
    try:
        return await _asked(action, field, query, context, house=house)
    except VigieError:
        return ()


async def _asked(
    action: Action, field: str, query: str, context: Context, *, house: House
) -> tuple[Option, ...]:
    """What can be picked: fixed choices as they are called, or what the system says."""
    if choices := action.field(field).choices:
        called = renderings.choices(action.field(field), context.tongue)
        said = query.strip().casefold()
        found = [each for each in choices if said in each.casefold() or said in called[each].casefold()]
        return tuple(Option(value=each, label=called[each]) for each in found)[:MOST_OPTIONS]
    return (await house.system(action.name).options(action, field, query, context))[:MOST_OPTIONS]


async def offered(
    action: Action, rules: Rules, context: Context, *, house: House
) -> Mapping[str, tuple[Option, ...]]:
    """The live options of every field that is picked."""
    return {name: await options(action, name, "", context, house=house) for name in picks(rules)}


async def check(
    action: Action, rules: Rules, arguments: Mapping[str, Json], context: Context, *, house: House
) -> None:
    """Whether what an owner lets be picked is among the options as they are now. Raises BadInput naming the field. Where
    only the system declares so, a person's exact words may name what is not offered: the system refuses what is not there.
    """
    for name in picks(rules):
        if name in arguments and not rules[name].declared:
            await _picked(action, name, arguments[name], context, house=house)


async def picked(
    action: Action, rules: Rules, given: Mapping[str, Json], context: Context, *, house: House
) -> Mapping[str, Json]:
    """What was picked in a form, each value as it is offered now. Words that only one option has are that option: nobody
    can list everything that is over there. Raises BadInput naming the field."""
    return {
        name: await _picked(action, name, given[name], context, house=house)
        for name in picks(rules)
        if given.get(name)
    }


async def _picked(action: Action, name: str, value: Json, context: Context, *, house: House) -> Json:
    words = str(value).strip().casefold()
    field = action.field(name)
    offered: dict[str, Option] = {}
    for query in ("", str(value)):
        offered |= {each.value: each for each in await _asked(action, name, query, context, house=house)}
        if any(value in (each, field.read(each)) for each in offered):  # typed in a form, or read already
            return value
    exactly = [each for each in offered.values() if each.label.casefold() == words]
    match exactly or [each for each in offered.values() if words in each.label.casefold()]:
        case [only]:
            return only.value
        case []:
            raise BadInput(
                "{name}: choose one of those offered; “{value}” is not among them now",
                name=name,
                value=value,
                field=name,
            )
        case several:
            raise BadInput(
                "{name}: “{value}” may be any of these, write more of it: {several}",
                name=name,
                value=value,
                several="; ".join(each.label for each in several[:5]),
                field=name,
            )
