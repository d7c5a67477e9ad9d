"""The file in which people classify the tools of MCP servers: how dangerous each is, what its fields mean, and which
ones call others. Servers have no say here. Raises Misconfigured with a line that names file, entry and key.
"""

import logging
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from bot.actions import Part, Reversal, Risk
from bot.errors import Misconfigured
from bot.rules import like

log = logging.getLogger(__name__)

_KEYS = {
    *("server", "tool", "risk", "title", "help", "reversal", "egress", "idempotent"),
    *("object", "recipient", "amount", "content", "currency", "inner", "arguments"),
}
_RISKS = {"R0": Risk.R0, "R1": Risk.R1, "R2": Risk.R2, "R3": Risk.R3}
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Class:
    """What people say of a tool. Nobody having said anything, it is as dangerous as anything.

    `inner` names the fields that together name what it calls (joined by a dot), `inner_arguments` the one that
    holds what that is called with. `idempotent` counts only where the server claims it too.
    """

    risk: Risk = Risk.R3
    title: str = ""
    help: str = ""
    reversal: Reversal = Reversal.IRREVERSIBLE
    egress: bool | None = None
    idempotent: bool = False
    parts: Mapping[str, Part] = field(default_factory=dict[str, Part])
    currency: str = ""
    inner: tuple[str, ...] = ()
    inner_arguments: str = ""


UNCLASSIFIED = Class()


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of the file: which servers and tools it speaks of, as patterns, and what it says."""

    servers: tuple[str, ...]
    tools: tuple[str, ...]
    says: Class


class ClassFile:
    """The file, which may be edited at any time. A missing one classifies nothing."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.trouble = ""
        self._stamp: tuple[int, int] | None = None
        self._entries: tuple[Entry, ...] = ()

    @property
    def stamp(self) -> tuple[int, int] | None:
        """Changes with the file."""
        try:
            status = self.path.stat()
        except OSError:
            return None
        return (status.st_mtime_ns, status.st_size)

    def of(self, server: str, tool: str) -> Class | None:
        """What the first entry that speaks of it says, None where none does. A file that cannot be read
        classifies nothing."""
        self._refresh()
        for entry in self._entries:
            if like(server, entry.servers) and like(tool, entry.tools):
                return entry.says
        return None

    def _refresh(self) -> None:
        stamp = self.stamp
        if stamp == self._stamp:
            return
        self._stamp = stamp
        try:
            self._entries, self.trouble = self.read(), ""
        except Misconfigured as error:
            self._entries, self.trouble = (), str(error)
            log.warning("classes_unreadable", extra={"action": "classes", "path": str(self.path)})

    def read(self) -> tuple[Entry, ...]:
        """The file as it stands. Raises Misconfigured."""
        try:
            told = tomllib.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise Misconfigured(f"{self.path}: {error.strerror}") from error
        except ValueError as error:
            raise Misconfigured(f"{self.path}: {error}") from error
        if unknown := sorted(set(told) - {"tool"}):
            raise Misconfigured(f"{self.path}: “{unknown[0]}” is not known; each entry is a [[tool]]")
        entries = told.get("tool", [])
        if not isinstance(entries, list):
            raise Misconfigured(f"{self.path}: each entry is a [[tool]]")
        return tuple(self._entry(n, each) for n, each in enumerate(cast("list[Any]", entries), start=1))

    def _entry(self, number: int, told: Mapping[str, Any]) -> Entry:
        read = _Reading(f"{self.path}: entry {number}", told)
        if unknown := sorted(set(told) - _KEYS):
            raise read.wrong(f"“{unknown[0]}” is no key")
        risk = read.text("risk") or "R3"
        if risk not in _RISKS:
            raise read.wrong("“risk” is R0, R1, R2 or R3")
        try:
            reversal = Reversal(read.text("reversal") or Reversal.IRREVERSIBLE)
        except ValueError:
            raise read.wrong("“reversal” is reversible, compensable or irreversible") from None
        parts = {
            name: part
            for part in (Part.CONTENT, Part.AMOUNT, Part.RECIPIENT, Part.OBJECT)
            for name in read.texts(part.value)
        }
        currency = read.text("currency")
        if currency and not _CURRENCY.fullmatch(currency):
            raise read.wrong("“currency” is three capital letters")
        says = Class(
            risk=_RISKS[risk],
            title=read.text("title"),
            help=read.text("help"),
            reversal=reversal,
            egress=read.flag("egress"),
            idempotent=bool(read.flag("idempotent")),
            parts=parts,
            currency=currency,
            inner=read.texts("inner"),
            inner_arguments=read.text("arguments"),
        )
        servers, tools = read.texts("server"), read.texts("tool")
        if not servers or not tools:
            raise read.wrong('name “server” and “tool”, for example server = "zapier", tool = "find_*"')
        return Entry(servers=servers, tools=tools, says=says)


@dataclass(frozen=True, slots=True)
class _Reading:
    where: str
    told: Mapping[str, Any]

    def wrong(self, why: str) -> Misconfigured:
        return Misconfigured(f"{self.where}: {why}")

    def text(self, key: str) -> str:
        value = self.told.get(key, "")
        if not isinstance(value, str):
            raise self.wrong(f"“{key}” is a text")
        return value.strip()

    def texts(self, key: str) -> tuple[str, ...]:
        value: Any = self.told.get(key, [])
        listed = cast("list[Any]", value) if isinstance(value, list) else [value]
        if not all(isinstance(each, str) and each for each in listed):
            raise self.wrong(f"“{key}” is a text or a list of texts")
        return tuple(listed)

    def flag(self, key: str) -> bool | None:
        value = self.told.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.wrong(f"“{key}” is true or false")
        return value
