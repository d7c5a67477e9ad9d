"""Which accounts are plugged in, right now: those of the settings, and those people connected. See `bot.plugs`.

Owns the entries it makes in the house's systems and no others. What is kept is read from the rows; what is checked,
used and refused is written back to them.
"""

import asyncio
import json
import logging
import secrets
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import httpx

from adapters.systems import connected, grants
from adapters.systems.client import Timer
from adapters.systems.connected import Closing, Connected, Heard
from adapters.systems.grants import Registration
from adapters.systems.replies import NOT_ACCEPTED
from adapters.systems.secrets import Secret
from adapters.systems.tokens import GrantedToken
from adapters.systems.vendors import Login, OAuth, Vendor, fixed
from bot import connecting, ids, sealing
from bot.actions import Account
from bot.connections import Condition, Connection, How, checked_name
from bot.errors import BadInput, Failed, Misconfigured, Refused, Unreachable, VigieError
from bot.house import House
from bot.people import HOME
from bot.plugs import Asked, Offer, nothing
from bot.seals import Spot
from bot.tickets import Purpose, Ticket, hashed
from bot.values import Json, canonical
from bot.world import Health, System

log = logging.getLogger("vigie.systems")

PATIENCE = 15.0
"""Seconds the other side may take to say who it is."""
BACK = timedelta(minutes=10)
"""How long a grant may take."""
OFTEN = timedelta(minutes=5)
"""A use is noted at most this often: it is for people to read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the settings say of one vendor: values by need, and our registration there."""

    values: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    client_id: str = ""
    client_secret: str = field(default="", repr=False)


@dataclass(slots=True)
class _Plugged:
    """One entry: the system, and the row it was opened from as it is known here."""

    system: Connected
    row: Connection


