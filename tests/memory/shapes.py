"""Hypothesis strategies for any noun, read from its annotations."""

import types
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

Any_ = st.SearchStrategy[Any]


def _zoned(naive: datetime, minutes: int | None) -> datetime:
    return naive.replace(tzinfo=UTC if minutes is None else timezone(timedelta(minutes=minutes)))


# The days at either end of the calendar leave room for the offset.
moments: st.SearchStrategy[datetime] = st.builds(
    _zoned,
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),  # noqa: DTZ001
    st.none() | st.integers(-14 * 60, 14 * 60),
)
numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
jsons: Any_ = st.recursive(
    st.none() | st.booleans() | numbers | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


def of(shape: Any) -> Any_:
    """Any value of the annotated shape. Raises TypeError for one this file does not know."""
    simple: dict[Any, Any_] = {
        Any: jsons,
        datetime: moments,
        str: st.text(max_size=20),
        int: st.integers(),
        float: st.floats(allow_nan=False, allow_infinity=False),
        bool: st.booleans(),
        type(None): st.none(),
    }
    if shape in simple:
        return simple[shape]
    if isinstance(shape, type) and issubclass(shape, Enum):
        return st.sampled_from(list(shape))
    if isinstance(shape, type) and is_dataclass(shape):
        return st.deferred(lambda: _noun(shape))
    return _generic(shape)


def _generic(shape: Any) -> Any_:
    inner = get_args(shape)
    origin = get_origin(shape)
    if origin in (types.UnionType, Union):
        return st.one_of(*(of(each) for each in inner))
    if origin is Literal:
        return st.sampled_from(inner)
    if origin is tuple and inner[-1] is Ellipsis:
        return st.lists(of(inner[0]), max_size=3).map(tuple)
    if origin is tuple:
        return st.tuples(*(of(each) for each in inner))
    if origin is Mapping:
        return st.dictionaries(of(inner[0]), of(inner[1]), max_size=3)
    raise TypeError(f"no strategy for {shape!r}")


def _noun(shape: Any) -> Any_:
    hints = get_type_hints(shape)
    return st.builds(shape, **{field.name: of(hints[field.name]) for field in fields(shape)})
