"""The desk's connections: the list, a way to connect one, a check, another label, letting go. It holds no key and asks
for none: values go through the web page or the command line, and never through a chat.
"""

from collections.abc import Mapping
from urllib.parse import quote

from bot import connecting, doors
from bot.actions import Change, Preview, Receipt, Undo
from bot.connections import Condition, Connection, How
from bot.desk.means import Means, somebody, whisper
from bot.errors import BadInput, NotAllowed, Refused
from bot.house import House
from bot.plugs import Offer, nothing
from bot.rules import OWN
from bot.speech import Tongue
from bot.store import Tx
from bot.tickets import Purpose
from bot.values import Json
from bot.world import Context


def listing(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Every connection with its account and mode, health, last use and scopes; systems without one, such as MCP servers; then
    what else there is."""
    house, tongue = means.house(), context.tongue
    rows = [_newest(tx, each) for each in house.plugs.plugged()]
    known = {each.vendor for each in rows}
    named = {each.name for each in rows} | {OWN}
    lines = [_line(each, context) for each in rows]
    lines += [
        f"{name}: {system.account().called(tongue)} · {tongue('by the settings')}"
        for name, system in sorted(house.systems.items())
        if name not in named
    ]
    lines = lines or [tongue("Nothing is connected yet.")]
    free = [each.name for each in house.plugs.offers() if each.name not in known]
    if free:
        lines.append(
            tongue(
                "An owner or an approver can connect: {names}. Say “connect {first}”.",
                names=", ".join(free),
                first=free[0],
            )
        )
    data = [_told(each) for each in rows]
    return Receipt(text="\n".join(lines), data=data)


def connect(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """A one-time link to the page where the key is typed, or the vendor is asked for access."""
    house, tongue, person = means.house(), context.tongue, somebody(context)
    may_connect(tx, person.id)
    offer = offered(house, arguments["system"])
    if not house.url:
        raise Refused(
            "there is no web page in this installation; run “vigie connect {name}”", name=offer.name
        )
    if not context.place.private:
        raise Refused(tongue("ask me that in a private conversation, so that nobody else sees the link"))
    token = doors.mint(tx, purpose=Purpose.SIGN_IN, person=person.id, lifetime=doors.SIGN_IN, house=house)
    name = arguments.get("name") or ""
    page = f"/connect/{offer.name}" + (f"?name={name}" if name else "")
    url = f"{house.url}/sign-in?token={token}&next={quote(page, safe='/')}"
    whisper(
        tx,
        context,
        tongue("Connect {title} here, once and within 10 minutes: {url}", title=tongue(offer.title), url=url),
    )
    if offer.grant:
        text = tongue(
            "The page shows what I ask {title} for ({scopes}) and takes you there. A key never belongs in a chat.",
            title=tongue(offer.title),
            scopes=", ".join(offer.scopes) or tongue("nothing by name"),
        )
    else:
        asks = ", ".join(tongue(each.title) for each in offer.asks)
        text = tongue(
            "The page asks for: {asks}. {help} A key never belongs in a chat.",
            asks=asks,
            help=tongue(offer.help),
        )
    return Receipt(text=text)


async def test(arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """Asks the other side now."""
    row = await means.house().plugs.check(arguments["name"])
    return Receipt(text=_line(row, context), data=_told(row))


def rename(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    person = somebody(context)
    may_connect(tx, person.id)
    row = _kept(tx, arguments["name"], means.house())
    after = connecting.rename(tx, row, arguments["label"], person=person.id, house=means.house())
    text = context.tongue(
        "{name} is called “{label}” now; its actions keep their names.", name=row.name, label=after.label
    )
    undo = None
    if row.label:
        undo = Undo(action="vigie.rename_connection", arguments={"name": row.name, "label": row.label})
    return Receipt(id=row.name, text=text, undo=undo)


def disconnect(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Receipt:
    """By an owner's press. The row and its sealed key are gone; what waits for a press there will not run."""
    row = _kept(tx, arguments["name"], means.house())
    person = context.person.id if context.person else ""
    connecting.remove(tx, row, person=person, house=means.house())
    text = context.tongue(
        "{name} is disconnected and its key is deleted here. Take it back at {vendor} too if nobody else needs it.",
        name=row.name,
        vendor=row.vendor,
    )
    return Receipt(id=row.name, text=text)


def preview_disconnect(tx: Tx, arguments: Mapping[str, Json], context: Context, means: Means) -> Preview:
    row = _kept(tx, arguments["name"], means.house())
    tongue = context.tongue
    return Preview(
        subject=f"{row.name}: {row.account}",
        changes=(
            Change(title="Connection", before=_condition(row, tongue), after=tongue("gone, with its key")),
        ),
        version=f"{row.id}:{row.account}:{row.live}",
        notes=("Missions and requests that need it fail until it is connected again.",),
    )


def may_connect(tx: Tx, person: str) -> None:
    """Owners and approvers: who may say yes to a deed may name the account it is done on. Raises NotAllowed."""
    found = tx.people.get(person)
    if found is None or not found.may_approve:
        raise NotAllowed("only an owner or an approver connects accounts; ask one of them to")


def offered(house: House, name: str) -> Offer:
    """The vendor of that name, or of the connection of that name. Raises BadInput."""
    wanted = name.strip().casefold()
    vendor = next((each.vendor for each in house.plugs.plugged() if each.name == wanted), wanted)
    for offer in house.plugs.offers():
        if vendor in (offer.name, offer.title.casefold()):
            return offer
    known = ", ".join(each.name for each in house.plugs.offers())
    raise BadInput("I cannot connect “{name}”; I know: {known}", name=name[:60], known=known, field="system")


def _kept(tx: Tx, name: str, house: House) -> Connection:
    """A connection that people made. Raises BadInput."""
    name = name.strip().casefold()
    if row := tx.connections.get(name):
        return row
    if any(each.name == name for each in house.plugs.plugged()):
        raise BadInput(
            "“{name}” is connected by the settings; it changes there, and with the next start",
            name=name, field="name",
        )  # fmt: skip
    raise nothing(name)


def _newest(tx: Tx, row: Connection) -> Connection:
    """With what another process may have noted; how it is doing is known best here."""
    kept = tx.connections.get(row.name)
    return kept if kept is not None and row.how is not How.SETTINGS else row


def _line(row: Connection, context: Context) -> str:
    tongue = context.tongue
    mode = tongue("live") if row.live else tongue("test")
    account = f"{row.label} ({row.account})" if row.label else row.account
    parts = [f"{row.name}: {account}, {mode}", _condition(row, tongue)]
    if row.used is not None:
        parts.append(tongue("last used {when}", when=tongue.moment(row.used, context.zone)))
    if row.scopes:
        parts.append(tongue("may: {scopes}", scopes=", ".join(row.scopes)))
    if row.how is How.SETTINGS:
        parts.append(tongue("by the settings"))
    return " · ".join(parts)


def _condition(row: Connection, tongue: Tongue) -> str:
    match row.condition:
        case Condition.WELL if row.checked is None:
            return tongue("not asked yet")
        case Condition.WELL:
            return tongue("works")
        case Condition.TROUBLED:
            return tongue("in trouble: {why}", why=row.why(tongue))
        case Condition.DEAD:
            return tongue("not accepted any more: {why}", why=row.why(tongue))


def _told(row: Connection) -> dict[str, Json]:
    return {
        "name": row.name,
        "vendor": row.vendor,
        "account": row.account,
        "label": row.label,
        "live": row.live,
        "condition": row.condition.value,
        "scopes": list(row.scopes),
    }
