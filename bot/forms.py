"""Forms: the fields of a proposal as a person edits them, all at once (a modal, a page) or step by step
in a chat that has no forms. Pure. Saving a form never approves anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot import properties, rows
from bot.actions import MOST_OPTIONS, Action, Field, Kind, Option
from bot.fieldmodes import Rules
from bot.proposals import Proposal
from bot.speech import Tongue
from bot.values import Json, Money, canonical, is_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field to fill. `value` is the text as a person would type it; `choices` closes the answers, and
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
                value=typed(proposal.call.arguments.get(each.name), each.kind),
                choices=choices_of(each.kind, each.choices),
                required=each.required,
                options=(options or {}).get(each.name, ()),
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


def typed(value: Json, kind: Kind = Kind.JSON) -> str:
    """A canonical value as a person would type it; `Field.read` gives the same value back."""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case str():
            return value
        case {"minor": int(), "currency": str()}:
            return str(Money.of(value))
        case int():
            return str(value)
        case _ if kind is Kind.FIELDS and is_mapping(value):
            return properties.typed(value)
        case _:
            return canonical(value)


def choices_of(kind: Kind, choices: tuple[str, ...]) -> tuple[str, ...]:
    """What a field of this kind is chosen from, in the order in which it is shown; empty where it is not."""
    return ("yes", "no") if kind is Kind.BOOLEAN else choices


@dataclass(frozen=True, slots=True, kw_only=True)
class Steps:
    """A form under way in a chat: one question at a time, kept between messages as JSON."""

    ref: str
    revision: int
    person: str
    names: tuple[str, ...]
    at: int = 0
    values: Mapping[str, str] = field(default_factory=dict[str, str])
    options: Mapping[str, tuple[Option, ...]] = field(default_factory=dict[str, tuple[Option, ...]])

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

    def picked(self, text: str, choices: tuple[str, ...]) -> str:
        """The value behind what was pressed or typed: an option's number, its words, or the value itself. A field without
        live options may have fixed `choices`."""
        offered = self.options.get(self.asking) or [Option(value=each, label=each) for each in choices]
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
        )
