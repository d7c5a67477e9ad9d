"""Standing rules: how a person wants things done, in force until they say otherwise. Kept per scope, in order.

They are told to every mind in every briefing, and are so few and short that all fit. They give no authority: the
policy decides what may be done. Knows no chat and no model.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from bot.errors import BadInput
from bot.store import Tx
from bot.values import Json, is_mapping, is_sequence

MOST = 20
"""Rules of one scope: all of them reach every briefing."""
LONGEST = 300
"""Characters of one rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRule:
    """What is wanted, in the words of the person `by` whom it was given. The `id` stands for the words where they are not
    kept."""

    text: str
    by: str
    on: bool = True
    id: str = ""


def kept(tx: Tx, scope: str) -> tuple[StandingRule, ...]:
    """The rules of the scope in their order, those switched off too."""
    rows = tx.marks.get(_mark(scope))
    return tuple(_read(row) for row in rows if is_mapping(row)) if is_sequence(rows) else ()


def in_force(tx: Tx, scopes: Sequence[str]) -> tuple[StandingRule, ...]:
    """What every briefing for these scopes is told."""
    return tuple(rule for scope in scopes for rule in kept(tx, scope) if rule.on)


def keep(tx: Tx, scope: str, rules: Sequence[StandingRule]) -> None:
    """The rules of the scope from now on. Raises BadInput when they are too many or too long to be told."""
    if len(rules) > MOST:
        raise BadInput("more than {most} standing rules would not all be read: drop one first", most=MOST)
    if any(len(rule.text) > LONGEST for rule in rules):
        raise BadInput("a standing rule has at most {most} characters", most=LONGEST, field="text")
    rows: list[Json] = [{"text": rule.text, "by": rule.by, "on": rule.on, "id": rule.id} for rule in rules]
    tx.marks.put(_mark(scope), rows or None)


def changed(rules: Sequence[StandingRule], number: int, how: str) -> tuple[StandingRule, ...]:
    """The rules after number `number` was switched `on` or `off`, put `first`, or dropped. Raises BadInput."""
    if not 1 <= number <= len(rules):
        raise BadInput("there is no standing rule {n}", n=number, field="number")
    rule = rules[number - 1]
    before, after = tuple(rules[: number - 1]), tuple(rules[number:])
    match how:
        case "on" | "off":
            return (*before, replace(rule, on=how == "on"), *after)
        case "first":
            return (rule, *before, *after)
        case _:
            return (*before, *after)


def _mark(scope: str) -> str:
    return f"standing:{scope}"


def _read(row: Json) -> StandingRule:
    return StandingRule(
        text=str(row["text"]), by=str(row["by"]), on=bool(row["on"]), id=str(row.get("id", ""))
    )
