"""Quiet hours of one person: when what can wait is not said to them. Pure.

`22:00-07:00` on the person's own wall clock, "" for none. Not the policy's quiet hours, which say who may be woken at all.
"""

import re
from datetime import time

from bot.errors import BadInput
from bot.people import Person
from bot.rules import Hours

OFF = "off"
_HOURS = re.compile(r"(\d{1,2})(?:[:h](\d{2})?)?\s*-\s*(\d{1,2})(?:[:h](\d{2})?)?")


def read(text: str) -> str:
    """As they are kept; "" for `off`. Raises BadInput."""
    if text.strip().casefold() == OFF:
        return ""
    found = _HOURS.fullmatch(text.strip().casefold())
    numbers = [int(part or 0) for part in found.groups()] if found else []
    if not numbers or numbers[0] > 23 or numbers[2] > 23 or max(numbers[1], numbers[3]) > 59:
        raise BadInput("quiet hours read like 22:00-7:00", field="hours")
    if numbers[:2] == numbers[2:]:
        raise BadInput("quiet hours that never end would hold everything back for ever", field="hours")
    return f"{numbers[0]:02}:{numbers[1]:02}-{numbers[2]:02}:{numbers[3]:02}"


def hours(person: Person) -> Hours | None:
    """The person's quiet hours, None when they have none."""
    start, _, end = person.quiet.partition("-")
    return Hours(start=time.fromisoformat(start), end=time.fromisoformat(end)) if end else None
