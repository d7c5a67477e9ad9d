"""What a vendor is to us before anybody is connected: what it takes to log in, and how a login becomes a System.

Nouns only. Where the values of a login come from (the environment, sealed rows, an OAuth grant) is not known here.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

from adapters.systems.client import Token
from bot.errors import BadInput
from bot.world import System


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One value a login takes. `setting` is its name in the environment. `title` and `help` are English and
    double as message ids for translation. `alone` says that it is of use without the others."""

    name: str
    title: str
    setting: str
    secret: bool = True
    required: bool = True
    alone: bool = False
    help: str = ""

    @property
    def address(self) -> bool:
        """Whether it says where the vendor is, and not whose account this is: the operator's to set, and no
        question to people."""
        return self.name == "api_url"


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """How a vendor grants access by OAuth 2 (RFC 6749) with PKCE (RFC 7636, always S256).

    `authorize` and `token` are its addresses; `{shop}`, `{accounts_url}` and `{api_url}` in them are filled from
    the login's values, and `asks` names the needs that must be told before. `client_id` and `client_secret` name the settings of our registration there. `scopes` are the
    fewest that the actions need. `basic` says that the client shows itself by HTTP Basic and not in the form,
    `json` that the token's address takes JSON, `signed` that what comes back is signed as Shopify signs it;
    `reads` turns what was typed into what the addresses take, and refuses what would lead elsewhere;
    `parameters` go along with the authorisation request; `api_url` names the value of the answer that says
    where the account's interface is (Zoho's `api_domain`), "" when it is always the same place.
    """

    authorize: str
    token: str
    client_id: str
    client_secret: str = ""
    scopes: tuple[str, ...] = ()
    separator: str = " "
    basic: bool = False
    json: bool = False
    signed: bool = False
    asks: tuple[str, ...] = ()
    reads: Callable[[Mapping[str, str]], Mapping[str, str]] = dict
    parameters: Mapping[str, str] = field(default_factory=dict[str, str])
    api_url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """One account to be opened. `name` is the connection's: the prefix of its actions and its key among the
    systems (`stripe`, `stripe_eu`). `values` are the needs by name; `token` is set when the grant is by OAuth.
    `transport` replaces the network in tests."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    token: Token | None = field(default=None, repr=False)
    transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)

    def value(self, need: str, default: str = "") -> str:
        """The value of a need, `default` when it was not given or is empty."""
        return self.values.get(need, "") or default

    def required(self, need: str) -> str:
        """The value of a need. Raises BadInput that names it."""
        if not (value := self.value(need)):
            raise BadInput("{name} needs {need}", name=self.name, need=need, field=need)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """A kind of system that can be connected. `open` makes the System of one account, and calls nobody yet.
    `help` says in one or two sentences where a person finds what is needed."""

    name: str
    title: str
    needs: tuple[Need, ...]
    open: Callable[[Login], System]
    oauth: OAuth | None = None
    help: str = ""

    def need(self, name: str) -> Need:
        """The need of that name. Raises BadInput that lists those there are."""
        for each in self.needs:
            if each.name == name:
                return each
        known = ", ".join(each.name for each in self.needs)
        raise BadInput("{title} has no {name}; it takes: {known}", title=self.title, name=name, known=known)

    def missing(self, values: Mapping[str, str]) -> tuple[Need, ...]:
        """The required needs that are not there."""
        return tuple(each for each in self.needs if each.required and not values.get(each.name))


def fixed(key: str) -> Token:
    """The Token of a key that never changes."""

    async def token(*, fresh: bool = False) -> str:
        return key

    return token
