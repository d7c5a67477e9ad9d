"""Moments as numbers: microseconds since 1970 in UTC. Pure.

Key columns hold these numbers and not text: they are exact, every database compares them the same way, and
ISO text sorts wrongly as soon as one moment has microseconds or an offset and the next has not.
"""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICRO = timedelta(microseconds=1)


def micros(moment: datetime) -> int:
    """The number of an aware moment. Raises TypeError for a naive one."""
    return (moment - _EPOCH) // _MICRO


def moment(number: int) -> datetime:
    """The inverse of `micros`, in UTC."""
    return _EPOCH + timedelta(microseconds=number)
