"""A log handler that does not hold up whoever says something: lines are written together, a moment later."""

import contextlib
import logging
import threading
import time
from queue import Empty, SimpleQueue
from typing import TextIO

LINGER = 0.02
"""Seconds a line may wait for others."""
MOST = 10_000
"""Lines that may wait; whoever says more waits until they are written, as they would for a stream that is full."""


class Aside(logging.StreamHandler[TextIO]):
    """Makes a record a line where it is said, with the ids of what is under way there, and has a thread write it. A warning,
    or worse, is written before the call returns, with all that was said before it: it may be the last.

    To write lets go of the interpreter. While the database's thread is busy, getting it back takes longer than all else that a
    line costs: a tenth of what a turn takes. A process that is killed takes at most `LINGER` of plain lines along.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__(stream)
        self._lines: SimpleQueue[str] = SimpleQueue()
        self._writing = threading.Lock()
        self._said = threading.Event()
        threading.Thread(target=self._write, name="vigie-log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._lines.put(f"{self.format(record)}{self.terminator}")
        except Exception:
            self.handleError(record)
            return
        if record.levelno >= logging.WARNING or self._lines.qsize() > MOST:
            self.flush()
        elif not self._said.is_set():
            self._said.set()

    def flush(self) -> None:
        """Everything that was said is written when it returns, unless the stream takes nothing any more."""
        with self._writing:
            lines: list[str] = []
            with contextlib.suppress(Empty):
                while True:
                    lines.append(self._lines.get_nowait())
            # A log that nobody can take must not stop what it tells of.
            with contextlib.suppress(OSError, ValueError):
                self.stream.write("".join(lines))
                self.stream.flush()

    def _write(self) -> None:
        while True:
            self._said.wait()
            self._said.clear()
            time.sleep(LINGER)
            self.flush()
