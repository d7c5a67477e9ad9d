"""What the desk's deeds work with, and the checks they share."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from bot import sayings
from bot.actions import Receipt
from bot.doors import is_zone
from bot.effects import Notice
from bot.errors import BadInput, NotAllowed, Refused
from bot.house import House
from bot.people import Identity, Person
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


def in_private(context: Context) -> None:
    """Raises Refused where others listen."""
    if not context.place.private:
        raise Refused(
            context.tongue("ask me that in a private conversation, so that nobody else sees the code")
        )


def whisper(tx: Tx, context: Context, text: str, *, picture: str = "") -> None:
    """A secret for the person who asked, in the private place where they did: neither the transcript nor the
    mind gets it, and it is kept until it was delivered. Said again under the same key, it takes its place."""
    place = context.place
    known = (Identity.parse(key) for key in somebody(context).identities)
    here = next((each for each in known if each.platform == place.platform), None)
    to = here or Identity(platform=place.platform, team=place.team, user=place.channel)
    sayings.say(
        tx,
        place=place.key,
        slot=f"secret:{context.key}",
        content=Notice(text=text, to=to, secret=True, picture=picture),
        now=context.now,
        lang=context.tongue.lang,
    )


def checked_zone(zone: str) -> str:
    """An IANA name that exists. Raises BadInput."""
    if not is_zone(zone):
        raise BadInput(
            "{zone} is no time zone; write for example Europe/Paris", zone=repr(zone), field="zone"
        )
    return zone
