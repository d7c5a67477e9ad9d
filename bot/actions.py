"""What can be done: typed actions on connected systems, and one exact call of one.

A Call is canonical: the same deed always has the same digest. What was approved is what runs.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import IntEnum, StrEnum
from itertools import zip_longest

from bot import properties
from bot.charts import Chart
from bot.errors import BadInput, Choices, Refused
from bot.values import Json, Money, canonical, digest, is_amount, is_mapping, is_sequence

_LONGEST_TEXT = 20_000
_LONGEST_WORD = 100
_LONGEST_NAME = 200
_MOST_PROPERTIES = 100
_LARGEST_NUMBER = 10**15
_LARGEST_ID = 10**18
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class Risk(IntEnum):
    """How much an action can hurt. Ordered: a higher class is never treated as a lower one."""

    R0 = 0
    """Reads."""
    R1 = 1
    """Reversible and private."""
    R2 = 2
    """Leaves the perimeter: someone else sees it."""
    R3 = 3
    """Money, credentials, access, deletion."""


class Reversal(StrEnum):
    """What can be done afterwards. Said on the card beforehand."""

    REVERSIBLE = "reversible"
    COMPENSABLE = "compensable"
    IRREVERSIBLE = "irreversible"


class Kind(StrEnum):
    """The type of a field's value, and so how it is read, shown and asked for."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    MONEY = "money"
    CHOICE = "choice"
    BOOLEAN = "boolean"
    DATE = "date"
    MOMENT = "moment"
    OBJECT = "object"
    """The id of a thing in the system (an order, a customer)."""
    EMAIL = "email"
    URL = "url"
    FIELDS = "fields"
    """Values by names that only the other side knows: a page's properties, a record's fields. Texts and lists of
    texts; the system turns each into the type it has over there."""
    JSON = "json"
    TERMS = "terms"
    """What the fields of another call must be; see `bot.terms`."""


class Mode(StrEnum):
    """Who fills a field: the mind, a person who types, or a person who picks from live options. What a system
    declares holds until an owner says otherwise. Nobody edits a FIXED one: it follows from what happened."""

    FIXED = "fixed"
    AUTO = "auto"
    MANUAL = "manual"
    SELECTOR = "selector"


class Narrows(StrEnum):
    """How a number makes a list shorter. It is how plain words say what they want of it."""

    ABOVE = "above"
    """Only what is more than so much."""
    BELOW = "below"
    """Only what is less."""
    LAST = "last"
    """Only what was in the last so many days, today included."""


