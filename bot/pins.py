"""Pins: what the tools of a connected server were when somebody last agreed to them. Pure.

A server of others may describe a tool one way today and another way tomorrow. Its definition is kept by a digest
at first sight; one that differs later keeps the tool off until an owner has seen the difference and pressed.
Knows no protocol: a definition is words and a schema.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime

from bot.actions import Change, Preview
from bot.values import Json, canonical, digest

ACCEPT = "vigie.accept_tool"
"""The action whose press turns a changed tool on again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A tool as its server defines it, word for word. `annotations` are the server's claims about it."""

    name: str
    title: str = ""
    description: str = ""
    schema: Json = field(default_factory=dict[str, Json])
    annotations: Json = None

    @property
    def digest(self) -> str:
        """Changes with any part of it."""
        return digest([self.name, self.title, self.description, self.schema, self.annotations])

    def as_json(self) -> dict[str, Json]:
        return asdict(self)

    @staticmethod
    def of(kept: Json) -> "Definition":
        """The inverse of `as_json`."""
        return Definition(**kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One tool of one server: the definition in force, and the one that was `seen` instead, if any. `by` is the
    person who accepted the one in force, "" when it is the first. `told` says that an owner heard of it."""

    kept: Definition
    since: datetime
    by: str = ""
    seen: Definition | None = None
    told: bool = False

    @property
    def off(self) -> bool:
        """The tool is not what was agreed to."""
        return self.seen is not None

    def noticed(self, definition: Definition) -> "Pin":
        """The server defines it so now. Back to what it was is no change any more."""
        if definition.digest == self.kept.digest:
            return replace(self, seen=None)
        if self.seen is not None and self.seen.digest == definition.digest:
            return self
        return replace(self, seen=definition, told=False)

    def accepted(self, person: str, now: datetime) -> "Pin":
        """What was seen is in force."""
        return Pin(kept=self.seen or self.kept, since=now, by=person, told=True)

    def as_json(self) -> Mapping[str, Json]:
        return {
            "kept": self.kept.as_json(),
            "since": self.since.isoformat(),
            "by": self.by,
            "seen": self.seen.as_json() if self.seen else None,
            "told": self.told,
        }

    @staticmethod
    def of(kept: Json) -> "Pin":
        """The inverse of `as_json`."""
        return Pin(
            kept=Definition.of(kept["kept"]),
            since=datetime.fromisoformat(kept["since"]),
            by=kept["by"],
            seen=Definition.of(kept["seen"]) if kept["seen"] else None,
            told=kept["told"],
        )


def difference(system: str, pin: Pin) -> Preview:
    """What the card shows: each part that changed, before and after."""
    if pin.seen is None:
        return Preview(subject=f"{system}: {pin.kept.name}", version=pin.kept.digest)
    before, after = pin.kept, pin.seen
    found = [
        Change(title="Title of the tool", before=before.title, after=after.title),
        Change(title="Description", before=before.description, after=after.description),
        Change(title="Input schema", before=canonical(before.schema), after=canonical(after.schema)),
        Change(title="Annotations", before=canonical(before.annotations), after=canonical(after.annotations)),
    ]
    return Preview(
        subject=f"{system}: {before.name}",
        changes=tuple(change for change in found if change.before != change.after),
        version=after.digest,
        notes=("The words are the server's own; nobody has checked them.",),
    )
