"""As much of Airtable's formula language as a filter needs here, strictly: what it does not know is an error, as over
there. Reference: support.airtable.com, "Formula field reference".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.values import Json

_TOKEN = re.compile(
    r'\s*(?:(?P<text>"(?:[^"\\]|\\.)*")|(?P<field>\{(?:[^}\\]|\\.)+\})|(?P<name>[A-Z_]+)|(?P<sign>[(),&=]))'
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}


class NoFormula(Exception):
    """It cannot be read, or names a column that is not there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What a formula is asked about."""

    created: str
    fields: Mapping[str, Json]
    columns: frozenset[str]


def holds(formula: str, row: Row) -> bool:
    """Whether it is true of the row. Raises NoFormula."""
    reader = _Reader(formula, row)
    value = reader.whole()
    if reader.left():
        raise NoFormula(formula)
    return bool(value)


class _Reader:
    def __init__(self, formula: str, row: Row) -> None:
        self._formula, self._row, self._at = formula, row, 0

    def left(self) -> bool:
        return bool(self._formula[self._at :].strip())

    def whole(self) -> Json:
        value = self._joined()
        while self._take("="):
            value = _text(value) == _text(self._joined())
        return value

    def _joined(self) -> Json:
        value = self._one()
        while self._take("&"):
            value = _text(value) + _text(self._one())
        return value

    def _one(self) -> Json:
        found = _TOKEN.match(self._formula, self._at)
        if found is None:
            raise NoFormula(self._formula[self._at :])
        self._at = found.end()
        if found["text"]:
            return _plain(found["text"][1:-1])
        if found["field"]:
            name = _plain(found["field"][1:-1])
            if name not in self._row.columns:
                raise NoFormula(name)
            return self._row.fields.get(name, "")
        if found["name"]:
            return self._called(found["name"])
        raise NoFormula(found[0])

    def _called(self, name: str) -> Json:
        if not self._take("("):
            raise NoFormula(name)
        given: list[Json] = []
        while not self._take(")"):
            given.append(self.whole())
            self._take(",")
            if not self.left():
                raise NoFormula(name)
        match name, given:
            case "OR", _:
                return any(given)
            case "FIND", [needle, text]:
                return _text(text).find(_text(needle)) + 1
            case "LOWER", [text]:
                return _text(text).lower()
            case "CREATED_TIME", []:
                return self._row.created
            case "IS_AFTER", [one, other]:
                return datetime.fromisoformat(str(one)) > datetime.fromisoformat(str(other))
            case _:
                raise NoFormula(name)

    def _take(self, sign: str) -> bool:
        found = _TOKEN.match(self._formula, self._at)
        if found is None or found["sign"] != sign:
            return False
        self._at = found.end()
        return True


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text)


def _text(value: Json) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)  # pyright: ignore[reportUnknownArgumentType]