class Part(StrEnum):
    """What a field means to a person judging the call."""

    OBJECT = "object"
    RECIPIENT = "recipient"
    AMOUNT = "amount"
    CONTENT = "content"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One argument. `title`, `help` and `titles` are English and double as message ids for translation. `titles` are what
    the `choices` are called, in their order; without any they are called what they are. The value is what is sent.

    `currency` is assumed for MONEY when a person names none. `longest` bounds text, in characters. The words of a
    `forgettable` field are what somebody may ask to be forgotten: the ledger, which forgets nothing, keeps none.

    A number that `narrows` a list counts in `unit` ("day", or "" for things); `all` is the one that leaves nothing out.
    `column` is what the lists of its system call the value that goes into this field, where that is not its own name.
    """

    name: str
    title: str
    kind: Kind = Kind.TEXT
    help: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    default: Json = None
    mode: Mode = Mode.AUTO
    part: Part = Part.OTHER
    currency: str = ""
    longest: int = _LONGEST_TEXT
    forgettable: bool = False
    narrows: Narrows | None = None
    unit: str = ""
    all: Json = None
    column: str = ""

    def read(self, value: Json) -> Json:
        """The canonical JSON of what a person typed or a mind sent. Raises BadInput naming the field."""
        try:
            return self._read(value)
        except BadInput as error:
            raise BadInput("{name}: {why}", name=self.name, why=error, field=self.name) from error

    def _read(self, value: Json) -> Json:
        match self.kind:
            case Kind.MONEY:
                if is_mapping(value):
                    amount = Money.of(value)
                else:
                    amount = Money.parse(_text(value, _LONGEST_WORD), currency=self.currency)
                if self.part is Part.AMOUNT and amount.minor <= 0:
                    raise BadInput("an amount must be more than zero")
                return amount.as_json()
            case Kind.INTEGER:
                return _integer(value)
            case Kind.BOOLEAN:
                return _boolean(value)
            case Kind.CHOICE:
                return self._choice(_text(value, self.longest))
            case Kind.DATE:
                return _iso(date.fromisoformat, value, "{text} is not a date, for example 2026-03-31")
            case Kind.MOMENT:
                moment = datetime.fromisoformat(
                    _iso(
                        datetime.fromisoformat,
                        value,
                        "{text} is not a moment, for example 2026-03-31T09:00+02:00",
                    )
                )
                if moment.tzinfo is None:
                    raise BadInput("name the offset from UTC too, for example 2026-03-31T09:00+02:00")
                return moment.isoformat()
            case Kind.EMAIL:
                text = _printable(_text(value, 254))
                if not re.fullmatch(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>]+", text):
                    raise BadInput("{text} is not an e-mail address", text=repr(text))
                return text
            case Kind.URL:
                text = _printable(_text(value, 2_000))
                if not re.fullmatch(r"https?://[^\s/@]+(/\S*)?", text):
                    raise BadInput("{text} is not a web address", text=repr(text))
                return text
            case Kind.FIELDS:
                return _properties(value, self.longest)
            case Kind.JSON | Kind.TERMS:
                return _json(value)
            case Kind.OBJECT:
                return _printable(_text(value, self.longest))
            case Kind.TEXT:
                return _text(value, self.longest).strip()
            case Kind.LONG_TEXT:
                return _text(value, self.longest)

    def _choice(self, text: str) -> str:
        said = text.strip().casefold()
        for names in (self.choices, self.titles):
            for choice, name in zip(self.choices, names, strict=False):
                if name.casefold() == said:
                    return choice
        raise BadInput(
            "choose one of {choices}", choices=Choices(zip_longest(self.choices, self.titles, fillvalue=""))
        )


def _text(value: Json, longest: int) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not abs(value) <= _LARGEST_ID:  # false for NaN, too
            raise BadInput("this number is too large")
        value = str(value)
    if not isinstance(value, str):
        raise BadInput("a text is expected")
    # Browsers send line ends as CR LF: an unchanged form must not look edited.
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if len(text) > longest:
        raise BadInput("at most {longest} characters, this has {n}", longest=longest, n=len(text))
    if "\x00" in text:
        raise BadInput("a text cannot contain the NUL character")
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise BadInput("a text cannot contain half a character")
    return text


def _printable(text: str) -> str:
    """Addresses and ids decide who and what: characters that hide or turn others round have no place there."""
    text = text.strip()
    if not text.isprintable():
        raise BadInput("{text} contains characters that cannot be seen", text=repr(text))
    return text


def _properties(value: Json, longest: int) -> dict[str, Json]:
    """Values by name, sorted by it: one canonical text or list of texts each; "" clears."""
    given = properties.parse(_text(value, longest)) if isinstance(value, str) else value
    if not is_mapping(given) or not given:
        raise BadInput("name at least one value, for example Status=Done; Due=2026-03-31")
    if len(given) > _MOST_PROPERTIES:
        raise BadInput("at most {most} values at once, these are {n}", most=_MOST_PROPERTIES, n=len(given))
    found: dict[str, Json] = {}
    for key, each in given.items():
        name = _printable(_text(key, _LONGEST_NAME))
        if not name or name in found:
            raise BadInput("each value needs a name of its own")
        found[name] = [_plain(item, longest) for item in each] if is_sequence(each) else _plain(each, longest)
    return dict(sorted(found.items()))


def _plain(value: Json, longest: int) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float() if value.is_integer():
            return _text(int(value), longest)
        case _:
            return _text(value, longest).strip()


def _json(value: Json) -> Json:
    """JSON as a mind sends it, or as a person types it. Typed text that is not JSON stays a text."""
    if isinstance(value, str):
        try:
            parsed = json.loads(value, parse_constant=_not_json)
        except RecursionError as error:
            raise BadInput("this is nested too deeply") from error
        except ValueError:
            parsed = value
        value = value if parsed is None or isinstance(parsed, str) else parsed
        if isinstance(value, str):
            return _text(value, _LONGEST_TEXT)
    return json.loads(canonical(value))


def _not_json(word: str) -> Json:
    raise ValueError(word)


def _integer(value: Json) -> int:
    if isinstance(value, bool):
        raise BadInput("a whole number is expected")
    if isinstance(value, int):
        number = value
    elif isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,16}\s*", value, re.ASCII):
        number = int(value)
    else:
        raise BadInput("a whole number is expected")
    if abs(number) > _LARGEST_NUMBER:
        raise BadInput("this number is too large")
    return number


_YES = {"yes", "true", "on", "1", "oui", "vrai"}
_NO = {"no", "false", "off", "0", "non", "faux"}


def _boolean(value: Json) -> bool:
    if isinstance(value, bool):
        return value
    word = _text(value, _LONGEST_WORD).strip().casefold()
    if word in _YES or word in _NO:
        return word in _YES
    raise BadInput("answer yes or no")


def _iso(parse: Callable[[str], date], value: Json, otherwise: str) -> str:
    text = _text(value, _LONGEST_WORD).strip()
    try:
        return parse(text).isoformat()
    except ValueError as error:
        raise BadInput(otherwise, text=repr(text)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One deed a system offers. `name` is `system.verb`; `title` is its verb phrase in English.

    `live` says that the call reaches beyond the machine at once (an e-mail, a web request).
    `keyed` says that the provider honours an idempotency key for it. `egress` says that a read carries
    something out (the address it opens, the words it searches elsewhere). `inner` names the field that
    names another action, for tools that call tools: it is judged by what it would call. `definition` is the
    digest of what others say the action is, where others define it. `rows` are the names of the values that each
    entry of its data has, for a read that returns a list: what later steps can be filled with.
    """

    name: str
    title: str
    help: str = ""
    risk: Risk = Risk.R3
    reversal: Reversal = Reversal.IRREVERSIBLE
    fields: tuple[Field, ...] = ()
    keyed: bool = False
    egress: bool = False
    inner: str = ""
    definition: str = ""
    rows: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        system, dot, verb = self.name.partition(".")
        if not dot or not _NAME.fullmatch(system) or not verb:
            raise ValueError(f"an action is named system.verb, not {self.name!r}")

    @property
    def system(self) -> str:
        """The part of the name before the dot."""
        return self.name.partition(".")[0]

    @property
    def forgettable(self) -> bool:
        """Whether what it is about may have to be forgotten: then the ledger keeps that it was done, and no words."""
        return any(field.forgettable for field in self.fields)

    @property
    def editable(self) -> tuple[Field, ...]:
        """The fields a person may change on the card."""
        return tuple(field for field in self.fields if field.mode is not Mode.FIXED)

    def field(self, name: str) -> Field:
        """The field of that name. Raises BadInput that lists the fields there are."""
        for candidate in self.fields:
            if candidate.name == name:
                return candidate
        known = ", ".join(f.name for f in self.fields) or "none"
        raise BadInput(
            "{action} has no field {name}; its fields: {known}",
            action=self.name,
            name=repr(name),
            known=known,
            field=name,
        )

    def read(self, arguments: Mapping[str, Json], *, waiting: Collection[str] = ()) -> dict[str, Json]:
        """Canonical arguments in the order of the fields, defaults filled in. Those named in `waiting` may be
        missing: a person fills them. Raises BadInput."""
        for name in arguments:
            self.field(name)
        read: dict[str, Json] = {}
        for each in self.fields:
            value = arguments.get(each.name)
            if value is None or (isinstance(value, str) and not value.strip()):
                if each.default is not None:
                    value = each.default
                elif each.required and each.name not in waiting:
                    why = Refused(each.help or each.title)
                    raise BadInput(
                        "{action} needs {name}: {why}",
                        action=self.name,
                        name=each.name,
                        why=why,
                        field=each.name,
                    )
                else:
                    continue
            read[each.name] = each.read(value)
        return read

    @property
    def fingerprint(self) -> str:
        """Changes whenever the definition does: an approval of the old definition is not one of the new."""
        fields = [[f.name, f.kind, f.part, f.required, list(f.choices)] for f in self.fields]
        told = [self.name, self.title, int(self.risk), self.reversal, self.egress, self.inner, fields]
        return digest([*told, self.definition] if self.definition else told)[:16]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Which account a system is connected to. `live` is False for test modes and the demo shop."""

    system: str
    label: str
    live: bool = False

    def called(self, tongue: Callable[[str], str]) -> str:
        """What people call it, by a Tongue. The name of the demo shop is ours, and so in their language; any other is its
        owner's, and stays as it is."""
        ours = (self.system, self.label) == ("demo", "Demo shop")
        return tongue("Demo shop") if ours else self.label


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One exact deed: an action, the account it runs on, and canonical arguments. `salt` is drawn where its words may have
    to be forgotten, and is forgotten with them."""

    action: str
    fingerprint: str
    account: Account
    arguments: Mapping[str, Json] = field(default_factory=dict[str, Json])
    salt: str = field(default="", compare=False)

    @property
    def sealed(self) -> str:
        """The digest as the ledger keeps it, which forgets nothing: once the salt is gone, nobody can tell by trying
        which few words it was of."""
        return self.seal(self.digest)

    def seal(self, of: str) -> str:
        """The same for another digest with these words in it."""
        return digest([self.salt, of]) if self.salt and of else of

    @property
    def digest(self) -> str:
        """What an approval is bound to."""
        return digest(
            {
                "action": self.action,
                "definition": self.fingerprint,
                "account": [self.account.system, self.account.label, self.account.live],
                "arguments": dict(self.arguments),
            }
        )

    def money(self) -> tuple[Money, ...]:
        """The amounts among the arguments."""
        return tuple(Money.of(value) for value in self.arguments.values() if is_amount(value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One line of before → after. Values are JSON as in arguments (amounts as {minor, currency})."""

    title: str
    before: Json
    after: Json


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What a call would do now, read live. `version` changes when the target does: it is compared
    again at execution with everything that was shown (`facts` are lines with a title, in the reader's language), and a difference asks again instead of acting on what
    nobody saw. The same target and call give the same preview. `asides` are shown like facts and not compared:
    they help to judge, and change by themselves. So does a `picture`, which stands above the card. The fields that are
    `spoken` stand among the facts in words: their exact values are in the full view."""

    subject: str = ""
    link: str = ""
    recipient: str = ""
    changes: tuple[Change, ...] = ()
    version: str = ""
    notes: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    asides: tuple[tuple[str, str], ...] = ()
    picture: Chart | None = None
    spoken: tuple[str, ...] = ()

    @property
    def seen(self) -> str:
        """The digest of all a person was shown of it, its version included."""
        changes = [[change.title, change.before, change.after] for change in self.changes]
        return digest(
            [
                self.version,
                self.subject,
                self.link,
                self.recipient,
                changes,
                list(self.notes),
                *map(list, self.facts),
            ]
        )


MOST_OPTIONS = 100
"""The live options of a field that a system offers at once. As many as that: there may be more over there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One live choice for a field: the value that is sent and the words a person picks by."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What came back from a deed. `undo` is the call that takes it back, where there is one.

    `text` is one sentence; `data` is what was read or made, as JSON. `tainted` is for what the assistant's
    own system returns: what others return always is.
    """

    id: str = ""
    text: str = ""
    link: str = ""
    changes: tuple[Change, ...] = ()
    data: Json = None
    undo: "Undo | None" = None
    repeated: bool = False
    tainted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """How to take a deed back: another action, judged and carded like any other."""

    action: str
    arguments: Mapping[str, Json]
    until: datetime | None = None


def with_arguments(call: Call, arguments: Mapping[str, Json]) -> Call:
    """The same action and account with other canonical arguments."""
    return replace(call, arguments=dict(arguments))