class Switchboard:
    """`given` is what the settings say, by vendor. `systems` are the house's own."""

    def __init__(
        self,
        *,
        house: Callable[[], House],
        systems: MutableMapping[str, System],
        vendors: Mapping[str, Vendor],
        given: Mapping[str, Given],
        transport: httpx.AsyncBaseTransport | None = None,
        timer: Timer | None = None,
    ) -> None:
        self._house = house
        self._systems = systems
        self._vendors = vendors
        self._given = given
        self._transport = transport
        self._timer = timer
        self._entries: dict[str, _Plugged] = {}
        self._kept: dict[str, Connection] = {}
        self._one = asyncio.Lock()

    # What there is

    def offers(self) -> tuple[Offer, ...]:
        return tuple(
            sorted((self._offer(each) for each in self._vendors.values()), key=lambda offer: offer.title)
        )

    def _offer(self, vendor: Vendor) -> Offer:
        def asked(name: str) -> Asked:
            need = vendor.need(name)
            return Asked(
                name=need.name, title=need.title, help=need.help, secret=need.secret, required=need.required
            )

        oauth = vendor.oauth if self._registered(vendor) else None
        asks = tuple(asked(need.name) for need in vendor.needs if not need.address)
        return Offer(
            name=vendor.name,
            title=vendor.title,
            help=vendor.help,
            asks=asks,
            grant=oauth is not None,
            scopes=oauth.scopes if oauth else (),
            grant_asks=tuple(asked(name) for name in _told_before(vendor, oauth)) if oauth else (),
        )

    def plugged(self) -> tuple[Connection, ...]:
        return tuple(self._entries[name].row for name in sorted(self._entries))

    def unopened(self) -> tuple[Connection, ...]:
        """What is kept and was not plugged in when the rows were last read: its secret does not open, or its name is
        taken."""
        return tuple(row for name, row in sorted(self._kept.items()) if name not in self._entries)

    # Coming and going with the program

    def plug_settings(self) -> None:
        """Plugs in what the settings connect. Calls nobody. Raises Misconfigured naming the setting."""
        for vendor in self._vendors.values():
            given = self._of(vendor)
            if any(need.required and given.values.get(need.name) for need in vendor.needs):
                if vendor.missing(given.values):
                    continue
                now = self._house().clock.now()
                row = Connection(
                    id=f"con_{vendor.name}", space=HOME, name=vendor.name, vendor=vendor.name,
                    how=How.SETTINGS, sealed="", since=now,
                )  # fmt: skip
                try:
                    system = self._open(vendor, Login(name=vendor.name, values=given.values))
                except BadInput as error:
                    of = (need.setting for need in vendor.needs if need.name == error.field)
                    named = next(of, vendor.needs[0].setting)
                    raise Misconfigured(f"setting {named}: {error}") from None
                self._plug(row, system)

    async def open(self) -> None:
        """Plugs in what is kept, and asks everybody who they are, together and not for long."""
        await self.reread()
        entries = tuple(self._entries.values())
        await asyncio.gather(*(self._ask(entry.system) for entry in entries))

    async def close(self) -> None:
        for name in tuple(self._entries):
            await self._unplug(name)

    async def reread(self) -> None:
        house = self._house()
        rows = await house.store.read(lambda tx: tx.connections.all(), space=HOME)
        async with self._one:
            kept = self._kept = {row.name: row for row in rows}
            for name, entry in tuple(self._entries.items()):
                if entry.row.how is not How.SETTINGS and name not in kept:
                    await self._unplug(name)
            for row in rows:
                await self._follow(row)

    async def _follow(self, row: Connection) -> None:
        """Plugs a row in, or anew when what it opens with changed. A renewed token changes nothing here: it is
        read from the row whenever it is needed."""
        entry = self._entries.get(row.name)
        if entry is not None and entry.row.how is How.SETTINGS:
            return
        if entry is None and row.name in self._systems:
            log.warning("name_taken", extra={"connection": row.name})
            return
        same = entry is not None and entry.row.id == row.id and row.how is How.OAUTH
        if entry is not None and (same or entry.row.sealed == row.sealed):
            entry.row = row
            return
        vendor = self._vendors.get(row.vendor)
        if vendor is None:
            return
        try:
            system = self._open(vendor, self._login(vendor, row))
        except VigieError as error:
            log.warning("connection_not_opened", extra={"connection": row.name, "why": str(error)})
            return
        if entry is not None:
            await self._unplug(row.name)
        self._plug(row, system)

    def _login(self, vendor: Vendor, row: Connection) -> Login:
        house = self._house()
        secret = Secret.unpack(house.seals.open(row.sealed, sealing.spot_of(row)))
        values = {**self._addresses(vendor), **secret.values}
        token = None
        if row.how is How.OAUTH:
            token = GrantedToken(
                row.name, by=lambda: self._registration(vendor), house=house, timer=self._timer
            )
        return Login(name=row.name, values=values, token=token, transport=self._transport)

    def _open(self, vendor: Vendor, login: Login) -> Connected:
        login = replace(login, transport=self._transport)
        house = self._house()
        return connected.connected(vendor.open(login), heard=self._hear, now=house.clock.now)

    def _plug(self, row: Connection, system: Connected) -> None:
        account = system.account()
        row = replace(
            row, account=row.account or account.label, live=account.live if not row.account else row.live
        )
        self._entries[row.name] = _Plugged(system=system, row=row)
        self._systems[row.name] = system

    async def _unplug(self, name: str) -> None:
        entry = self._entries.pop(name)
        if self._systems.get(name) is entry.system:
            del self._systems[name]
        await entry.system.close()

    # Asking

    async def check(self, name: str) -> Connection:
        await self.reread()
        entry = self._entries.get(name)
        if entry is None:
            raise nothing(name)
        await self._ask(entry.system)
        return self._entries[name].row if name in self._entries else entry.row

    async def _ask(self, system: Connected) -> Health:
        try:
            async with asyncio.timeout(PATIENCE):
                return await connected.asked(system)
        except TimeoutError:
            return Health.of(Unreachable("no answer"))

    async def _hear(self, heard: Heard) -> None:
        """Keeps what a connection learned about itself. A row that moved on meanwhile keeps what is newer."""
        entry = self._entries.get(heard.name)
        if entry is None:
            return
        now = self._house().clock.now()
        row = entry.row
        if heard.dead is not None:
            after = row.failed_at(now, heard.dead, dead=True)
        elif heard.health is not None:
            after = _after(row, heard.health, heard.account, now=now)
        elif row.used is None or now >= row.used + OFTEN:
            after = row.used_at(now)
        else:
            return
        entry.row = after
        house = self._house()
        if row.how is How.SETTINGS:
            if after.condition is Condition.DEAD is not row.condition:
                await house.store.write(lambda tx: connecting.died(tx, after, house=house), space=HOME)
        elif _tells(row, after):
            await house.store.write(
                lambda tx: connecting.heard(tx, row.name, row.id, after, house=house), space=HOME
            )

    # Connecting

    async def connect(self, vendor: str, name: str, values: Mapping[str, str], *, person: str) -> Connection:
        kind = self._vendor(vendor)
        name = self._free(name or kind.name)
        known = {need.name for need in kind.needs}
        values = {key: value.strip() for key, value in values.items() if key in known and value.strip()}
        if missing := kind.missing({**self._addresses(kind), **values}):
            raise BadInput(
                "{title} needs {need}", title=kind.title, need=missing[0].title, field=missing[0].name
            )
        return await self._try(kind, name, Secret(values=values), How.KEY, person)

    async def _try(self, vendor: Vendor, name: str, secret: Secret, how: How, person: str) -> Connection:
        """Opens it beside whatever is plugged in, asks, and only then keeps it."""
        # A token that was just given needs no renewal.
        token = fixed(secret.grant.access) if secret.grant is not None else None
        values = {**self._addresses(vendor), **secret.values}
        system = vendor.open(Login(name=name, values=values, token=token, transport=self._transport))
        try:
            async with asyncio.timeout(PATIENCE):
                health = await connected.asked(system)
        except TimeoutError:
            health = Health.of(Unreachable("no answer"))
        finally:
            if isinstance(system, Closing):
                await system.close()
        if not health.well:
            raise Refused(
                "{title} was not connected: {why}", title=vendor.title, why=health.error or health.text
            )
        return await self._keep(vendor, name, secret, how, person, health, system.account())

    async def _keep(
        self,
        vendor: Vendor,
        name: str,
        secret: Secret,
        how: How,
        person: str,
        health: Health,
        account: Account,
    ) -> Connection:
        house = self._house()
        now = house.clock.now()
        scopes = health.scopes or (secret.grant.scopes if secret.grant else ())
        bare = Connection(
            id=ids.new("con"), space=HOME, name=name, vendor=vendor.name, how=how, sealed="",
            account=account.label, live=account.live, scopes=scopes, by=person, since=now, checked=now,
        )  # fmt: skip
        row = replace(bare, sealed=house.seals.seal(secret.pack(), sealing.spot_of(bare)))
        kept = await house.store.write(lambda tx: connecting.keep(tx, row, house=house), space=HOME)
        await self.reread()
        if entry := self._entries.get(name):
            await self._ask(entry.system)
        return kept

    # Grants

    async def begin(self, vendor: str, name: str, values: Mapping[str, str], *, person: str) -> str:
        kind = self._vendor(vendor)
        oauth, by = self._oauth(kind), self._registration(kind)
        name = self._free(name or kind.name)
        asked = {key: values.get(key, "").strip() for key in _told_before(kind, oauth)}
        wanted = {key: value or self._of(kind).values.get(key, "") for key, value in asked.items()}
        wanted = {key: value for key, value in wanted.items() if value}
        state, verifier = secrets.token_urlsafe(32), secrets.token_urlsafe(48)
        address = grants.address(by, state=state, verifier=verifier, values=wanted)
        house = self._house()
        hash_ = hashed(state)
        detail: Json = {"vendor": kind.name, "name": name, "verifier": verifier, "values": wanted}
        ticket = Ticket(
            hash=hash_,
            purpose=Purpose.GRANT,
            person=person,
            expires=house.clock.now() + BACK,
            detail=house.seals.seal(canonical(detail), _ticket_spot(hash_)),
        )
        await house.store.write(lambda tx: tx.tickets.add(ticket), space=HOME)
        return address

    async def finish(self, vendor: str, answer: Mapping[str, str], *, person: str) -> Connection:
        kind = self._vendor(vendor)
        oauth, by = self._oauth(kind), self._registration(kind)
        house = self._house()
        hash_, now = hashed(answer.get("state", "")), house.clock.now()
        ticket = await house.store.write(lambda tx: tx.tickets.use(hash_, Purpose.GRANT, now), space=HOME)
        if ticket is None or ticket.person != person:
            raise Refused("this way back is unknown, used, too old, or somebody else's; begin again")
        detail: Json = json.loads(house.seals.open(ticket.detail, _ticket_spot(hash_)))
        if detail["vendor"] != kind.name:
            raise Refused("this way back is unknown, used, too old, or somebody else's; begin again")
        if oauth.signed and not grants.signed(answer, by.client_secret):
            raise Refused("{title} did not sign what came back; begin again", title=kind.title)
        code = answer.get("code", "")
        if not code or answer.get("error"):
            why = grants.reason(answer)
            raise Refused("{title} was not connected: {why}", title=kind.title, why=why)
        grant, said = await grants.exchange(
            by, code=code, verifier=detail["verifier"], values=detail["values"], now=now
        )
        values = dict(detail["values"])
        if oauth.api_url and isinstance(said.get(oauth.api_url), str) and not self._addresses(kind):
            values["api_url"] = said[oauth.api_url]
        return await self._try(kind, detail["name"], Secret(values=values, grant=grant), How.OAUTH, person)

    def _registered(self, vendor: Vendor) -> bool:
        return vendor.oauth is not None and bool(self._of(vendor).client_id) and bool(self._house().url)

    def _oauth(self, vendor: Vendor) -> OAuth:
        if vendor.oauth is None or not self._registered(vendor):
            raise Refused("{title} is not set up for that here; use a key", title=vendor.title)
        return vendor.oauth

    def _registration(self, vendor: Vendor) -> Registration:
        given = self._of(vendor)
        return Registration(
            oauth=self._oauth(vendor),
            title=vendor.title,
            client_id=given.client_id,
            client_secret=given.client_secret,
            back=f"{self._house().url}/oauth/{vendor.name}/callback",
            addresses=self._addresses(vendor),
            transport=self._transport,
        )

    # Names and settings

    def _vendor(self, name: str) -> Vendor:
        found = self._vendors.get(name.strip().lower())
        if found is None:
            known = ", ".join(sorted(self._vendors))
            raise BadInput("I cannot connect “{name}”; I know: {known}", name=name[:60], known=known)
        return found

    def _free(self, name: str) -> str:
        """A name that may be connected under. Raises BadInput."""
        checked_name(name)
        entry = self._entries.get(name)
        taken = entry.row.how is How.SETTINGS if entry is not None else name in self._systems
        if taken:
            raise BadInput(
                "“{name}” is connected by the settings; choose another name, for example {other}",
                name=name, other=f"{name}_2", field="name",
            )  # fmt: skip
        return name

    def _of(self, vendor: Vendor) -> Given:
        return self._given.get(vendor.name, Given())

    def _addresses(self, vendor: Vendor) -> dict[str, str]:
        """The settings that are no secret and nobody's account: other addresses of the vendor."""
        given = self._of(vendor).values
        names = {need.name for need in vendor.needs if need.address}
        return {name: value for name, value in given.items() if name in names and value}


def _told_before(vendor: Vendor, oauth: OAuth) -> tuple[str, ...]:
    """What a person says beside granting access: what the vendor's address takes, and choices within the account."""
    chosen = (need.name for need in vendor.needs if not (need.secret or need.required or need.address))
    return tuple(dict.fromkeys((*oauth.asks, *chosen)))


def _after(row: Connection, health: Health, account: Account | None, *, now: datetime) -> Connection:
    if not health.well:
        dead = row.condition is Condition.DEAD or NOT_ACCEPTED in health.text
        return row.failed_at(now, health.error or Failed("{why}", why=health.text), dead=dead)
    label, live = (account.label, account.live) if account else (row.account, row.live)
    return row.checked_at(now, account=label, live=live, scopes=health.scopes)


def _tells(before: Connection, after: Connection) -> bool:
    """Whether the difference is worth a row: health, account or use; that it was asked again is not."""
    told = [
        (each.account, each.live, each.scopes, each.condition, each.trouble, each.used)
        for each in (before, after)
    ]
    return told[0] != told[1]


def _ticket_spot(hash_: str) -> Spot:
    return Spot(space=HOME, table="tickets", row=hash_, column="detail")
