"""Connections as rows: kept, forgotten, and what is heard of them. Owners are told once when one needs them."""

from dataclasses import replace

from bot import sayings, whereabouts
from bot.connections import Condition, Connection
from bot.effects import Text
from bot.house import House
from bot.people import Role
from bot.store import Tx
from bot.values import Json


def keep(tx: Tx, row: Connection, *, house: House) -> Connection:
    """A connection that answered who it is: added, or put in the place of the one of its name. Its label stays."""
    before = tx.connections.get(row.name)
    if before is not None:
        row = replace(row, label=before.label, revision=before.revision + 1)
        tx.connections.remove(before.name)
    tx.connections.add(row)
    body: dict[str, Json] = {
        "connection": row.name,
        "vendor": row.vendor,
        "account": row.account,
        "live": row.live,
        "how": row.how,
        "scopes": list(row.scopes),
        "person": row.by,
        "replaced": before.account if before is not None else "",
    }
    tx.ledger.append("connected", body, house.clock.now())
    return row


def heard(tx: Tx, name: str, id: str, seen: Connection, *, house: House) -> None:
    """Puts health, account and use on the row, whatever else of it changed since. Says once that it died."""
    row = tx.connections.get(name)
    if row is None or row.id != id:
        return
    after = replace(
        row,
        account=seen.account,
        live=seen.live,
        scopes=seen.scopes or row.scopes,
        condition=seen.condition,
        trouble=seen.trouble,
        cause=seen.cause,
        checked=seen.checked,
        used=seen.used or row.used,
        revision=row.revision + 1,
    )
    tx.connections.swap(row, after)
    if after.condition is Condition.DEAD and row.condition is not Condition.DEAD:
        died(tx, after, house=house)
    elif row.condition is Condition.DEAD and after.condition is Condition.WELL:
        tx.ledger.append("connection_back", _named(after), house.clock.now())


def remove(tx: Tx, row: Connection, *, person: str, house: House) -> bool:
    """The row and its secret are gone. False when they were gone already."""
    if not tx.connections.remove(row.name):
        return False
    tx.ledger.append("disconnected", {**_named(row), "person": person}, house.clock.now())
    return True


def rename(tx: Tx, row: Connection, label: str, *, person: str, house: House) -> Connection:
    """What people call it from now on. Its name, and so its actions, stay. Raises BadInput."""
    after = row.renamed(label)
    tx.connections.swap(row, after)
    body = {**_named(row), "label": after.label, "person": person}
    tx.ledger.append("connection_renamed", body, house.clock.now())
    return after


def died(tx: Tx, row: Connection, *, house: House) -> None:
    """Owners hear of it, each alone."""
    now = house.clock.now()
    tx.ledger.append("connection_died", _named(row), now)
    for owner in tx.people.all():
        if owner.role is not Role.OWNER:
            continue
        tongue = house.tongues(owner.lang)
        text = tongue(
            "{name} ({account}) is not accepted any more: nothing can be done there until an owner or an approver"
            " says “connect {name}”.",
            name=row.name,
            account=row.label or row.account,
        )
        sayings.say(
            tx,
            place=whereabouts.alone_with(tx, owner).key,
            slot=f"died:{row.id}:{row.revision}:{owner.id}",
            content=Text(text=text),
            now=now,
            person=owner.id,
            lang=tongue.lang,
        )


def _named(row: Connection) -> dict[str, Json]:
    return {"connection": row.name, "vendor": row.vendor, "account": row.account, "live": row.live}
