"""A process of its own that rotates keys and dies right before it seals the nth secret.

`python -m tests.safety.rotation FILE NTH`
"""

import asyncio
import os
import signal
import sys
from datetime import UTC, datetime

from adapters.minds.builtin.mind import BuiltinMind, understands
from adapters.minds.chooser import Choice
from adapters.seals import AesSeals
from adapters.speech.languages import tongues
from bot import sealing
from bot.connections import Connection, How
from bot.house import House
from bot.people import HOME
from bot.seals import Seals, Spot
from bot.store import Store
from memory.sqlite import SqliteStore
from tests.clocks import SetClock

OLD, NEW = b"the old key, long enough", b"the new key, long enough"
NAMES = ("airtable", "hubspot", "notion", "stripe")


class Dying(AesSeals):
    """Kills its process instead of sealing the nth text."""

    def __init__(self, nth: int) -> None:
        super().__init__((NEW, OLD))
        self._left = nth

    def seal(self, text: str, spot: Spot) -> str:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().seal(text, spot)


def house(store: Store, seals: Seals) -> House:
    """As little of one as sealing needs."""
    return House(
        store=store,
        clock=SetClock(),
        minds=Choice(builtin=BuiltinMind(), understands=understands),
        chats={},
        systems={},
        tongues=tongues(),
        seals=seals,
    )


def connection(name: str, seals: Seals, text: str) -> Connection:
    """One with this secret."""
    bare = Connection(
        id=f"con_{name}",
        space=HOME,
        name=name,
        vendor=name,
        how=How.KEY,
        sealed="",
        since=datetime(2026, 11, 28, tzinfo=UTC),
    )
    return bare.resealed(seals.seal(text, sealing.spot_of(bare)))


async def main(path: str, nth: int) -> None:
    await sealing.rotate(house=house(SqliteStore.open(path), Dying(nth)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2])))
