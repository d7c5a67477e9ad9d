"""The secrets at rest as a whole: whether the keys open them, and bringing all of them under the newest key.

Each row is brought over in a transaction of its own and tells itself by which key it is sealed: a rotation that is
cut off half-way goes on at the next start, and until then the old rows still read and new ones are written new.
"""

from bot import hooking, proving
from bot.connections import Connection
from bot.errors import Misconfigured, Refused
from bot.hooks import Hook
from bot.house import House
from bot.people import HOME
from bot.seals import Spot
from bot.store import Tx
from bot.values import Json

COLUMN = "sealed"
_MARK = "seal"
_WORD = "Vigie"


def spot_of(connection: Connection) -> Spot:
    """Where the secret of a connection stands. The row's name and id are both part of it: neither another
    account's nor an older row's text opens there."""
    row = f"{connection.name}:{connection.id}"
    return Spot(space=connection.space, table="connections", row=row, column=COLUMN)


async def ready(*, house: House, space: str = HOME) -> None:
    """At the start: the keys must be those of this database. Keeps a mark where there is none yet.
    Raises Misconfigured, and then nothing may be served."""
    spot = Spot(space=space, table="marks", row=_MARK, column="value")

    def look(tx: Tx) -> tuple[Json, tuple[Connection, ...], tuple[Hook, ...]]:
        return tx.marks.get(_MARK), tx.connections.all(), tx.hooks.all()

    kept, connections, hooks = await house.store.read(look, space=space)
    try:
        if kept is not None:
            house.seals.open(kept["text"], spot)
        for each in connections:
            house.seals.open(each.sealed, spot_of(each))
        for each in hooks:
            house.seals.open(each.sealed, hooking.spot_of(each))
    except Refused:
        raise Misconfigured(
            "setting VIGIE_SECRET_KEYS: these keys do not open the secrets kept in this database; put the key they "
            "were sealed with at the end of the list"
        ) from None
    if kept is None:
        mark = {"text": house.seals.seal(_WORD, spot)}
        await house.store.write(lambda tx: tx.marks.put(_MARK, mark), space=space)


async def rotate(*, house: House, space: str = HOME) -> int:
    """Seals with the newest key whatever an older one sealed. Returns how many there were. Safe to run again,
    beside a running program, and to be cut off."""
    stale = await house.store.read(
        lambda tx: [each.name for each in tx.connections.all() if not house.seals.fresh(each.sealed)],
        space=space,
    )
    done = 0
    for name in stale:
        done += await house.store.write(lambda tx, n=name: _over(tx, n, house), space=space)
    stale = await house.store.read(
        lambda tx: [each.name for each in tx.hooks.all() if not house.seals.fresh(each.sealed)], space=space
    )
    for name in stale:
        done += await house.store.write(lambda tx, n=name: _hook_over(tx, n, house), space=space)
    people = await house.store.read(lambda tx: [each.id for each in tx.people.all()], space=space)
    for person in people:
        done += await house.store.write(lambda tx, p=person: _factor_over(tx, p, house), space=space)
    # The mark goes last: as long as an older key is needed anywhere, it may say so.
    await house.store.write(lambda tx: _mark_over(tx, house), space=space)
    if done:
        now = house.clock.now()
        await house.store.write(
            lambda tx: tx.ledger.append("keys_rotated", {"secrets": done}, now), space=space
        )
    return done


def _over(tx: Tx, name: str, house: House) -> bool:
    found = tx.connections.get(name)
    if found is None or house.seals.fresh(found.sealed):
        return False
    spot = spot_of(found)
    sealed = house.seals.seal(house.seals.open(found.sealed, spot), spot)
    return tx.connections.swap(found, found.resealed(sealed))


def _hook_over(tx: Tx, name: str, house: House) -> bool:
    found = tx.hooks.get(name)
    if found is None or house.seals.fresh(found.sealed):
        return False
    spot = hooking.spot_of(found)
    return tx.hooks.swap(found, found.resealed(house.seals.seal(house.seals.open(found.sealed, spot), spot)))


def _factor_over(tx: Tx, person: str, house: House) -> bool:
    factor = proving.kept(tx, person)
    if factor is None:
        return False
    sealed = house.factors.renewed(factor.sealed, person)
    if sealed == factor.sealed:
        return False
    proving.keep(tx, person, factor.under(sealed))
    return True


def _mark_over(tx: Tx, house: House) -> None:
    kept: Json = tx.marks.get(_MARK)
    spot = Spot(space=tx.space, table="marks", row=_MARK, column="value")
    if kept is not None and not house.seals.fresh(kept["text"]):
        tx.marks.put(_MARK, {"text": house.seals.seal(house.seals.open(kept["text"], spot), spot)})
