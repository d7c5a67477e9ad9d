"""Anchors in a file of their own beside the database, one line of JSON each, readable by its owner alone."""

import os
from pathlib import Path

from bot.anchors import Anchor
from bot.errors import BadInput, Misconfigured, Unreachable


class AnchorFile:
    """See `bot.anchors.AnchorBook`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def append(self, anchor: Anchor) -> None:
        """One line, durable when this returns. A line that a crash cut short is closed first, and stays."""
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "r+b", buffering=0) as file:
                os.fchmod(file.fileno(), 0o600)
                size = file.seek(0, os.SEEK_END)
                torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
                file.write(b"\n" * torn + anchor.line.encode() + b"\n")
                os.fsync(file.fileno())
        except OSError as error:
            raise Unreachable(
                "the anchor cannot be kept in {file}: {why}", file=self._path.name, why=error.strerror
            ) from error

    def read(self) -> tuple[Anchor, ...]:
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return ()
        except (OSError, UnicodeDecodeError) as error:
            raise Misconfigured(
                "the anchors in {file} cannot be read: {why}", file=self._path.name, why=error
            ) from error
        lines = [(number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
        return tuple(self._one(number, line) for number, line in lines if not _torn(line))

    def _one(self, number: int, line: str) -> Anchor:
        try:
            return Anchor.parse(line)
        except BadInput as error:
            raise Misconfigured(
                "{file}, line {n}: {why}", file=self._path.name, n=number, why=error
            ) from error


def _torn(line: str) -> bool:
    """A write that a crash cut short: the start of an anchor without its end."""
    return line.startswith("{") and not line.endswith("}")
