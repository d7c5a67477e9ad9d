"""Who is called when a place has something to do. One bell that fails keeps nobody else from hearing."""

import logging
from collections.abc import Iterable

from bot.store import Bell

Ring = tuple[str, str]
"""(space, place)."""

_log = logging.getLogger(__name__)


class Bells:
    """The listeners of a store. Rung on the event loop, after the commit."""

    def __init__(self) -> None:
        self._bells: list[Bell] = []

    def add(self, bell: Bell) -> None:
        self._bells.append(bell)

    def ring(self, rings: Iterable[Ring]) -> None:
        """What one transaction rang: each place once, in the order in which they were rung first."""
        for space, place in dict.fromkeys(rings):
            for bell in self._bells:
                try:
                    bell(space, place)
                except Exception:  # the commit stands, and the sweep finds the place again
                    _log.exception("bell_failed", extra={"action": "bell_failed", "space": space})
