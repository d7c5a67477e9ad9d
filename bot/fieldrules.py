"""Field rules as they are kept, and the live options of what is picked. The rules of an action are one mark; a list of
the actions that have any stands beside.
"""

from collections.abc import Mapping, Sequence

from bot.actions import Action, Option
from bot.errors import BadInput, VigieError
from bot.fieldmodes import FieldRule, Rules, picks
from bot.house import House
from bot.store import Tx
from bot.values import Json
from bot.world import Context

MOST = 100
"""Options of one field that a form offers."""


def of(tx: Tx, action: str) -> Rules:
    """The rules of an action; empty where nobody set any."""
    kept: Json = tx.marks.get(f"fields:{action}") or {}
    return {name: FieldRule.of(rule) for name, rule in kept.items()}


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
        return (await house.system(action.name).options(action, field, query, context))[:MOST]
    except VigieError:
        return ()


async def offered(
    action: Action, rules: Rules, context: Context, *, house: House
) -> Mapping[str, tuple[Option, ...]]:
    """The live options of every field that is picked."""
    return {name: await options(action, name, "", context, house=house) for name in picks(rules)}


async def check(
    action: Action, rules: Rules, arguments: Mapping[str, Json], context: Context, *, house: House
) -> None:
    """Whether what was picked is among the options as they are now. Raises BadInput naming the field."""
    for name in picks(rules):
        if name not in arguments:
            continue
        value = arguments[name]
        now = await house.system(action.name).options(action, name, "", context)
        if not any(action.field(name).read(each.value) == value for each in now):
            more = await house.system(action.name).options(action, name, str(value), context)
            if not any(action.field(name).read(each.value) == value for each in more):
                raise BadInput(
                    "{name}: choose one of those offered; “{value}” is not among them now",
                    name=name,
                    value=value,
                    field=name,
                )
