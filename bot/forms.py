"""Forms: the fields of a proposal as a person edits them, all at once (a modal, a page) or step by step
in a chat that has no forms. Pure. Saving a form never approves anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot import properties, renderings, rows
from bot.actions import MOST_OPTIONS, Action, Field, Kind, Option
from bot.fieldmodes import Rules
from bot.proposals import Proposal
from bot.speech import Tongue
from bot.values import Json, Money, canonical, is_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field to fill. `value` is the text as a person would type it; `choices` closes the answers (`called` says what
    each is called, by its value), and
    `options` are the live ones to pick from, each with the words people know it by. With `more` there may be others over
    there: those are written, by their words."""

    name: str
    title: str
    help: str
    kind: Kind
    value: str
    choices: tuple[str, ...] = ()
    required: bool = True
    options: tuple[Option, ...] = ()
    called: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def picks(self) -> tuple[Option, ...]:
        """The choices, each with what it is called."""
        return tuple(Option(value=each, label=self.called.get(each, each)) for each in self.choices)

    @property
    def more(self) -> bool:
        return len(self.options) >= MOST_OPTIONS


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """The edit form of one revision of a proposal; or, where it `proves`, the one that asks for a code and with
    it approves what the card shows."""

    ref: str
    revision: int
    code: str
    title: str
    entries: tuple[Entry, ...]
    proves: bool = False


def sheet(
    proposal: Proposal,
    *,
    action: Action,
    tongue: Tongue,
    rules: Rules | None = None,
    options: Mapping[str, tuple[Option, ...]] | None = None,
) -> Sheet:
    """The form that edits this proposal: every field but those that are fixed. `options` are the live ones of
    those that are picked."""
    fixed = {name for name, rule in (rules or {}).items() if rule.fixed is not None}
    return Sheet(
        ref=proposal.ref,
        revision=proposal.revision,
        code=proposal.code,
        title=rows.titled(action, tongue),
        entries=tuple(
            Entry(
                name=each.name,
                title=tongue(each.title),
                help=_help(each, options or {}, tongue),
                kind=each.kind,
                value=typed(proposal.call.arguments.get(each.name), each.kind, tongue=tongue),
                choices=choices_of(each.kind, each.choices),
                required=each.required or each.name in proposal.waits,
                options=(options or {}).get(each.name, ()),
                called=renderings.choices(each, tongue),
            )
            for each in action.editable
            if each.name not in fixed
        ),
    )


def _help(field: Field, options: Mapping[str, tuple[Option, ...]], tongue: Tongue) -> str:
    told = tongue(field.help) if field.help else ""
    if len(options.get(field.name, ())) < MOST_OPTIONS:
        return told
    more = tongue("There may be more than can be listed: write a word of its name that no other has.")
    return f"{told} {more}".strip()


def typed(value: Json, kind: Kind = Kind.JSON, *, tongue: Tongue | None = None) -> str:
    """A canonical value as a person would type it, with the decimal mark of their language; `Field.read` gives the same
    value back."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case {"minor": int(), "currency": str()}:
            sum_ = str(Money.of(value))
            return sum_ if tongue is None else sum_.replace(".", tongue.number(Decimal("0.5"))[1])
        case int():
            return str(value)
        case _ if kind is Kind.FIELDS and is_mapping(value):
            return properties.typed(value)
        case _:
            return canonical(value)


def choices_of(kind: Kind, choices: tuple[str, ...]) -> tuple[str, ...]:
    """What a field of this kind is chosen from, in the order in which it is shown; empty where it is not."""
    return ("yes", "no") if kind is Kind.BOOLEAN else choices


LEAVES = frozenset({"cancel", "annuler", "annule"})
"""The words that leave a form which is asked question by question."""


def mark(place: str, person: str) -> str:
    """Under which name the form is kept that this person fills in this place, question by question."""
    return f"form:{person}:{place}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A form under way in a chat: one question at a time, kept between messages as JSON. One that was `left` asks
    nothing until its card is edited again, and then goes on."""

    ref: str
    revision: int
    person: str
    names: tuple[str, ...]
    at: int = 0
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    options: Mapping[str, tuple[Option, ...]] = field(default_factory=dict[str, tuple[Option, ...]])
    left: bool = False
    slot: str = ""
    """The message that asks now."""

    @property
    def over(self) -> bool:
        return self.at >= len(self.names)

    @property
    def asking(self) -> str:
        """The name of the field that is asked for now."""
        return self.names[self.at]

    def pressed(self, value: str) -> str | None:
        """The answer that a button below the question asked now stands for; None for one of another question."""
        mine = f"{self.at}:"
        return value.removeprefix(mine) if value.startswith(mine) else None

    def picked(self, text: str, choices: Mapping[str, str]) -> str:
        """The value behind what was pressed or typed: an option's number, its words, or the value itself. A field without
        live options may have fixed `choices`, each by its value with what it is called."""
        fixed = [Option(value=value, label=label) for value, label in choices.items()]
        offered = self.options.get(self.asking) or fixed
        if text.startswith("#") and text[1:].isdecimal() and 0 < int(text[1:]) <= len(offered):
            return offered[int(text[1:]) - 1].value
        said = text.strip().casefold()
        return next((each.value for each in offered if each.label.casefold() == said), text)

    def answered(self, text: str) -> "Steps":
        """One answer further. A single dot keeps the value as it is."""
        values = dict(self.values) if text.strip() == "." else {**self.values, self.asking: text}
        return replace(self, at=self.at + 1, values=values)

    def as_json(self) -> Json:
        return {
            "ref": self.ref,
            "revision": self.revision,
            "person": self.person,
            "names": list(self.names),
            "at": self.at,
            "values": dict(self.values),
            "options": {
                name: [[each.value, each.label] for each in offered] for name, offered in self.options.items()
            },
            "left": self.left,
            "slot": self.slot,
        }

    @staticmethod
    def of(value: Json) -> "Steps":
        """The inverse of `as_json`."""
        return Steps(
            ref=value["ref"],
            revision=value["revision"],
            person=value["person"],
            names=tuple(value["names"]),
            at=value["at"],
            values=dict(value["values"]),
            options={
                name: tuple(Option(value=each, label=label) for each, label in offered)
                for name, offered in value.get("options", {}).items()
            },
            left=bool(value.get("left")),
            slot=str(value.get("slot", "")),
        )
