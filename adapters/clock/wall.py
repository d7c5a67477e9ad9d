"""The real time. Nothing else here asks the machine what time it is."""

from datetime import UTC, datetime


class WallClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The moment, aware, in UTC."""
        return datetime.now(UTC)
