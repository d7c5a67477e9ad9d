"""The port to what can be connected: vendors on offer, accounts plugged in, and plugging one in.

Above it: the desk, the web page, the command line. Below it: the vendors, sealed secrets, OAuth. Values that people
hand in pass through here once, and come back from nowhere.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from bot.connections import Connection
from bot.errors import BadInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One value a vendor takes. `title` and `help` are English message ids."""

    name: str
    title: str
    help: str = ""
    secret: bool = True
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """A vendor that can be connected: by the values in `asks`, and by a grant (OAuth) when `grant` is true, with
    these `scopes` and the values in `grant_asks` told beforehand."""

    name: str
    title: str
    help: str
    asks: tuple[Asked, ...]
    grant: bool = False
    scopes: tuple[str, ...] = ()
    grant_asks: tuple[Asked, ...] = ()


class Plugs(Protocol):
    """Connections at run time."""

    def offers(self) -> tuple[Offer, ...]:
        """By title."""
        ...

    def plugged(self) -> tuple[Connection, ...]:
        """Every connection as this process knows it, those of the settings included, by name."""
        ...

    async def check(self, name: str) -> Connection:
        """Asks the other side now, and keeps what it says. Raises BadInput when there is none of that name."""
        ...

    async def connect(self, vendor: str, name: str, values: Mapping[str, str], *, person: str) -> Connection:
        """Opens the account with these values, asks it who it is, and only then keeps it. What was connected
        under the name before stays until then. Raises Refused with what the other side said."""
        ...

    async def begin(self, vendor: str, name: str, values: Mapping[str, str], *, person: str) -> str:
        """The address where this person grants access. What comes back is good for them alone, once, for ten
        minutes."""
        ...

    async def finish(self, vendor: str, answer: Mapping[str, str], *, person: str) -> Connection:
        """Trades what came back (the query of the callback) for an account, and keeps it. Raises Refused."""
        ...

    async def reread(self) -> None:
        """What is kept may have changed: plugs in and out accordingly."""
        ...


class NoPlugs:
    """An installation where nothing can be connected at run time."""

    def offers(self) -> tuple[Offer, ...]:
        return ()

    def plugged(self) -> tuple[Connection, ...]:
        return ()

    async def check(self, name: str) -> Connection:
        raise nothing(name)

    async def connect(self, vendor: str, name: str, values: Mapping[str, str], *, person: str) -> Connection:
        raise nothing(vendor)

    async def begin(self, vendor: str, name: str, values: Mapping[str, str], *, person: str) -> str:
        raise nothing(vendor)

    async def finish(self, vendor: str, answer: Mapping[str, str], *, person: str) -> Connection:
        raise nothing(vendor)

    async def reread(self) -> None:
        return


def nothing(name: str) -> BadInput:
    """For a name that nothing has."""
    return BadInput("there is no connection “{name}”; say “connections” for those there are", name=name[:60])
