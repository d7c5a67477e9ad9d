"""The room of the cards that wait for a press."""

from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.drawn import CardView
from adapters.chat.web.rooms.room import Asking, Room, View
from bot.store import Tx


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending(View):
    """Those the viewer may see, oldest first."""

    cards: tuple[CardView, ...] = ()


def look(tx: Tx, asking: Asking) -> Pending:
    viewer, house = asking.viewer, asking.house
    cards = drawn.waiting(tx, viewer, house=house, opened=asking.asked("details"))
    return Pending(frame=drawn.frame(tx, viewer, house=house), cards=cards)


PENDING = Room(
    name="pending",
    title=lambda tongue: tongue("Pending"),
    lead=lambda tongue: tongue("What waits for a press. Nothing here has been done yet."),
    look=look,
)
