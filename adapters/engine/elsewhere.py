"""The engine of a process that only keeps what arrives: others drain it, rung by the queue. It does nothing."""

from bot.events import Event
from bot.store import Tx


class Elsewhere:
    """Nothing is under way here."""

    busy = 0

    async def start(self) -> None:
        """There is nothing to begin."""

    async def stop(self) -> None:
        """Nor to end."""

    def ahead(self, tx: Tx, event: Event) -> None:
        """Whoever is rung looks."""

    def hurry(self, space: str, place: str) -> None:
        """The ring was kept with the event."""

    def trouble(self) -> str:
        return ""

    def awake(self) -> bool:
        """It does nothing that others could take over."""
        return True
