"""Hooks at work: made, looked up with their secrets, rotated and taken away. Secrets leave here to the door that
checks signatures, and to the owner's private place once; nowhere else.
"""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.errors import BadInput
from bot.hooks import Hook
from bot.house import House
from bot.people import HOME
from bot.seals import Spot
from bot.store import Tx

OVERLAP = timedelta(hours=24)
"""How long the secret before the newest is good."""
_COLUMN = "sealed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A hook with the secrets that are good now, newest first."""

    hook: Hook
    secrets: tuple[str, ...] = field(repr=False)


def spot_of(hook: Hook) -> Spot:
    """Where its secrets stand."""
    return Spot(space=hook.space, table="hooks", row=f"{hook.name}:{hook.id}", column=_COLUMN)


def sealed(hook: Hook, secrets: tuple[tuple[str, datetime | None], ...], *, house: House) -> Hook:
    """The hook with these secrets, each good until a moment or for good."""
    text = json.dumps([[secret, until.isoformat() if until else ""] for secret, until in secrets])
    return hook.resealed(house.seals.seal(text, spot_of(hook)))


def secrets_of(hook: Hook, now: datetime, *, house: House) -> tuple[str, ...]:
    """Those that are good now, newest first. Raises Refused when they cannot be opened."""
    kept = json.loads(house.seals.open(hook.sealed, spot_of(hook)))
    return tuple(secret for secret, until in kept if not until or now < datetime.fromisoformat(until))


async def known(name: str, *, house: House, space: str = HOME) -> Known | None:
    """The hook of that name. Raises Refused when its secrets cannot be opened."""
    hook = await house.store.read(lambda tx: tx.hooks.get(name), space=space)
    if hook is None:
        return None
    return Known(hook=hook, secrets=secrets_of(hook, house.clock.now(), house=house))


def rotated(tx: Tx, hook: Hook, secret: str, *, now: datetime, house: House) -> Hook:
    """A new secret from now on; the newest before it is good for a while, older ones are not. Kept. Raises
    BadInput when somebody else changed it meanwhile."""
    before = secrets_of(hook, now, house=house)
    overlap = tuple((each, now + OVERLAP) for each in before[:1] if each != secret)
    after = sealed(hook, ((secret, None), *overlap), house=house)
    if not tx.hooks.swap(hook, after):
        raise BadInput("this hook was changed a moment ago; look at “hooks” and say it again")
    return after


async def brought(name: str, secret: str, *, house: House, by: str, space: str = HOME) -> Hook:
    """The secret that the sender gave, in force from now on. Raises BadInput."""
    if not 8 <= len(secret) <= 500 or not secret.isprintable() or " " in secret:
        raise BadInput("a secret has 8 to 500 characters and no spaces", field="secret")

    def write(tx: Tx) -> Hook:
        hook, now = tx.hooks.get(name), house.clock.now()
        if hook is None:
            raise BadInput("there is no hook “{name}”; say “hooks” for the list", name=name)
        after = rotated(tx, hook, secret, now=now, house=house)
        tx.ledger.append("hook_rotated", {"hook": hook.id, "name": name, "person": by}, now)
        return after

    return await house.store.write(write, space=space)
