"""Plain values: JSON, canonical text and digests, amounts of money. Knows nothing of actions."""

import hashlib
import json
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, TypeGuard, cast

from bot.errors import BadInput

Json: TypeAlias = Any
"""A JSON value. Pyright has no useful recursive spelling that pydantic also reads quickly."""


def is_mapping(value: Json) -> TypeGuard[Mapping[str, Json]]:
    """True for a JSON object."""
    return isinstance(value, Mapping)


def is_sequence(value: Json) -> TypeGuard[Sequence[Json]]:
    """True for a JSON array; a text is not one."""
    return isinstance(value, Sequence) and not isinstance(value, str | bytes)


def is_amount(value: Json) -> bool:
    """True for an amount as it stands in canonical arguments. Two texts that happen to be called like its parts
    are none."""
    return (
        is_mapping(value)
        and set(value) == {"minor", "currency"}
        and isinstance(value["minor"], int)
        and isinstance(value["currency"], str)
    )


def canonical(value: Json) -> str:
    """One text per value: sorted keys, no spaces, no NaN. Raises BadInput for what JSON cannot hold, half a
    surrogate pair included: JSON can spell it, but no database or platform takes it."""
    try:
        text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput("a value cannot be written as JSON: {why}", why=error) from error
    return text


def digest(value: Json) -> str:
    """SHA-256 of the canonical text, 64 hex digits."""
    return hashlib.sha256(canonical(value).encode()).hexdigest()


# Minor-unit exponents that differ from 2, from ISO 4217's list of active codes.
_EXPONENTS = {
    **dict.fromkeys(("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF").split(), 0),
    **dict.fromkeys(("BHD IQD JOD KWD LYD OMR TND").split(), 3),
    **dict.fromkeys(("CLF UYW").split(), 4),
}
_SYMBOLS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_LARGEST = 10**15

_UNIT = "[A-Z]{3}|[€$£¥]"
_AMOUNT = re.compile(
    rf"(?P<before>{_UNIT})?\s*"
    r"(?P<whole>[+-]?(?:[0-9]{1,3}(?: [0-9]{3})+|[0-9]{1,18}))(?:(?P<mark>[.,])(?P<decimals>[0-9]{1,9}))?"
    rf"\s*(?P<after>{_UNIT})?",
    re.ASCII | re.IGNORECASE,
)


def exponent(currency: str) -> int:
    """How many decimals the currency has: 2 for EUR, 0 for JPY, 3 for KWD."""
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents) of an ISO 4217 currency."""

    minor: int
    currency: str

    @property
    def major(self) -> Decimal:
        """The amount in major units, with exactly the currency's decimals."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __str__(self) -> str:
        return f"{self.major:f} {self.currency}"

    def as_json(self) -> dict[str, Json]:
        """How an amount stands in canonical arguments."""
        return {"minor": self.minor, "currency": self.currency}

    @staticmethod
    def of(value: Json) -> "Money":
        """The inverse of `as_json`. Raises BadInput."""
        match value:
            case {"minor": int(minor), "currency": str(currency)} if (
                not isinstance(minor, bool) and len(value) == 2
            ):
                if abs(minor) > _LARGEST:
                    raise BadInput("this amount is larger than any this assistant handles")
                return Money(minor, _currency(currency))
            case _:
                raise BadInput("an amount reads {minor, currency}")

    @staticmethod
    def parse(text: str, *, currency: str = "") -> "Money":
        """Reads `49.90`, `49,90 €`, `EUR 49.90`, `$5`, `1 234,50`; the given currency is used where none is
        named.

        A comma or a point is the decimal mark and a space may part thousands. Other grouping marks are
        refused because `1,000` and `1.000` mean different sums to different people. Raises BadInput with
        what to write instead.
        """
        found = _AMOUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
        if not found or (found["before"] and found["after"]):
            raise BadInput("{text} is not one amount; write for example 49.90 EUR", text=repr(text))
        unit = found["before"] or found["after"] or currency
        code = _currency(_SYMBOLS.get(unit, unit))
        places = exponent(code)
        decimals = found["decimals"] or ""
        if len(decimals) == 3 and (places != 3 or found["mark"] == ","):
            raise BadInput("{text} could mean two sums; write it without a thousands mark", text=repr(text))
        if decimals[places:].strip("0"):
            raise BadInput("{code} has {n} decimals; {text} has more", code=code, n=places, text=repr(text))
        minor = int(found["whole"].replace(" ", "") + decimals[:places].ljust(places, "0"))
        if abs(minor) > _LARGEST:
            raise BadInput("{text} is larger than any amount this assistant handles", text=repr(text))
        return Money(minor, code)


def _currency(code: str) -> str:
    if len(code) == 3 and code.isascii() and code.isalpha():
        return code.upper()
    raise BadInput("name the currency with its three letters, for example EUR")


def shown(value: Json) -> str:
    """A value as plain words on one line, for lists and logs that people read. Never for a digest."""
    match value:
        case None:
            return "—"
        case bool():
            return "yes" if value else "no"
        case {"minor": int(), "currency": str()}:
            return str(Money.of(value))
        case str():
            return value
        case _ if is_mapping(value):
            return ", ".join(f"{key}: {shown(item)}" for key, item in value.items())
        case _ if is_sequence(value):
            return ", ".join(shown(item) for item in value)
        case _:
            return str(value)


def as_list(value: Json) -> list[Json]:
    """The value when it is a list, else a list of it alone."""
    return cast("list[Json]", value) if isinstance(value, list) else [value]


def as_object(value: Json) -> dict[str, Json]:
    """The value when it is an object. Raises BadInput."""
    if isinstance(value, dict):
        return cast("dict[str, Json]", value)
    raise BadInput("an object with named parts is expected")
