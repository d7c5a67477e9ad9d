"""The rooms of the page, in the order of the list. `room` is where to start."""

from collections.abc import Iterable

from adapters.chat.web.drawn import Viewer
from adapters.chat.web.rooms.budgets import BUDGETS
from adapters.chat.web.rooms.connections import CONNECTIONS
from adapters.chat.web.rooms.first import FIRST
from adapters.chat.web.rooms.ledger import LEDGER
from adapters.chat.web.rooms.lists import LISTS
from adapters.chat.web.rooms.memory import MEMORY
from adapters.chat.web.rooms.missions import MISSIONS
from adapters.chat.web.rooms.now import NOW
from adapters.chat.web.rooms.pending import PENDING
from adapters.chat.web.rooms.people import PEOPLE
from adapters.chat.web.rooms.policy import POLICY
from adapters.chat.web.rooms.procedures import PROCEDURES
from adapters.chat.web.rooms.room import Room
from bot.house import House

ROOMS: tuple[Room, ...] = (
    FIRST,
    NOW,
    PENDING,
    MISSIONS,
    LISTS,
    PROCEDURES,
    MEMORY,
    CONNECTIONS,
    PEOPLE,
    POLICY,
    BUDGETS,
    LEDGER,
)
"""Where the chat stands among them: after Now."""

BY_NAME = {room.name: room for room in ROOMS}


def open_to(viewer: Viewer, house: House) -> Iterable[Room]:
    """The rooms that this person may enter."""
    return (room for room in ROOMS if room.open_to(viewer.person, house))
