"""The log of a mission: its working memory from wake to wake. Pure. Bounded: old lines go, and lines are short."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bot import rows
from bot.actions import Action
from bot.errors import filled
from bot.journal import Answer, Ask, Outcome
from bot.missions import Logged, Mission, Wrote
from bot.speech import Tongue
from bot.values import Json

MOST = 40
"""Lines that are kept."""
LONGEST = 280
"""Characters of a line."""


def written(mission: Mission, lines: Iterable[Logged]) -> Mission:
    """With these lines, each cut to its length. What it awaited before is settled by what it writes now."""
    new = [_cut(line) for line in lines if line.text.strip()]
    if not new:
        return mission
    old = [line for line in mission.log if line.kind is not Wrote.AWAITS]
    return replace(mission, log=(*old, *new)[-MOST:])


def of_answers(
    asked: Sequence[tuple[Ask, Answer]], *, reads: frozenset[str], turn: str, now: datetime
) -> list[Logged]:
    """What a turn did, saw and heard decided. What systems return may hold a stranger's words, and says so."""
    found: list[Logged] = []
    for ask, answer in asked:
        match answer.outcome:
            case Outcome.DONE if ask.action in reads:
                if not answer.data and not answer.text:
                    continue
                kind = Wrote.SAW
            case Outcome.DONE:
                kind = Wrote.DID
            case Outcome.DENIED | Outcome.EXPIRED | Outcome.REFUSED | Outcome.STALE:
                kind = Wrote.DECIDED
            case Outcome.FAILED | Outcome.UNKNOWN:
                kind = Wrote.SAW
            case Outcome.WAITING:
                kind = Wrote.AWAITS
        found.append(
            Logged(
                kind=kind,
                text="{action}: {text}" if answer.text else "{action}",
                values={"action": ask.action, "text": answer.text},
                at=now,
                turn=turn,
                tainted=answer.outside,
            )
        )
    return found


def in_words(line: Logged, tongue: Tongue, zone: str, actions: Mapping[str, Action]) -> str:
    """One line as people read it."""
    kinds = {
        Wrote.DID: tongue("did"),
        Wrote.LEARNED: tongue("learned"),
        Wrote.SAW: tongue("saw"),
        Wrote.DECIDED: tongue("decided"),
        Wrote.AWAITS: tongue("awaits"),
    }
    return f"{tongue.day(line.at, zone)} · {kinds[line.kind]} · {_said(line, tongue, zone, actions)}"


def _said(line: Logged, tongue: Tongue, zone: str, actions: Mapping[str, Action]) -> str:
    if line.values is None:
        return line.text
    values = dict(line.values)
    if action := actions.get(str(values.get("action"))):
        values["action"] = rows.titled(action, tongue)
    if when := values.get("when"):
        values["when"] = tongue.day(datetime.fromisoformat(str(when)), zone)
    return tongue(line.text, **values)


def plain(line: Logged) -> str:
    """One line as models read it: in English, with names as they are written."""
    return line.text if line.values is None else filled(line.text, line.values)


def _cut(line: Logged) -> Logged:
    if line.values is None:
        return replace(line, text=_short(line.text))
    return replace(line, values={name: _shorter(value) for name, value in line.values.items()})


def _shorter(value: Json) -> Json:
    return _short(value) if isinstance(value, str) else value


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
