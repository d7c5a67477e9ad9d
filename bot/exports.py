"""The ledger as files for other programs: JSON Lines and CSV. Pure: entries in, text out, masked as they are kept."""

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from bot.errors import BadInput
from bot.ledger import Entry
from bot.values import Json, canonical

Format = Literal["jsonl", "csv"]
COLUMNS = ("seq", "at", "kind", "person", "mission", "action", "proposal", "effect", "body", "before", "hash")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which entries: those since a moment, and about one mission (by its id)."""

    since: datetime | None = None
    mission: str = ""

    def wants(self, entry: Entry) -> bool:
        if self.since is not None and entry.at < self.since:
            return False
        return not self.mission or entry.body.get("mission") == self.mission


def since(text: str) -> datetime:
    """A day (from its first moment in UTC) or a moment with its offset. Raises BadInput."""
    try:
        if len(text) == 10:
            return datetime.combine(date.fromisoformat(text), datetime.min.time(), tzinfo=UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(
            "“{text}” is no date; write 2026-03-31 or 2026-03-31T09:00+02:00", text=text
        ) from error
    if moment.tzinfo is None:
        raise BadInput("name the offset from UTC too, for example 2026-03-31T09:00+02:00")
    return moment


def lines(entries: Iterable[Entry], *, format: Format, choice: Choice) -> Iterator[str]:
    """The file, line by line, without line ends."""
    wanted = (entry for entry in entries if choice.wants(entry))
    match format:
        case "jsonl":
            yield from (canonical(_row(entry)) for entry in wanted)
        case "csv":
            yield ",".join(COLUMNS)
            yield from (_csv([_cell(entry, name) for name in COLUMNS]) for entry in wanted)


def _row(entry: Entry) -> dict[str, Json]:
    return {
        "seq": entry.seq,
        "at": entry.at.astimezone(UTC).isoformat(),
        "kind": entry.kind,
        "body": dict(entry.body),
        "before": entry.before,
        "hash": entry.hash,
    }


def _cell(entry: Entry, name: str) -> str:
    row = _row(entry)
    value = row[name] if name in row else entry.body.get(name, "")
    text = canonical(value) if name == "body" else str(value)
    # What begins like a formula would be run by a spreadsheet.
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


def _csv(cells: list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(cells)
    return out.getvalue()
