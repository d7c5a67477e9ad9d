"""The stop file: while it is there, nothing acts. Its text is the reason. Needs no database and no assistant."""

import os
from contextlib import suppress
from pathlib import Path

LONGEST = 500
"""Characters of the reason that are read."""


class StopFile:
    """See `bot.freezes.Brake`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def pulled(self) -> str | None:
        """One `stat` while it is absent. Whatever cannot be looked at counts as there."""
        try:
            os.stat(self._path)  # noqa: PTH116 (a Path's own is three times slower, and this is asked often)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError:
            return "the stop file cannot be looked at"
        try:
            with self._path.open(encoding="utf-8", errors="replace") as file:
                return " ".join(file.read(LONGEST).split())
        except OSError:
            return "the stop file cannot be read"

    def pull(self, reason: str) -> None:
        """Puts it there, in one step. Raises OSError."""
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        # That it is there is what stops. On a disk that is full only its reason is missing.
        with suppress(OSError), os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(reason + "\n")

    def let_go(self) -> bool:
        """Takes it away. False when there was none. Raises OSError."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
