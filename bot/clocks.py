"""The port to time. Passed in everywhere, so that tests decide what time it is."""

from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        ...
