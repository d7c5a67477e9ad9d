"""Forms: the fields of a proposal as a person edits them, all at once (a modal, a page) or step by step
in a chat that has no forms. Pure. Saving a form never approves anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from bot import properties
from bot.actions import Action, Kind
from bot.proposals import Proposal
from bot.speech import Tongue
from bot.values import Json, Money, canonical, is_mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One field to fill. `value` is the text as a person would type it; `choices` closes the answers."""

    name: str
    title: str
    help: str
    kind: Kind
    value: str
    choices: tuple[str, ...] = ()
    required: bool = True


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


def sheet(proposal: Proposal, *, action: Action, tongue: Tongue) -> Sheet:
    """The form that edits this proposal."""
    return Sheet(
        ref=proposal.ref,
        revision=proposal.revision,
        code=proposal.code,
        title=tongue(action.title),
        entries=tuple(
            Entry(
                name=each.name,
                title=tongue(each.title),
                help=tongue(each.help) if each.help else "",
                kind=each.kind,
                value=typed(proposal.call.arguments.get(each.name), each.kind),
                choices=_choices(each.kind, each.choices),
                required=each.required,
            )
            for each in action.editable
        ),
    )


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


def _choices(kind: Kind, choices: tuple[str, ...]) -> tuple[str, ...]:
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

    @property
    def over(self) -> bool:
        return self.at >= len(self.names)

    @property
    def asking(self) -> str:
        """The name of the field that is asked for now."""
        return self.names[self.at]

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
        )
