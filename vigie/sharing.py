"""What the machines of one installation share besides its rows: the policy's text. An edit on one reaches the others.

The file stays what people edit and what the program reads; beside the database each machine brings its file up to date.
"""

import hashlib
import logging
import os
from pathlib import Path

from bot import rulebook
from bot.errors import Misconfigured
from bot.house import House
from bot.store import Tx
from bot.values import Json

log = logging.getLogger("vigie")

MARK = "policy:text"


class SharedPolicy:
    """The policy file of this machine, kept the same as everybody's. The newest edit holds."""

    def __init__(self, path: Path, *, house: House) -> None:
        self._path, self._house = path, house
        self._seen = path.with_name(f".{path.name}.shared")

    async def look(self) -> None:
        """Once: gives what was edited here to the others, or takes what was edited elsewhere. A file that cannot be
        read as a policy is nobody else's trouble: here it asks about everything, as it always did."""
        # Another process of this folder may do the same meanwhile. It writes the record first, then the file, then what was
        # seen: read the other way round, what is old never passes for an edit.
        seen, text = _read(self._seen), _read(self._path)
        kept: Json = await self._house.store.read(lambda tx: tx.marks.get(MARK))
        theirs = str(kept["text"]) if kept else None
        mine = None if text is None else _digest(text)
        if theirs is not None and mine == _digest(theirs):
            if seen != mine:
                self._note(theirs)
            return
        edited_here = seen is not None and mine is not None and mine != seen
        if text is not None and (theirs is None or edited_here):
            await self._give(text)
        elif theirs is not None:
            self._take(theirs, text)

    async def _give(self, text: str) -> None:
        try:
            rulebook.parse(text, source=str(self._path))
        except Misconfigured:
            return
        now = self._house.clock.now()

        def write(tx: Tx) -> None:
            first = tx.marks.get(MARK) is None
            tx.marks.put(MARK, {"text": text})
            if not first:
                tx.ledger.append("policy_shared", {"digest": _digest(text)}, now)

        await self._house.store.write(write)
        self._note(text)
        log.info("policy_shared", extra={"action": "policy_shared"})

    def _take(self, theirs: str, mine: str | None) -> None:
        if mine is not None:
            self._path.with_name(f"{self._path.name}.before").write_text(mine, encoding="utf-8")
        # Several processes may have the folder: each writes a file of its own.
        fresh = self._path.with_name(f".{self._path.name}.{os.getpid()}.new")
        fresh.write_text(theirs, encoding="utf-8")
        fresh.replace(self._path)
        self._note(theirs)
        log.info("policy_taken", extra={"action": "policy_taken"})

    def _note(self, text: str) -> None:
        self._seen.write_text(_digest(text), encoding="utf-8")


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
