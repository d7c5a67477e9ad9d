"""The log of a mission: its working memory from wake to wake. Pure. Bounded: old lines go, and lines are short."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.journal import Answer, Ask, Outcome
from bot.missions import Logged, Mission, Wrote
from bot.speech import Tongue

MOST = 40
"""Lines that are kept."""
LONGEST = 280
"""Characters of a line."""


def written(mission: Mission, lines: Iterable[Logged]) -> Mission:
    """With these lines, each cut to its length. What it awaited before is settled by what it writes now."""
    new = [replace(line, text=_short(line.text)) for line in lines if line.text.strip()]
    if not new:
        return mission
    old = [line for line in mission.log if line.kind is not Wrote.AWAITS]
    return replace(mission, log=(*old, *new)[-MOST:])


def of_answers(
    asked: Sequence[tuple[Ask, Answer]], *, reads: frozenset[str], turn: str, now: datetime, tongue: Tongue
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
        text = f"{ask.action}: {answer.text}" if answer.text else ask.action
        found.append(Logged(kind=kind, text=text, at=now, turn=turn, tainted=answer.outside))
    return found


def in_words(line: Logged, tongue: Tongue, zone: str) -> str:
    """One line as people read it."""
    kinds = {
        Wrote.DID: tongue("did"),
        Wrote.LEARNED: tongue("learned"),
        Wrote.SAW: tongue("saw"),
        Wrote.DECIDED: tongue("decided"),
        Wrote.AWAITS: tongue("awaits"),
    }
    return f"{tongue.day(line.at, zone)} · {kinds[line.kind]} · {line.text}"


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"
