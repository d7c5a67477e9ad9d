"""How this machine is: shares of a hundred, and its load. Knows psutil and nothing of watches.

psutil reads /proc and asks the kernel about a disk, which can hang on a network's one: all of it runs in a thread.
"""

import asyncio
from pathlib import Path

from bot.errors import BadInput, Failed

PARTS = ("cpu", "memory", "swap", "disk", "load")
_SAMPLED = 0.2
"""Seconds over which the processor is looked at: since the last look would be another stretch each time."""


class Machine:
    """Reads one number after the other."""

    def check(self, part: str, query: str) -> None:
        """Raises BadInput for what this machine does not have."""
        if part not in PARTS:
            raise BadInput(
                "this machine has no “{name}”; it has: {known}", name=part[:60], known=", ".join(PARTS)
            )
        if part == "disk" and not Path(query).is_dir():
            raise BadInput("{folder} is no folder of this machine", folder=query[:200], field="watch")

    async def read(self, part: str, query: str) -> float:
        """Raises Failed where there is none."""
        self.check(part, query)
        # Imported here: it is 2 MB, for watches of this machine alone.
        import psutil  # noqa: PLC0415

        try:
            return float(await asyncio.to_thread(_look, part, query))
        except (OSError, psutil.Error) as error:
            raise Failed("{name} could not be read: {why}", name=part, why=type(error).__name__) from error


def _look(part: str, query: str) -> float:
    import psutil  # noqa: PLC0415 (as above)

    match part:
        case "cpu":
            return psutil.cpu_percent(interval=_SAMPLED)
        case "memory":
            return psutil.virtual_memory().percent
        case "swap":
            return psutil.swap_memory().percent
        case "disk":
            return psutil.disk_usage(query).percent
        case _:
            return psutil.getloadavg()[0]
