"""What is remembered, as files a person takes away: JSON Lines for programs, Markdown for people. Pure: notes in, text out."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal

from bot import ids
from bot.listings import Listed, head, told, words
from bot.notes import Note
from bot.speech import Tongue, on
from bot.standing import StandingRule
from bot.values import Json, canonical

Format = Literal["jsonl", "md"]
_MARKS = str.maketrans({mark: f"\\{mark}" for mark in "\\`*_[]<>#|"})


def lines(
    found: Sequence[Note],
    rules: Sequence[StandingRule],
    lists: Sequence[Listed] = (),
    *,
    format: Format,
    tongue: Tongue,
    zone: str,
) -> Iterable[str]:
    """The file, line by line, without line ends: everything, history too, oldest first."""
    match format:
        case "jsonl":
            yield from (canonical({"is": "rule", "text": each.text, "on": each.on}) for each in rules)
            yield from (
                canonical({"is": "list", **told(each, [*enumerate(each.items, 1)])}) for each in lists
            )
            yield from (canonical(_row(note)) for note in found)
        case "md":
            yield from _page(found, rules, lists, tongue, zone)


def _row(note: Note) -> dict[str, Json]:
    return {
        "is": "note",
        "id": note.id,
        "code": ids.short_code(note.id),
        "kind": note.kind.value,
        "text": note.text,
        "scope": note.scope,
        "quote": note.quote,
        "turn": note.turn,
        "sources": list(note.sources),
        "from_others": note.tainted,
        "confidence": note.confidence,
        "pinned": note.pinned,
        "since": _moment(note.since),
        "learned": _moment(note.learned),
        "until": _moment(note.expires),
        "closed": _moment(note.closed),
        "replaced_by": note.superseded_by,
    }


def _moment(at: datetime | None) -> Json:
    return at.astimezone(UTC).isoformat() if at is not None else None


def _page(
    found: Sequence[Note],
    rules: Sequence[StandingRule],
    lists: Sequence[Listed],
    tongue: Tongue,
    zone: str,
) -> Iterable[str]:
    yield f"# {tongue('What I remember')}"
    if rules:
        yield from ("", f"## {tongue('Standing rules')}", "")
        yield from (f"- {plain(each.text)}" + ("" if each.on else f" ({tongue('off')})") for each in rules)
    for each in lists:
        yield from ("", f"## {plain(head(each, tongue))}", "")
        yield from (f"- {plain(words(item, tongue))} — {tongue.day(item.at, zone)}" for item in each.items)
    months: dict[str, list[Note]] = defaultdict(list)
    for note in found:
        months[note.learned.astimezone(UTC).strftime("%Y-%m")].append(note)
    for month in sorted(months, reverse=True):
        yield from ("", f"## {month}", "")
        for note in months[month]:
            text = plain(note.text)
            over = f" ({tongue('until {day}', day=tongue.day(note.closed, zone))})" if note.closed else ""
            since = f" ({tongue('true since {day}', day=on(note.since, tongue, zone))})" if note.since else ""
            yield f"- {f'~~{text}~~' if note.over else text} — {tongue.day(note.learned, zone)}{since}{over}"
            if note.quote and note.quote != note.text:
                yield f"  > {plain(note.quote)}"


def plain(text: str) -> str:
    """Words that stay words in a page: on one line, with the marks of Markdown taken literally."""
    return " ".join(text.split()).translate(_MARKS)
