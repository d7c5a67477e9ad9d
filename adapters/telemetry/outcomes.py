"""How a step ended, in one of seven words. Of an error its kind alone: its text may quote somebody."""

import asyncio
from enum import StrEnum

from bot.errors import Failed, OutcomeUnknown, Refused, Stale, Unreachable, VigieError


class Ended(StrEnum):
    OK = "ok"
    REFUSED = "refused"
    """Understood and not done: bad input, not permitted, no longer so."""
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    UNKNOWN = "unknown"
    BROKE = "broke"
    """A defect."""
    CANCELLED = "cancelled"


TROUBLE = frozenset({Ended.FAILED, Ended.UNREACHABLE, Ended.UNKNOWN, Ended.BROKE})
"""The other side did not do its part."""


def of(error: BaseException | None) -> Ended:
    """What the error that ended it says."""
    match error:
        case None:
            return Ended.OK
        case Unreachable():
            return Ended.UNREACHABLE
        case OutcomeUnknown() | TimeoutError():
            return Ended.UNKNOWN
        case Refused() | Stale():
            return Ended.REFUSED
        case Failed() | VigieError():
            return Ended.FAILED
        case asyncio.CancelledError():
            return Ended.CANCELLED
        case _:
            return Ended.BROKE
