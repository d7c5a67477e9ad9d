"""Zoho's fields: what a person typed as the value a field keeps, by its live definition, and back. Pure.

Types: zoho.com/crm/developer/docs/api/v8, "Fields metadata" and "Field types".
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches

from adapters.systems.answers import items, word
from adapters.systems.spelled import decimal, once, yes_or_no
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, as_list, is_mapping

_TEXTS = frozenset(["text", "textarea", "email", "phone", "website", "profileimage_text"])
_WHOLE = frozenset(["integer", "bigint"])
_NUMBERS = frozenset(["double", "currency", "percent"])
_LINKS = frozenset(["lookup", "ownerlookup", "userlookup"])
_SET = (
    _TEXTS | _WHOLE | _NUMBERS | _LINKS | {"picklist", "multiselectpicklist", "boolean", "date", "datetime"}
)
_EMPTY: tuple[Json, ...] = (None, "", [])
_MOST_LISTED = 15
_NEAREST = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One field of a module. `choices` are the kept values of a list by what people see."""

    name: str
    label: str
    type: str
    read_only: bool = False
    longest: int = 0
    choices: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)

    def kept(self, value: Json, tongue: Tongue) -> Json:
        """What Zoho keeps for it, None to empty it. Raises BadInput."""
        if self.read_only or self.type not in _SET:
            raise BadInput(tongue("{name} cannot be set from here.", name=self.label))
        given = [text for text in (str(each).strip() for each in as_list(value)) if text]
        if self.type == "multiselectpicklist":
            parts = [one for text in given for one in self._parted(text)]
            return [self._choice(each, tongue) for each in dict.fromkeys(parts)] or None
        if len(given) > 1:
            raise BadInput(tongue("{name} holds one value.", name=self.label))
        return self._one(given[0], tongue) if given else None

    def _parted(self, text: str) -> list[str]:
        whole = text.casefold() in {each.casefold() for pair in self.choices.items() for each in pair}
        return [text] if whole else [each.strip() for each in text.split(",") if each.strip()]

    def _one(self, text: str, tongue: Tongue) -> Json:
        match self.type:
            case "picklist":
                return self._choice(text, tongue)
            case "boolean":
                return yes_or_no(text, self.label, tongue)
            case _ if self.type in _WHOLE | _NUMBERS:
                return self._number(text, tongue)
            case "date":
                return self._date(text, tongue)
            case "datetime":
                return self._moment(text, tongue)
            case _ if self.type in _LINKS:
                if not (text.isascii() and text.isdigit()):
                    raise BadInput(tongue("{name} links to a record by its number.", name=self.label))
                return {"id": text}
            case _:
                if self.longest and len(text) > self.longest:
                    raise BadInput(
                        tongue("{name} holds at most {n} characters.", name=self.label, n=self.longest)
                    )
                return text

    def _choice(self, text: str, tongue: Tongue) -> str:
        for shown, value in self.choices.items():
            if text.casefold() in (shown.casefold(), value.casefold()):
                return value
        listed = ", ".join(list(self.choices)[:_MOST_LISTED]) + (
            " …" if len(self.choices) > _MOST_LISTED else ""
        )
        raise BadInput(tongue("{name} is one of: {choices}.", name=self.label, choices=listed))

    def _number(self, text: str, tongue: Tongue) -> int | float:
        number = Decimal(
            decimal(text.removesuffix("%") if self.type == "percent" else text, self.label, tongue)
        )
        if number == number.to_integral_value():
            return int(number)
        if self.type in _WHOLE:
            raise BadInput(tongue("{name} is a whole number.", name=self.label))
        return float(number)

    def _date(self, text: str, tongue: Tongue) -> str:
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise BadInput(tongue("{name} is a date, for example 2026-03-31.", name=self.label)) from error

    def _moment(self, text: str, tongue: Tongue) -> str:
        example = tongue("{name} is a moment, for example 2026-03-31T09:00+02:00.", name=self.label)
        try:
            at = datetime.fromisoformat(text)
        except ValueError as error:
            raise BadInput(example) from error
        if at.tzinfo is None:
            raise BadInput(example)
        return at.isoformat(timespec="seconds")

    def told(self, value: Json) -> Json:
        """The kept value as people read it, and could type it again: a text or a list of texts, "" for nothing."""
        shown = {kept: seen for seen, kept in self.choices.items()}
        match value:
            case None:
                return ""
            case bool():
                return "yes" if value else "no"
            case int():
                return str(value)
            case float():
                return f"{Decimal(str(value)):f}"
            case list():
                return [str(self.told(each)) for each in as_list(value)]
            case str():
                return shown.get(value, value)
            case _ if is_mapping(value):
                return word(value, "id") if self.type in _LINKS else word(value, "name")
            case _:
                return str(value)

    def same(self, one: Json, other: Json) -> bool:
        """Whether it would hold the same."""
        if self.type in _LINKS:
            return word(one, "id") == word(other, "id")
        if self.type == "datetime" and isinstance(one, str) and isinstance(other, str):
            return datetime.fromisoformat(one) == datetime.fromisoformat(other)
        return (one in _EMPTY and other in _EMPTY) or one == other


def columns(body: Json) -> tuple[Column, ...]:
    """The definitions as Zoho lists them."""
    found: list[Column] = []
    for each in items(body, "fields"):
        length = each.get("length")
        found.append(
            Column(
                name=word(each, "api_name"),
                label=word(each, "field_label") or word(each, "api_name"),
                type=word(each, "data_type"),
                read_only=bool(each.get("read_only") or each.get("field_read_only")),
                longest=length if isinstance(length, int) and not isinstance(length, bool) else 0,
                choices={
                    word(one, "display_value"): word(one, "actual_value")
                    for one in items(each, "pick_list_values")
                },
            )
        )
    return tuple(found)


def named(known: Sequence[Column], name: str, tongue: Tongue) -> Column:
    """The field of that name or label. Raises BadInput with the nearest there are."""
    wanted = name.casefold()
    found = [each for each in known if each.name.casefold() == wanted]
    found = found or [each for each in known if each.label.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    near = get_close_matches(name, [each.label for each in known], n=_NEAREST, cutoff=0.5)
    listed = ", ".join(near or [each.label for each in known][:_MOST_LISTED])
    raise BadInput(tongue("Zoho has no field {name} here; the nearest: {near}.", name=name, near=listed))


def kept(known: Sequence[Column], values: Mapping[str, Json], tongue: Tongue) -> dict[Column, Json]:
    """Every value as Zoho keeps it. Raises BadInput for the field `fields`."""
    found: dict[str, tuple[Column, Json]] = {}
    try:
        for name, value in values.items():
            column = named(known, name, tongue)
            once(column.name, found)
            found[column.name] = (column, column.kept(value, tongue))
    except BadInput as error:
        raise BadInput("{why}", why=error, field="fields") from error
    return dict(found.values())


def shown(known: Iterable[Column], record: Mapping[str, Json]) -> dict[str, Json]:
    """What is filled in of a record, by label."""
    told: dict[str, Json] = {}
    for each in known:
        value = record.get(each.name)
        if value in (None, "", [], False) or each.name.startswith("$"):
            continue
        told[each.label] = word(value, "name") or word(value, "id") if is_mapping(value) else each.told(value)
    return told
