"""Being told to stop: SIGTERM, at whatever moment it comes, ends the program the same way. What is under way gets a
moment to finish, and nothing is cut off in the middle of a step.

Python's own handler raises in whatever line runs just then; this one speaks to the event loop. It knows nothing of
what is stopped.
"""

import asyncio
import signal
from collections.abc import Callable
from contextlib import suppress


class Stopping:
    """`install` it first thing on the loop: until told otherwise, a stop cancels the task that installed it, which
    cleans up on its way out. `instead` names a gentler way from then on. Told twice is told once."""

    def __init__(self) -> None:
        self.told = False
        self._leave: Callable[[], object] = _stay

    def install(self) -> None:
        """From now on. Where a loop cannot listen to signals (Windows), the process ends as it always did."""
        task = asyncio.current_task()
        assert task is not None
        self._leave = task.cancel
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self.stop)

    def instead(self, leave: Callable[[], object]) -> None:
        """What a stop does from now on; at once, when it came already."""
        self._leave = leave
        if self.told:
            leave()

    def stop(self) -> None:
        """A stop was asked for."""
        if not self.told:
            self.told = True
            self._leave()


def _stay() -> None:
    return None
