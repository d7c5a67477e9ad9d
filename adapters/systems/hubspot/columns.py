"""HubSpot's properties: what a person typed as the text HubSpot keeps, by the live definition. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from adapters.systems.answers import items, part
from adapters.systems.spelled import decimal, once, yes_or_no
from bot.errors import BadInput
from bot.speech import Tongue
from bot.values import Json, as_list

_NEAREST = 3
_MOST_LISTED = 15


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One property of a sort of object. `options` are its values by label."""

    name: str
    label: str
    type: str
    many: bool = False
    read_only: bool = False
    options: Mapping[str, str] = field(default_factory=dict[str, str], compare=False)

    def kept(self, value: Json, tongue: Tongue) -> str:
        """The text HubSpot keeps for it. Raises BadInput."""
        if self.read_only:
            raise BadInput(tongue("{name} is kept by HubSpot itself and cannot be set.", name=self.label))
        given = [str(each) for each in as_list(value)]
        if given == [""] or not given:
            return ""
        if len(given) > 1 and not self.many:
            raise BadInput(tongue("{name} holds one value.", name=self.label))
        if self.many:
            parts = [each.strip() for item in given for each in self._parted(item)]
            return ";".join(self._one(each, tongue) for each in parts if each)
        return self._one(given[0], tongue)

    def _parted(self, item: str) -> list[str]:
        whole = item.casefold() in {each.casefold() for pair in self.options.items() for each in pair}
        return [item] if whole else item.split(";" if ";" in item else ",")

    def _one(self, text: str, tongue: Tongue) -> str:
        match self.type:
            case "enumeration" if self.options:
                return self._option(text, tongue)
            case "bool":
                return "true" if yes_or_no(text, self.label, tongue) else "false"
            case "number":
                return decimal(text, self.label, tongue)
            case "date":
                return _date(text, self.label, tongue)
            case "datetime":
                return _moment(text, self.label, tongue)
            case _:
                return text

    def _option(self, text: str, tongue: Tongue) -> str:
        for label, value in self.options.items():
            if text.casefold() in (label.casefold(), value.casefold()):
                return value
        listed = list(self.options)[:_MOST_LISTED]
        more = " …" if len(self.options) > _MOST_LISTED else ""
        raise BadInput(
            tongue("{name} is one of: {choices}.", name=self.label, choices=", ".join(listed) + more)
        )

    def same(self, held: str, wanted: str) -> bool:
        """Whether the two texts are one value: HubSpot writes numbers and moments its own way, addresses in small
        letters and several choices in an order of its own."""
        return self._compared(held) == self._compared(wanted)

    def _compared(self, kept: str) -> object:
        try:
            match self.type:
                case "number" if kept:
                    return Decimal(kept)
                case "datetime" if kept:
                    return datetime.fromisoformat(kept)
                case "enumeration" if self.many:
                    return frozenset(kept.split(";"))
                case _:
                    return kept.casefold() if self.name == "email" else kept
        except (ValueError, InvalidOperation):
            return kept

    def told(self, kept: str) -> Json:
        """The kept text as people read it: the labels of options."""
        labels = {value: label for label, value in self.options.items()}
        if self.many and kept:
            return [labels.get(each, each) for each in kept.split(";")]
        return labels.get(kept, kept)


def columns(results: Iterable[Json]) -> tuple[Column, ...]:
    """The definitions as HubSpot lists them."""
    found: list[Column] = []
    for each in results:
        meta = part(each, "modificationMetadata")
        found.append(
            Column(
                name=str(each["name"]),
                label=str(each.get("label") or each["name"]),
                type=str(each.get("type") or "string"),
                many=each.get("fieldType") == "checkbox",
                read_only=bool(meta.get("readOnlyValue") or each.get("calculated")),
                options={str(o["label"]): str(o["value"]) for o in items(each, "options")},
            )
        )
    return tuple(found)


def named(known: Sequence[Column], name: str, tongue: Tongue) -> Column:
    """The property of that name or label. Raises BadInput with the nearest there are."""
    wanted = name.casefold()
    for column in known:
        if column.name.casefold() == wanted:
            return column
    labelled = [column for column in known if column.label.casefold() == wanted]
    if len(labelled) == 1:
        return labelled[0]
    near = get_close_matches(wanted, [column.name for column in known], n=_NEAREST, cutoff=0.5)
    if near:
        raise BadInput(
            tongue(
                "HubSpot has no property {name} here; the nearest: {near}.", name=name, near=", ".join(near)
            )
        )
    raise BadInput(tongue("HubSpot has no property {name} here.", name=name))


def kept(known: Sequence[Column], values: Mapping[str, Json], tongue: Tongue) -> dict[Column, str]:
    """Every value as HubSpot keeps it. Raises BadInput for the field `properties`."""
    found: dict[str, tuple[Column, str]] = {}
    try:
        for name, value in values.items():
            column = named(known, name, tongue)
            once(column.name, found)
            found[column.name] = (column, column.kept(value, tongue))
    except BadInput as error:
        raise BadInput("{why}", why=error, field="properties") from error
    return dict(found.values())


def _date(text: str, label: str, tongue: Tongue) -> str:
    try:
        return date.fromisoformat(text[:10] if text[10:11] == "T" else text).isoformat()
    except ValueError as error:
        raise BadInput(tongue("{name} is a date, for example 2026-03-31.", name=label)) from error


def _moment(text: str, label: str, tongue: Tongue) -> str:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            tongue("{name} is a moment, for example 2026-03-31T09:00+02:00.", name=label)
        ) from error
    if at.tzinfo is None and len(text) > len("2026-03-31"):
        raise BadInput(tongue("{name} is a moment, for example 2026-03-31T09:00+02:00.", name=label))
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
