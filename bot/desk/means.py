"""What the desk's deeds work with, and the checks they share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.actions import Receipt
from bot.doors import is_zone
from bot.errors import BadInput, NotAllowed
from bot.house import House
from bot.people import Person
from bot.store import Tx
from bot.triggers import Calendar
from bot.values import Json
from bot.world import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """`house` is asked for late, because the house holds the desk. `nudge` tells the alarm of a due time
    that may lie before its next look."""

    house: Callable[[], House]
    calendar: Calendar
    nudge: Callable[[datetime], None]


Deed = Callable[[Tx, Mapping[str, Json], Context, Means], Receipt]
"""One deed: a change of what we keep and its receipt, safe to do again under the same `Context.key`."""


def somebody(context: Context) -> Person:
    """The person who asks. Raises NotAllowed when there is none."""
    if context.person is None:
        raise NotAllowed("nobody answers for this")
    return context.person


def checked_zone(zone: str) -> str:
    """An IANA name that exists. Raises BadInput."""
    if not is_zone(zone):
        raise BadInput(
            "{zone} is no time zone; write for example Europe/Paris", zone=repr(zone), field="zone"
        )
    return zone
