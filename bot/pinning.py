"""Pinning: a server's tools are listed, what is new is kept and told to the owners, what changed is turned off and put
before an owner on a card. One transaction per listing. Knows no protocol.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot import authority, entries, ids, sayings, whereabouts
from bot.actions import Call
from bot.authority import Demand
from bot.effects import Text
from bot.house import House
from bot.people import HOME, Person, Role
from bot.pins import ACCEPT, Definition, Pin, difference
from bot.places import Place
from bot.proposals import Origin, Proposal, Source, SourceKind
from bot.store import Tx
from bot.values import Json
from bot.visible import exact

log = logging.getLogger(__name__)

RULE = "pinned-tools"
"""What the card names as the rule that asked."""
LIFETIME = timedelta(days=7)
"""How long the card of a changed tool waits. Unpressed, the tool stays off."""
MOST_NAMED = 20


def find(tx: Tx, identity: str, tool: str) -> Pin | None:
    """The pin of a tool of the server with that identity."""
    kept: Json = tx.marks.get(_mark(identity, tool))
    return Pin.of(kept) if kept else None


def put(tx: Tx, identity: str, tool: str, pin: Pin) -> None:
    tx.marks.put(_mark(identity, tool), pin.as_json())


def identity_of(tx: Tx, system: str) -> str:
    """Which server was behind this system when its tools were listed last, "" when they never were."""
    return _server(tx, system)["identity"]


def _server(tx: Tx, system: str) -> Json:
    return tx.marks.get(f"server:{system}") or {"identity": "", "tools": []}


def _mark(identity: str, tool: str) -> str:
    return f"pin:{identity}:{tool}"


async def known(identity: str, tools: Sequence[str], *, house: House) -> Mapping[str, Pin]:
    """The pins of these tools as they stand."""

    def look(tx: Tx) -> dict[str, Pin]:
        return {tool: pin for tool in tools if (pin := find(tx, identity, tool)) is not None}

    return await house.store.read(look, space=HOME)


async def last_seen(system: str, identity: str, *, house: House) -> Mapping[str, Pin]:
    """The pins of what this server listed last, so that its tools are known before it is connected again."""

    def look(tx: Tx) -> list[str]:
        kept = _server(tx, system)
        return kept["tools"] if kept["identity"] == identity else []

    return await known(identity, await house.store.read(look, space=HOME), house=house)


async def observe(
    system: str, identity: str, definitions: Sequence[Definition], *, house: House
) -> Mapping[str, Pin]:
    """The server lists these tools now. Returns every tool's pin, by its name."""

    def write(tx: Tx) -> dict[str, Pin]:
        listing = {"identity": identity, "tools": [each.name for each in definitions]}
        if _server(tx, system) != listing:
            tx.marks.put(f"server:{system}", listing)
        pins = {each.name: _observed(tx, system, identity, each, house) for each in definitions}
        untold = {tool: pin for tool, pin in pins.items() if not pin.told}
        if untold:
            pins |= _tell(tx, system, identity, untold, house)
        return pins

    return await house.store.write(write, space=HOME)


def _observed(tx: Tx, system: str, identity: str, definition: Definition, house: House) -> Pin:
    now = house.clock.now()
    tool = definition.name
    before = find(tx, identity, tool)
    after = before.noticed(definition) if before else Pin(kept=definition, since=now)
    if after == before:
        return after
    put(tx, identity, tool, after)
    body = {"system": system, "server": identity, "tool": tool, "definition": definition.digest}
    if before is None:
        tx.ledger.append("tool_pinned", body, now)
    elif after.off:
        tx.ledger.append("tool_changed", {**body, "before": before.kept.digest}, now)
    else:
        tx.ledger.append("tool_reverted", body, now)
    log.info("tool_observed", extra={"system": system, "tool": tool, "off": after.off})
    return after


def _tell(tx: Tx, system: str, identity: str, untold: Mapping[str, Pin], house: House) -> dict[str, Pin]:
    """The owners hear of new tools in a message, of changed ones on a card. Without an owner yet: later."""
    owners = [person for person in tx.people.all() if person.role is Role.OWNER]
    if not owners:
        return {}
    told: dict[str, Pin] = {}
    new = [tool for tool, pin in untold.items() if not pin.off]
    for owner in owners if new else ():
        _say_new(tx, system, identity, new, owner, house)
    for tool, pin in untold.items():
        if pin.off:
            _ask(tx, system, identity, pin, owners, house)
        told[tool] = Pin(kept=pin.kept, since=pin.since, by=pin.by, seen=pin.seen, told=True)
        put(tx, identity, tool, told[tool])
    return told


def _say_new(tx: Tx, system: str, identity: str, tools: Sequence[str], owner: Person, house: House) -> None:
    tongue = house.tongues(owner.lang)
    names = ", ".join(f"“{exact(tool, lines=False)}”" for tool in tools[:MOST_NAMED])
    text = tongue.many(
        "“{system}” offers a tool that was not seen before; its definition is pinned as it is now: {names}."
        " It asks each time until somebody classifies it.",
        "“{system}” offers {n} tools that were not seen before; their definitions are pinned as they are now:"
        " {names}. They ask each time until somebody classifies them.",
        len(tools),
        system=system,
        names=names + (" …" if len(tools) > MOST_NAMED else ""),
    )
    sayings.say(
        tx,
        place=whereabouts.alone_with(tx, owner).key,
        slot=f"pins:{ids.derived('new', identity, *tools)}",
        content=Text(text=text),
        now=house.clock.now(),
        person=owner.id,
        lang=owner.lang,
        tainted=True,
    )


def _ask(tx: Tx, system: str, identity: str, pin: Pin, owners: Sequence[Person], house: House) -> None:
    """One card, at home with every owner: any of them decides."""
    assert pin.seen is not None
    now, owner = house.clock.now(), owners[0]
    action = house.action(ACCEPT)
    arguments = action.read({"system": system, "tool": pin.kept.name, "definition": pin.seen.digest[:16]})
    places = [whereabouts.alone_with(tx, each) for each in owners]
    proposal = Proposal(
        id=ids.derived("pro", identity, pin.kept.name, pin.seen.digest, now.isoformat()),
        space=tx.space,
        place=places[0].key,
        turn="",
        ask="",
        ref=ids.reference(),
        call=Call(
            action=action.name,
            fingerprint=action.fingerprint,
            account=house.system(action.name).account(),
            arguments=arguments,
        ),
        preview=difference(system, pin),
        rule=RULE,
        demand=authority.demanded(action.name, Demand(), owner.id),
        requester=owner.id,
        origins=dict.fromkeys(arguments, Origin.DEFAULT),
        sources=dict.fromkeys(arguments, Source(kind=SourceKind.DEFAULT)),
        lang=owner.lang,
        zone=owner.zone,
        created=now,
        expires=now + LIFETIME,
    )
    tx.proposals.add(proposal)
    tx.marks.put(f"code:{proposal.code}", {"proposal": proposal.id})
    tx.ledger.append("proposed", entries.proposed(proposal, action, author="Vigie"), now)
    _show(tx, proposal, places, house)


def _show(tx: Tx, proposal: Proposal, places: Sequence[Place], house: House) -> None:
    for place in {each.key for each in places}:
        sayings.put_card(tx, proposal, place=place, now=house.clock.now())
