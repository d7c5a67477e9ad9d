"""Field modes: who fills a field of an action: the mind, a person who types, or a person who picks from live options;
with a default, or a value that is fixed. Pure.

What an owner said is in force, in either direction; else what the system declares of the field. A value that somebody gave
who may not is dropped, and said to have been dropped.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.actions import Action, Mode, Risk
from bot.errors import BadInput
from bot.proposals import Origin, Source, SourceKind
from bot.rules import OWN
from bot.values import Json

RULE = "field-modes"
"""What a card names that asks only because a person has to fill something in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """How one field is filled. `mode` is None where nobody set any. `fixed` and `default` are canonical values, None
    for none; `by` is the owner who said so. `declared` is for a mode in force that only the system declares."""

    mode: Mode | None = None
    default: Json = None
    fixed: Json = None
    by: str = ""
    at: datetime | None = None
    declared: bool = False

    @property
    def by_hand(self) -> bool:
        """Only a person fills it."""
        return self.fixed is None and self.mode in (Mode.MANUAL, Mode.SELECTOR)

    @property
    def plain(self) -> bool:
        """As if nobody had said anything."""
        return self.mode is None and self.default is None and self.fixed is None

    def as_json(self) -> Json:
        at = self.at.isoformat() if self.at else None
        return {"mode": self.mode, "default": self.default, "fixed": self.fixed, "by": self.by, "at": at}

    @staticmethod
    def of(kept: Json) -> "FieldRule":
        """The inverse of `as_json`."""
        at = datetime.fromisoformat(kept["at"]) if kept["at"] else None
        mode = Mode(kept["mode"]) if kept["mode"] else None
        return FieldRule(mode=mode, default=kept["default"], fixed=kept["fixed"], by=kept["by"], at=at)


Rules = Mapping[str, FieldRule]
"""The rules of one action, by the names of its fields; those of which nobody said anything are not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Arguments after the rules were applied: as they are to be read, who set those the rules set, which values
    were dropped, and which fields may still be empty because a person fills them."""

    arguments: Mapping[str, Json]
    origins: Mapping[str, Origin] = field(default_factory=dict[str, Origin])
    dropped: tuple[str, ...] = ()
    open: frozenset[str] = frozenset()

    @property
    def fixed(self) -> frozenset[str]:
        """The fields whose value an administrator fixed."""
        return frozenset(name for name, origin in self.origins.items() if origin is Origin.FIXED)


def in_force(action: Action, rules: Rules) -> Rules:
    """The rules that count: those that were set, and the modes that the system declares where none was."""
    found = dict(rules)
    for each in action.fields:
        rule = rules.get(each.name, FieldRule())
        if rule.mode is None and each.mode in (Mode.MANUAL, Mode.SELECTOR):
            found[each.name] = replace(rule, mode=each.mode, declared=True)
    return found


def fill(action: Action, rules: Rules, given: Mapping[str, Json], *, author: Origin) -> Filled:
    """What becomes of what `author` gave. Without a model, what it left out is for a person, where the action
    does more than read."""
    found = dict(given)
    origins: dict[str, Origin] = {}
    dropped: list[str] = []
    for name, rule in rules.items():
        if rule.fixed is not None:
            if not _empty(found.get(name)) and found[name] != rule.fixed:
                dropped.append(name)
            found[name], origins[name] = rule.fixed, Origin.FIXED
            continue
        if rule.by_hand and author is not Origin.PERSON and not _empty(found.get(name)):
            dropped.append(name)
            del found[name]
        if rule.default is not None and _empty(found.get(name)):
            found[name], origins[name] = rule.default, Origin.DEFAULT
    by_hand = {name for name, rule in rules.items() if rule.by_hand}
    if author is not Origin.MIND and action.risk > Risk.R0 and action.system != OWN:
        by_hand |= {each.name for each in action.fields}
    return Filled(arguments=found, origins=origins, dropped=tuple(dropped), open=frozenset(by_hand))


def waiting(action: Action, arguments: Mapping[str, Json]) -> tuple[str, ...]:
    """The fields without which nothing can be done, and that nobody filled yet."""
    return tuple(each.name for each in action.fields if each.required and each.name not in arguments)


def held(action: Action, rules: Rules, arguments: Mapping[str, Json]) -> None:
    """Whether a call keeps to what is fixed now. Raises BadInput."""
    for name, rule in rules.items():
        if rule.fixed is not None and arguments.get(name) != rule.fixed:
            raise BadInput("{name} is fixed by an administrator", name=name, field=name)


def typed(action: Action, rules: Rules, values: Mapping[str, Json]) -> dict[str, Json]:
    """What a person typed into the form, with what is fixed. Raises BadInput for another value than that."""
    found = dict(values)
    for name, rule in rules.items():
        if rule.fixed is None:
            continue
        if not _empty(found.get(name)) and action.field(name).read(found[name]) != rule.fixed:
            raise BadInput("{name} is fixed by an administrator", name=name, field=name)
        found[name] = rule.fixed
    return found


def sources(found: Mapping[str, Source], rules: Rules, arguments: Mapping[str, Json]) -> Mapping[str, Source]:
    """Where the values came from, with what the rules set."""
    fixed = {
        name: Source(kind=SourceKind.FIXED, at=rule.at)
        for name, rule in rules.items()
        if rule.fixed is not None and name in arguments
    }
    return {**found, **fixed}


def told(action: Action, rules: Rules) -> Action:
    """The action as a mind is told of it: without what is fixed, and with nothing required that a person fills."""
    fields = tuple(
        replace(each, required=False, help=f"a person fills this in; leave it out. {each.help}".strip())
        if (rule := rules.get(each.name)) is not None and rule.by_hand
        else each
        for each in action.fields
        if (rule := rules.get(each.name)) is None or rule.fixed is None
    )
    return action if fields == action.fields else replace(action, fields=fields)


def picks(rules: Rules) -> Collection[str]:
    """The fields that are picked from live options."""
    return [name for name, rule in rules.items() if rule.fixed is None and rule.mode is Mode.SELECTOR]


def _empty(value: Json) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
