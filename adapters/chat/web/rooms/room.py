"""What a room of the page is: how it is called, who may enter, and what it shows of the record. Knows nothing of HTML
or HTTP.

A new room is a module with a `look`, a template `fragment_<name>.html` for what it shows, and a line in `rooms`. Fields
to write in stand in `tools_<name>.html` above it or in `after_<name>.html` below: what is live would wipe them. What its
buttons do is said as words, in the chat.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from adapters.chat.web.drawn import Frame, Viewer, fingerprint
from bot.house import House
from bot.people import Person, Role
from bot.speech import Tongue
from bot.store import Tx
from bot.triggers import Calendar

EVERYBODY = frozenset(Role)
MEMBERS = EVERYBODY - {Role.GUEST}
APPROVERS = frozenset({Role.OWNER, Role.APPROVER})
OWNERS = frozenset({Role.OWNER})


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a room shows, with the frame around it. Its repr says all of it: two that look alike are alike."""

    frame: Frame

    @property
    def mark(self) -> str:
        """Changes whenever what is shown does."""
        return fingerprint([self])


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who looks, and for what: `query` is that of the page's address, so a stranger may have written it."""

    viewer: Viewer
    house: House
    calendar: Calendar
    query: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def person(self) -> Person:
        return self.viewer.person

    @property
    def tongue(self) -> Tongue:
        return self.viewer.tongue

    @property
    def zone(self) -> str:
        return self.viewer.person.zone

    def asked(self, name: str, longest: int = 200) -> str:
        """A value of the query, "" where there is none."""
        return self.query.get(name, "")[:longest].strip()


Look = Callable[[Tx, Asking], View]
Prepare = Callable[[House, Tongue], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """`title` stands in the list of rooms, `lead` below the heading. `group` keeps neighbours together. `there` says
    whether this installation has it."""

    name: str
    title: Callable[[Tongue], str]
    lead: Callable[[Tongue], str]
    look: Look
    roles: frozenset[Role] = EVERYBODY
    group: int = 0
    there: Callable[[House], bool] = lambda house: True
    prepare: Prepare | None = None
    """Asks the outside before the record is read, where that is part of what is shown. Changes nothing."""
    within: str = ""
    """The room of the list that it belongs to, where it is not in the list itself."""

    @property
    def path(self) -> str:
        return f"/{self.name}"

    def open_to(self, person: Person, house: House) -> bool:
        return person.role in self.roles and self.there(house)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One line of a list: what it says, what stands beside it, and where it leads."""

    text: str
    note: str = ""
    href: str = ""
    code: str = ""
