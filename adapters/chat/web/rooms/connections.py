"""The room of the connections: the accounts on systems, how each is doing, and what else can be connected. Connecting
is for who approves, as is what an account is called there and what is wrong with it; letting go and the chats are an
owner's.
"""

from dataclasses import dataclass

from adapters.chat.web import drawn
from adapters.chat.web.rooms.room import MEMBERS, Asking, Room, View
from bot.connections import Condition, Connection, How
from bot.house import House
from bot.people import Role
from bot.plugs import Offer
from bot.rules import OWN
from bot.speech import Tongue
from bot.store import Tx
from bot.ways import Way


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionRow:
    """One account. `settings` says that it came from the environment and changes there."""

    name: str
    title: str
    account: str
    mode: str
    condition: str
    well: bool
    note: str
    settings: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferRow:
    name: str
    title: str
    connected: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Connections(View):
    rows: tuple[ConnectionRow, ...] = ()
    offers: tuple[OfferRow, ...] = ()
    others: tuple[str, ...] = ()
    """Systems that are there without an account of ours: the demo shop, MCP servers."""
    ways: tuple[Way, ...] = ()
    """Chats and the model, with what each still needs; for owners."""
    owner: bool = False


async def prepare(house: House, tongue: Tongue) -> None:
    await house.ways.refresh(tongue)


def look(tx: Tx, asking: Asking) -> Connections:
    house, owner = asking.house, asking.person.role is Role.OWNER
    plugged = house.plugs.plugged()
    titles = {offer.name: asking.tongue(offer.title) for offer in house.plugs.offers()}
    rows = [_row(tx, each, titles, asking) for each in plugged]
    vendors = {each.vendor for each in plugged}
    known = {each.name for each in plugged} | {OWN}
    return Connections(
        frame=drawn.frame(tx, asking.viewer, house=house),
        rows=tuple(rows),
        offers=tuple(_offer(each, vendors, asking) for each in house.plugs.offers())
        if asking.person.may_approve
        else (),
        others=tuple(
            f"{name} · {system.account().called(asking.tongue)}"
            for name, system in sorted(house.systems.items())
            if name not in known
        ),
        ways=house.ways.shown(tx, asking.person, asking.tongue) if owner else (),
        owner=owner,
    )


def _offer(offer: Offer, vendors: set[str], asking: Asking) -> OfferRow:
    return OfferRow(name=offer.name, title=asking.tongue(offer.title), connected=offer.name in vendors)


def _row(tx: Tx, row: Connection, titles: dict[str, str], asking: Asking) -> ConnectionRow:
    tongue, told = asking.tongue, asking.person.may_approve
    kept = tx.connections.get(row.name)
    if kept is not None and row.how is not How.SETTINGS:
        # Another process may know better.
        row = kept
    title = titles.get(row.vendor, row.vendor)
    notes = [tongue("last used {when}", when=tongue.day(row.used, asking.zone))] if row.used else []
    if row.scopes and told:
        notes.append(tongue("may: {scopes}", scopes=", ".join(row.scopes)))
    if row.how is How.SETTINGS:
        notes.append(tongue("by the settings"))
    return ConnectionRow(
        name=row.name,
        title=title if row.name == row.vendor else f"{title} · {row.name}",
        account=(f"{row.label} ({row.account})" if row.label else row.account) if told else row.label,
        mode=tongue("live") if row.live else tongue("test"),
        condition=_condition(row, asking),
        well=row.condition is Condition.WELL,
        note=" · ".join(notes),
        settings=row.how is How.SETTINGS,
    )


def _condition(row: Connection, asking: Asking) -> str:
    tongue = asking.tongue
    why = row.why(tongue) if asking.person.may_approve else "…"
    match row.condition:
        case Condition.WELL if row.checked is None:
            return tongue("not asked yet")
        case Condition.WELL:
            return tongue("works")
        case Condition.TROUBLED:
            return tongue("in trouble: {why}", why=why)
        case Condition.DEAD:
            return tongue("not accepted any more: {why}", why=why)


CONNECTIONS = Room(
    name="connections",
    title=lambda tongue: tongue("Connections"),
    lead=lambda tongue: tongue("The accounts it works with, and how each is doing."),
    look=look,
    prepare=prepare,
    roles=MEMBERS,
    group=2,
)
