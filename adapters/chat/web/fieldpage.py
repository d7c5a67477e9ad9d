"""The page on which an owner says who fills which field: drawn from the record, and sent as the words that do the same.
Knows nothing of HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.chat.web.guard import Problem
from bot import fieldrules
from bot import rows as cardrows
from bot.actions import Action, Mode
from bot.desk.fields import HOWS, said
from bot.fieldmodes import FieldRule
from bot.forms import typed
from bot.house import House
from bot.rules import OWN
from bot.speech import Tongue
from bot.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRow:
    """One field of one action: who fills it, in words and as it is chosen, and the value that goes with it."""

    name: str
    title: str
    how: str
    value: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionRows:
    name: str
    title: str
    rows: tuple[FieldRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """The actions of one connected system, and the names of all of them."""

    system: str
    systems: tuple[str, ...]
    actions: tuple[ActionRows, ...]
    hows: tuple[tuple[str, str], ...]


def fields(tx: Tx, system: str, tongue: Tongue, *, house: House) -> Fields:
    """What the page shows of a system, of the first one where it is not named."""
    systems = tuple(sorted(name for name in house.systems if name != OWN))
    chosen = system if system in systems else next(iter(systems), "")
    actions = house.systems[chosen].actions() if chosen else ()
    return Fields(
        system=chosen,
        systems=systems,
        actions=tuple(_action(tx, action, tongue) for action in actions if action.fields),
        hows=(
            *(
                (mode.value, said(FieldRule(mode=mode), tongue))
                for mode in (Mode.AUTO, Mode.MANUAL, Mode.SELECTOR)
            ),
            ("fixed", tongue("always this value")),
            ("default", tongue("this value when nobody says")),
        ),
    )


def _action(tx: Tx, action: Action, tongue: Tongue) -> ActionRows:
    rules = fieldrules.standing(tx, action)
    rows: list[FieldRow] = []
    for field in action.fields:
        rule = rules.get(field.name, FieldRule())
        value = rule.fixed if rule.fixed is not None else rule.default
        rows.append(
            FieldRow(
                name=field.name,
                title=tongue(field.title),
                how="fixed" if rule.fixed is not None else (rule.mode or Mode.AUTO).value,
                value=typed(value, field.kind) if value is not None else "",
                words=said(rule, tongue, field),
            )
        )
    return ActionRows(name=action.name, title=cardrows.titled(action, tongue), rows=tuple(rows))


def words(fields: Mapping[str, str]) -> str:
    """The words that set what was chosen. Raises Problem for a form that is none of ours."""
    action, field, how = (fields.get(name, "").strip() for name in ("action", "field", "how"))
    if how not in HOWS or not action or not field or any(c.isspace() for c in action + field):
        raise Problem("form", 400)
    value = fields.get("value", "").strip()
    kept = f" “{value}”" if value and how in ("fixed", "default") else ""
    return f"set {action} {field} {how}{kept}"
