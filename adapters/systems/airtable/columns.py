"""Airtable's columns: what a person typed as the value a column keeps, by its live type, and back. Pure.

Types and values: airtable.com/developers/web/api/field-model. What Airtable works out by itself is never set here,
and the interface's own guessing (`typecast`) stays off: a choice that is not there is refused with those that are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from difflib import get_close_matches

from adapters.systems.answers import items, part, word
from adapters.systems.spelled import decimal, once, yes_or_no
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, as_list, is_mapping

_TEXTS = frozenset(["singleLineText", "multilineText", "richText", "email", "url", "phoneNumber"])
_NUMBERS = frozenset(["number", "currency", "percent", "rating", "duration"])
_PEOPLE = frozenset(["singleCollaborator", "multipleCollaborators"])
_LISTS = frozenset(["multipleSelects", "multipleRecordLinks", "multipleCollaborators"])
WRITABLE = _TEXTS | _NUMBERS | _PEOPLE | _LISTS | {"singleSelect", "checkbox", "date", "dateTime", "barcode"}
SEARCHED = _TEXTS | {"singleSelect", "multipleSelects", "number", "currency"}
_MOST_LISTED = 15
_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of a table. `choices` are the names of a select's options."""

    id: str
    name: str
    type: str
    choices: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """What people see of it."""
        return self.name

    def kept(self, value: Json, tongue: Tongue) -> Json:
        """What Airtable keeps for it, None to empty it. Raises BadInput."""
        if self.type not in WRITABLE:
            raise BadInput(tongue("{name} cannot be set from here.", name=self.name))
        given = [text for text in (str(each).strip() for each in as_list(value)) if text]
        if self.type in _LISTS:
            parts = [one for text in given for one in self._parted(text)]
            return [self._one(each, tongue) for each in dict.fromkeys(parts)] or None
        if len(given) > 1:
            raise BadInput(tongue("{name} holds one value.", name=self.name))
        return self._one(given[0], tongue) if given else None

    def _parted(self, text: str) -> list[str]:
        whole = text.casefold() in {choice.casefold() for choice in self.choices}
        return [text] if whole else [each.strip() for each in text.split(",") if each.strip()]

    def _one(self, text: str, tongue: Tongue) -> Json:
        match self.type:
            case "singleSelect" | "multipleSelects":
                return self._choice(text, tongue)
            case "checkbox":
                return yes_or_no(text, self.name, tongue) or None
            case "number" | "currency" | "rating" | "duration":
                return _number(decimal(text, self.name, tongue))
            case "percent":
                return self._percent(text, tongue)
            case "date":
                return _date(text, self.name, tongue)
            case "dateTime":
                return _moment(text, self.name, tongue)
            case "singleCollaborator" | "multipleCollaborators":
                return {"email": text} if "@" in text else {"id": text}
            case "multipleRecordLinks":
                if not text.startswith("rec"):
                    raise BadInput(
                        tongue("{name} links to records by their ids, for example recABC….", name=self.name)
                    )
                return text
            case "barcode":
                return {"text": text}
            case _:
                return text

    def _choice(self, text: str, tongue: Tongue) -> str:
        for choice in self.choices:
            if choice == text:
                return choice
        for choice in self.choices:
            if choice.casefold() == text.casefold():
                return choice
        more = " …" if len(self.choices) > _MOST_LISTED else ""
        listed = ", ".join(self.choices[:_MOST_LISTED]) + more
        raise BadInput(tongue("{name} is one of: {choices}.", name=self.name, choices=listed))

    def _percent(self, text: str, tongue: Tongue) -> Json:
        """`25%` and `0.25` are the same, as Airtable keeps it."""
        if not text.endswith("%"):
            return _number(decimal(text, self.name, tongue))
        return _number(f"{Decimal(decimal(text[:-1], self.name, tongue)) / 100:f}")

    def told(self, value: Json) -> Json:
        """The kept value as people read and type it: a text or a list of texts, "" for nothing."""
        match value:
            case None | False:
                return "no" if self.type == "checkbox" else ""
            case True:
                return "yes"
            case int():
                return str(value)
            case float():
                return f"{Decimal(str(value)):f}"
            case list():
                return [str(self.told(each)) for each in as_list(value)]
            case _ if is_mapping(value):
                return next(
                    (word(value, key) for key in ("email", "name", "text", "url", "id") if word(value, key)),
                    "",
                )
            case _:
                return str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table of a base. The first of `columns` that is the primary one names its records."""

    id: str
    name: str
    primary: str
    columns: tuple[Column, ...] = field(default=())

    def column(self, name: str, tongue: Tongue) -> Column:
        """The column of that name or id. Raises BadInput with the nearest there are."""
        for each in self.columns:
            if name in (each.name, each.id):
                return each
        same = [each for each in self.columns if each.name.casefold() == name.casefold()]
        if len(same) == 1:
            return same[0]
        near = get_close_matches(name, [each.name for each in self.columns], n=_NEAREST, cutoff=0.5)
        listed = ", ".join(near or [each.name for each in self.columns][:_MOST_LISTED])
        raise BadInput(
            tongue(
                "{table} has no column {name}; it has: {columns}.", table=self.name, name=name, columns=listed
            )
        )

    def kept(self, values: Mapping[str, Json], tongue: Tongue) -> dict[Column, Json]:
        """Every value as Airtable keeps it. Raises BadInput for the field `fields`."""
        found: dict[str, tuple[Column, Json]] = {}
        try:
            for name, value in values.items():
                column = self.column(name, tongue)
                once(column.name, found)
                found[column.name] = (column, column.kept(value, tongue))
        except BadInput as error:
            raise BadInput("{why}", why=error, field="fields") from error
        return dict(found.values())

    @property
    def named_by(self) -> str:
        """The name of the primary column."""
        return next((each.name for each in self.columns if each.id == self.primary), "")


def tables(body: Json) -> tuple[Table, ...]:
    """The tables as Airtable lists them."""
    return tuple(
        Table(
            id=word(each, "id"),
            name=word(each, "name"),
            primary=word(each, "primaryFieldId"),
            columns=tuple(_column(one) for one in items(each, "fields")),
        )
        for each in items(body, "tables")
    )


def _column(body: Json) -> Column:
    choices = [word(choice, "name") for choice in items(part(body, "options"), "choices")]
    return Column(
        id=word(body, "id"), name=word(body, "name"), type=word(body, "type"), choices=tuple(choices)
    )


def same(one: Json, other: Json) -> bool:
    """Whether a column that holds one would hold the other: people by what was given of them."""
    if is_mapping(one) and is_mapping(other):
        return all(one.get(key) == value for key, value in other.items())
    if isinstance(one, list) and isinstance(other, list):
        mine, theirs = as_list(one), as_list(other)
        return len(mine) == len(theirs) and all(same(a, b) for a, b in zip(mine, theirs, strict=True))
    if isinstance(one, str) and isinstance(other, str) and _at(one) is not None:
        return _at(one) == _at(other)
    return (
        (one or None) == (other or None) if isinstance(one, bool) or isinstance(other, bool) else one == other
    )


def _at(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


def _number(text: str) -> int | float:
    number = Decimal(text)
    return int(number) if number == number.to_integral_value() else float(number)


def _date(text: str, name: str, tongue: Tongue) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise BadInput(tongue("{name} is a date, for example 2026-03-31.", name=name)) from error


def _moment(text: str, name: str, tongue: Tongue) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            tongue("{name} is a moment, for example 2026-03-31T09:00+02:00.", name=name)
        ) from error
    if at.tzinfo is None:
        raise BadInput(tongue("{name} is a moment, for example 2026-03-31T09:00+02:00.", name=name))
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def shown(table: Table, fields: Mapping[str, Json]) -> dict[str, Json]:
    """A record's values by name, as people read them; empty ones are left out, as Airtable does."""
    known = {each.name: each for each in table.columns}
    return {name: known[name].told(value) if name in known else value for name, value in fields.items()}


def formula_of(columns: Sequence[Column], words: str) -> str:
    """Airtable's formula for "one of these columns holds all of it", case aside."""
    wanted = quoted(words.casefold())
    tests = [f'FIND({wanted}, LOWER({{{escaped(each.name)}}} & ""))' for each in columns]
    return f"OR({', '.join(tests)})"


def quoted(text: str) -> str:
    """A text inside a formula."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + plain.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t") + '"'


def escaped(name: str) -> str:
    """A column's name inside the braces of a formula."""
    return name.replace("\\", "\\\\").replace("}", "\\}")
