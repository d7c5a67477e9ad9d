"""The promise that one process alone drains an embedded database: two would handle every row twice.

The lock is the operating system's: it is gone the moment the process is, however it ended.
"""

import os
from pathlib import Path
from typing import TextIO

from bot.errors import Misconfigured

try:
    import fcntl
except ImportError:  # pragma: no cover  (not a POSIX system)
    fcntl = None


class Alone:
    """Holds `<database>.lock` until it is let go. Raises Misconfigured when another process holds it."""

    def __init__(self, database: Path) -> None:
        self._file: TextIO = _opened(database.with_name(f"{database.name}.lock"))
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = self._file.read().strip()
            self._file.close()
            raise Misconfigured(
                f"another Vigie (process {holder or 'unknown'}) works on {database}; stop it first, or set"
                " VIGIE_HOME to another folder"
            ) from None
        self._file.seek(0)
        self._file.truncate()
        self._file.write(f"{os.getpid()}\n")
        self._file.flush()

    def let_go(self) -> None:
        """Another process may have it."""
        self._file.close()


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+", encoding="ascii")
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
